import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { runOnce, type SimulationEngine, type SimulationEngineName } from '../../src/simulation/engine.js';
import { verilatorWasmTranslator } from '../../src/simulation/verilator-wasm/engine.js';
import { prepareWith, type Translator } from '../../src/simulation/verilator-wasm/prepare.js';
import { nativeTranslator } from './native-verilator.js';

const shipped = SIMULATION_ENGINES['verilator-wasm'];
const noArtefact = await shipped.unavailable();

/** All that follows the translation, with the installed Verilator in front where its wasm build is not at hand. */
const translatedNatively: SimulationEngine = {
  ...shipped,
  unavailable: async () => {
    const reason = await SIMULATION_ENGINES.verilator.unavailable();
    return reason === undefined ? undefined : `${noArtefact ?? ''}; ${reason}`;
  },
  prepare: (design) => prepareWith(nativeTranslator, design),
  run: (request) => runOnce({ prepare: (design) => prepareWith(nativeTranslator, design) }, request),
};

/** Every engine as tests use it. */
export const ENGINES_UNDER_TEST: Readonly<Record<SimulationEngineName, SimulationEngine>> = {
  ...SIMULATION_ENGINES,
  'verilator-wasm': noArtefact === undefined ? shipped : translatedNatively,
};

/** The translator of the engine above. */
export function translatorUnderTest(): Promise<Translator> {
  return noArtefact === undefined ? verilatorWasmTranslator() : Promise.resolve(nativeTranslator);
}
