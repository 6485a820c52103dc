import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkStimulus, splitPorts } from '../check-design.js';
import {
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
import { readResponseRows, writeStimulusRows } from './row-files.js';
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
  checkStimulus(design, splitPorts(design).inputs, request);
  await writeStimulusRows(folder, design, request);
  await runTool('icarus', 'vvp', ['-n', 'bench.vvp'], folder, RUN_TIMEOUT);
  return readResponseRows('icarus', folder, design, request);
}
