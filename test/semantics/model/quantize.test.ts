import { describe, expect, it } from 'vitest';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import { quantizeCode } from '../../../src/numeric/rounding.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { at } from '../../../src/support/invariant.js';
import { runBatched, runOracle } from '../../support/evaluators.js';
import { allOverflows, allRoundings } from '../../support/random-types.js';

/** Extra bits below the small codes: the batched evaluator then computes in 32-bit words, doubles or big integers. */
const arithmetics = [
  ['small words', 0],
  ['words of 32 bits', 22],
  ['doubles', 34],
  ['words of 53 bits', 43],
  ['big integers', 72],
] as const;

/** Small types around the small codes, and types whose width is near the limits of each arithmetic. */
function targets(extra: number): FixedPointType[] {
  const types: FixedPointType[] = [];
  for (const signed of [true, false]) {
    for (const width of [1, 2, 4]) {
      for (let lsb = -4; lsb <= 4; lsb++) types.push(fixedPointType(signed, width, lsb + width));
    }
    // So coarse that the scale underflows in a double, and so fine that it overflows.
    types.push(fixedPointType(signed, 4, 1300), fixedPointType(signed, 4, -1300));
    if (extra === 0) continue;
    for (const width of [31, 32, 33, 42, 52, 53, 54, 60]) {
      types.push(fixedPointType(signed, width, width - 2 - extra), fixedPointType(signed, width, width - 5));
    }
  }
  return types;
}

/** One input, quantised into all types at once, once per overflow mode. */
function quantizers(
  source: FixedPointType,
  types: readonly FixedPointType[],
  rounding: (typeof allRoundings)[number],
): ModelGraph {
  const builder = new ModelBuilder('quantisers');
  const input = builder.input({ name: 'x', types: [source], rounding: 'TRN', overflow: 'WRAP' }, [1]);
  const copies = builder.add('gather', { operand: input, axis: 0, indices: types.map(() => 0) });
  for (const overflow of allOverflows) {
    builder.output(overflow, builder.add('quantize', { operand: copies, types, rounding, overflow }), types);
  }
  return builder.finish();
}

describe.each(arithmetics)('quantize in %s', (_, extra) => {
  const source = fixedPointType(true, 10 + extra, 7);
  const types = targets(extra);
  // Every code where words are small; else around every multiple of the small LSB near zero and a sample beyond.
  const { low, high } = codeRange(source);
  const codes = [low, low + 1n, high - 1n, high];
  for (let n = -128; n < 128; n++) {
    if (extra > 0 && Math.abs(n) > 6 && n % 50 !== 0) continue;
    for (const delta of extra > 0 ? [-1n, 0n, 1n] : [0n]) codes.push((BigInt(n) << BigInt(extra)) + delta);
  }

  it.each(allRoundings)('%s agrees with the numerics in oracle and batched evaluator', (rounding) => {
    const graph = quantizers(source, types, rounding);
    const events = codes.map((code) => [[code]]);
    const { rows } = runBatched(graph, events);
    const oracle = runOracle(graph, events);
    codes.forEach((code, event) => {
      const expected = allOverflows.flatMap((overflow) =>
        types.map((type) => quantizeCode(code, -3 - extra, type, rounding, overflow)),
      );
      expect(at(rows, event).join()).toBe(expected.join());
      expect(at(oracle, event).outputs.flat().join()).toBe(expected.join());
    });
  });
});
