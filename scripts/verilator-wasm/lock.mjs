import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { partialPath, removeAbandonedPartials } from '../../dist/src/system/partial.js';

/**
 * Runs `body` while nobody else holds the lock `path`. The lock names its process: one that has ended, however it ended,
 * holds nothing.
 */
export async function withLock(path, body) {
  removeAbandonedPartials(path);
  // Linked into place with its content, so that nobody reads a lock without an owner.
  const mine = partialPath(path);
  writeFileSync(mine, String(process.pid));
  try {
    for (let attempt = 0; !linked(mine, path); attempt += 1) {
      const owner = readOwner(path);
      if (owner === undefined) continue;
      if (owner.alive || attempt > 100) {
        throw new Error(`process ${owner.id} is building already; wait for it, or end it and delete ${path}`);
      }
      takeAway(path);
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

function linked(from, path) {
  try {
    linkSync(from, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Removes a lock whose owner has ended. Somebody else may have done so meanwhile, and hold a new one at the same path:
 * what is taken away is looked at again, and put back where it is alive.
 */
function takeAway(path) {
  const taken = partialPath(path);
  try {
    renameSync(path, taken);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readOwner(taken)?.alive === true) linked(taken, path);
  } finally {
    rmSync(taken, { force: true });
  }
}

/** Undefined where the lock has gone meanwhile. */
function readOwner(path) {
  try {
    const id = Number(readFileSync(path, 'utf8'));
    return { id, alive: isAlive(id, statSync(path).mtimeMs) };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(id, written) {
  if (!Number.isInteger(id) || id <= 0) return false;
  // Containers give out the same small numbers again: a lock with our number that is older than we are is not ours.
  if (id === process.pid) return written >= performance.timeOrigin;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
