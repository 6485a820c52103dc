import { createHash } from 'node:crypto';
import type { MeasuredNetlist } from '../synthesis/measure.js';
import type { Resources } from '../synthesis/resources.js';
import type { ContentCache } from '../system/content-cache.js';

/** What is kept of a synthesis: not the netlist, only what was measured on it. */
export interface Synthesised {
  readonly flat: MeasuredNetlist;
  readonly modules?: readonly (readonly [string, Resources])[];
}

/** The key of a result: everything that it follows from but our own code, which names the cache. */
export function synthesisKey(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export function keepResult(cache: ContentCache, key: string, result: Synthesised): void {
  cache.put(key, Buffer.from(JSON.stringify({ key, result })));
}

/** A kept result, or undefined where there is none or the entry is damaged. */
export function findResult(cache: ContentCache, key: string): Synthesised | undefined {
  const content = cache.get(key);
  if (content === undefined) return undefined;
  try {
    const entry = JSON.parse(Buffer.from(content).toString('utf8')) as { key?: unknown; result?: Synthesised };
    return entry.key === key ? entry.result : undefined;
  } catch {
    return undefined;
  }
}
