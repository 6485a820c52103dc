// Builds Verilator as WebAssembly from Debian's source package, into the user's cache, where `trigc verify --engine
// verilator-wasm` finds it. An interrupted build goes on where it stopped. See `--help`.
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BUILD_COMMAND, checkArtefact, readArtefact } from '../../dist/src/simulation/verilator-wasm/artefact.js';
import { install, packInto, recover, unpackFrom } from './artefact.mjs';
import { artefactFolder, lockFile, rootFolder } from './folders.mjs';
import { withLock } from './lock.mjs';
import { compileAll, recipe } from './objects.mjs';
import { requirePackages } from './packages.mjs';
import { run } from './run.mjs';
import { EXPECTED_VERSION, fetchSource } from './source.mjs';

const USAGE = `${BUILD_COMMAND} [-- OPTION]

  (nothing)      build the artefact unless it is there; about ten minutes on two processors
  --install      install missing Debian packages first (as root)
  --rebuild      build even where it is there, from the beginning
  --check        only check the checksums of the artefact; exit code 1 where it is missing or damaged
  --pack FILE    write the artefact to a .tgz file, to be attached to a release
  --from FILE    install an artefact from such a file instead of building it`;

const started = performance.now();
const log = (text) => console.error(`[${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s] ${text}`);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`build of Verilator as WebAssembly: ${error.message}`);
  process.exitCode = error.exitCode ?? 1;
}

async function main() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      install: { type: 'boolean' },
      rebuild: { type: 'boolean' },
      check: { type: 'boolean' },
      pack: { type: 'string' },
      from: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.check) return (await report()) ? 0 : 1;
  if (values.pack !== undefined) {
    if (!(await report())) return 1;
    await packInto(resolve(values.pack), artefactFolder());
    return 0;
  }
  return withLock(lockFile(), async () => {
    recover(artefactFolder());
    if (values.from !== undefined) await unpackFrom(resolve(values.from), artefactFolder());
    else if (values.rebuild || !(await usable())) await build(values);
    return (await report()) ? 0 : 1;
  });
}

async function build({ install: mayInstall, rebuild }) {
  await requirePackages(mayInstall === true, log);
  const emscripten = /\b\d+\.\d+\.\d+\b/u.exec(await run('em++', ['--version']))?.[0] ?? 'unknown';
  const key = createHash('sha256').update(recipe).update(emscripten).digest('hex').slice(0, 12);
  const work = join(rootFolder(), `build-${key}`);
  if (rebuild) rmSync(work, { recursive: true, force: true });
  else if (existsSync(work)) log('an earlier build was interrupted: going on with it');
  const { folder: source, version } = await fetchSource(work, log);
  if (!version.includes(EXPECTED_VERSION)) {
    log(`note: this is Verilator ${version}; ${EXPECTED_VERSION} is the one that everything was tried with`);
  }
  const { wasm, glue } = await compileAll(source, log);
  log('trying it on a small module');
  const files = {
    'verilator.cjs': glue,
    'verilator.wasm': wasm,
    'verilated_std.sv': join(source, 'include', 'verilated_std.sv'),
    LICENSE: join(source, 'LICENSE'),
  };
  await install(files, { verilator: version, emscripten }, artefactFolder());
  // Gigabytes on some machines, and of no use any more.
  rmSync(work, { recursive: true, force: true });
}

async function usable() {
  const status = await readArtefact(artefactFolder());
  return status.usable && (await checkArtefact(status.artefact)) === undefined;
}

/** Prints what is there; true where it can be used. */
async function report() {
  const status = await readArtefact(artefactFolder());
  const damage = status.usable ? await checkArtefact(status.artefact) : status.reason;
  if (damage !== undefined) {
    console.error(`Verilator as WebAssembly: ${damage}`);
    return false;
  }
  const { verilator, emscripten, sha256 } = status.artefact.manifest;
  console.log(`Verilator ${verilator} as WebAssembly (emscripten ${emscripten}) in ${artefactFolder()}`);
  console.log(`sha256 of verilator.wasm: ${sha256['verilator.wasm']}`);
  return true;
}
