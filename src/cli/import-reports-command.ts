import { readFileSync, statSync } from 'node:fs';
import { commandCodes } from '../diagnostics/codes/command.js';
import { synthesisCodes } from '../diagnostics/codes/synthesis.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { Figures } from '../report/figure-file.js';
import type { FigureOrigin } from '../report/figure.js';
import { parseCsynth } from '../report/vendor/csynth.js';
import type { VendorReport } from '../report/vendor/vendor-report.js';
import { VendorReportError } from '../report/vendor/vendor-report.js';
import { parseVivadoTiming } from '../report/vendor/vivado-timing.js';
import { parseVivadoUtilization } from '../report/vendor/vivado-utilization.js';
import { isSystemError } from '../system/system-error.js';
import { openCompiledFolder } from './compiled-folder.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { manifestHash, writeFigures } from './figure-folder.js';

export interface ImportReportsArguments {
  readonly folder: string;
  readonly utilization: string | undefined;
  readonly timing: string | undefined;
  readonly csynth: string | undefined;
  readonly json: boolean;
}

/** Larger than any report; the detailed paths of a timing summary are a few megabytes. */
const MAXIMUM_BYTES = 64 * 2 ** 20;

interface NamedReport {
  readonly file: string;
  readonly report: VendorReport;
}

/**
 * `trigc import-reports`: figures of vendor reports into `figures/synth.json`, `impl.json` or `csynth.json`, by what
 * each report says of itself. Reports of one origin belong together and replace that file.
 */
export function importReportsCommand({ folder, json, ...files }: ImportReportsArguments, console: Console): number {
  const hash = manifestHash(folder);
  const { manifest, diagnostics } = openCompiledFolder(folder);
  showDiagnostics(console, diagnostics);
  const reports: NamedReport[] = [];
  const read = (file: string | undefined, parse: (text: string) => VendorReport): void => {
    if (file !== undefined) reports.push({ file, report: readReport(file, parse) });
  };
  read(files.utilization, parseVivadoUtilization);
  read(files.timing, parseVivadoTiming);
  read(files.csynth, parseCsynth);
  if (reports.length === 0) fail(commandCodes.usage, 'give --vivado-utilization, --vivado-timing or --csynth');
  for (const { file, report } of reports) {
    if (report.top === manifest.top) continue;
    const message = `it is of '${printable(report.top ?? 'no named module')}', the folder's top module is '${manifest.top}'`;
    fail(synthesisCodes.reportOfOther, message, { model: printable(file) });
  }
  const groups = new Map<FigureOrigin, NamedReport[]>();
  for (const named of reports) {
    const origin = named.report.origin ?? otherOrigin(named.file, reports);
    const group = groups.get(origin);
    if (group === undefined) groups.set(origin, [named]);
    else group.push(named);
  }
  // All are read and agree before the first is written.
  const results = [...groups].map(([origin, group]) => ({ origin, ...merge(origin, group) }));
  for (const { origin, tool, figures } of results) {
    writeFigures(folder, origin, { command: 'trigc import-reports DIR', tool, figures }, hash);
  }
  if (json) console.result(JSON.stringify({ schema: 'trigc-import-reports', version: 1, results }, null, 2));
  else
    console.result(results.flatMap(({ figures, tool }) => lines(figures, `${tool.name} ${tool.version}`)).join('\n'));
  return exitCode.ok;
}

function readReport(file: string, parse: (text: string) => VendorReport): VendorReport {
  const location = { model: printable(file) };
  try {
    if (statSync(file).size > MAXIMUM_BYTES)
      fail(synthesisCodes.reportUnreadable, 'it is larger than 64 MiB', location);
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (isSystemError(error)) return fail(synthesisCodes.reportUnreadable, error.code, location);
    if (!(error instanceof VendorReportError)) throw error;
    const kind = error.reason === 'lacks' ? synthesisCodes.reportLacksFigure : synthesisCodes.reportUnreadable;
    return fail(kind, printable(error.message), location);
  }
}

/** Older timing summaries do not tell the state of the design: the report beside it does. */
function otherOrigin(file: string, reports: readonly NamedReport[]): FigureOrigin {
  const origins = new Set(
    reports.flatMap(({ report: { origin } }) => (origin?.startsWith('csynth') === false ? [origin] : [])),
  );
  const [only, second] = origins;
  if (only !== undefined && second === undefined) return only;
  return fail(
    synthesisCodes.reportLacksFigure,
    'it does not tell the state of the design, and no single report beside it does',
    { model: printable(file) },
  );
}

function merge(
  origin: FigureOrigin,
  group: readonly NamedReport[],
): { readonly tool: VendorReport['tool']; readonly figures: Figures } {
  const figures: Record<string, Figures[string]> = {};
  let tool: VendorReport['tool'] | undefined;
  for (const { file, report } of group) {
    const location = { model: printable(file) };
    if (tool !== undefined && tool.version !== report.tool.version) {
      fail(
        synthesisCodes.reportOfOther,
        `it is of version ${printable(report.tool.version)}, another of ${printable(tool.version)}`,
        location,
      );
    }
    tool = report.tool;
    for (const [name, figure] of Object.entries(report.figures(origin))) {
      const known = figures[name];
      if (known !== undefined && known.value !== figure.value) {
        fail(
          synthesisCodes.reportOfOther,
          `its ${name} is ${figure.value}, that of another report ${known.value}`,
          location,
        );
      }
      // The same figure with a share says more.
      if (known?.share === undefined) figures[name] = figure;
    }
  }
  return tool === undefined ? fail(commandCodes.usage, 'no report is given') : { tool, figures };
}

function lines(figures: Figures, tool: string): readonly string[] {
  return Object.entries(figures).map(([name, { value, unit, origin, share }]) => {
    const part = share === undefined ? '' : ` = ${Number((100 * share).toPrecision(2))} % of the part`;
    return `${name.padEnd(18)} ${value} ${unit} (${origin}, ${printable(tool)})${part}`;
  });
}
