import { runProcess } from '../../system/process.js';
import { firmwareSimulationFile } from '../../system/temporary-folder.js';
import { SimulationError } from '../simulation-error.js';
import type { Artefact } from './artefact.js';
import { checkArtefact } from './artefact.js';

/** A text file by its relative name. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

export interface Translation {
  /** What Verilator wrote below `OUTPUT_FOLDER`, by name in it, sorted. */
  readonly files: readonly TextFile[];
  /** What it printed, warnings included. */
  readonly log: string;
}

/** To be given as `--Mdir`. */
export const OUTPUT_FOLDER = 'translated';

/**
 * Runs Verilator as WebAssembly over the files, in a process of its own; paths are relative to the folder of the files.
 * Throws `SimulationError` with Verilator's first error where it refuses them, and where the artefact is damaged.
 */
export async function translateWithWasm(
  artefact: Artefact,
  files: readonly TextFile[],
  argumentList: readonly string[],
  timeout: number,
): Promise<Translation> {
  const damage = await checkArtefact(artefact);
  if (damage !== undefined) throw new SimulationError('verilator-wasm', `the artefact is damaged: ${damage}`);
  const result = await runProcess(process.execPath, [firmwareSimulationFile('verilator-child.mjs')], {
    timeout,
    input: JSON.stringify({ folder: artefact.folder, arguments: argumentList, files, output: OUTPUT_FOLDER }),
  });
  if (result.timedOut) {
    const limit = String(timeout / 1000);
    throw new SimulationError('verilator-wasm', `the translation did not finish in ${limit} s`, result.stderr);
  }
  let answer: { readonly ok: boolean; readonly log: string; readonly files?: readonly TextFile[] };
  try {
    answer = JSON.parse(result.stdout) as typeof answer;
  } catch {
    const ending = result.signal ?? `exit code ${String(result.code)}`;
    throw new SimulationError('verilator-wasm', `Verilator ended without an answer (${ending})`, result.stderr);
  }
  if (!answer.ok || answer.files === undefined) {
    const reason = /^%Error.*$/mu.exec(answer.log)?.[0] ?? answer.log.trim().split('\n').at(-1) ?? '';
    throw new SimulationError('verilator-wasm', `Verilator refused the design: ${reason.trim()}`, answer.log);
  }
  return { files: answer.files, log: answer.log };
}
