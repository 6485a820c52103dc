import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../dist/src/system/content-cache.js';
import { partialPath } from '../../dist/src/system/partial.js';
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

/**
 * Runs `body` while no other build does. The lock names its process: one that has ended, however it ended, holds
 * nothing.
 */
export async function withLock(body) {
  const path = join(rootFolder(), 'lock');
  // Linked into place with its content, so that nobody reads a lock without an owner.
  const mine = partialPath(path);
  writeFileSync(mine, String(process.pid));
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        linkSync(mine, path);
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
        const owner = readOwner(path);
        if (owner === undefined) continue;
        if (isAlive(owner) || attempt > 3) {
          throw new Error(`process ${owner} is building already; wait for it, or end it and delete ${path}`, {
            cause: error,
          });
        }
        rmSync(path, { force: true });
      }
    }
  } finally {
    rmSync(mine, { force: true });
  }
  try {
    return await body();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Undefined where the lock has gone meanwhile. */
function readOwner(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(processId) {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
