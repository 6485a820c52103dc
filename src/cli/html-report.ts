import { join } from 'node:path';
import type { FigureScope } from '../budget/figure-set.js';
import { explain, title } from '../budget/print-outcome.js';
import { statusNames } from '../budget/outcome.js';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { CalibrationDetails } from '../report/calibration-details.js';
import { CALIBRATION_VERSION } from '../report/calibration-details.js';
import type { EvaluationDetails } from '../report/evaluation-details.js';
import { EVALUATION_VERSION } from '../report/evaluation-details.js';
import type { HtmlReportData, NamedFigure } from '../report/html/data.js';
import { layerSpans } from '../report/html/layer-spans.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { checkBudgetsOf } from './check-command.js';
import { openCompiledFolder, readDesign } from './compiled-folder.js';
import { readFigures } from './figure-folder.js';
import type { FolderFigures } from './figure-sources.js';
import { HTML_REPORT_FILE, renderReport } from './render-report.js';

/** Write `report.html` anew, whole or not at all; its path. Throws DiagnosticError. */
export function writeHtmlReport(folder: string, data: HtmlReportData): string {
  const path = join(folder, HTML_REPORT_FILE);
  try {
    replaceFile(path, renderReport(data));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, error.code, { model: printable(path) });
  }
  return path;
}

/** All that a compiled folder has for its report. Throws DiagnosticError. */
export function folderReportData(folder: string, source: FolderFigures): HtmlReportData {
  const { manifest, graph } = openCompiledFolder(folder);
  const evaluation = details<EvaluationDetails>(folder, 'evaluate', 'trigc-evaluation', EVALUATION_VERSION);
  const calibration = details<CalibrationDetails>(folder, 'calibration', 'trigc-calibration', CALIBRATION_VERSION);
  return {
    manifest,
    graph,
    segments: source.segments,
    spans: layerSpans(readDesign(folder)),
    figures: namedFigures(source.figures.design),
    layers: [...source.figures.layers].map(([layer, scope]) => ({ layer, figures: namedFigures(scope) })),
    budgets: checkBudgetsOf(source).map((checked) => ({
      status: statusNames[checked.status],
      holds: checked.status === 'ok',
      title: title(checked),
      explanation: explain(checked),
    })),
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(calibration === undefined ? {} : { calibration }),
  };
}

function namedFigures(scope: FigureScope): readonly NamedFigure[] {
  return [...scope].flatMap(([name, measured]) => measured.map(({ figure, tool }) => ({ name, figure, tool })));
}

/** `details` of a figure file; undefined where it was not measured. */
function details<T>(folder: string, name: string, schema: string, version: number): T | undefined {
  const path = `figures/${name}.json`;
  const found = readFigures(folder).find((figures) => figures.path === path)?.file.details;
  if (found === undefined) return undefined;
  if (found['schema'] !== schema || found['version'] !== version) {
    const message = `its details are not ${schema} of version ${version}`;
    return fail(budgetCodes.damagedFigures, message, { model: printable(join(folder, path)) });
  }
  return found as T;
}
