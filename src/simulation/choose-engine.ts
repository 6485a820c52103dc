import type { SimulationEngine, SimulationEngineName } from './engine.js';
import { ghdlEngine } from './native/ghdl-engine.js';
import { icarusEngine } from './native/icarus-engine.js';
import { verilatorEngine } from './native/verilator-engine.js';
import { SimulationError } from './simulation-error.js';
import { verilatorWasmEngine } from './verilator-wasm/engine.js';
import { yosysEngine } from './yosys/yosys-engine.js';

/** Every engine by name. */
export const SIMULATION_ENGINES: Readonly<Record<SimulationEngineName, SimulationEngine>> = {
  yosys: yosysEngine,
  verilator: verilatorEngine,
  'verilator-wasm': verilatorWasmEngine,
  icarus: icarusEngine,
  ghdl: ghdlEngine,
};

/** Strongest first. Icarus and GHDL are only used when asked for: they are too slow to be anybody's default. */
const AUTOMATIC_ORDER: readonly SimulationEngineName[] = ['verilator', 'verilator-wasm', 'yosys'];

export interface EngineChoice {
  readonly engine: SimulationEngine;
  /** Why each stronger engine was not used. */
  readonly passedOver: readonly { readonly name: SimulationEngineName; readonly reason: string }[];
}

/**
 * The engine to use. An engine asked for by name is used or refused, never replaced. Throws `SimulationError` when
 * none is usable. `engines` is there for tests.
 */
export async function chooseEngine(
  preference: 'auto' | SimulationEngineName,
  engines: Readonly<Record<SimulationEngineName, SimulationEngine>> = SIMULATION_ENGINES,
): Promise<EngineChoice> {
  const passedOver: { readonly name: SimulationEngineName; readonly reason: string }[] = [];
  for (const name of preference === 'auto' ? AUTOMATIC_ORDER : [preference]) {
    const reason = await engines[name].unavailable();
    if (reason === undefined) return { engine: engines[name], passedOver };
    passedOver.push({ name, reason });
  }
  const reasons = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new SimulationError(preference === 'auto' ? 'yosys' : preference, `no usable simulation engine (${reasons})`);
}
