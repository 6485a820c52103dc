import { runOnce, type PreparedSimulation, type SimulationDesign, type SimulationEngine } from '../engine.js';
import { SimulationError } from '../simulation-error.js';
import { findArtefact, type Artefact } from './artefact.js';
import { clangPackageVersion } from './compile-units.js';
import { prepareWith, type Translator } from './prepare.js';
import { translateWithWasm } from './translate.js';

const TRANSLATE_TIMEOUT = 600_000;

/** Verilator and Clang as WebAssembly: compiled simulation where nothing native is installed. */
export const verilatorWasmEngine: SimulationEngine = {
  name: 'verilator-wasm',
  unavailable: async () => {
    const found = await find();
    return 'reason' in found ? found.reason : undefined;
  },
  version: async () => {
    const { artefact, clang } = await require();
    return `Verilator ${artefact.manifest.verilator} (WebAssembly), @yowasp/clang ${clang}`;
  },
  prepare,
  run: (request) => runOnce({ prepare }, request),
};

interface Tools {
  readonly artefact: Artefact;
  /** Version of the package. */
  readonly clang: string;
}

async function find(): Promise<Tools | { readonly reason: string }> {
  const status = await findArtefact();
  if (!status.usable) return { reason: `Verilator as WebAssembly: ${status.reason}` };
  const clang = clangPackageVersion();
  if (clang === undefined) return { reason: 'the npm package @yowasp/clang is not installed' };
  return { artefact: status.artefact, clang };
}

async function require(): Promise<Tools> {
  const found = await find();
  if ('reason' in found) throw new SimulationError('verilator-wasm', found.reason);
  return found;
}

async function prepare(design: SimulationDesign, observe: readonly string[] = []): Promise<PreparedSimulation> {
  if (observe.length > 0) {
    throw new SimulationError('verilator-wasm', 'internal signals are observed by the yosys engine only');
  }
  return prepareWith(await verilatorWasmTranslator(), design);
}

/** Throws `SimulationError` where the artefact is missing. */
export async function verilatorWasmTranslator(): Promise<Translator> {
  const { artefact } = await require();
  return {
    // All of its files, by their sums.
    identity: () => Promise.resolve(JSON.stringify(artefact.manifest)),
    translate: (files, options) => translateWithWasm(artefact, files, options, TRANSLATE_TIMEOUT),
  };
}
