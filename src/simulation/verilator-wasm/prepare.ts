import { basename } from 'node:path';
import { sourceFileNames } from '../check-design.js';
import type { PreparedSimulation, SimulationDesign } from '../engine.js';
import { refuseBenchWarnings, warningLines } from '../native/tool.js';
import { wrapDesign, WRAPPER_FILE, type Wrapper } from '../native/wrapper.js';
import type { PackedSimulation } from '../packed.js';
import { runUnpacked } from '../packed-run.js';
import { TRANSLATE_OPTIONS } from '../verilator-options.js';
import { ModuleCache, type SimulationModule } from './cached-module.js';
import { CLANG_ARGUMENTS, clangPackageVersion, compileToWasm, LINK_ARGUMENTS, runtimeFiles } from './compile-units.js';
import type { TextFile, Translation } from './translate.js';
import { WorkerPool } from './worker-pool.js';

const COMPILE_TIMEOUT = 1_800_000;
const RUN_TIMEOUT = 3_600_000;

/** Verilator, however it is run. */
export interface Translator {
  /** All that its output depends on besides files and options. */
  identity(): Promise<string>;
  /** Throws `SimulationError` when Verilator refuses the files or does not finish. */
  translate(files: readonly TextFile[], options: readonly string[]): Promise<Translation>;
}

export interface PrepareOptions {
  readonly cache?: ModuleCache;
  /** See `PoolOptions`. */
  readonly workers?: number;
  readonly rowsPerWorker?: number;
  readonly warmRows?: number;
}

/** Translates, compiles and loads a design, or loads what was compiled of it before. */
export async function prepareWith(
  translator: Translator,
  design: SimulationDesign,
  { cache = new ModuleCache(), ...pool }: PrepareOptions = {},
): Promise<PreparedSimulation> {
  const wrapper = wrapDesign(design);
  const { bytes, warnings } = await simulationModule(translator, design, wrapper, cache);
  const workers = new WorkerPool(bytes, wrapper, { ...pool, timeout: RUN_TIMEOUT });
  const packed: PackedSimulation = { layout: wrapper, run: (stimulus) => workers.run(stimulus) };
  return {
    run: async (request) => ({ ...(await runUnpacked(packed, design, request)), warnings }),
    packed,
    warnings,
    close: () => workers.close(),
  };
}

/** The compiled simulation of a wrapped design, from the cache where it is there. */
export async function simulationModule(
  translator: Translator,
  design: SimulationDesign,
  wrapper: Wrapper,
  cache: ModuleCache,
): Promise<SimulationModule> {
  const clocked = design.clock !== undefined;
  const names = sourceFileNames(design);
  const sources = [
    ...design.sources.map(({ text }, index) => ({ name: names[index] ?? 'source.v', text })),
    { name: WRAPPER_FILE, text: wrapper.text },
  ];
  const options = [...TRANSLATE_OPTIONS, ...sources.map(({ name }) => name)];
  const key = ModuleCache.key([
    await translator.identity(),
    clangPackageVersion() ?? '',
    ...[CLANG_ARGUMENTS, LINK_ARGUMENTS, options].map((words) => words.join('\n')),
    String(clocked),
    ...[...runtimeFiles(), ...sources].flatMap(({ name, text }) => [name, text]),
  ]);
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const { files, log } = await translator.translate(sources, options);
  refuseBenchWarnings('verilator-wasm', design, log, WRAPPER_FILE);
  const generated = files
    .map(({ name, text }) => ({ name: basename(name), text }))
    .filter(({ name }) => /\.(?:cpp|h)$/.test(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const made = {
    bytes: await compileToWasm(generated, wrapper, clocked, COMPILE_TIMEOUT),
    warnings: warningLines(log),
  };
  cache.put(key, made);
  return made;
}
