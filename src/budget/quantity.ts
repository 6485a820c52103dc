import { budgetCodes } from '../diagnostics/codes/budget.js';
import type { Capacity } from '../targets/parts.js';
import { BudgetError } from './budget-error.js';

/**
 * A number with its unit: empty for a plain number, `ns` and `MHz` for times and frequencies, a `ShareUnit`, or what is
 * counted (`clocks`, `bits`, `LUT`, `DSP`, …).
 */
export interface Quantity {
  readonly value: number;
  readonly unit: string;
}

/** A part of what the device, or one of its super logic regions, has of the resource that it is compared with. */
export const shareUnits = { part: 'of part', slr: 'of slr' } as const;

/** The interval between bunch crossings at the LHC by design, ns. */
const BUNCH_CROSSING = 25;

/** Units that may be written in a budget, in the unit that is reckoned in. */
const writtenUnits: Readonly<Record<string, Quantity>> = {
  ps: { value: 1e-3, unit: 'ns' },
  ns: { value: 1, unit: 'ns' },
  us: { value: 1e3, unit: 'ns' },
  BX: { value: BUNCH_CROSSING, unit: 'ns' },
  kHz: { value: 1e-3, unit: 'MHz' },
  MHz: { value: 1, unit: 'MHz' },
  GHz: { value: 1e3, unit: 'MHz' },
  clocks: { value: 1, unit: 'clocks' },
  bits: { value: 1, unit: 'bits' },
  events: { value: 1, unit: 'events' },
  LUT: { value: 1, unit: 'LUT' },
  FF: { value: 1, unit: 'FF' },
  DSP: { value: 1, unit: 'DSP' },
  BRAM: { value: 1, unit: 'BRAM' },
  URAM: { value: 1, unit: 'URAM' },
};
export const unitNames: readonly string[] = Object.keys(writtenUnits);

/** The unit of that name; undefined when there is none. */
export function writtenUnit(name: string): Quantity | undefined {
  return Object.hasOwn(writtenUnits, name) ? writtenUnits[name] : undefined;
}

/** A figure in the unit that is reckoned in: BX and us become ns, a percentage a plain number. */
export function normalised({ value, unit }: Quantity): Quantity {
  if (unit === '%') return { value: value / 100, unit: '' };
  const known = writtenUnit(unit);
  return known === undefined ? { value, unit } : { value: value * known.value, unit: known.unit };
}

/** What a conversion may need to know of the design. */
export interface UnitContext {
  /** ns; undefined when it was not reported. */
  readonly clockPeriod: number | undefined;
  readonly part: string;
  /** Of the whole device; undefined for no device in particular. */
  readonly capacity: Capacity | undefined;
  /** Of one super logic region. */
  readonly regionCapacity: Capacity | undefined;
}

/** Which capacity limits what is counted in a unit. */
const capacityOf: Readonly<Record<string, keyof Capacity>> = {
  LUT: 'lut',
  'LUT sites': 'lut',
  'shift registers': 'lut',
  FF: 'flipFlop',
  DSP: 'dsp',
  BRAM: 'blockRam',
  URAM: 'ultraRam',
};

/** Both in one unit; clocks become ns beside a time. Throws BudgetError where no unit holds both. */
export function alike(
  left: Quantity,
  right: Quantity,
  context: UnitContext,
): { readonly left: number; readonly right: number; readonly unit: string } {
  if (left.unit === right.unit) {
    if (isShare(left.unit)) throw new BudgetError(budgetCodes.wrongUnit, 'a share is compared with another share');
    return { left: left.value, right: right.value, unit: left.unit };
  }
  const there = converted(right, left.unit, context);
  if (there !== undefined) return { left: left.value, right: there, unit: left.unit };
  const here = converted(left, right.unit, context);
  if (here !== undefined) return { left: here, right: right.value, unit: right.unit };
  throw new BudgetError(
    budgetCodes.wrongUnit,
    `${describeUnit(left.unit)} and ${describeUnit(right.unit)} do not compare`,
    needsUnit(left.unit) !== needsUnit(right.unit) && (left.unit === '' || right.unit === '')
      ? `write the unit, such as 50 ${left.unit === '' ? right.unit : left.unit}`
      : undefined,
  );
}

/** In another unit; undefined where that is not possible. */
function converted({ value, unit }: Quantity, to: string, context: UnitContext): number | undefined {
  if (unit === '' && !needsUnit(to)) return value;
  if (unit === 'clocks' && to === 'ns') {
    if (context.clockPeriod === undefined) {
      throw new BudgetError(budgetCodes.wrongUnit, 'clocks become a time by the clock period, which is not known');
    }
    return value * context.clockPeriod;
  }
  if (!isShare(unit)) return undefined;
  const limit = capacityOf[to];
  if (limit === undefined) return undefined;
  const capacity = unit === shareUnits.part ? context.capacity : context.regionCapacity;
  if (capacity === undefined) {
    throw new BudgetError(
      budgetCodes.wrongUnit,
      `a share ${unit} needs the capacity of a part, and the design was compiled for '${context.part}'`,
      'compile with --part, or give the limit as a count',
    );
  }
  return value * capacity[limit];
}

export function isShare(unit: string): boolean {
  return unit === shareUnits.part || unit === shareUnits.slr;
}

/** Whether a plain number would be ambiguous. */
function needsUnit(unit: string): boolean {
  return unit === 'ns' || unit === 'MHz' || isShare(unit);
}

export function describeUnit(unit: string): string {
  if (unit === '') return 'a plain number';
  if (unit === 'ns') return 'a time';
  if (unit === 'MHz') return 'a frequency';
  return isShare(unit) ? `a share ${unit}` : `a count of ${unit}`;
}

export function sum(left: Quantity, right: Quantity, sign: 1 | -1, context: UnitContext): Quantity {
  const both = alike(left, right, context);
  return { value: both.left + sign * both.right, unit: both.unit };
}

export function product(left: Quantity, right: Quantity): Quantity {
  const value = left.value * right.value;
  if (left.unit === '' || right.unit === '') return { value, unit: left.unit === '' ? right.unit : left.unit };
  const units = new Set([left.unit, right.unit]);
  if (units.has('clocks') && units.has('ns')) return { value, unit: 'ns' };
  if (units.has('MHz') && units.has('ns')) return { value: value / 1000, unit: '' };
  throw new BudgetError(
    budgetCodes.wrongUnit,
    `${describeUnit(left.unit)} times ${describeUnit(right.unit)} is nothing that a budget knows`,
  );
}

export function quotient(left: Quantity, right: Quantity): Quantity {
  const value = left.value / right.value;
  if (right.unit === '') return { value, unit: left.unit };
  if (left.unit === right.unit && !isShare(left.unit)) return { value, unit: '' };
  if (left.unit === '' && right.unit === 'ns') return { value: value * 1000, unit: 'MHz' };
  if (left.unit === '' && right.unit === 'MHz') return { value: value * 1000, unit: 'ns' };
  if (left.unit === 'clocks' && right.unit === 'MHz') return { value: value * 1000, unit: 'ns' };
  throw new BudgetError(
    budgetCodes.wrongUnit,
    `${describeUnit(left.unit)} by ${describeUnit(right.unit)} is nothing that a budget knows`,
  );
}
