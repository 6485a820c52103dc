import { calibration, expectedError, printError } from '../lowering/estimate/calibration.js';
import type { Calibration } from '../lowering/estimate/calibration.js';
import type { LayerResources } from '../lowering/estimate/estimate-design.js';
import type { Resources } from '../lowering/estimate/resources.js';
import type { Figure } from './figure.js';
import type { EstimateSource, Report } from './report.js';

/** Estimates in detail, with how their error was measured. */
export interface ResourceReport {
  readonly calibration: Calibration;
  /** What was taken for granted and is not so in every flow. */
  readonly assumptions: readonly string[];
  readonly segments: readonly Resources[];
  readonly layers: readonly LayerResources[];
}

/** The totals, in the order in which they are shown: key, label, field, field of the part's capacity. */
const rows = [
  ['lut', 'LUT', 'lut', 'lut'],
  ['lut_sites', 'LUT sites', 'lutSites', 'lut'],
  ['flip_flops', 'FF', 'flipFlops', 'flipFlop'],
  ['shift_registers', 'shift registers', 'shiftRegisters', 'lut'],
  ['carry_bits', 'carry bits', 'carryBits', undefined],
  ['dsp', 'DSP', 'dsp', 'dsp'],
] as const;

export function resourceFigures({ resources, capacity, reuse }: EstimateSource): Readonly<Record<string, Figure>> {
  const bands: Partial<Record<string, Figure['error']>> = {
    lut: expectedError(calibration.lut),
    flip_flops: expectedError(calibration.flipFlops),
  };
  return Object.fromEntries(
    rows.map(([key, unit, field, limit]) => {
      const value = resources.total[field];
      const available = limit === undefined ? undefined : capacity?.[limit];
      // The error was measured on designs that reuse nothing.
      const error = reuse === undefined ? bands[key] : undefined;
      const figure: Figure = {
        value,
        unit,
        origin: 'estimate',
        ...(available === undefined ? {} : { share: value / available }),
        ...(error === undefined ? {} : { error }),
      };
      return [key, figure];
    }),
  );
}

export function resourceReport({ resources, threeOperandAdders, reuse }: EstimateSource): ResourceReport {
  return {
    calibration,
    assumptions: [
      ...(threeOperandAdders
        ? ['sums of three operands take one look-up table per bit, which the calibration could not check']
        : []),
      ...(reuse === undefined
        ? []
        : ['an error of the estimate is not known where hardware is reused: docs/reuse.md has designs beside Yosys']),
    ],
    segments: resources.segments,
    layers: resources.layers,
  };
}

/** One line for people: `estimate 17,900 LUT (4.1 %, -6 % … +9 % against Yosys 0.23 on 60 designs), …`. */
export function resourceSummary(report: Pick<Report, 'figures' | 'part' | 'resources' | 'reuse'>): string {
  const parts = rows.flatMap(([key]) => {
    const figure = report.figures[key];
    if (figure === undefined || (key === 'shift_registers' && figure.value === 0)) return [];
    const remarks = [
      ...(figure.share === undefined ? [] : [printShare(figure.share)]),
      ...(key === 'lut' && report.reuse === undefined
        ? [printError(report.resources.calibration.lut, report.resources.calibration)]
        : []),
    ];
    return [`${printCount(figure.value)} ${figure.unit}${remarks.length === 0 ? '' : ` (${remarks.join(', ')})`}`];
  });
  const of = report.part === 'generic' ? '' : ` of ${report.part}`;
  return [`estimate${of}: ${parts.join(', ')}`, ...report.resources.assumptions.map((text) => `assumed: ${text}`)].join(
    '\n',
  );
}

/** The totals as Markdown. */
export function resourceRows(report: Report): readonly string[] {
  const { calibration: measured, assumptions } = report.resources;
  const lines = ['| resource | estimate | of the part |', '|---|---|---|'];
  for (const [key] of rows) {
    const figure = report.figures[key];
    if (figure === undefined) continue;
    const share = figure.share === undefined ? '' : printShare(figure.share);
    lines.push(`| ${figure.unit} | ${printCount(figure.value)} | ${share} |`);
  }
  const known = report.reuse === undefined;
  lines.push(
    '',
    `${known ? '' : 'Where nothing is reused: '}LUT ${printError(measured.lut, measured)}, FF ${printError(measured.flipFlops, measured)} ` +
      `(5 % and 95 % quantiles; ${measured.command}). LUT counts tables of two to six inputs. LUT sites are carry bits, ` +
      'tables of four to six inputs that stand in front of none, and the smaller ones two by two.',
    ...assumptions.map((text) => `Assumed: ${text}.`),
  );
  return lines;
}

const columns = ['LUT', 'LUT sites', 'FF', 'carry bits', 'DSP'];
function counts({ lut, lutSites, flipFlops, carryBits, dsp }: Resources): string {
  return [lut, lutSites, flipFlops, carryBits, dsp].map(printCount).join(' | ');
}
const ruler = columns.map(() => '---|').join('');

/** Registers belong to the segment that they begin. */
export function segmentTable({ segments, resources }: Report): readonly string[] {
  return [
    `| segment | estimate (ns) | ${columns.join(' | ')} |`,
    `|---|---|${ruler}`,
    ...segments.map((length, index) => {
      const own = resources.segments[index];
      return `| ${index} | ${length.toFixed(2)} | ${own === undefined ? '' : counts(own)} |`;
    }),
  ];
}

/** `cell` makes foreign text safe. */
export function layerTable({ resources }: Report, cell: (text: string) => string): readonly string[] {
  return [
    `| ONNX node | operator | ${columns.join(' | ')} |`,
    `|---|---|${ruler}`,
    ...resources.layers.map((layer) => `| ${cell(layer.name)} | ${cell(layer.operator)} | ${counts(layer)} |`),
  ];
}

/** 17,900: in every locale alike. */
function printCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/gu, ',');
}

function printShare(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
