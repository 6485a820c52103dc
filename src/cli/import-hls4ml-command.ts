import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hls4mlCodes } from '../diagnostics/codes/hls4ml.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { importProject } from '../importers/hls4ml/import-project.js';
import { isSystemError } from '../system/system-error.js';
import { version } from '../version.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { writeOutputFolder } from './output-folder.js';

export interface ImportHls4mlArguments {
  readonly project: string;
  readonly output: string;
  readonly until: string | undefined;
  readonly json: boolean;
}

/** Marks the folder as one that a later import may replace; a compilation may not, for it would take the model away. */
const RECORD_FILE = 'import-hls4ml.json';
/** Weights of a million values are some ten megabytes. */
const MAXIMUM_BYTES = 256 * 2 ** 20;

/** `trigc import-hls4ml`: a written hls4ml project into a folder with `model.onnx` and `trigc.yaml`. */
export function importHls4mlCommand(request: ImportHls4mlArguments, console: Console): number {
  const { project, output, until, json } = request;
  const imported = importProject((path) => readText(project, path), until);
  if (imported.ok) showDiagnostics(console, imported.diagnostics);
  const { name, backend, model, config, layers, left } = unwrap(imported);
  const record = { project: name, backend, layers, left };
  const files = [
    { path: 'model.onnx', content: model },
    { path: 'trigc.yaml', content: config },
    { path: RECORD_FILE, content: `${JSON.stringify({ trigc: version, ...record }, null, 2)}\n` },
  ];
  writeOutputFolder(output, files, RECORD_FILE);
  if (json) {
    console.result(JSON.stringify(record, null, 2));
    return exitCode.ok;
  }
  console.result(`${printable(name)} (${printable(backend)}): ${layers.length} layers into ${printable(output)}`);
  for (const sentence of left) console.result(`  not carried over: ${printable(sentence)}`);
  const [onnx, yaml] = ['model.onnx', 'trigc.yaml'].map((file) => join(output, file));
  console.result(`next: trigc compile ${onnx} --config ${yaml} -o build/${name} --verify`);
  return exitCode.ok;
}

function readText(project: string, path: string): string | undefined {
  const file = join(project, path);
  try {
    if (statSync(file).size > MAXIMUM_BYTES) {
      fail(hls4mlCodes.malformed, `it has more than ${MAXIMUM_BYTES} bytes`, { model: printable(file) });
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    return fail(hls4mlCodes.notProject, `it cannot be read: ${error.code}`, { model: printable(file) });
  }
}
