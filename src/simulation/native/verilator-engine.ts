import { createReadStream } from 'node:fs';
import { copyFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOnce, type PreparedSimulation, type SimulationDesign, type SimulationEngine } from '../engine.js';
import { countRows, type PackedSimulation, type PackedStimulus, type PackedTrace } from '../packed.js';
import { runUnpacked } from '../packed-run.js';
import { runProcess } from '../../system/process.js';
import { SimulationError } from '../simulation-error.js';
import { createTemporaryFolder, firmwareSimulationFile } from '../../system/temporary-folder.js';
import { missingPrograms, refuseBenchWarnings, runTool, toolVersion, warningLines, writeSources } from './tool.js';
import { TRANSLATE_OPTIONS } from '../verilator-options.js';
import { wrapDesign, WRAPPER_FILE, type Wrapper } from './wrapper.js';

const TRANSLATE_TIMEOUT = 600_000;
const COMPILE_TIMEOUT = 1_800_000;
const RUN_TIMEOUT = 3_600_000;
const BENCH = 'verilator-bench.cpp';

/** Native Verilator with a C++ bench of our own; the strongest engine where it is installed. */
export const verilatorEngine: SimulationEngine = {
  name: 'verilator',
  unavailable: () => missingPrograms(['verilator', 'g++']),
  version: () => toolVersion('verilator', 'verilator', '--version'),
  prepare,
  run: (request) => runOnce({ prepare }, request),
};

async function prepare(design: SimulationDesign, observe: readonly string[] = []): Promise<PreparedSimulation> {
  if (observe.length > 0)
    throw new SimulationError('verilator', 'internal signals are observed by the yosys engine only');
  const wrapper = wrapDesign(design);
  const folder = await createTemporaryFolder();
  try {
    const warnings = await build(folder.path, design, wrapper);
    const packed: PackedSimulation = {
      layout: wrapper,
      run: (request) => simulate(folder.path, wrapper, design.clock !== undefined, request),
    };
    return {
      run: async (request) => ({ ...(await runUnpacked(packed, design, request)), warnings }),
      packed,
      close: () => folder.remove(),
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** Translates and compiles; returns Verilator's warnings. */
async function build(folder: string, design: SimulationDesign, wrapper: Wrapper): Promise<readonly string[]> {
  const sources = await writeSources(folder, design);
  await writeFile(join(folder, WRAPPER_FILE), wrapper.text);
  const translation = await runTool(
    'verilator',
    'verilator',
    [...TRANSLATE_OPTIONS, ...sources, WRAPPER_FILE],
    folder,
    TRANSLATE_TIMEOUT,
  );
  const log = translation.stdout + translation.stderr;
  refuseBenchWarnings('verilator', design, log, WRAPPER_FILE);
  await compile(folder, wrapper);
  return warningLines(log);
}

/** One translation unit: parsing the headers again for each generated file costs more than compiling them. */
async function compile(folder: string, wrapper: Wrapper): Promise<void> {
  const { stdout } = await runTool('verilator', 'verilator', ['--getenv', 'VERILATOR_ROOT'], folder, 60_000);
  const include = join(stdout.trim(), 'include');
  const generated = (await readdir(join(folder, 'translated'))).filter((name) => name.endsWith('.cpp')).sort();
  await copyFile(firmwareSimulationFile(BENCH), join(folder, BENCH));
  const unit = [
    `#define TRIGC_STIMULUS_LIMBS ${String(wrapper.stimulusLimbs)}`,
    `#define TRIGC_RESPONSE_LIMBS ${String(wrapper.responseLimbs)}`,
    ...generated.map((name) => `#include "translated/${name}"`),
    `#include "${BENCH}"`,
    '',
  ];
  await writeFile(join(folder, 'unit.cpp'), unit.join('\n'));
  // Verilator's own library: parts that a version does not have are not asked for.
  const library = (await readdir(include)).filter((name) => /^verilated(?:_threads)?\.cpp$/.test(name));
  const flags = [
    '-std=c++17',
    '-w',
    '-pthread',
    '-DVL_TIME_CONTEXT',
    `-I${include}`,
    `-I${join(include, 'vltstd')}`,
    '-I.',
  ];
  const compileOne = (source: string, level: string, object: string): Promise<unknown> =>
    runTool('verilator', 'g++', [...flags, level, '-c', source, '-o', object], folder, COMPILE_TIMEOUT);
  // Set off together, awaited together: a failure must not leave a compiler writing into a folder being removed.
  const compilations = await Promise.allSettled([
    compileOne('unit.cpp', '-O1', 'unit.o'),
    ...library.map((name) => compileOne(join(include, name), '-O0', `${name}.o`)),
  ]);
  for (const outcome of compilations) if (outcome.status === 'rejected') throw outcome.reason;
  const objects = ['unit.o', ...library.map((name) => `${name}.o`)];
  await runTool('verilator', 'g++', ['-pthread', ...objects, '-o', 'bench'], folder, COMPILE_TIMEOUT);
}

async function simulate(
  folder: string,
  wrapper: Wrapper,
  clocked: boolean,
  request: PackedStimulus,
): Promise<PackedTrace> {
  const cycles = countRows(wrapper, request);
  await writeFile(join(folder, 'stimulus.bin'), request.rows);
  const unknownRows = String(request.unknownRows ?? 0);
  await runBench(folder, ['stimulus.bin', 'response.bin', String(cycles), unknownRows, clocked ? '1' : '0']);
  // Per cycle: one limb that is 1 where the instances disagree, then the response of the first instance.
  const width = wrapper.responseLimbs;
  const response = await readWords(join(folder, 'response.bin'), cycles * (1 + width));
  const rows = new Int32Array(cycles * width);
  const unknown = new Uint8Array(cycles);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const start = cycle * (1 + width);
    unknown[cycle] = response[start] ?? 1;
    rows.set(response.subarray(start + 1, start + 1 + width), cycle * width);
  }
  return { rows, unknown };
}

async function runBench(folder: string, argumentList: readonly string[]): Promise<void> {
  const result = await runProcess(join(folder, 'bench'), argumentList, { cwd: folder, timeout: RUN_TIMEOUT });
  const log = result.stdout + result.stderr;
  if (result.timedOut) throw new SimulationError('verilator', 'the compiled simulation did not finish in time', log);
  if (result.code !== 0) {
    const ending = result.signal ?? `exit code ${String(result.code)}`;
    throw new SimulationError('verilator', `the compiled simulation failed (${ending})`, log);
  }
}

/** A file of little-endian 32-bit words; throws unless it has exactly `count`. */
async function readWords(path: string, count: number): Promise<Int32Array> {
  const { size } = await stat(path);
  if (size !== 4 * count)
    throw new SimulationError('verilator', 'the compiled simulation wrote an incomplete response');
  const words = new Int32Array(count);
  const bytes = new Uint8Array(words.buffer);
  let position = 0;
  // Streamed: a single read is limited to 2 GiB.
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return words;
}
