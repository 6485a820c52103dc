import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseEngine, SIMULATION_ENGINES } from '../simulation/choose-engine.js';
import type { SimulationEngine, SimulationEngineName } from '../simulation/engine.js';
import { toolVersion } from '../simulation/native/tool.js';
import { findApTypes } from '../simulation/hls/ap-types.js';
import { compilerVersion } from '../simulation/hls/c-simulation.js';
import { RUNTIME_PACKAGE, RUNTIME_VERSION } from '../simulation/onnx-runtime/runtime.js';
import { SimulationError } from '../simulation/simulation-error.js';
import { BUILD_COMMAND, checkArtefact, findArtefact } from '../simulation/verilator-wasm/artefact.js';
import type { CacheContents } from '../system/cache-contents.js';
import { CACHE_LIMIT, cacheContents } from '../system/cache-contents.js';
import { cacheFolder } from '../system/content-cache.js';
import { installedPackageVersion } from '../system/installed-package.js';
import { findExecutable } from '../system/process.js';
import { isSystemError } from '../system/system-error.js';

/** One thing that Trigc can use here, or could. */
export interface Finding {
  readonly name: string;
  readonly usable: boolean;
  /** Its version where it is usable, otherwise why it is not. */
  readonly detail: string;
  /** The command that brings what is missing. */
  readonly get?: string;
}

export interface EngineFinding extends Finding {
  readonly name: SimulationEngineName;
  /** Whether `--engine auto` takes this one here. */
  readonly automatic: boolean;
}

export interface CacheFinding extends Partial<CacheContents> {
  /** Undefined where the user has no place for one. */
  readonly folder?: string;
  /** Bytes on disk that entries may take. */
  readonly limit: number;
  /** Why it cannot be used. */
  readonly problem?: string;
}

/** Everything that `trigc doctor` says, but for the versions of Trigc and Node. */
export interface Findings {
  readonly engines: readonly EngineFinding[];
  readonly tools: readonly Finding[];
  readonly packages: readonly Finding[];
  readonly artefacts: readonly Finding[];
  readonly environments: readonly Finding[];
  readonly cache: CacheFinding;
}

const NPM = 'npm ci';

/** How each engine is brought to a machine. Debian and Ubuntu where a package of the system is meant. */
const GET_ENGINE: Readonly<Record<SimulationEngineName | 'verilator-wasm', string>> = {
  yosys: NPM,
  verilator: apt('verilator g++'),
  'verilator-wasm': `${NPM} && ${BUILD_COMMAND}`,
  icarus: apt('iverilog'),
  ghdl: apt('ghdl'),
};

/** Look at this machine. `engines` is there for tests. */
export async function findAll(
  environment: NodeJS.ProcessEnv,
  engines: Readonly<Record<SimulationEngineName, SimulationEngine>> = SIMULATION_ENGINES,
): Promise<Findings> {
  const automatic = await automaticEngine(engines);
  return {
    engines: await Promise.all(
      Object.values(engines).map(async (engine) => ({
        ...(await findEngine(engine)),
        automatic: engine.name === automatic,
      })),
    ),
    tools: [await findNativeYosys(), await findCSimulation(environment)],
    packages: [
      findPackage('@yowasp/yosys'),
      findPackage('@yowasp/clang'),
      findPackage(RUNTIME_PACKAGE, `npm install ${RUNTIME_PACKAGE}@${RUNTIME_VERSION}`),
    ],
    artefacts: [await findVerilatorArtefact(environment)],
    environments: findPythonEnvironments(environment),
    cache: findCache(environment),
  };
}

async function automaticEngine(
  engines: Readonly<Record<SimulationEngineName, SimulationEngine>>,
): Promise<SimulationEngineName | undefined> {
  try {
    return (await chooseEngine('auto', engines)).engine.name;
  } catch (error) {
    if (error instanceof SimulationError) return undefined;
    throw error;
  }
}

