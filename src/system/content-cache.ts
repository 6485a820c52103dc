import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { CACHE_LIMIT, pruneCache, UNFINISHED_FOLDER } from './cache-contents.js';
import { partialPath, removeAbandonedPartials } from './partial.js';
import { isSystemError } from './system-error.js';

/** Larger files are no entry of ours. */
const ENTRY_LIMIT = 64 * 2 ** 20;
const ENTRY_NAME = /^[0-9a-f]{64}$/u;

/** `$XDG_CACHE_HOME/trigc`, or `~/.cache/trigc` (XDG Base Directory Specification 0.8: a relative path counts as none). */
export function cacheFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment['XDG_CACHE_HOME'];
  if (given !== undefined && isAbsolute(given)) return join(given, 'trigc');
  try {
    return join(homedir(), '.cache', 'trigc');
  } catch {
    // A user without a name, as containers have them.
    return undefined;
  }
}

/**
 * Results on disk, one file for each key, shared by all runs of a user. What an entry follows from is in its key; the
 * code that made it is in `name`, a folder of its own below the root. The cache is a convenience: the first refusal of
 * the system is kept as a reason, and what it refuses is not there. Whoever reads an entry checks what it got.
 */
export class ContentCache {
  private refused: string | undefined;
  private pruneDue = false;
  private cleaned = false;
  private folder: string | undefined;

  /** `root`: made when first needed; undefined where there is no place for one. `name` is asked for when first needed. */
  public constructor(
    private readonly root: string | undefined,
    private readonly name: () => string,
    private readonly sizeLimit = CACHE_LIMIT,
  ) {
    if (root === undefined) this.refused = 'the user has no home folder';
  }

  public get(key: string): Uint8Array | undefined {
    const path = this.pathOf(key);
    if (path === undefined) return undefined;
    try {
      return statSync(path).size > ENTRY_LIMIT ? undefined : readFileSync(path);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  /** Whole or not at all, also for another process that reads or writes the same entry. */
  public put(key: string, content: Uint8Array): void {
    const path = this.pathOf(key);
    if (path === undefined || this.refused !== undefined) return;
    // All in one folder, so that what killed runs left there is found at once.
    const unfinished = join(this.root ?? '', UNFINISHED_FOLDER, 'entry');
    if (!this.cleaned) removeAbandonedPartials(unfinished);
    this.cleaned = true;
    const temporary = partialPath(unfinished);
    try {
      mkdirSync(dirname(temporary), { recursive: true, mode: 0o700 });
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, content, { mode: 0o600 });
      renameSync(temporary, path);
      // Counting all files takes a while: about one entry in 256 is the time for it.
      this.pruneDue ||= key.startsWith('00');
    } catch (error) {
      this.refuse(error);
      removeIfPossible(temporary);
    }
  }

  /** Brings the size below the limit when that is due; returns why the cache could not be used, if so. */
  public close(): string | undefined {
    if (this.pruneDue && this.root !== undefined) {
      try {
        pruneCache(this.root, this.sizeLimit);
      } catch (error) {
        this.refuse(error);
      }
    }
    return this.refused;
  }

  private pathOf(key: string): string | undefined {
    if (!ENTRY_NAME.test(key)) throw new RangeError(`'${key}' is no key of the store`);
    if (this.root === undefined) return undefined;
    this.folder ??= join(this.root, this.name());
    return join(this.folder, key.slice(0, 2), key.slice(2));
  }

  private refuse(error: unknown): void {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') return;
    this.refused ??= `${error.code}: ${error.message}`;
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // What refused the file may refuse this too.
    if (!isSystemError(error)) throw error;
  }
}
