import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkStimulus, splitPorts } from '../check-design.js';
import { runOnce, type PreparedSimulation, type SimulationDesign, type SimulationEngine } from '../engine.js';
import { SimulationError } from '../simulation-error.js';
import { createTemporaryFolder } from '../../system/temporary-folder.js';
import { GHDL_BENCH_ENTITY, GHDL_BENCH_FILE, ghdlBench } from './ghdl-bench.js';
import { readResponseRows, writeStimulusRows } from './row-files.js';
import { missingPrograms, runTool, toolVersion, warningLines, writeSources } from './tool.js';

const COMPILE_TIMEOUT = 600_000;
const RUN_TIMEOUT = 3_600_000;
const STANDARD = '--std=08';

/** GHDL: reads the VHDL form of a design, with nine-valued logic. Slow: a second opinion, as Icarus is for Verilog. */
export const ghdlEngine: SimulationEngine = {
  name: 'ghdl',
  language: 'vhdl',
  unavailable: async () => {
    const reason = await missingPrograms(['ghdl']);
    return reason === undefined ? undefined : `${reason} (Debian and Ubuntu: apt-get install ghdl)`;
  },
  version: () => toolVersion('ghdl', 'ghdl', '--version'),
  prepare,
  run: (request) => runOnce({ prepare }, request),
};

async function prepare(design: SimulationDesign, observe: readonly string[] = []): Promise<PreparedSimulation> {
  if (observe.length > 0) throw new SimulationError('ghdl', 'internal signals are observed by the yosys engine only');
  const { inputs } = splitPorts(design);
  const bench = ghdlBench(design);
  const folder = await createTemporaryFolder();
  try {
    const sources = await writeSources(folder.path, design);
    await writeFile(join(folder.path, GHDL_BENCH_FILE), bench);
    const ghdl = (command: string, ...rest: readonly string[]): ReturnType<typeof runTool> =>
      runTool('ghdl', 'ghdl', [command, STANDARD, ...rest], folder.path, COMPILE_TIMEOUT);
    // Import, then make: files are analysed in the order of what they use, whatever the order of the sources.
    const logs = [
      await ghdl('-i', ...sources, GHDL_BENCH_FILE),
      // A component that nothing binds to would be left open with a warning.
      await ghdl('-m', '-Wbinding', GHDL_BENCH_ENTITY),
    ];
    const warnings = warningLines(logs.map(({ stdout, stderr }) => stdout + stderr).join('\n'));
    return {
      run: async (request) => {
        checkStimulus(design, inputs, request);
        await writeStimulusRows(folder.path, design, request);
        // numeric_std remarks on every unknown operand; the pipeline holds many before it is filled.
        const list = ['-r', STANDARD, GHDL_BENCH_ENTITY, '--ieee-asserts=disable', '--max-stack-alloc=0'];
        await runTool('ghdl', 'ghdl', list, folder.path, RUN_TIMEOUT);
        return { ...(await readResponseRows('ghdl', folder.path, design, request)), warnings };
      },
      close: () => folder.remove(),
    };
  } catch (error) {
    await folder.remove();
    // The bench is ours and does nothing but connect the ports.
    if (error instanceof SimulationError && error.message.includes(GHDL_BENCH_FILE)) {
      const message = `the ports of ${design.top} differ from their description: ${error.message}`;
      throw new SimulationError('ghdl', message, error.log);
    }
    throw error;
  }
}
