import type { Design } from '../design/design.js';
import type { Unit } from '../design/sequencing.js';
import { unitForms } from '../design/sequencing.js';
import type { UnitResources } from '../lowering/estimate/estimate-design.js';
import { markdownCell as cell } from './markdown.js';
import { count, finite, objectOf, oneOf, text } from './shape.js';

/** How one part of a layer is carried out where an event comes every few clocks only. */
export interface ReuseRow {
  /** Layer, and what part of it: its sums, its products, or what needs whole words. */
  readonly name: string;
  readonly form: Unit['form'];
  readonly positions: number;
  /** Kernels side by side, and positions that each takes in turn. */
  readonly lanes: number;
  readonly slots: number;
  /** Of words that go digit by digit; 0 where they do not. */
  readonly digitBits: number;
  readonly digits: number;
  /** Clocks of each interval in which the kernels work, 0 to 1. */
  readonly occupancy: number;
  /** Clocks after the event in which it begins, and in which its last word stands. */
  readonly first: number;
  readonly last: number;
  /** Estimates. */
  readonly lut: number;
  readonly flipFlops: number;
  /** Multiplier blocks. */
  readonly dsp: number;
  /** LUTs of a kernel on whole words for each position, as they would be without reuse. */
  readonly parallelLut: number;
}

/** The same as read from a file. */
export const reuseRowShape = objectOf<ReuseRow>({
  name: text,
  form: oneOf(...unitForms),
  positions: count,
  lanes: count,
  slots: count,
  digitBits: count,
  digits: count,
  occupancy: finite,
  first: count,
  last: count,
  lut: finite,
  flipFlops: finite,
  dsp: count,
  parallelLut: finite,
});

/** A row for each unit of a design that reuses hardware; undefined for others. `estimates`: by unit. */
export function reuseRows(design: Design, estimates: readonly UnitResources[]): readonly ReuseRow[] | undefined {
  return design.sequencing?.units.map((unit, index): ReuseRow => {
    const { form, lanes, slots, spacing, digitBits, digits, start, outputs } = unit;
    const instance = design.program.instances[index];
    const busy = form === 'gathered' ? digits : form === 'shared' ? slots : form === 'parallel' ? 1 : slots * spacing;
    return {
      name: instance?.name ?? '',
      form,
      positions: instance?.positions.length ?? 0,
      lanes,
      slots,
      digitBits,
      digits,
      occupancy: busy / design.initiationInterval,
      first: start,
      last: start + (slots - 1) * spacing + outputs.reduce((last, clock) => Math.max(last, clock), 0),
      lut: estimates[index]?.lut ?? 0,
      flipFlops: estimates[index]?.flipFlops ?? 0,
      dsp: estimates[index]?.dsp ?? 0,
      parallelLut: estimates[index]?.parallelLut ?? 0,
    };
  });
}

/** Markdown. */
export function reuseTable(rows: readonly ReuseRow[]): readonly string[] {
  return [
    '| unit | form | positions | kernels × turns | digits | occupancy | clocks | LUT | FF | DSP |',
    '|---|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rows.map((row) => `| ${columns(row).map(cell).join(' | ')} |`),
  ];
}

function columns(row: ReuseRow): readonly string[] {
  const { form, lanes, slots } = row;
  return [
    row.name,
    form,
    String(row.positions),
    `${lanes} × ${slots}`,
    digitsText(row),
    `${Math.round(100 * row.occupancy)} %`,
    `${row.first} to ${row.last}`,
    String(Math.round(row.lut)),
    String(Math.round(row.flipFlops)),
    String(row.dsp),
  ];
}

/** What a word is cut into, or how many results a chain of multipliers gives; empty for whole words. */
export function digitsText({ form, digits, digitBits }: ReuseRow): string {
  if (form === 'folded') return `${digits} results`;
  if (form === 'gathered') return `${digits} clocks`;
  return form === 'serial' ? `${digits} of ${digitBits} bits` : '';
}

/** For people at a terminal: a line for each unit. */
export function describeReuse(rows: readonly ReuseRow[]): string {
  const table = [
    ['unit', 'form', 'positions', 'kernels', 'digits', 'busy', 'clocks', 'LUT', 'FF', 'DSP'],
    ...rows.map(columns),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
