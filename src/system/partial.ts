import type { Stats } from 'node:fs';
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isSystemError } from './system-error.js';

/**
 * Whatever appears whole or not at all is first made under a partial name beside its place: `.NAME.partial-MAKER-N`,
 * where the maker is machine, process and thread. A killed process leaves it behind; the next run knows by the maker
 * that nobody will finish it. On another machine, which may share the disk, only age tells.
 */
const DAY_MS = 86_400_000;

let made = 0;

/** A path beside `path` that no other process, thread or call gets. */
export function partialPath(path: string): string {
  made += 1;
  return join(dirname(path), `${partialPrefix(path)}${machine()}-${process.pid}-${threadId}-${made}`);
}

/** Makes the partial folder for `path`, which only its owner may read. */
export function makePartialFolder(path: string): string {
  return mkdtempSync(`${partialPath(path)}-`);
}

/** What runs that were killed left beside `path`, oldest first. Another user's is none of ours. */
export function abandonedPartials(path: string): readonly string[] {
  const folder = dirname(path);
  const prefix = partialPrefix(path);
  return namesIn(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ path: join(folder, name), ...ageOf(join(folder, name), name.slice(prefix.length)) }))
    .filter(({ abandoned }) => abandoned)
    .sort((left, right) => left.made - right.made)
    .map((partial) => partial.path);
}

/** Deletes what killed runs left beside `path`. What the system refuses stays. */
export function removeAbandonedPartials(path: string): void {
  for (const partial of abandonedPartials(path)) {
    try {
      rmSync(partial, { recursive: true, force: true });
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}

/** Seven digits of the machine's name: what a process number belongs to. */
export function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 7);
}

function partialPrefix(path: string): string {
  return `.${basename(path)}.partial-`;
}

function ageOf(path: string, maker: string): { readonly abandoned: boolean; readonly made: number } {
  const found = /^([0-9a-f]{7})-(\d+)-/u.exec(maker);
  const status = statusOf(path);
  if (found === null || status === undefined) return { abandoned: false, made: 0 };
  if (status.uid !== (process.getuid?.() ?? status.uid)) return { abandoned: false, made: 0 };
  const made = status.mtimeMs;
  const old = performance.timeOrigin + performance.now() - made > DAY_MS;
  return { abandoned: old || (found[1] === machine() && !mayBeRunning(Number(found[2]), made)), made };
}

/** Whether the maker of something that was `made` then may still be at work. */
function mayBeRunning(processId: number, made: number): boolean {
  // Containers give out the same small numbers again: what carries ours and is older than we are is not ours.
  if (processId === process.pid) return made >= performance.timeOrigin;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process has the number now, or ours runs as another user.
    return !isSystemError(error) || error.code !== 'ESRCH';
  }
}

function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}
