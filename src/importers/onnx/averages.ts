import { importCodes } from '../../diagnostics/codes/import.js';
import type { Shape } from '../../model/kinds.js';
import { at } from '../../support/invariant.js';
import { dyadicFrom, floatTensor } from './constant-tensor.js';
import type { NodeContext } from './node-context.js';
import type { Value } from './session.js';
import { powerOfTwoExponent } from './tensors.js';

/**
 * sums / counts, with one count for each position of `shape`. Powers of two are exact; other reciprocals are float
 * constants, which get a type when the graph is typed.
 */
export function divideByCounts(context: NodeContext, sums: Value, counts: readonly number[], shape: Shape): Value {
  const { tensors } = context;
  const uniform = counts.every((count) => count === counts[0]);
  const divisors = uniform ? counts.slice(0, 1) : counts;
  const dims = uniform ? [] : shape;
  if (sums.kind === 'constant') {
    return tensors.foldedBinary('divide', sums, tensors.constant(floatTensor(dims, Float64Array.from(divisors))));
  }
  if (divisors.every((count) => powerOfTwoExponent(count) !== undefined)) {
    const values = divisors.map((count) => ({ code: 1n, lsb: -(powerOfTwoExponent(count) ?? 0) }));
    return uniform && at(counts, 0) === 1
      ? sums
      : tensors.binary('multiply', sums, tensors.constant(dyadicFrom(dims, values)));
  }
  const odd = divisors.find((count) => powerOfTwoExponent(count) === undefined);
  context.report(importCodes.reciprocalRounded, `an average over ${odd} values`);
  const reciprocals = Float64Array.from(divisors, (count) => Math.fround(1 / count));
  return tensors.binary('multiply', sums, tensors.constant(floatTensor(dims, reciprocals)));
}
