import type { Result } from '../../diagnostics/result.js';
import { DiagnosticError, failure, success } from '../../diagnostics/result.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph } from '../../model/kinds.js';
import type { ImportOptions } from './options.js';
import { decodeModel } from './proto.js';
import { GraphReader } from './read-graph.js';
import type { Inspection, ModelSummary } from './summary.js';
import { emptySummary } from './summary.js';

export type { ImportOptions } from './options.js';
export type { Inspection, ModelSummary, NodeStatus, NodeSummary, PortSummary, UnsupportedNode } from './summary.js';

export interface ImportedModel {
  /** Not typed yet: ports have no types, except inputs that ONNX declares as integers, and constants may be floats. */
  readonly graph: ModelGraph;
  readonly summary: ModelSummary;
}

/** Read an ONNX or QONNX model. On failure the diagnostics hold every problem that was found, not only the first. */
export function importOnnx(bytes: Uint8Array, options: ImportOptions): Result<ImportedModel> {
  const builder = new ModelBuilder(options.modelName);
  const inspection = readModel(bytes, options, builder);
  if (!inspection.importable) return failure(inspection.diagnostics);
  return success({ graph: builder.finish(), summary: inspection.summary }, inspection.diagnostics);
}

/** Everything that can be learned from a file, whatever is wrong with it, and all of its problems at once. */
export function inspectOnnx(bytes: Uint8Array, options: ImportOptions): Inspection {
  return readModel(bytes, options, new ModelBuilder(options.modelName));
}

function readModel(bytes: Uint8Array, options: ImportOptions, builder: ModelBuilder): Inspection {
  let reader: GraphReader;
  try {
    reader = new GraphReader(decodeModel(bytes, options.modelPath), options, builder);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { summary: emptySummary, diagnostics: error.diagnostics, importable: false };
  }
  reader.read();
  const { summary, diagnostics, hasErrors } = reader;
  return { summary, diagnostics, importable: !hasErrors };
}
