import type { Compilation } from '../compiler.js';
import type { Manifest } from '../report/manifest.js';
import type { Report } from '../report/report.js';
import type { NamedMeasurement } from './figure-sources.js';
import { gatherFigures, layerFigures } from './figure-sources.js';
import { renderReport } from './html-report.js';
import { reportData } from './report-data.js';

/**
 * The first `report.html` of a design, with what compiling it has brought: `measured`. It is not in the manifest:
 * `trigc report` renews it with what later commands measure.
 */
export async function htmlReport(
  { graph, design }: Compilation,
  report: Report,
  manifest: Omit<Manifest, 'files'>,
  measured: readonly NamedMeasurement[],
): Promise<string> {
  const layers = layerFigures(report.resources.layers);
  const data = await reportData({
    manifest,
    graph,
    design,
    figures: gatherFigures(manifest.compiler, { figures: report.figures, layers }, measured, ''),
    budgets: report.budgets ?? [],
    segments: report.segments,
    measured,
    reuse: report.reuse,
  });
  return renderReport(data);
}
