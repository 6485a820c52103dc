import type { CompileRequest } from '../compiler.js';
import type { Settings } from '../config/settings.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { fail } from '../diagnostics/result.js';
import type { PrecisionFile } from '../passes/model/precision/precision-file.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import type { Console } from './console.js';
import { readPrecision } from './precision-source.js';
import type { SearchArguments } from './search-setup.js';

/** Where types may come from. */
export interface PrecisionArguments {
  /** File with types that an earlier search has found. */
  readonly precision?: string | undefined;
  /** Goals, and the events that they are measured on. */
  readonly search?: SearchArguments | undefined;
  /** Whether candidates of earlier searches are read, and new ones kept. */
  readonly cache: boolean;
}

/** Goals of the configuration hold where the command line has none. */
export function withGoals(
  search: SearchArguments | undefined,
  declared: readonly DeclaredBudget[],
): SearchArguments | undefined {
  if (search === undefined || search.goals.length > 0) return search;
  const goals = declared.map(({ expression, file, line, column }) => ({
    text: expression,
    location: { model: file, line, column },
  }));
  return { ...search, goals };
}

/** From a file, or found for goals now. */
export async function precisionOf(
  { precision, search, cache }: PrecisionArguments,
  request: CompileRequest,
  settings: Settings,
  model: string,
  console: Console,
): Promise<PrecisionFile | undefined> {
  const goals = search?.goals ?? [];
  if (precision !== undefined && goals.some(({ location }) => location.configPath !== undefined)) {
    const message = 'a precision file has its types already: give --goal or --precision';
    return fail(precisionCodes.badSearch, message, { configPath: '--precision' });
  }
  if (precision !== undefined) return readPrecision(precision, model);
  if (search === undefined) return undefined;
  if (goals.length === 0) {
    if (search.signals.length + search.classes.length === 0) return undefined;
    return fail(precisionCodes.badSearch, 'events of signals and classes serve a goal', { configPath: '--goal' });
  }
  const { findPrecision } = await import('./find-precision.js');
  return { model, plan: await findPrecision(request, settings, search, console, cache) };
}
