import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../dist/src/system/content-cache.js';
import { ARTEFACT_FOLDER } from '../../dist/src/simulation/verilator-wasm/artefact.js';

/** Where everything about Verilator as WebAssembly lies: the artefact, and below it the work of an unfinished build. */
export function rootFolder() {
  const root = cacheFolder(process.env);
  if (root === undefined) throw new Error('no place for the artefact: the user has no home folder; set XDG_CACHE_HOME');
  const folder = join(root, 'verilator-wasm');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The folder that the compiler reads; it is replaced whole or not at all. */
export function artefactFolder() {
  return join(rootFolder(), ARTEFACT_FOLDER);
}

/** Held by the one build that runs. */
export function lockFile() {
  return join(rootFolder(), 'lock');
}
