import type { CompileRequest } from '../compiler.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { failure, success } from '../diagnostics/result.js';
import type { ImportedModel } from '../importers/onnx/import.js';
import { importOnnx } from '../importers/onnx/import.js';
import type { ModelGraph } from '../model/kinds.js';
import type { TypingOptions } from '../passes/model/assign-types.js';
import { foldingPipeline } from '../passes/model/pipelines.js';
import type { PrecisionSite } from '../passes/model/precision/sites.js';
import { findSites } from '../passes/model/precision/sites.js';
import { runPipeline } from '../passes/pass.js';

/** A model before it takes types: what a search of precisions starts from. */
export interface FloatModel {
  readonly imported: ImportedModel;
  readonly typing: TypingOptions;
  /** Folded: batch normalisations are part of the products that they follow. */
  readonly graph: ModelGraph;
  readonly sites: readonly PrecisionSite[];
}

/** Import a model and fold it, without giving it types. */
export function floatModel(request: CompileRequest): Result<FloatModel> {
  const diagnostics: Diagnostic[] = [];
  const imported = (request.importer ?? importOnnx)(request.bytes, request.importing);
  for (const diagnostic of imported.diagnostics) diagnostics.push(diagnostic);
  if (!imported.ok) return failure(diagnostics);
  const { typing } = request;
  const folded = runPipeline(imported.value.graph, foldingPipeline(typing), {});
  for (const diagnostic of folded.diagnostics) diagnostics.push(diagnostic);
  if (!folded.ok) return failure(diagnostics);
  const graph = folded.value;
  return success({ imported: imported.value, typing, graph, sites: findSites(graph) }, diagnostics);
}
