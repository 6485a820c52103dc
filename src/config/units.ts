import { MAXIMUM_INTERVAL } from '../design/sequencing.js';
import type { Effort } from '../passes/dataflow/distributed-arithmetic/options.js';

/** Slowest and fastest clock that we take for a trigger, in ns: beyond them a unit was mistaken. */
const LONGEST_PERIOD = 1000;
const SHORTEST_PERIOD = 0.5;

const nanoseconds: Readonly<Record<string, number>> = { ps: 1e-3, ns: 1, us: 1e3, µs: 1e3, μs: 1e3 };
const megahertz: Readonly<Record<string, number>> = { khz: 1e-3, mhz: 1, ghz: 1e3 };

function split(text: string): { readonly value: number; readonly unit: string } | undefined {
  const match = /^\s*(\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})\s*([a-zµμ]*)\s*$/iu.exec(text);
  return match === null ? undefined : { value: Number(match[1]), unit: (match[2] ?? '').toLowerCase() };
}

/** Longest search that we take for meant. */
const LONGEST_SEARCH = 86_400;

/** `fast`, `default`, `high`, or seconds such as `30s`. Throws RangeError with a sentence for the user. */
export function parseEffort(text: string): Effort {
  const word = text.trim();
  if (word === 'fast' || word === 'default' || word === 'high') return word;
  const parsed = split(text);
  if (parsed === undefined || (parsed.unit !== 's' && parsed.unit !== '')) {
    throw new RangeError(`'${text}' is neither fast, default, high nor a time in seconds`);
  }
  if (parsed.unit === '') throw new RangeError(`'${text}' has no unit: is it ${parsed.value}s?`);
  if (!(parsed.value > 0 && parsed.value <= LONGEST_SEARCH)) {
    throw new RangeError(`'${text}' is not a time above 0 s and up to ${LONGEST_SEARCH} s`);
  }
  return { seconds: parsed.value };
}

/** A clock such as `25ns`, `2.5 ns`, `240MHz`: its period in ns. Throws RangeError with a sentence for the user. */
export function parseClock(text: string): number {
  const parsed = split(text);
  if (parsed === undefined) throw new RangeError(`'${text}' is not a number with a unit of time or frequency`);
  if (parsed.unit === '') throw new RangeError(`'${text}' has no unit: is it ns or MHz?`);
  const time = nanoseconds[parsed.unit];
  const frequency = megahertz[parsed.unit];
  if (time === undefined && frequency === undefined)
    throw new RangeError(`'${text}' has the unknown unit '${parsed.unit}'`);
  const period = time === undefined ? 1000 / (parsed.value * (frequency ?? 1)) : parsed.value * time;
  if (!(period >= SHORTEST_PERIOD && period <= LONGEST_PERIOD)) {
    throw new RangeError(`'${text}' is not a period of ${SHORTEST_PERIOD} to ${LONGEST_PERIOD} ns (2 GHz to 1 MHz)`);
  }
  return period;
}

/** Nominal spacing of bunch crossings at the LHC, ns. */
const BUNCH_CROSSING = 25;

/** Clocks from one event to the next, or a time that the clock decides the clocks of. */
export type IntervalSetting = { readonly clocks: number } | { readonly nanoseconds: number };

/** An initiation interval such as `8`, `8 clocks`, `1 BX`, `150ns`. Throws RangeError with a sentence for the user. */
export function parseInterval(text: string): IntervalSetting {
  const parsed = split(text);
  if (parsed === undefined) throw new RangeError(`'${text}' is not a number of clocks, of BX, or a time`);
  const { value, unit } = parsed;
  const time = unit === 'bx' ? BUNCH_CROSSING : nanoseconds[unit];
  if (time !== undefined) {
    if (!(value > 0)) throw new RangeError(`'${text}' is no time between events`);
    return { nanoseconds: value * time };
  }
  if (unit !== '' && unit !== 'clocks' && unit !== 'clock') {
    throw new RangeError(`'${text}' has the unknown unit '${unit}': clocks, BX or ns`);
  }
  if (!Number.isInteger(value) || value < 1 || value > MAXIMUM_INTERVAL) {
    throw new RangeError(`'${text}' is not a whole number of clocks from 1 to ${MAXIMUM_INTERVAL}`);
  }
  return { clocks: value };
}

/** A number of something on a device, or a share of all that the part has, 0 to 1. */
export type LimitSetting = { readonly count: number } | { readonly share: number };

/** A limit such as `20000` or `5%`. Throws RangeError with a sentence for the user. */
export function parseLimit(text: string): LimitSetting {
  const percent = /^\s*(\d{1,3}(?:\.\d{1,6})?)\s*%\s*$/u.exec(text);
  if (percent !== null && Number(percent[1]) <= 100) return { share: Number(percent[1]) / 100 };
  if (/^\s*\d{1,9}\s*$/u.test(text)) return { count: Number(text) };
  throw new RangeError(`'${text}' is neither a whole number nor a share of the part such as 5%`);
}

/** The whole clocks of an interval; undefined where a time is shorter than a clock or beyond any interval. */
export function intervalClocks(setting: IntervalSetting, clockPeriod: number): number | undefined {
  if ('clocks' in setting) return setting.clocks;
  // A clock that does not divide the bunch crossing exactly in decimals still has its whole number of periods.
  const clocks = Math.floor(setting.nanoseconds / clockPeriod + 1e-6);
  return clocks < 1 || clocks > MAXIMUM_INTERVAL ? undefined : clocks;
}

/** A delay such as `1.5`, `1.5ns`, `800ps` in ns. Throws RangeError with a sentence for the user. */
export function parseDelay(text: string): number {
  const parsed = split(text);
  const scale = parsed === undefined ? undefined : parsed.unit === '' ? 1 : nanoseconds[parsed.unit];
  if (parsed === undefined || scale === undefined) throw new RangeError(`'${text}' is not a time in ns`);
  const delay = parsed.value * scale;
  if (delay > LONGEST_PERIOD) throw new RangeError(`'${text}' is longer than ${LONGEST_PERIOD} ns`);
  return delay;
}
