import { createReadStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOnce, type PreparedSimulation, type SimulationDesign, type SimulationEngine } from '../engine.js';
import { countRows, type PackedSimulation, type PackedStimulus, type PackedTrace } from '../packed.js';
import { runUnpacked } from '../packed-run.js';
import { runProcess } from '../../system/process.js';
import { SimulationError } from '../simulation-error.js';
import { createTemporaryFolder, firmwareSimulationFile } from '../../system/temporary-folder.js';
import { missingPrograms, refuseBenchWarnings, runTool, toolVersion, warningLines, writeSources } from './tool.js';
import { TRANSLATE_OPTIONS } from '../verilator-options.js';
import { benchLines } from '../verilator-wasm/compile-units.js';
import { OUTPUT_FOLDER } from '../verilator-wasm/translate.js';
import { wrapDesign, WRAPPER_FILE, type Wrapper } from './wrapper.js';

const TRANSLATE_TIMEOUT = 600_000;
const COMPILE_TIMEOUT = 1_800_000;
const RUN_TIMEOUT = 3_600_000;

/** Native Verilator, with the runtime and the bench that the WebAssembly one has; the strongest engine where it is installed. */
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
      run: (request) => simulate(folder.path, wrapper, request),
    };
    return {
      run: async (request) => ({ ...(await runUnpacked(packed, design, request)), warnings }),
      packed,
      warnings,
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
  await compile(folder, wrapper, design.clock !== undefined);
  return warningLines(log);
}

/** One translation unit: parsing the headers again for each generated file costs more than compiling them. */
async function compile(folder: string, wrapper: Wrapper, clocked: boolean): Promise<void> {
  const generated = (await readdir(join(folder, OUTPUT_FOLDER))).filter((name) => name.endsWith('.cpp')).sort();
  const unit = [
    '#include "verilated.h"',
    ...generated.map((name) => `#include "${name}"`),
    ...benchLines(wrapper, clocked, 'native-harness.h'),
    '',
  ];
  await writeFile(join(folder, 'unit.cpp'), unit.join('\n'));
  const include = ['-I', OUTPUT_FOLDER, '-I', firmwareSimulationFile('runtime')];
  await runTool(
    'verilator',
    'g++',
    ['-std=c++17', '-O1', '-w', ...include, 'unit.cpp', '-o', 'bench'],
    folder,
    COMPILE_TIMEOUT,
  );
}

async function simulate(folder: string, wrapper: Wrapper, request: PackedStimulus): Promise<PackedTrace> {
  const cycles = countRows(wrapper, request);
  await writeFile(join(folder, 'stimulus.bin'), request.rows);
  await runBench(folder, ['stimulus.bin', 'response.bin', String(cycles), String(request.unknownRows ?? 0)]);
  const limbs = cycles * wrapper.responseLimbs;
  const response = await readBytes(join(folder, 'response.bin'), 4 * limbs + cycles);
  return { rows: new Int32Array(response.buffer, 0, limbs), unknown: response.subarray(4 * limbs) };
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

/** A file of exactly `count` bytes. */
async function readBytes(path: string, count: number): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size !== count) throw new SimulationError('verilator', 'the compiled simulation wrote an incomplete response');
  const bytes = new Uint8Array(count);
  let position = 0;
  // Streamed: a single read is limited to 2 GiB.
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}
