import { printPoint } from '../evaluation/operating-point.js';
import type { Damage, LossByLayer } from '../evaluation/quantiser-loss.js';
import type {
  ClassificationResult,
  Difference,
  Estimate,
  EvaluationResult,
  PointResult,
} from '../evaluation/result.js';
import type { EvaluationDetails } from './evaluation-details.js';
import { table } from './text-table.js';

/** An evaluation for people, as text. */
export function printEvaluation(details: EvaluationDetails): string {
  const { result, layers, samples, decisions } = details;
  const accepted = details.accepted === 'larger' ? '' : ', smaller values accepted (all scores below are negated)';
  const sections = [
    [
      `score ${details.score}${accepted}`,
      ...table(
        ['sample', 'events', 'values rounded', 'beyond the port', 'file'],
        samples.map(({ name, events, rounded, saturated, file }) => [
          name,
          count(events),
          count(rounded),
          count(saturated),
          file,
        ]),
      ),
    ],
    ...(result.kind === 'score' ? scoreSections(result) : classSections(result)),
    ...decisions.map(({ name, output, element, comparison, threshold, samples: flips }) => [
      `decision ${name}: ${output}[${element}] ${comparison} ${threshold}, events accepted by`,
      ...table(
        ['sample', 'events', 'both', 'float only', 'fixed only'],
        flips.map((each) => [
          each.sample,
          count(each.events),
          count(each.both),
          count(each.floatOnly),
          count(each.fixedOnly),
        ]),
      ),
    ]),
    ...(layers === undefined ? [] : [layerSection(layers)]),
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

function scoreSections(result: EvaluationResult): readonly (readonly string[])[] {
  const samples = [{ name: 'background', agreement: result.background.agreement }, ...result.signals];
  const agreement = table(
    ['agreement', 'max', 'RMS', 'mean', 'rank correlation'],
    samples.map(({ name, agreement: { maximum, rms, mean, rankCorrelation } }) => [
      name,
      short(maximum),
      short(rms),
      short(mean),
      rankCorrelation === null ? 'none' : rankCorrelation.toFixed(7),
    ]),
  );
  const areas = table(
    ['AUC', 'float', 'fixed', 'loss'],
    result.signals.map(({ name, aucFloat, aucFixed, aucLoss }) => [
      name,
      area(aucFloat),
      area(aucFixed),
      loss(aucLoss),
    ]),
  );
  const rows = result.points.flatMap(pointRows);
  const points = table(
    ['at', 'sample', 'float', 'fixed', 'relative loss', 'ties', 'exchange', 'flipped at the float cut'],
    rows,
  );
  const machine = `${result.bunches} colliding bunches, ${Number(result.totalKilohertz.toPrecision(6))} kHz`;
  return [
    agreement,
    ...(result.signals.length === 0 ? [] : [areas]),
    [`background accepted (kHz of ${machine}) and signal efficiency (%)`, ...points],
  ];
}

function pointRows(point: PointResult): readonly (readonly string[])[] {
  const at = printPoint(point.point);
  if (!point.resolvable) return [[at, `not resolvable: ${count(point.needed)} background events are needed`]];
  const { float, fixed, exchange, sameCut, signals } = point;
  const rate = ({ value, low, high }: Estimate): string => `${short(value)} ± ${short((high - low) / 2)} kHz`;
  const share = ({ value, low, high }: Estimate): string => {
    return `${(100 * value).toFixed(3)} ± ${(50 * (high - low)).toFixed(3)}`;
  };
  const first = [
    at,
    'background',
    rate(float.kilohertz),
    rate(fixed.kilohertz),
    '',
    count(fixed.ties),
    exchange === null ? 'nothing accepted' : `${share(exchange)} %`,
    `${count(sameCut.floatOnly)} lost, ${count(sameCut.fixedOnly)} gained`,
  ];
  const rows = signals.map((signal) => [
    '',
    signal.name,
    share(signal.float),
    share(signal.fixed),
    signal.loss === null ? 'nothing accepted' : `${loss(signal.loss, 100)} %`,
  ]);
  return [first, ...rows];
}

function classSections(result: ClassificationResult): readonly (readonly string[])[] {
  const classes = result.classes.map(({ name, events, aucFloat, aucFixed, aucLoss, agreement }) => [
    name,
    count(events),
    area(aucFloat),
    area(aucFixed),
    loss(aucLoss),
    short(agreement.rms),
    short(agreement.maximum),
  ]);
  const { macroAucFloat, macroAucFixed, macroAucLoss, accuracyFloat, accuracyFixed, accuracyLoss } = result;
  const macro = ['mean', count(result.events), macroAucFloat.toFixed(6), macroAucFixed.toFixed(6), loss(macroAucLoss)];
  const share = ({ value, low, high }: Estimate): string =>
    `${(100 * value).toFixed(3)} ± ${(50 * (high - low)).toFixed(3)} %`;
  return [
    table(['class', 'events', 'AUC float', 'AUC fixed', 'loss', 'score RMS', 'score max'], [...classes, macro]),
    [
      `accuracy ${share(accuracyFloat)} float, ${share(accuracyFixed)} fixed, loss ${loss(accuracyLoss, 100)} %`,
      `the same class named for ${share(result.argmaxAgreement)} of the events`,
    ],
  ];
}

function layerSection({ events, point, total, quantisers }: LossByLayer): readonly string[] {
  const cells = (damage: Damage): readonly string[] => [
    short(damage.rms),
    ...(total.aucLoss === undefined ? [] : [signed(damage.aucLoss ?? 0)]),
    ...(total.efficiencyLoss === undefined ? [] : [percent(damage.efficiencyLoss)]),
  ];
  const names = [
    'score RMS',
    ...(total.aucLoss === undefined ? [] : ['AUC loss']),
    ...(total.efficiencyLoss === undefined ? [] : [`eff. loss at ${point ?? ''}`]),
  ];
  const rows = quantisers.map(({ name, types, alone, without, firstDivergence }) => [
    name,
    types.length === 1 ? (types[0] ?? '') : `${types.length} types`,
    ...cells(alone),
    ...cells(without),
    firstDivergence === 0 ? '' : count(firstDivergence),
  ]);
  const header = [
    'rounding',
    'type',
    ...names.map((name) => `alone: ${name}`),
    ...names.map((name) => `without: ${name}`),
  ];
  return [
    `loss by layer, up to ${count(events)} events of each sample: the float model with only this rounding, the fixed model without it`,
    ...table([...header, 'first to differ'], [...rows, ['all', '', ...cells(total), ...names.map(() => '')]]),
  ];
}

function percent(value: number | undefined): string {
  return value === undefined ? 'none' : `${(100 * value).toFixed(3)} %`;
}

function area({ value, low, high }: Estimate): string {
  return `${value.toFixed(6)} ± ${((high - low) / 2).toFixed(6)}`;
}

function loss({ value, error }: Difference, factor = 1): string {
  return `${signed(value * factor)} ± ${short(error * factor)}`;
}

function signed(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
