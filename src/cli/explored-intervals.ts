import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { ExploredInterval } from '../report/interval-file.js';
import { parseIntervalFile } from '../report/interval-file.js';
import type { Manifest } from '../report/manifest.js';
import { isSystemError } from '../system/system-error.js';

export const INTERVALS_FILE = 'intervals.json';

/**
 * What `trigc explore --ii` left in a compiled folder; undefined without it. Throws DiagnosticError where the file is
 * damaged, or is of another model or configuration than the folder.
 */
export function exploredIntervals(folder: string, manifest: Manifest): readonly ExploredInterval[] | undefined {
  const path = join(folder, INTERVALS_FILE);
  const shown = { model: printable(path) };
  try {
    const { model, config, points } = parseIntervalFile(readFileSync(path, 'utf8'));
    if (model.sha256 !== manifest.model.sha256 || config !== (manifest.config?.sha256 ?? null)) {
      const message = 'its intervals were explored of another model or trigc.yaml than the one in the folder';
      return fail(budgetCodes.staleFigures, message, shown, 'explore again, or delete the file');
    }
    return points;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) {
      return fail(budgetCodes.damagedFigures, printable(error.message), shown);
    }
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') return undefined;
    return fail(budgetCodes.damagedFigures, error.code, shown);
  }
}
