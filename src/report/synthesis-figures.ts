import { synthesisCodes } from '../diagnostics/codes/synthesis.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose } from '../diagnostics/diagnostic.js';
import type { MeasuredNetlist, UntimedCell } from '../synthesis/measure.js';
import type { Resources } from '../synthesis/resources.js';
import type { Capacity, Part } from '../targets/parts.js';
import type { Figures } from './figure-file.js';
import type { Figure, FigureOrigin } from './figure.js';

/** What is counted: name of the figure, unit, how it follows from the counts, and what the part has of it. */
const rows: readonly (readonly [string, string, (counts: Resources) => number, keyof Capacity | undefined])[] = [
  ['lut', 'LUT', (counts) => counts.lutSum, 'lut'],
  ['lut_sites', 'LUT sites', (counts) => counts.lutSites, 'lut'],
  ['flip_flops', 'FF', (counts) => counts.flipFlops, 'flipFlop'],
  ['shift_registers', 'shift registers', (counts) => counts.shiftRegisters, 'lut'],
  ['carry_bits', 'carry bits', (counts) => counts.carryBits, undefined],
  ['carry_blocks', 'carry blocks', (counts) => counts.carryBlocks, undefined],
  ['wide_multiplexers', 'multiplexers', (counts) => counts.wideMultiplexers, undefined],
  ['inverters', 'inverters', (counts) => counts.inverters, undefined],
  ['dsp', 'DSP', (counts) => counts.dsp, 'dsp'],
  ['bram', 'BRAM', (counts) => counts.blockRam, 'blockRam'],
];

/** A figure with its share of a capacity, where there is one. */
export function shared(value: number, unit: string, origin: FigureOrigin, available: number | undefined): Figure {
  const share = available === undefined || available === 0 ? {} : { share: value / available };
  return { value, unit, origin, ...share };
}

/** Counts of a netlist as figures; shares are of `capacity`. */
export function countFigures(counts: Resources, capacity?: Capacity): Figures {
  return Object.fromEntries(
    rows.map(([name, unit, count, limit]) => [
      name,
      shared(count(counts), unit, 'yosys', limit === undefined ? undefined : capacity?.[limit]),
    ]),
  );
}

/** All figures of a synthesised design. Those of timing are absent where there is no delay for a cell in it. */
export function designFigures({ resources, segments }: MeasuredNetlist, capacity?: Capacity): Figures {
  if (segments === undefined || segments.length === 0) return countFigures(resources, capacity);
  // A loop, not a spread: there is no bound on ranks.
  let [delay, levels] = [0, 0];
  for (const segment of segments) {
    delay = Math.max(delay, segment.delay);
    levels = Math.max(levels, segment.levels);
  }
  return {
    ...countFigures(resources, capacity),
    critical_segment: { value: delay, unit: 'ns', origin: 'yosys' },
    logic_levels: { value: levels, unit: 'levels', origin: 'yosys' },
  };
}

/** The counts as shares of one super logic region, as if all were placed in it; nothing for a part of one region. */
export function regionFigures(counts: Resources, part: Part): readonly { region: number; figures: Figures }[] {
  if (part.superLogicRegions < 2 || part.regionCapacity === undefined) return [];
  return [{ region: 0, figures: countFigures(counts, part.regionCapacity) }];
}

/** What to do about a cell without a delay: only multiplications can be made of something else. */
const untimedHints: Readonly<Record<UntimedCell['kind'], string>> = {
  dsp: '--no-dsp maps multiplications to logic',
  blockRam: 'memory blocks have no delay in the model; trigc import-reports reads what vendor tools say',
};

/** What the user should know about figures that are not there, or beyond one region. */
export function synthesisNotes({ resources, untimed }: MeasuredNetlist, part: Part): readonly Diagnostic[] {
  const notes: Diagnostic[] = [];
  if (untimed !== undefined) {
    notes.push(diagnose(synthesisCodes.timingUnknown, untimed.reason, undefined, untimedHints[untimed.kind]));
  }
  for (const { figures } of regionFigures(resources, part)) {
    const exceeded = Object.entries(figures).filter(([, { share }]) => share !== undefined && share > 1);
    if (exceeded.length === 0) continue;
    const names = exceeded.map(([name, { share = 0 }]) => `${name} ${Math.round(100 * share)} %`);
    const message = `${names.join(', ')} of one of the ${part.superLogicRegions} regions of ${part.name}`;
    notes.push(diagnose(synthesisCodes.regionExceeded, message));
  }
  return notes;
}

/** The sum of two counts. */
export function addResources(left: Resources, right: Resources): Resources {
  return {
    lut: left.lut.map((count, index) => count + (right.lut[index] ?? 0)),
    lutSum: left.lutSum + right.lutSum,
    inverters: left.inverters + right.inverters,
    flipFlops: left.flipFlops + right.flipFlops,
    shiftRegisters: left.shiftRegisters + right.shiftRegisters,
    carryBlocks: left.carryBlocks + right.carryBlocks,
    carryBits: left.carryBits + right.carryBits,
    wideMultiplexers: left.wideMultiplexers + right.wideMultiplexers,
    dsp: left.dsp + right.dsp,
    blockRam: left.blockRam + right.blockRam,
    lutSites: left.lutSites + right.lutSites,
  };
}

/** 12,345 or 3.21: in every locale alike. */
function number(value: number): string {
  return Number.isInteger(value) ? String(value).replace(/\B(?=(?:\d{3})+$)/gu, ',') : value.toFixed(2);
}

/** Lines for people: each measured figure, its share, and the estimate with its ratio where there is one. */
export function compareLines(measured: Figures, estimates: Figures): readonly string[] {
  return Object.entries(measured).map(([name, { value, unit, origin, share }]) => {
    const estimate = estimates[name];
    const ratio =
      estimate?.origin !== 'estimate'
        ? ''
        : `, estimate ${number(estimate.value)}${value === 0 ? '' : ` (estimate/${origin} ${(estimate.value / value).toFixed(3)})`}`;
    const part = share === undefined ? '' : ` = ${Number((100 * share).toPrecision(2))} % of the part`;
    return `${name.padEnd(18)} ${number(value)} ${unit} (${origin})${part}${ratio}`;
  });
}
