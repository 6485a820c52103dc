import { createHash } from 'node:crypto';
import { ContentCache, cacheFolder } from '../../system/content-cache.js';

/** A compiled simulation, and what Verilator warned about. */
export interface SimulationModule {
  readonly bytes: Uint8Array;
  readonly warnings: readonly string[];
}

/** Version of the entries' form; the code that makes a simulation is in its key. */
const FORM = 'simulations-1';

interface Header {
  readonly sha256: string;
  readonly warnings: readonly string[];
}

/** Compiled simulations on disk. What keeps an entry from being read or written only costs time. */
export class ModuleCache {
  private readonly cache: ContentCache;

  /** `form`: the kind of simulation, with a version of its entries. */
  public constructor(root: string | undefined = cacheFolder(process.env), form = FORM) {
    this.cache = new ContentCache(root, () => form);
  }

  /** The key of a simulation: everything that it follows from, in order. */
  public static key(parts: readonly string[]): string {
    const hash = createHash('sha256');
    // Lengths keep the end of one part from being the start of the next.
    for (const part of parts) hash.update(`${part.length}:`).update(part);
    return hash.digest('hex');
  }

  public get(key: string): SimulationModule | undefined {
    const entry = this.cache.get(key);
    const end = entry?.indexOf(0x0a) ?? -1;
    if (entry === undefined || end < 0) return undefined;
    const header = parseHeader(Buffer.from(entry.buffer, entry.byteOffset, end).toString('utf8'));
    const bytes = entry.subarray(end + 1);
    return header?.sha256 === digest(bytes) ? { bytes, warnings: header.warnings } : undefined;
  }

  public put(key: string, { bytes, warnings }: SimulationModule): void {
    const header: Header = { sha256: digest(bytes), warnings };
    this.cache.put(key, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]));
    this.cache.close();
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parseHeader(text: string): Header | undefined {
  try {
    const { sha256, warnings } = JSON.parse(text) as { readonly sha256?: unknown; readonly warnings?: unknown };
    if (typeof sha256 !== 'string' || !Array.isArray(warnings)) return undefined;
    return { sha256, warnings: warnings.map(String) };
  } catch {
    return undefined;
  }
}
