import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { codeRow } from '../backends/emulator/code-matrix.js';
import { HLS_FOLDER } from '../backends/vitis-hls/emit.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { hlsCodes } from '../diagnostics/codes/hls.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { findApTypes } from '../simulation/hls/ap-types.js';
import { compilerVersion, CSimulationError, simulateCpp } from '../simulation/hls/c-simulation.js';
import type { CompiledFolder } from './compiled-folder.js';
import { writeFigures } from './figure-folder.js';
import { HLS_VERIFY_FIGURES, simulatedFigures } from './hls-summary.js';
import type { Console } from './console.js';
import { exitCode } from './console.js';

export interface HlsVerification {
  readonly compiled: CompiledFolder;
  readonly stimulus: CodeMatrix;
  /** What the emulator gives. */
  readonly expected: CodeMatrix;
  /** Mismatches between the emulator and outputs of the user's own. */
  readonly expectedMismatches: number;
  readonly apTypes: string | undefined;
  /** Hash of the manifest that was read. */
  readonly manifest: string;
  readonly json: boolean;
}

/** `trigc verify --engine hls`: the C++ of a compiled folder, in C simulation, against the emulator. */
export async function verifyHls(verification: HlsVerification, console: Console): Promise<number> {
  const { compiled, stimulus, expected, expectedMismatches, json } = verification;
  const { top } = compiled.manifest;
  const folder = join(compiled.folder, HLS_FOLDER);
  if (!existsSync(join(folder, `${top}.cpp`))) {
    fail(hlsCodes.noCpp, 'the folder holds no C++ for Vitis HLS', { model: printable(compiled.folder) });
  }
  const compiler = await compilerVersion();
  if (compiler === undefined) return fail(commandCodes.toolMissing, 'C simulation needs g++, which is not installed');
  const headers = await findApTypes(verification.apTypes, process.env);
  if ('reason' in headers) return fail(hlsCodes.headersMissing, `no ap_fixed.h: ${headers.reason}`);
  console.note(`C simulation by ${compiler}, headers from ${printable(headers.origin)}`);
  const rows = Array.from({ length: stimulus.rows }, (_, row) => `${codeRow(stimulus, row).join(' ')}\n`);
  const simulated = await runSimulation(folder, top, headers.folder, rows.join(''));
  if (simulated.outputs.length !== stimulus.rows) {
    const message = `${simulated.outputs.length} events came out of the C simulation for ${stimulus.rows}`;
    return fail(commandCodes.designRefused, message);
  }
  let mismatches = 0;
  for (const [row, codes] of simulated.outputs.entries()) {
    const wanted = codeRow(expected, row);
    const wrong = wanted.findIndex((code, element) => code !== codes[element]);
    if (wrong < 0) continue;
    if (mismatches++ === 0) {
      console.note(
        `first mismatch: event ${row}, output element ${wrong}: C++ ${codes[wrong] ?? ''}, emulator ${wanted[wrong] ?? ''}`,
      );
    }
  }
  const wrong = Math.max(mismatches, expectedMismatches);
  const { compileSeconds, runSeconds, cached } = simulated;
  const figures = simulatedFigures(compiler, stimulus.rows, wrong);
  writeFigures(compiled.folder, HLS_VERIFY_FIGURES, figures, verification.manifest);
  if (json) {
    const line = { schema: 'trigc-verify-hls', version: 1, vectors: stimulus.rows, mismatches: wrong, engine: 'hls' };
    console.result(JSON.stringify({ ...line, compiler, compileSeconds, runSeconds, cached }));
  } else {
    console.note(
      `${cached ? 'compiled by an earlier run, found' : 'compiled'} in ${compileSeconds.toFixed(1)} s, ran in ${runSeconds.toFixed(1)} s`,
    );
    console.result(`verified ${stimulus.rows} vectors, ${wrong} mismatches (engine hls: C simulation by ${compiler})`);
  }
  return wrong === 0 ? exitCode.ok : exitCode.checkFailed;
}

async function runSimulation(folder: string, top: string, apTypes: string, events: string) {
  try {
    return await simulateCpp({ folder, top, apTypes, events });
  } catch (error) {
    if (!(error instanceof CSimulationError)) throw error;
    const log = error.log.trim().split('\n').slice(0, 6).map(printable).join('\n    ');
    return fail(commandCodes.designRefused, `${error.message}${log === '' ? '' : `\n    ${log}`}`);
  }
}
