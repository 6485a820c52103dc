import type { FigureScope, FigureSet } from '../budget/figure-set.js';
import { strength } from '../budget/figure-set.js';
import type { Design } from '../design/design.js';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { ModelGraph } from '../model/kinds.js';
import type { CalibrationDetails } from '../report/calibration-details.js';
import { CALIBRATION_VERSION } from '../report/calibration-details.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import { calibrationDetails, evaluationDetails } from '../report/details-shapes.js';
import type { EvaluationDetails } from '../report/evaluation-details.js';
import { EVALUATION_VERSION } from '../report/evaluation-details.js';
import type { BudgetRow, HtmlReportData, NamedFigure } from '../report/html/data.js';
import { layerSpans } from '../report/html/layer-spans.js';
import type { ExploredInterval } from '../report/interval-file.js';
import type { Manifest } from '../report/manifest.js';
import type { ReuseRow } from '../report/reuse-table.js';
import type { NamedMeasurement } from './figure-sources.js';

/** What is known of a compiled design, in memory or read back. */
export interface ReportSource {
  readonly manifest: Omit<Manifest, 'files'>;
  readonly graph: ModelGraph;
  readonly design: Design;
  readonly figures: FigureSet;
  /** Of trigc.yaml. */
  readonly budgets: readonly DeclaredBudget[];
  /** Estimated length of each combinational segment, ns. */
  readonly segments: readonly number[];
  readonly measured: readonly NamedMeasurement[];
  readonly reuse?: readonly ReuseRow[] | undefined;
  readonly intervals?: readonly ExploredInterval[] | undefined;
}

/** Everything that `report.html` shows. Throws DiagnosticError where the details of a measurement are not ours. */
export async function reportData(source: ReportSource): Promise<HtmlReportData> {
  const { manifest, graph, design, figures, segments, reuse, intervals } = source;
  const evaluation = detailsOf(source, 'evaluate');
  const calibration = detailsOf(source, 'calibration');
  return {
    manifest,
    graph,
    segments,
    spans: layerSpans(design),
    figures: namedFigures(figures.design),
    layers: [...figures.layers].map(([layer, scope]) => ({ layer, figures: namedFigures(scope) })),
    budgets: await budgetRows(source),
    ...(reuse === undefined ? {} : { reuse }),
    ...(intervals === undefined ? {} : { intervals }),
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(calibration === undefined ? {} : { calibration }),
  };
}

/** Of each name, the figure that is closest to the device comes last. */
function namedFigures(scope: FigureScope): readonly NamedFigure[] {
  return [...scope].flatMap(([name, measured]) =>
    measured
      .map(({ figure, tool }) => ({ name, figure, tool }))
      .sort((left, right) => strength(left.figure.origin) - strength(right.figure.origin)),
  );
}

/** Few designs have budgets: their language is loaded where there are any. */
async function budgetRows({ budgets, figures, manifest }: ReportSource): Promise<readonly BudgetRow[]> {
  if (budgets.length === 0) return [];
  const { checkBudgetsOf } = await import('./check-command.js');
  const { explain, title } = await import('../budget/print-outcome.js');
  const { statusNames } = await import('../budget/outcome.js');
  return checkBudgetsOf({ budgets, figures, manifest }).map((checked) => ({
    status: statusNames[checked.status],
    holds: checked.status === 'ok',
    title: title(checked),
    explanation: explain(checked),
  }));
}

interface KnownDetails {
  readonly evaluate: EvaluationDetails;
  readonly calibration: CalibrationDetails;
}
const known = {
  evaluate: { schema: 'trigc-evaluation', version: EVALUATION_VERSION, shape: evaluationDetails },
  calibration: { schema: 'trigc-calibration', version: CALIBRATION_VERSION, shape: calibrationDetails },
} as const;

/** `details` of a figure file; undefined where it was not measured. */
function detailsOf<N extends keyof KnownDetails>({ measured }: ReportSource, name: N): KnownDetails[N] | undefined {
  const path = `figures/${name}.json`;
  const found = measured.find((entry) => entry.path === path)?.file.details;
  if (found === undefined) return undefined;
  const { schema, version, shape } = known[name];
  const refuse = (message: string): never => fail(budgetCodes.damagedFigures, message, { model: printable(path) });
  if (found['schema'] !== schema || found['version'] !== version) {
    return refuse(`its details are not ${schema} of version ${version}`);
  }
  try {
    shape.check(found, '');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(`details: ${printable(error.message)}`);
  }
  return found as unknown as KnownDetails[N];
}
