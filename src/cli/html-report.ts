import { join } from 'node:path';
import { renderTemplate } from '../backends/render-template.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { HtmlReportData } from '../report/html/data.js';
import { REPORT_TEMPLATE, reportView } from '../report/html/page.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { openCompiledFolder, readDesign } from './compiled-folder.js';
import type { FolderFigures } from './figure-sources.js';
import { exploredIntervals } from './explored-intervals.js';
import { reportData } from './report-data.js';
import { loadTemplate } from './template-loader.js';

/** Below a compiled folder, and not in its manifest: it is renewed with what was measured since. */
export const HTML_REPORT_FILE = 'report.html';

/** One HTML file that needs no other. */
export function renderReport(data: HtmlReportData): string {
  return renderTemplate(loadTemplate(REPORT_TEMPLATE), reportView(data));
}

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
export async function folderReportData(folder: string, source: FolderFigures): Promise<HtmlReportData> {
  const { graph } = openCompiledFolder(folder);
  return reportData({
    ...source,
    graph,
    design: readDesign(folder),
    intervals: exploredIntervals(folder, source.manifest),
  });
}
