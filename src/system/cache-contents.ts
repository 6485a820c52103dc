import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isSystemError } from './system-error.js';

/** Bytes on disk, all kinds of entries and all versions together, beyond which the oldest entries go. */
export const CACHE_LIMIT = 256 * 2 ** 20;
/** Below the cache: what is being written. */
export const UNFINISHED_FOLDER = 'partial';
/** Bytes that a file system gives out at once. */
const BLOCK = 4096;
/** Below a folder of entries: the two digits of the key that are a folder's name, and the others. */
const STORED_PATH = /^[0-9a-f]{2}[\\/][0-9a-f]{62}(?:\.\d+)?$/u;
/** A folder of entries: the kind, and the build of the code that makes them. */
const BUILD = /-[0-9a-f]{16}$/u;

interface CachedFile {
  readonly path: string;
  /** First folder below the cache. */
  readonly folder: string;
  /** False for what is no entry, such as a tool that was built there: it neither counts nor is dropped. */
  readonly entry: boolean;
  /** Bytes on disk. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** Files of one kind. */
export interface CacheKind {
  readonly kind: string;
  readonly files: number;
  /** Bytes on disk. */
  readonly bytes: number;
}

export interface CacheContents {
  /** Entries, which count for the limit. */
  readonly entries: readonly CacheKind[];
  /** The rest: built tools, and what is being written or was when its writer was killed. */
  readonly others: readonly CacheKind[];
}

/** What lies in a cache, by kind. Empty where there is none. Throws what the system refuses. */
export function cacheContents(root: string): CacheContents {
  const files = cachedFiles(root);
  return {
    entries: byKind(files.filter(({ entry }) => entry)),
    others: byKind(files.filter(({ entry }) => !entry)),
  };
}

/** Oldest first, down to three quarters of the limit, so that it is not due again soon. */
export function pruneCache(root: string, limit: number): void {
  const entries = cachedFiles(root).filter(({ entry }) => entry);
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total <= limit) return;
  entries.sort((left, right) => left.mtimeMs - right.mtimeMs);
  for (const { path, size } of entries) {
    if (total <= limit * 0.75) break;
    rmSync(path, { force: true });
    total -= size;
  }
}

/** Removes every entry, and the folders that this leaves empty; returns what was there. Built tools stay. */
export function clearCache(root: string): Pick<CacheKind, 'files' | 'bytes'> {
  const entries = cachedFiles(root).filter(({ entry }) => entry);
  for (const { path } of entries) rmSync(path, { force: true });
  for (const folder of new Set(entries.map((entry) => entry.folder))) removeEmptyFolders(join(root, folder));
  return { files: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
}

function cachedFiles(root: string): CachedFile[] {
  return filesBelow(root).flatMap((path) => {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) return [];
    const [folder = '', ...rest] = relative(root, path).split(sep);
    const size = Math.ceil(status.size / BLOCK) * BLOCK;
    return [{ path, folder, entry: STORED_PATH.test(rest.join(sep)), size, mtimeMs: status.mtimeMs }];
  });
}

function filesBelow(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    throw error;
  }
}

function byKind(files: readonly CachedFile[]): readonly CacheKind[] {
  const kinds = new Map<string, { files: number; bytes: number }>();
  for (const { folder, size } of files) {
    const kind = folder.replace(BUILD, '');
    const sum = kinds.get(kind) ?? { files: 0, bytes: 0 };
    kinds.set(kind, { files: sum.files + 1, bytes: sum.bytes + size });
  }
  return [...kinds].map(([kind, sum]) => ({ kind, ...sum })).sort((left, right) => (left.kind < right.kind ? -1 : 1));
}

/** A folder that another process fills meanwhile stays. */
function removeEmptyFolders(folder: string): void {
  for (const path of [...readdirSync(folder).map((name) => join(folder, name)), folder]) {
    try {
      rmdirSync(path);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}
