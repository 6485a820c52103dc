import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from '../../system/process.js';
import { createTemporaryFolder } from '../../system/temporary-folder.js';

const COMPILER = 'g++';
const COMPILE_TIMEOUT = 1_800_000;
const RUN_TIMEOUT = 3_600_000;
/**
 * Pragmas are for Vitis HLS, and labels name loops in its reports. The vendor's integers copy bits of themselves before
 * they are set, which an optimising compiler sees through inlined headers. Nothing else is let through.
 */
const SUPPRESSED = ['unknown-pragmas', 'unused-label', 'uninitialized', 'maybe-uninitialized'];
const FLAGS = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', ...SUPPRESSED.map((name) => `-Wno-${name}`)];

/** A C simulation that could not be made or did not run to its end. */
export class CSimulationError extends Error {
  public override readonly name = 'CSimulationError';

  public constructor(
    message: string,
    public readonly log: string,
  ) {
    super(message);
  }
}

export interface CSimulationRequest {
  /** The folder with the C++, and the name of its top function. */
  readonly folder: string;
  readonly top: string;
  /** The folder that holds ap_fixed.h. */
  readonly apTypes: string;
  /** Codes of all input elements, one event per line. */
  readonly events: string;
}

export interface CSimulation {
  /** Codes of all output elements, by event. */
  readonly outputs: readonly (readonly bigint[])[];
  readonly compileSeconds: number;
  readonly runSeconds: number;
}

/** The version of the compiler; undefined where there is none. */
export async function compilerVersion(): Promise<string | undefined> {
  const result = await runProcess(COMPILER, ['-dumpfullversion'], { timeout: 60_000 }).catch(() => undefined);
  return result?.code === 0 ? `${COMPILER} ${result.stdout.trim()}` : undefined;
}

/** Compile the C++ with its testbench and run it on the events. Throws `CSimulationError`. */
export async function simulateCpp({ folder, top, apTypes, events }: CSimulationRequest): Promise<CSimulation> {
  const place = await createTemporaryFolder();
  try {
    const program = join(place.path, 'simulation');
    const started = performance.now();
    const sources = [join(folder, `${top}.cpp`), join(folder, `${top}_test.cpp`)];
    const compiled = await runProcess(
      COMPILER,
      [...FLAGS, '-isystem', apTypes, '-I', folder, ...sources, '-o', program],
      { timeout: COMPILE_TIMEOUT },
    );
    if (compiled.code !== 0) throw new CSimulationError(`${COMPILER} refuses the C++`, compiled.stderr);
    const input = join(place.path, 'events.txt');
    await writeFile(input, events);
    const compiledAt = performance.now();
    const run = await runProcess(program, [input, '-'], { timeout: RUN_TIMEOUT });
    if (run.code !== 0) throw new CSimulationError('the C simulation fails', `${run.stderr}\n${run.stdout}`);
    const outputs = run.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ').map(BigInt));
    const seconds = (from: number, to: number): number => (to - from) / 1000;
    return {
      outputs,
      compileSeconds: seconds(started, compiledAt),
      runSeconds: seconds(compiledAt, performance.now()),
    };
  } finally {
    await place.remove();
  }
}
