import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * The reference set: deployed models with their exact outputs. It is data with no licence to copy, so it is no part of
 * the repository: `TRIGC_REFERENCE` names its folder, `../shared/reference` is the default. Tests skip where it is absent.
 */
export const referenceFolder = process.env['TRIGC_REFERENCE'] ?? join(repository, '../shared/reference');
export const hasReference = existsSync(join(referenceFolder, 'deployed'));

export function referenceFile(...parts: readonly string[]): string {
  return join(referenceFolder, ...parts);
}

/** Rows of a (compressed) CSV file of integers; a header line is left out. */
export function readCodes(path: string): readonly (readonly string[])[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim();
  const rows = text.split('\n').map((line) => line.trim().split(','));
  return rows[0]?.some((cell) => !/^-?\d+$/u.test(cell)) === true ? rows.slice(1) : rows;
}
