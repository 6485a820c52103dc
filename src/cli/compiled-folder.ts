import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { verifyProgram } from '../dataflow/verify.js';
import { parseDesign } from '../design/parse.js';
import type { Design } from '../design/design.js';
import type { ModelGraph } from '../model/kinds.js';
import { parseModel } from '../model/parse.js';
import { verifyModel } from '../model/verify.js';
import type { Manifest } from '../report/manifest.js';
import { checkManifestPorts, MAXIMUM_LATENCY, parseManifest } from '../report/parse-manifest.js';
import { InvariantError } from '../support/invariant.js';
import { TextSyntaxError } from '../support/text-tree.js';
import { isSystemError } from '../system/system-error.js';
import { MANIFEST_FILE } from './output-folder.js';

export const MODEL_TEXT_FILE = 'model.trigc';
export const DESIGN_TEXT_FILE = 'design.trigc';
/** What `trigc evaluate` compares: the typed model as its numbers were settled, and the model on real numbers. */
export const TYPED_TEXT_FILE = 'typed.trigc';
export const FLOAT_TEXT_FILE = 'float.trigc';

/** A folder that `trigc compile` wrote, read back. */
export interface CompiledFolder {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly graph: ModelGraph;
  /** Warnings about files that changed since. */
  readonly diagnostics: readonly Diagnostic[];
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Read the manifest and the final ModelGraph; throws DiagnosticError. */
export function openCompiledFolder(folder: string): CompiledFolder {
  const shown = { model: printable(folder) };
  let manifest: Manifest;
  try {
    manifest = parseManifest(readFileSync(join(folder, MANIFEST_FILE), 'utf8'));
  } catch (error) {
    if (error instanceof RangeError)
      return fail(commandCodes.notCompiled, `${MANIFEST_FILE}: ${printable(error.message)}`, shown);
    if (isSystemError(error)) return fail(commandCodes.notCompiled, `${MANIFEST_FILE}: ${error.code}`, shown);
    throw error;
  }
  const diagnostics = changedFiles(folder, manifest);
  const graph = readText(folder, MODEL_TEXT_FILE, (text) => {
    const parsed = parseModel(text);
    // First: what contradicts the manifest may also be too large to look at any closer.
    checkManifestPorts(manifest, parsed);
    verifyModel(parsed, { typed: true });
    return parsed;
  });
  return { folder, manifest, graph, diagnostics };
}

/** The design, for finding the node behind a mismatch. */
export function readDesign(folder: string): Design {
  return readText(folder, DESIGN_TEXT_FILE, (text) => {
    const design = parseDesign(text);
    verifyProgram(design.program);
    const { latency, cycles } = design.schedule;
    const inside = cycles.every((positions) => positions.every((list) => list.every((c) => c >= 0 && c <= latency)));
    if (!inside || latency > MAXIMUM_LATENCY) throw new RangeError('a value stands outside the latency');
    return design;
  });
}

/** The two sides of an evaluation; throws DiagnosticError where they are missing, damaged, or do not belong together. */
export function readEvaluatedModels(folder: string): { readonly float: ModelGraph; readonly typed: ModelGraph } {
  const read = (file: string, typed: boolean): ModelGraph =>
    readText(folder, file, (text) => {
      const parsed = parseModel(text);
      verifyModel(parsed, { typed });
      return parsed;
    });
  const typed = read(TYPED_TEXT_FILE, true);
  const float = read(FLOAT_TEXT_FILE, false);
  const ports = (graph: ModelGraph): string =>
    JSON.stringify([
      graph.nodes.flatMap((node) => (node.kind === 'input' ? [[node.name, node.shape]] : [])),
      graph.outputs.map(({ name, node }) => [name, graph.nodes[node]?.shape]),
    ]);
  if (ports(typed) === ports(float)) return { float, typed };
  const message = `its ports are not those of ${TYPED_TEXT_FILE}`;
  return fail(commandCodes.damagedFolder, message, { model: printable(join(folder, FLOAT_TEXT_FILE)) });
}

/** A file of the folder as text; throws DiagnosticError. */
export function readFolderFile(folder: string, path: string): string {
  return readText(folder, path, (text) => text);
}

function readText<T>(folder: string, path: string, parse: (text: string) => T): T {
  const shown = { model: printable(join(folder, path)) };
  try {
    return parse(readFileSync(join(folder, path), 'utf8'));
  } catch (error) {
    // A hand-edited text may break rules that only the verifier knows: then it is the file that is wrong, not Trigc.
    if (error instanceof TextSyntaxError || error instanceof InvariantError || error instanceof RangeError) {
      return fail(commandCodes.damagedFolder, printable(error.message), shown);
    }
    if (isSystemError(error)) return fail(commandCodes.damagedFolder, error.code, shown);
    throw error;
  }
}

function changedFiles(folder: string, manifest: Manifest): readonly Diagnostic[] {
  const warnings: Diagnostic[] = [];
  for (const { path, sha256: expected } of manifest.files) {
    const location = { model: printable(join(folder, path)) };
    let actual: string;
    try {
      actual = sha256(readFileSync(join(folder, path)));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      warnings.push(diagnose(commandCodes.changedFile, `it cannot be read (${error.code})`, location));
      continue;
    }
    if (actual !== expected)
      warnings.push(diagnose(commandCodes.changedFile, 'its hash is not the recorded one', location));
  }
  return warnings;
}
