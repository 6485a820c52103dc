import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { FigureFile, MeasuredFigures } from '../report/figure-file.js';
import { parseFigureFile, printFigureFile } from '../report/figure-file.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { sha256 } from './compiled-folder.js';
import { MANIFEST_FILE } from './output-folder.js';

/** Below a compiled folder: one file for each command that measured something, none of them in the manifest. */
export const FIGURES_FOLDER = 'figures';

/** Name of the file of what a data set did to the tensors of the model. */
export const CALIBRATION_FIGURES = 'calibration';

/** A figure file and its path below the compiled folder. */
export interface FoundFigures {
  readonly path: string;
  readonly file: FigureFile;
}

/**
 * Keep what a command measured on a compiled folder as `figures/<name>.json`, whole or not at all. `manifestSha256`:
 * of the `trigc.json` that was read before measuring, so that figures of a folder that was compiled anew meanwhile do
 * not count for the new one. Throws DiagnosticError where the folder cannot be written.
 */
export function writeFigures(folder: string, name: string, measured: MeasuredFigures, manifestSha256: string): void {
  const path = join(folder, FIGURES_FOLDER, `${name}.json`);
  try {
    replaceFile(path, printFigureFile(measured, manifestSha256));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, error.code, { model: printable(path) });
  }
}

/** SHA-256 of the folder's `trigc.json`, which says what was measured. Throws DiagnosticError. */
export function manifestHash(folder: string): string {
  try {
    return sha256(readFileSync(join(folder, MANIFEST_FILE)));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return fail(commandCodes.notCompiled, `${MANIFEST_FILE}: ${error.code}`, { model: printable(folder) });
  }
}

/**
 * All figures that were measured on a compiled folder, by name of their files. Throws DiagnosticError that names the
 * file when one is damaged, or was measured on another compilation.
 */
export function readFigures(folder: string): readonly FoundFigures[] {
  const expected = manifestHash(folder);
  return figureNames(folder).map((name) => {
    const path = `${FIGURES_FOLDER}/${name}`;
    const file = readFigureFile(join(folder, path));
    if (file.manifestSha256 !== expected) {
      const message = `${path} was measured on another compilation than the one in the folder`;
      fail(budgetCodes.staleFigures, message, { model: printable(folder) }, `measure again: ${file.command}`);
    }
    return { path, file };
  });
}

function figureNames(folder: string): readonly string[] {
  const path = join(folder, FIGURES_FOLDER);
  try {
    return readdirSync(path)
      .filter((name) => /^[\w-]+\.json$/u.test(name))
      .sort();
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    if (isSystemError(error)) return fail(budgetCodes.damagedFigures, error.code, { model: printable(path) });
    throw error;
  }
}

function readFigureFile(path: string): FigureFile {
  const shown = { model: printable(path) };
  try {
    return parseFigureFile(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof RangeError) return fail(budgetCodes.damagedFigures, printable(error.message), shown);
    if (isSystemError(error)) return fail(budgetCodes.damagedFigures, error.code, shown);
    throw error;
  }
}
