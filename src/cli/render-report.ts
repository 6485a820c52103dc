import { renderTemplate } from '../backends/render-template.js';
import type { HtmlReportData } from '../report/html/data.js';
import { REPORT_TEMPLATE, reportView } from '../report/html/page.js';
import { loadTemplate } from './template-loader.js';

/** Below a compiled folder, and not in its manifest: it is renewed with what was measured since. */
export const HTML_REPORT_FILE = 'report.html';

/** One HTML file that needs no other. */
export function renderReport(data: HtmlReportData): string {
  return renderTemplate(loadTemplate(REPORT_TEMPLATE), reportView(data));
}