async function findEngine(engine: SimulationEngine): Promise<Finding & { readonly name: SimulationEngineName }> {
  const { name } = engine;
  const missing = await engine.unavailable();
  if (missing !== undefined) return { name, usable: false, detail: missing, get: GET_ENGINE[name] };
  try {
    return { name, usable: true, detail: await engine.version() };
  } catch (error) {
    // Present, and broken: what it was installed with is also what mends it.
    if (!(error instanceof SimulationError)) throw error;
    return { name, usable: false, detail: error.message, get: GET_ENGINE[name] };
  }
}

async function findNativeYosys(): Promise<Finding> {
  const name = 'yosys (native)';
  const get = apt('yosys');
  if ((await findExecutable('yosys')) === undefined) {
    return { name, usable: false, detail: 'yosys not found on PATH', get };
  }
  try {
    return { name, usable: true, detail: await toolVersion('yosys', 'yosys', '-V') };
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    return { name, usable: false, detail: error.message, get };
  }
}

/** What `verify --engine hls` compiles with. */
async function findCSimulation(environment: NodeJS.ProcessEnv): Promise<Finding> {
  const name = 'C simulation (hls)';
  const compiler = await compilerVersion();
  if (compiler === undefined) return { name, usable: false, detail: 'g++ not found on PATH', get: apt('g++') };
  const headers = await findApTypes(undefined, environment);
  return 'reason' in headers
    ? {
        name,
        usable: false,
        detail: `no ap_fixed.h: ${headers.reason}`,
        get: 'python3 -m pip install --no-deps hls4ml',
      }
    : { name, usable: true, detail: `${compiler}, headers from ${headers.origin}` };
}

function findPackage(name: string, get = NPM): Finding {
  const version = installedPackageVersion(name);
  return version === undefined
    ? { name, usable: false, detail: 'not installed', get }
    : { name, usable: true, detail: version };
}

async function findVerilatorArtefact(environment: NodeJS.ProcessEnv): Promise<Finding> {
  const name = 'verilator.wasm';
  const status = await findArtefact(environment);
  if (!status.usable) return { name, usable: false, detail: status.reason, get: BUILD_COMMAND };
  const damage = await checkArtefact(status.artefact);
  if (damage !== undefined) return { name, usable: false, detail: damage, get: `${BUILD_COMMAND} -- --rebuild` };
  const { verilator, emscripten } = status.artefact.manifest;
  return {
    name,
    usable: true,
    detail: `Verilator ${verilator}, built with Emscripten ${emscripten}, checksums ok, in ${status.artefact.folder}`,
  };
}

/** In a clone of the repository only: the exporter script and the comparisons of the tests run in them. */
function findPythonEnvironments(environment: NodeJS.ProcessEnv): readonly Finding[] {
  const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]dist[\\/]$/u, '/');
  if (!existsSync(join(root, 'scripts', 'make-python.sh'))) return [];
  const folder = environment['TRIGC_PYTHON'] ?? join(root, 'build', 'python');
  return ['reference', 'keras', 'qkeras', 'hls'].map((name) => {
    const path = join(folder, name);
    return existsSync(join(path, 'bin', 'python'))
      ? { name, usable: true, detail: path }
      : { name, usable: false, detail: 'not made', get: `scripts/make-python.sh ${name}` };
  });
}

function findCache(environment: NodeJS.ProcessEnv): CacheFinding {
  const folder = cacheFolder(environment);
  if (folder === undefined) {
    return { limit: CACHE_LIMIT, problem: 'the user has no home folder; set XDG_CACHE_HOME to a folder for caches' };
  }
  try {
    return { folder, limit: CACHE_LIMIT, ...cacheContents(folder) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { folder, limit: CACHE_LIMIT, problem: error.message };
  }
}

function apt(packages: string): string {
  return `sudo apt-get install -y ${packages}`;
}
