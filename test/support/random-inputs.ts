import { codeRange, lsbExponent } from '../../src/numeric/fixed-point.js';
import type { Interval } from '../../src/numeric/interval.js';
import { clampTo, intersect } from '../../src/numeric/interval.js';
import { roundShift } from '../../src/numeric/rounding.js';
import type { ModelGraph, ModelNodeOf } from '../../src/model/kinds.js';
import { elementCount, perElement } from '../../src/model/kinds.js';
import type { Random } from '../../src/support/random.js';

export interface RandomInputOptions {
  /** Draw only codes that the `assume` nodes directly on an input allow (the default). */
  readonly keepPromises?: boolean;
}

/** For each input node, in graph order, the codes that each element may take. */
export function inputRanges(graph: ModelGraph, keepPromises = true): readonly (readonly Interval[])[] {
  const promises = graph.nodes.filter((node) => node.kind === 'assume');
  return graph.nodes
    .filter((node) => node.kind === 'input')
    .map((input) => {
      const own = keepPromises ? promises.filter((promise) => promise.operand === input.id) : [];
      return Array.from({ length: elementCount(input.shape) }, (_, element) => elementRange(input, own, element));
    });
}

function elementRange(
  input: ModelNodeOf<'input'>,
  promises: readonly ModelNodeOf<'assume'>[],
  element: number,
): Interval {
  const type = perElement(input.types, element);
  let range = codeRange(type);
  for (const promise of promises) {
    const bounds = perElement(promise.ranges, element);
    const shift = lsbExponent(type) - promise.lsb;
    const met = intersect(range, {
      low: roundShift(bounds.low, shift, 'CEIL'),
      high: roundShift(bounds.high, shift, 'TRN'),
    });
    if (met === undefined) throw new Error(`no code of element ${element} of '${input.name}' keeps its promise`);
    range = met;
  }
  return range;
}

/**
 * Codes for `events` events: result[event][input][element], each in its element's own port type. The first three
 * events are all zero, all lowest and all highest; the others mix uniform codes, corners and small values.
 */
export function randomInputs(
  random: Random,
  graph: ModelGraph,
  events: number,
  options: RandomInputOptions = {},
): readonly (readonly (readonly bigint[])[])[] {
  const ranges = inputRanges(graph, options.keepPromises ?? true);
  return Array.from({ length: events }, (_, event) => {
    const style = event < 3 ? event : random.integer(3, 7);
    return ranges.map((port) => port.map((range) => randomCode(random, range, style)));
  });
}

function randomCode(random: Random, range: Interval, style: number): bigint {
  switch (style) {
    case 0:
      return clampTo(0n, range);
    case 1:
      return range.low;
    case 2:
      return range.high;
    case 3:
      return corner(random, range);
    case 4:
      return clampTo(BigInt(random.integer(-4, 4)), range);
    case 5:
      // Any magnitude is equally likely: most values are far from the ends, as physical ones are.
      return clampTo(random.bigint(-1n, 1n) * random.bigint(0n, 1n << BigInt(random.integer(0, 40))), range);
    case 6:
      return randomCode(random, range, random.integer(0, 5));
    default:
      return random.bigint(range.low, range.high);
  }
}

function corner(random: Random, range: Interval): bigint {
  const corners = [range.low, range.high, range.low + 1n, range.high - 1n, 0n, 1n, -1n, range.high >> 1n] as const;
  return clampTo(random.pick(corners), range);
}
