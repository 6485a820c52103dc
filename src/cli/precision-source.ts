import { readFileSync } from 'node:fs';
import { commandCodes } from '../diagnostics/codes/command.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import type { PrecisionFile } from '../passes/model/precision/precision-file.js';
import { parsePrecision, printPrecision } from '../passes/model/precision/precision-file.js';
import type { PrecisionPlan } from '../passes/model/precision/plan.js';
import type { PrunedConstants } from '../passes/model/precision/pruned-constants.js';
import { isSystemError } from '../system/system-error.js';

/** Name of the file in a compiled folder that says which types a search has found. */
export const PRECISION_FILE = 'precision.json';

/** `--precision FILE`: a plan that was found earlier, for the model with this SHA-256. */
export function readPrecision(path: string, modelHash: string): PrecisionFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return fail(commandCodes.configNotReadable, error.code, { model: printable(path) });
  }
  const file = unwrap(parsePrecision(text, path));
  if (file.model === modelHash) return file;
  const message = `its model has SHA-256 ${file.model.slice(0, 12)}…, this one ${modelHash.slice(0, 12)}…`;
  return fail(precisionCodes.otherModel, message, { model: printable(path) });
}

/** `precision.json`: what decides the function beside model and configuration; undefined where nothing does. */
export function printedPrecision(model: string, plan: PrecisionPlan, pruned: PrunedConstants): string | undefined {
  if (plan.tensors.size + plan.constants.size + pruned.size === 0) return undefined;
  return printPrecision({ model, plan, ...(pruned.size === 0 ? {} : { pruned }) });
}
