import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkStimulus, splitPorts } from '../check-design.js';
import {
  DEFAULT_RESET_CYCLES,
  runOnce,
  type PreparedSimulation,
  type SimulationDesign,
  type SimulationEngine,
  type SimulationStimulus,
  type SimulationTrace,
} from '../engine.js';
import { SimulationError } from '../simulation-error.js';
import { createTemporaryFolder } from '../../system/temporary-folder.js';
import { ICARUS_BENCH_FILE, ICARUS_BENCH_MODULE, icarusBench } from './icarus-bench.js';
import { missingPrograms, refuseBenchWarnings, runTool, toolVersion, warningLines, writeSources } from './tool.js';

const COMPILE_TIMEOUT = 600_000;
const RUN_TIMEOUT = 3_600_000;

/** Icarus Verilog: slow, but event-driven with true four-valued logic, hence a good second opinion. */
export const icarusEngine: SimulationEngine = {
  name: 'icarus',
  unavailable: () => missingPrograms(['iverilog', 'vvp']),
  version: () => toolVersion('icarus', 'iverilog', '-V'),
  prepare,
  run: (request) => runOnce({ prepare }, request),
};

async function prepare(design: SimulationDesign, observe: readonly string[] = []): Promise<PreparedSimulation> {
  if (observe.length > 0) throw new SimulationError('icarus', 'internal signals are observed by the yosys engine only');
  const bench = icarusBench(design);
  const folder = await createTemporaryFolder();
  try {
    const sources = await writeSources(folder.path, design);
    await writeFile(join(folder.path, ICARUS_BENCH_FILE), bench);
    const compilation = await runTool(
      'icarus',
      'iverilog',
      // -Wall for the port widths; a missing time scale is no concern of a cycle simulation.
      [
        ...['-g2005', '-Wall', '-Wno-timescale', '-s', ICARUS_BENCH_MODULE, '-o', 'bench.vvp'],
        ...sources,
        ICARUS_BENCH_FILE,
      ],
      folder.path,
      COMPILE_TIMEOUT,
    );
    const log = compilation.stdout + compilation.stderr;
    refuseBenchWarnings('icarus', design, log, ICARUS_BENCH_FILE);
    const warnings = warningLines(log);
    return {
      run: async (request) => ({ ...(await simulate(folder.path, design, request)), warnings }),
      close: () => folder.remove(),
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function simulate(
  folder: string,
  design: SimulationDesign,
  request: SimulationStimulus,
): Promise<Omit<SimulationTrace, 'warnings'>> {
  const { inputs } = splitPorts(design);
  checkStimulus(design, inputs, request);
  const resetRows = design.reset === undefined ? 0 : (request.resetCycles ?? DEFAULT_RESET_CYCLES);
  const widths = inputs.map(({ width }) => width);
  await writeRows(join(folder, 'stimulus.hex'), stimulusRows(request, widths, resetRows));
  await runTool('icarus', 'vvp', ['-n', 'bench.vvp'], folder, RUN_TIMEOUT);
  const outputs: (readonly bigint[])[] = [];
  const unknown: boolean[] = [];
  const validOut: boolean[] = [];
  let row = 0;
  for await (const line of createInterface({ input: createReadStream(join(folder, 'response.hex')) })) {
    row += 1;
    if (row <= resetRows) continue;
    const isUnknown = /[xz]/i.test(line);
    // Digits with an unknown bit read as 0.
    const [valid, ...values] = (isUnknown ? line.replace(/[xz]/gi, '0') : line).split(' ');
    unknown.push(isUnknown);
    outputs.push(values.map((digits) => BigInt(`0x${digits}`)));
    validOut.push(valid === '1' && !isUnknown);
  }
  const expected = request.stimulus.length + request.drain;
  if (outputs.length !== expected) throw new SimulationError('icarus', 'the simulation wrote an incomplete response');
  return { outputs, unknown, ...(design.validOut === undefined ? {} : { validOut }) };
}

/** The lines of the stimulus file: reset, valid and one number per port; data are x during reset. */
function* stimulusRows(
  request: SimulationStimulus,
  widths: readonly number[],
  resetRows: number,
): Generator<string, void, undefined> {
  const unknown = widths.map((width) => 'x'.repeat(Math.ceil(width / 4))).join(' ');
  for (let row = 0; row < resetRows; row += 1) yield `1 0 ${unknown}\n`;
  let data = '';
  for (const [cycle, row] of request.stimulus.entries()) {
    data = row.map((value) => value.toString(16)).join(' ');
    yield `0 ${(request.validIn?.[cycle] ?? true) ? '1' : '0'} ${data}\n`;
  }
  for (let cycle = 0; cycle < request.drain; cycle += 1) yield `0 0 ${data}\n`;
}

async function writeRows(path: string, rows: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    let block = '';
    for (const row of rows) {
      block += row;
      if (block.length < 1 << 20) continue;
      await file.write(block);
      block = '';
    }
    if (block !== '') await file.write(block);
  } finally {
    await file.close();
  }
}
