import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import type { ContentStore } from '../passes/pass.js';
import { ContentCache } from '../system/content-cache.js';

/**
 * Solutions of constant matrices on disk. Each build of the search has a folder of its own below the root. Where the
 * system refuses, the first refusal becomes a note, and the store stays empty.
 */
export class SolutionStore implements ContentStore {
  private readonly cache: ContentCache;

  public constructor(root: string | undefined, sizeLimit?: number) {
    this.cache = new ContentCache(root, () => `solutions-${searchBuild()}`, sizeLimit);
  }

  public get(key: string): Uint8Array | undefined {
    return this.cache.get(key);
  }

  public put(key: string, content: Uint8Array): void {
    this.cache.put(key, content);
  }

  /** Brings the size below the limit when that is due; returns the note that the user should see, if any. */
  public close(): readonly Diagnostic[] {
    const refusal = this.cache.close();
    return refusal === undefined ? [] : [diagnose(commandCodes.cacheNotUsable, printable(refusal))];
  }
}

/**
 * Names the code that searches by its content: a build in which anything below the passes differs reads no solutions of
 * another one, even where the version of the search stayed.
 */
export function searchBuild(): string {
  return codeHash(['passes/dataflow/distributed-arithmetic', 'support', 'numeric']);
}

/** Names the code below folders of src by its content, for what is kept of its results. */
export function codeHash(folders: readonly string[]): string {
  const source = join(dirname(fileURLToPath(import.meta.url)), '..');
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.[jt]s$/u.test(name) && !name.endsWith('.d.ts')).toSorted()) {
      hash
        .update(`${folder}/${file}\0`)
        .update(readFileSync(join(source, folder, file)))
        .update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}
