import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = fileURLToPath(new URL('../../../../scripts/events/', import.meta.url));

/** What the tests use of the generator, which is plain JavaScript. */
export interface Kind {
  readonly columns: readonly string[];
  readonly processes: readonly string[];
  type(settings: object): new (length: number) => Float32Array | Int16Array | Uint16Array;
  maker(settings: object): (index: number, row: unknown, offset: number) => number;
}

export async function load<T>(module: string): Promise<T> {
  return (await import(pathToFileURL(join(folder, module)).href)) as T;
}

export const generateScript = join(folder, 'generate.mjs');

/** Rows of one sample, one array each. */
export async function sample(
  kindName: string,
  process: string,
  events: number,
  options: { seed?: number; first?: number; units?: string; pileup?: number } = {},
): Promise<readonly (readonly number[])[]> {
  const { kinds } = await load<{ kinds: Readonly<Record<string, Kind>> }>('kinds.mjs');
  const kind = kinds[kindName];
  if (kind === undefined) throw new Error(`no kind ${kindName}`);
  const settings = { process, seed: 1, pileup: 60, units: 'hardware', ...options };
  const make = kind.maker(settings);
  return Array.from({ length: events }, (_, index) => {
    const row = new (kind.type(settings))(kind.columns.length);
    make((options.first ?? 0) + index, row, 0);
    return Array.from(row);
  });
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;

/** Column `column` of all rows. */
export const column = (rows: readonly (readonly number[])[], index: number): readonly number[] =>
  rows.map((row) => row[index] ?? NaN);
