import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { BudgetError } from '../budget/budget-error.js';
import { compareWithBaseline, parseBaseline, printBaseline } from '../budget/baseline.js';
import type { BudgetContext } from '../budget/evaluate.js';
import { evaluateBudget } from '../budget/evaluate.js';
import type { FigureSet, StrengthName } from '../budget/figure-set.js';
import { outcomeJunit } from '../budget/junit.js';
import type { CheckedBudget, CheckOutcome } from '../budget/outcome.js';
import { outcomeCode } from '../budget/outcome.js';
import { parseBudget } from '../budget/parse.js';
import { explain, outcomeJson, outcomeMarkdown, printOutcome, title } from '../budget/print-outcome.js';
import { outcomeSarif } from '../budget/sarif.js';
import { parseBudgetFile } from '../config/read-budgets.js';
import type { DiagnosticArea } from '../diagnostics/catalogue.js';
import { catalogue } from '../diagnostics/catalogue.js';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic, DiagnosticKind } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import type { Manifest } from '../report/manifest.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { findPart } from '../targets/parts.js';
import type { Console } from './console.js';
import { showDiagnostics } from './console.js';
import type { FolderFigures } from './figure-sources.js';
import { readFolderFigures } from './figure-sources.js';

export interface CheckArguments {
  readonly folder: string;
  /** budget.yaml; the budgets of trigc.yaml are checked as well. */
  readonly budget?: string | undefined;
  readonly baseline?: string | undefined;
  readonly updateBaseline: boolean;
  /** The weakest origin that counts. */
  readonly origin?: StrengthName | undefined;
  readonly json: boolean;
  readonly junit?: string | undefined;
  readonly sarif?: string | undefined;
  /** A file to write; empty for the one that GitHub's runner names. */
  readonly githubSummary?: string | undefined;
}

/** `trigc check`: the figures of a compiled folder against budgets and a baseline. */
export function checkCommand(arguments_: CheckArguments, console: Console): number {
  const summaryFile = summaryTarget(arguments_.githubSummary);
  const source = readFolderFigures(arguments_.folder);
  const declared = [...source.budgets, ...readBudgetFile(arguments_.budget)];
  if (declared.length === 0 && !arguments_.updateBaseline) {
    fail(budgetCodes.noBudgets, 'there are no budgets', { model: printable(arguments_.budget ?? arguments_.folder) });
  }
  const baseline = readBaseline(arguments_);
  // What is recorded now is the baseline from here on: budgets beside it hold, absolute ones decide.
  const context = contextOf(source, arguments_.updateBaseline ? source.figures : baseline?.figures, arguments_.origin);
  const budgets = declared.map((budget) => checkOne(budget, context));
  const rows = baseline === undefined ? undefined : compareWithBaseline(baseline.figures, source.figures);
  const { baseline: path, updateBaseline: updated } = arguments_;
  const outcome: CheckOutcome = {
    folder: arguments_.folder,
    name: source.manifest.name,
    part: source.manifest.target.part,
    compiler: source.manifest.compiler,
    budgets,
    ...(path === undefined || rows === undefined ? {} : { baseline: { path, updated, rows } }),
    diagnostics: source.diagnostics,
  };
  const code = outcomeCode(outcome);
  showDiagnostics(console, [...baselineNotes(outcome, baseline, source), ...problemsOf(budgets)]);
  console.result(arguments_.json ? outcomeJson(outcome, code) : printOutcome(outcome));

  if (updated && path !== undefined) {
    const { name, target } = source.manifest;
    write(path, printBaseline(name, target.part, source.figures));
    console.note(`baseline ${printable(path)} recorded`);
  }
  if (arguments_.junit !== undefined) write(arguments_.junit, outcomeJunit(outcome));
  if (arguments_.sarif !== undefined) write(arguments_.sarif, outcomeSarif(outcome, everyKind()));
  if (summaryFile !== undefined) writeSummary(summaryFile, outcomeMarkdown(outcome));
  return code;
}

/** Whether the budgets of a trigc.yaml can be understood, before there are any figures. */
export function checkDeclared(declared: readonly DeclaredBudget[]): readonly Diagnostic[] {
  return declared.flatMap((budget) => {
    try {
      parseBudget(budget.expression);
      return [];
    } catch (error) {
      if (error instanceof BudgetError) return [problemOf(budget, error)];
      throw error;
    }
  });
}

/** What budgets are checked on. */
export interface BudgetedFigures extends Pick<FolderFigures, 'figures' | 'budgets'> {
  readonly manifest: Pick<Manifest, 'target' | 'clock'>;
}

/** The budgets that were compiled with a folder, on all that is known of it, without a baseline. */
export function checkBudgetsOf(source: BudgetedFigures): readonly CheckedBudget[] {
  const context = contextOf(source, undefined, undefined);
  return source.budgets.map((budget) => checkOne(budget, context));
}

