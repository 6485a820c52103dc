import { printable } from '../diagnostics/diagnostic.js';
import type { FigureScope, FigureSet } from '../budget/figure-set.js';
import { printQuantity } from '../budget/print-outcome.js';
import type { FigureOrigin } from '../report/figure.js';
import { figureOrigins } from '../report/figure.js';
import { markdownCell } from '../report/markdown.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { readFolderFigures } from './figure-sources.js';
import { folderReportData, writeHtmlReport } from './html-report.js';
import { reportSummary } from './report-summary.js';

export interface ReportArguments {
  readonly folder: string;
  readonly json: boolean;
}

/** `trigc report`: every figure of a compiled folder, a column for each origin; renews `report.html`. Throws DiagnosticError. */
export async function reportCommand({ folder, json }: ReportArguments, console: Console): Promise<number> {
  const source = readFolderFigures(folder);
  const { manifest, figures, diagnostics } = source;
  showDiagnostics(console, diagnostics);
  const { name, target } = manifest;
  const data = await folderReportData(folder, source);
  const path = writeHtmlReport(folder, data);
  if (json) {
    const rows = listFigures(figures);
    const result = { schema: 'trigc-figure-report', version: 1, name, part: target.part, ...rows };
    console.result(JSON.stringify(result, null, 2));
    return exitCode.ok;
  }
  const sections = [`# ${markdownCell(name)}\n\nPart: ${markdownCell(target.part)}`, table(figures.design)];
  for (const [layer, scope] of figures.layers) sections.push(`## Layer ${markdownCell(layer)}`, table(scope));
  for (const [region, scope] of figures.regions) sections.push(`## Region ${region}`, table(scope));
  sections.push(toolList(figures.design));
  console.result(sections.join('\n\n'));
  console.note(reportSummary(data));
  console.note(`${printable(path)} renewed`);
  return exitCode.ok;
}

/** One row for each figure; a figure that an origin did not give is an empty cell. */
function table(scope: FigureScope): string {
  const entries = [...scope.values()].flat();
  const origins = figureOrigins.filter((origin) => entries.some(({ figure }) => figure.origin === origin));
  const rows = [...scope].map(([name, measured]) => {
    const cell = (origin: FigureOrigin): string => {
      const figure = measured.find((entry) => entry.figure.origin === origin)?.figure;
      return figure === undefined ? '' : markdownCell(printQuantity(figure.value, figure.unit));
    };
    return line([markdownCell(name), ...origins.map(cell)]);
  });
  const rule = line(['---', ...origins.map(() => '---:')]);
  return [line(['figure', ...origins]), rule, ...rows].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Which tool stands behind each origin; csynth and others may have several. */
function toolList(scope: FigureScope): string {
  const tools = new Set(
    [...scope.values()].flat().map(({ figure, tool }) => `- ${figure.origin}: ${markdownCell(tool)}`),
  );
  return [...tools].join('\n');
}

function listFigures({ design, layers, regions }: FigureSet): Readonly<Record<string, unknown>> {
  const list = (scope: FigureScope): readonly unknown[] =>
    [...scope].flatMap(([name, measured]) => measured.map(({ figure, tool }) => ({ name, ...figure, tool })));
  return {
    figures: list(design),
    layers: [...layers].map(([layer, scope]) => ({ layer, figures: list(scope) })),
    slr: [...regions].map(([region, scope]) => ({ region, figures: list(scope) })),
  };
}
