import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from '../../system/process.js';
import { createTemporaryFolder } from '../../system/temporary-folder.js';
import { ModuleCache } from '../verilator-wasm/cached-module.js';

const COMPILER = 'g++';
const COMPILE_TIMEOUT = 1_800_000;
const RUN_TIMEOUT = 3_600_000;
/**
 * Pragmas are for Vitis HLS, and labels name loops in its reports. The vendor's integers copy bits of themselves before
 * they are set, which an optimising compiler sees through inlined headers. Nothing else is let through.
 */
const SUPPRESSED = ['unknown-pragmas', 'unused-label', 'uninitialized', 'maybe-uninitialized'];
const FLAGS = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', ...SUPPRESSED.map((name) => `-Wno-${name}`)];

/** Programs of earlier runs, with a version of their form. */
const CACHE_FORM = 'c-simulations-1';

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
  /** Was the program kept from an earlier run? */
  readonly cached: boolean;
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
    const cached = await buildProgram({ folder, top, apTypes }, program, place.path);
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
      cached,
      compileSeconds: seconds(started, compiledAt),
      runSeconds: seconds(compiledAt, performance.now()),
    };
  } finally {
    await place.remove();
  }
}

/**
 * The program, compiled or as an earlier run left it. Its key is what the compiler reads, after the preprocessor, and the
 * compiler: a changed header of the vendor's counts as much as a changed layer.
 */
async function buildProgram(
  { folder, top, apTypes }: Omit<CSimulationRequest, 'events'>,
  program: string,
  scratch: string,
): Promise<boolean> {
  const sources = [join(folder, `${top}.cpp`), join(folder, `${top}_test.cpp`)];
  const flags = [...FLAGS, '-isystem', apTypes, '-I', folder];
  const run = async (argumentList: readonly string[]): Promise<string> => {
    const result = await runProcess(COMPILER, argumentList, { timeout: COMPILE_TIMEOUT });
    if (result.code !== 0) throw new CSimulationError(`${COMPILER} refuses the C++`, result.stderr);
    return result.stdout;
  };
  const parts = [await run(['--version']), await run(['-dumpmachine']), FLAGS.join(' ')];
  for (const [index, source] of sources.entries()) {
    const read = join(scratch, `${index}.ii`);
    await run([...flags, '-E', '-P', source, '-o', read]);
    parts.push(await readFile(read, 'utf8'));
  }
  const cache = new ModuleCache(undefined, CACHE_FORM);
  const key = ModuleCache.key(parts);
  const known = cache.get(key);
  if (known !== undefined) {
    await writeFile(program, known.bytes, { mode: 0o700 });
    return true;
  }
  await run([...flags, ...sources, '-o', program]);
  cache.put(key, { bytes: await readFile(program), warnings: [] });
  return false;
}
