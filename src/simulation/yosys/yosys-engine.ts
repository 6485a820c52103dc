import { checkStimulus, splitPorts } from '../check-design.js';
import { runOnce, type PreparedSimulation, type SimulationDesign, type SimulationEngine } from '../engine.js';
import { SimulationError } from '../simulation-error.js';
import { compileProgram, runProgram } from './machine.js';
import { readDesign, yosysPackageVersion } from './read.js';
import { translate } from './translate.js';

/** Reads the text with Yosys (WebAssembly, nothing native) and runs its word-level netlist as generated JavaScript. */
export const yosysEngine: SimulationEngine = {
  name: 'yosys',
  unavailable: () => {
    try {
      yosysPackageVersion();
      return Promise.resolve(undefined);
    } catch {
      return Promise.resolve('the npm package @yowasp/yosys is not installed');
    }
  },
  version: () => {
    try {
      return Promise.resolve(`@yowasp/yosys ${yosysPackageVersion()}`);
    } catch {
      return Promise.reject(new SimulationError('yosys', 'the npm package @yowasp/yosys is not installed'));
    }
  },
  prepare,
  run: (request) => runOnce({ prepare }, request),
};

async function prepare(design: SimulationDesign, observe: readonly string[] = []): Promise<PreparedSimulation> {
  const { inputs } = splitPorts(design);
  const { netlist, warnings } = await readDesign(design, observe.length > 0);
  const program = translate(design, netlist, observe);
  const functions = compileProgram(program);
  const complete = { ...program, warnings: [...warnings, ...program.warnings] };
  return {
    run: (request) => {
      try {
        checkStimulus(design, inputs, request);
        return Promise.resolve(runProgram(complete, functions, request));
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
    close: () => Promise.resolve(),
  };
}
