import { printPoint } from '../../evaluation/operating-point.js';
import type { Agreement, EvaluationResult, PointResult, SignalResult, ThresholdScan } from '../../evaluation/result.js';
import type { EvaluationDetails } from '../evaluation-details.js';
import type { HtmlSection } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import { around, plot } from './plot.js';
import type { Cell } from './table.js';
import { missing, table } from './table.js';

export const EVALUATE_COMMAND = 'trigc evaluate DIR --background EVENTS --signal NAME=EVENTS';

/** ROC curves, agreement of the scores, rates: what fixed point cost on events. */
export function physicsSection(evaluation: EvaluationDetails | undefined): HtmlSection {
  const head = { id: 'physics', title: 'Physics' };
  if (evaluation === undefined) {
    const text = 'Not measured yet. ROC, score agreement, efficiencies and rates of float and fixed come with';
    return { ...head, body: missing(text, EVALUATE_COMMAND) };
  }
  const { result, score, samples } = evaluation;
  const intro = `<p>Score <code>${escapeHtml(score)}</code> of the float model and of the fixed-point emulator on the same events.</p>`;
  const sampleTable = table(
    'Samples',
    ['sample', 'role', 'file', 'events', 'rounded inputs', 'saturated inputs'],
    samples.map(({ name, role, file, events, rounded, saturated }) => [
      name,
      role,
      file,
      formatNumber(events, 9),
      formatNumber(rounded, 9),
      formatNumber(saturated, 9),
    ]),
    new Set([3, 4, 5]),
  );
  if (result.kind === 'score') return { ...head, body: intro + scoreBody(result) + sampleTable };
  const rows = result.classes.map(({ name, events, aucFloat, aucFixed, aucLoss, agreement }) => [
    name,
    formatNumber(events, 9),
    formatNumber(aucFloat.value, 5),
    formatNumber(aucFixed.value, 5),
    `${formatNumber(aucLoss.value, 2)} ± ${formatNumber(aucLoss.error, 2)}`,
    correlationOf(agreement),
  ]);
  const classes = table(
    `Classes, one against the rest; the same class is named for ${percent(result.argmaxAgreement.value)} of ${formatNumber(result.events, 9)} events`,
    ['class', 'events', 'AUC float', 'AUC fixed', 'AUC lost', 'rank correlation'],
    rows,
    new Set([1, 2, 3, 4, 5]),
  );
  const summary = table(
    'All classes',
    ['figure', 'float', 'fixed', 'lost'],
    [
      [
        'accuracy',
        formatNumber(result.accuracyFloat.value, 5),
        formatNumber(result.accuracyFixed.value, 5),
        `${formatNumber(result.accuracyLoss.value, 2)} ± ${formatNumber(result.accuracyLoss.error, 2)}`,
      ],
      [
        'mean AUC',
        formatNumber(result.macroAucFloat, 5),
        formatNumber(result.macroAucFixed, 5),
        `${formatNumber(result.macroAucLoss.value, 2)} ± ${formatNumber(result.macroAucLoss.error, 2)}`,
      ],
    ],
    new Set([1, 2, 3]),
  );
  return { ...head, body: intro + classes + summary + sampleTable };
}

function scoreBody({ background, signals, points, scan, totalKilohertz }: EvaluationResult): string {
  const plots = [...signals.map(rocPlot), ...scatterPlots(background.pairs, signals), ratePlot(scan, totalKilohertz)];
  const agreement = table(
    'Agreement of the scores, fixed minus float',
    ['sample', 'events', 'largest', 'RMS', 'rank correlation', 'AUC float', 'AUC fixed', 'AUC lost'],
    [
      ['background', ...agreementCells(background.agreement), '', '', ''],
      ...signals.map((signal) => [
        signal.name,
        ...agreementCells(signal.agreement),
        formatNumber(signal.aucFloat.value, 5),
        formatNumber(signal.aucFixed.value, 5),
        `${formatNumber(signal.aucLoss.value, 2)} ± ${formatNumber(signal.aucLoss.error, 2)}`,
      ]),
    ],
    new Set([1, 2, 3, 4, 5, 6, 7]),
  );
  const efficiencies = table(
    'Signal efficiency and exchanged background at equal rate',
    ['point', 'kHz', 'signal', 'float', 'fixed', 'relative loss', 'exchange'],
    points.flatMap(pointRows),
    new Set([1, 3, 4, 5, 6]),
  );
  return `<div class="plots">${plots.join('')}</div>${efficiencies}${agreement}`;
}