function checkOne(declared: DeclaredBudget, context: BudgetContext): CheckedBudget {
  try {
    const result = evaluateBudget(parseBudget(declared.expression), context);
    return { declared, status: result.status, result };
  } catch (error) {
    if (error instanceof BudgetError) return { declared, status: 'refused', problem: problemOf(declared, error) };
    throw error;
  }
}

function placeOf({ file, line, column }: DeclaredBudget): Diagnostic['location'] {
  return { model: file, line, column };
}

function problemOf(declared: DeclaredBudget, { kind, message, hint }: BudgetError): Diagnostic {
  return diagnose(kind, `${printable(declared.expression)}: ${message}`, placeOf(declared), hint);
}

function problemsOf(budgets: readonly CheckedBudget[]): readonly Diagnostic[] {
  return budgets.flatMap((checked) => {
    if (checked.status === 'ok') return [];
    if (checked.status === 'refused') return [checked.problem];
    const kind = checked.status === 'failed' ? budgetCodes.budgetFailed : budgetCodes.notMeasured;
    const hint = checked.declared.comment;
    return [diagnose(kind, `${title(checked)}: ${explain(checked)}`, placeOf(checked.declared), hint)];
  });
}

function contextOf(
  { manifest, figures }: Pick<BudgetedFigures, 'manifest' | 'figures'>,
  baseline: FigureSet | undefined,
  minimumOrigin: StrengthName | undefined,
): BudgetContext {
  const found = findPart(manifest.target.part);
  const part = 'part' in found ? found.part : undefined;
  return {
    now: figures,
    baseline,
    minimumOrigin,
    clockPeriod: manifest.clock.periodNanoseconds,
    part: manifest.target.part,
    capacity: part?.capacity,
    regionCapacity: part?.regionCapacity,
  };
}

function readBudgetFile(path: string | undefined): readonly DeclaredBudget[] {
  if (path === undefined) return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return fail(budgetCodes.fileNotReadable, error.code, { model: printable(path) });
  }
  return unwrap(parseBudgetFile(text, path));
}

function readBaseline({ baseline, updateBaseline }: CheckArguments): ReturnType<typeof parseBaseline> | undefined {
  if (baseline === undefined) {
    if (updateBaseline) fail(commandCodes.usage, '--update-baseline needs --baseline FILE');
    return undefined;
  }
  const shown = { model: printable(baseline) };
  if (updateBaseline && !existsSync(baseline)) return undefined;
  try {
    return parseBaseline(readFileSync(baseline, 'utf8'));
  } catch (error) {
    if (error instanceof RangeError) return fail(budgetCodes.badBaseline, printable(error.message), shown);
    if (isSystemError(error)) return fail(budgetCodes.badBaseline, error.code, shown);
    throw error;
  }
}

function baselineNotes(
  { baseline }: CheckOutcome,
  recorded: { readonly name: string; readonly part: string } | undefined,
  { manifest }: FolderFigures,
): readonly Diagnostic[] {
  if (baseline === undefined || recorded === undefined) return [];
  const location = { model: printable(baseline.path) };
  const notes: Diagnostic[] = [];
  const { name, part } = recorded;
  if (name !== manifest.name || part !== manifest.target.part) {
    const message = `recorded of '${printable(name)}' on ${printable(part)}, checked is '${printable(manifest.name)}' on ${manifest.target.part}`;
    notes.push(diagnose(budgetCodes.otherBaseline, message, location));
  }
  const changed = baseline.rows.flatMap(({ tools }) => (tools === undefined ? [] : [tools]));
  const [first] = changed;
  if (first !== undefined) {
    const message = `${changed.length} figures were measured by another tool: recorded by ${first.baseline}, now by ${first.now}`;
    notes.push(diagnose(budgetCodes.otherTool, message, location));
  }
  return notes;
}

function summaryTarget(option: string | undefined): { readonly path: string; readonly append: boolean } | undefined {
  if (option === undefined) return undefined;
  if (option !== '') return { path: option, append: false };
  const path = process.env['GITHUB_STEP_SUMMARY'];
  if (path !== undefined && path !== '') return { path, append: true };
  return fail(commandCodes.usage, '--github-summary without a file needs GITHUB_STEP_SUMMARY in the environment');
}

/** Steps of a job share one summary: ours goes behind what is there. */
function writeSummary({ path, append }: { readonly path: string; readonly append: boolean }, text: string): void {
  if (!append) {
    write(path, text);
    return;
  }
  orFail(path, () => appendFileSync(path, text));
}

function write(path: string, text: string): void {
  orFail(path, () => replaceFile(path, text));
}

function orFail(path: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, error.code, { model: printable(path) });
  }
}

function everyKind(): readonly DiagnosticKind[] {
  const areas: readonly DiagnosticArea[] = Object.values(catalogue);
  return areas.flatMap(({ kinds }) => Object.values(kinds));
}
