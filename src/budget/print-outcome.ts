import { formatDiagnostic } from '../diagnostics/diagnostic.js';
import { markdownCell } from '../report/markdown.js';
import type { BaselineRow } from './baseline.js';
import type { BudgetResult } from './evaluate.js';
import type { CheckedBudget, CheckOutcome } from './outcome.js';
import { countStatus, statusNames } from './outcome.js';

/** 86,400 LUT; 41.6667 ns. */
export function printQuantity(value: number, unit: string): string {
  const digits =
    Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(6)));
  const grouped = digits.includes('e') ? digits : digits.replace(/\B(?<!\.\d*)(?=(?:\d{3})+(?!\d))/gu, ',');
  return unit === '' ? grouped : `${grouped} ${unit}`;
}

function printHeadroom(headroom: number | undefined): string {
  if (headroom === undefined) return '';
  const share = `${Number((100 * Math.abs(headroom)).toPrecision(2))} %`;
  return headroom < 0 ? `${share} beyond it` : `${share} left`;
}

/** The figures that decided, with their origin: `lut = 812 LUT (yosys, yosys 0.55)`. */
function printFigures({ figures }: BudgetResult): string {
  return figures
    .map(
      ({ reference, value, unit, origin, tool }) => `${reference} = ${printQuantity(value, unit)} (${origin}, ${tool})`,
    )
    .join(', ');
}

/** What became of a budget, in one sentence without its name. */
export function explain(checked: CheckedBudget): string {
  if (checked.status === 'refused') return checked.problem.message;
  const { result } = checked;
  const { value, limit, unit } = result;
  if (value === undefined || limit === undefined) {
    return result.missing.map(({ reason, command }) => `${reason}; to measure it: ${command}`).join('; ');
  }
  const headroom = printHeadroom(result.headroom);
  const parts = [
    `${printQuantity(value, unit)}, limit ${printQuantity(limit, unit)}${headroom === '' ? '' : `, ${headroom}`}`,
    printFigures(result),
    ...result.notes,
  ];
  return parts.join('; ');
}

/** What a budget is called where there is room for one line. */
export function title({ declared: { name, expression } }: CheckedBudget): string {
  return name === undefined ? expression : `${name}: ${expression}`;
}

/** For people, one budget a line, the baseline below. */
export function printOutcome(outcome: CheckOutcome): string {
  const width = Math.max(...outcome.budgets.map(({ status }) => statusNames[status].length), 0);
  const lines = outcome.budgets.flatMap((checked) => [
    `${statusNames[checked.status].padEnd(width)}  ${title(checked)}`,
    `${' '.repeat(width)}  ${explain(checked)}`,
  ]);
  if (outcome.baseline !== undefined) lines.push('', ...printBaselineTable(outcome.baseline.rows));
  lines.push(summaryLine(outcome));
  return lines.join('\n');
}

export function summaryLine(outcome: CheckOutcome): string {
  const counts = countStatus(outcome);
  const parts = (['ok', 'failed', 'not measured', 'refused'] as const)
    .filter((status) => counts[status] > 0 || status === 'ok')
    .map((status) => `${counts[status]} ${status}`);
  return `budgets of ${outcome.name}: ${parts.join(', ')}`;
}

const heads = ['figure', 'origin', 'baseline', 'now', 'ratio', ''] as const;

function cellsOf({ name, origin, unit, baseline, now, ratio, tools }: BaselineRow): readonly string[] {
  const show = (value: number | undefined): string => (value === undefined ? 'none' : printQuantity(value, unit));
  return [
    name,
    origin,
    show(baseline),
    show(now),
    ratio === undefined ? '' : ratio.toFixed(3),
    tools === undefined ? '' : `measured by ${tools.baseline}, now by ${tools.now}`,
  ];
}

function printBaselineTable(rows: readonly BaselineRow[]): readonly string[] {
  const table = [heads, ...rows.map(cellsOf)];
  const widths = heads.map((_, column) =>
    table.reduce((widest, cells) => Math.max(widest, cells[column]?.length ?? 0), 0),
  );
  return table.map((cells) =>
    cells
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** GitHub step summary. */
export function outcomeMarkdown(outcome: CheckOutcome): string {
  const icons = { ok: '✅', failed: '❌', 'not measured': '⚠️', refused: '⚠️' } as const;
  const lines = [
    `### Trigc: ${markdownCell(summaryLine(outcome))}`,
    '',
    `Part ${markdownCell(outcome.part)}, compiled by Trigc ${markdownCell(outcome.compiler)}.`,
    '',
    '| | budget | value | limit | figures |',
    '|---|---|---|---|---|',
    ...outcome.budgets.map((checked) => {
      const { value, limit, unit = '' } = 'result' in checked ? checked.result : {};
      const shown = (number: number | undefined): string => (number === undefined ? '' : printQuantity(number, unit));
      const what = value === undefined || !('result' in checked) ? explain(checked) : printFigures(checked.result);
      const mark = `${icons[checked.status]} ${checked.status}`;
      return `| ${mark} | ${[title(checked), shown(value), shown(limit), what].map(markdownCell).join(' | ')} |`;
    }),
  ];
  if (outcome.baseline !== undefined) {
    lines.push('', '#### Beside the baseline', '', `| ${heads.join(' | ')} |`, `|${heads.map(() => '---|').join('')}`);
    for (const row of outcome.baseline.rows) lines.push(`| ${cellsOf(row).map(markdownCell).join(' | ')} |`);
  }
  if (outcome.diagnostics.length > 0) {
    lines.push('', '#### Said at compilation', '');
    for (const diagnostic of outcome.diagnostics) lines.push(`- ${markdownCell(formatDiagnostic(diagnostic))}`);
  }
  return `${lines.join('\n')}\n`;
}

/** For programs: one line. */
export function outcomeJson(outcome: CheckOutcome, code: number): string {
  const budgets = outcome.budgets.map((checked) => ({
    ...checked.declared,
    status: checked.status,
    explanation: explain(checked),
    ...('result' in checked ? checked.result : { problem: checked.problem }),
  }));
  const { folder, name, part, compiler, baseline } = outcome;
  return JSON.stringify({
    ...{ schema: 'trigc-check', version: 1, folder, name, part, compiler, code },
    counts: countStatus(outcome),
    budgets,
    ...(baseline === undefined ? {} : { baseline }),
  });
}