function agreementCells(agreement: Agreement): readonly string[] {
  const { events, maximum, rms } = agreement;
  return [formatNumber(events, 9), formatNumber(maximum), formatNumber(rms), correlationOf(agreement)];
}

function correlationOf({ rankCorrelation }: Agreement): string {
  return rankCorrelation === null ? 'undefined' : rankCorrelation.toFixed(5);
}

function percent(value: number): string {
  return `${formatNumber(100 * value, 4)} %`;
}

function rocPlot({ name, roc }: SignalResult): string {
  const positive = roc.fractions.filter((fraction) => fraction > 0);
  const low = 10 ** Math.floor(Math.log10(Math.max(1e-6, Math.min(0.1, ...positive))));
  const points = (rates: readonly number[]): readonly (readonly [number, number])[] =>
    roc.fractions.map((fraction, index) => [fraction, rates[index] ?? 0] as const);
  return plot(
    `ROC of ${name}`,
    { label: 'accepted background fraction', low, high: 1, logarithmic: true },
    { label: 'signal efficiency', low: 0, high: 1 },
    [
      { label: 'float', style: 'float', points: points(roc.float) },
      { label: 'fixed', style: 'fixed', points: points(roc.fixed) },
    ],
  );
}

function scatterPlots(
  background: { readonly float: readonly number[]; readonly fixed: readonly number[] },
  signals: readonly SignalResult[],
): readonly string[] {
  const samples = [{ name: 'background', pairs: background }, ...signals];
  return samples.map(({ name, pairs }) => {
    const limits = around([...pairs.float, ...pairs.fixed]);
    const points = pairs.float.map((value, index) => [value, pairs.fixed[index] ?? 0] as const);
    return plot(
      `Score of ${name}: float against fixed, ${points.length} events`,
      { label: 'float score', ...limits },
      { label: 'fixed score', ...limits },
      [{ label: name, style: 'fixed', points, dots: true }],
      true,
    );
  });
}

function ratePlot({ thresholds, float, fixed }: ThresholdScan, total: number): string {
  const rates = (fractions: readonly number[]): readonly (readonly [number, number])[] =>
    thresholds.map((threshold, index) => [threshold, (fractions[index] ?? 0) * total] as const);
  const positive = [...float, ...fixed].filter((fraction) => fraction > 0);
  const lowest = Math.min(total / 10, ...positive.map((fraction) => fraction * total));
  return plot(
    'Rate against threshold',
    { label: 'threshold on the score', ...around(thresholds) },
    { label: 'rate (kHz)', low: 10 ** Math.floor(Math.log10(lowest)), high: total, logarithmic: true },
    [
      { label: 'float', style: 'float', points: rates(float) },
      { label: 'fixed', style: 'fixed', points: rates(fixed) },
    ],
  );
}

function pointRows(result: PointResult): readonly (readonly Cell[])[] {
  const point = printPoint(result.point);
  const rate = formatNumber(result.targetKilohertz, 3);
  if (!result.resolvable) {
    return [[point, rate, `needs ${formatNumber(result.needed, 9)} background events`, '', '', '', '']];
  }
  const exchange = result.exchange === null ? '' : percent(result.exchange.value);
  return result.signals.map(({ name, float, fixed, loss }) => [
    point,
    rate,
    name,
    percent(float.value),
    percent(fixed.value),
    loss === null ? '' : `${formatNumber(100 * loss.value, 3)} ± ${formatNumber(100 * loss.error, 2)} %`,
    exchange,
  ]);
}
