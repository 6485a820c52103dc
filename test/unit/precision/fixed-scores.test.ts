import { describe, expect, it } from 'vitest';
import { compileEmulator } from '../../../src/backends/emulator/emulator.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { fixedEvaluator } from '../../../src/precision/fixed-scores.js';
import { Random } from '../../../src/support/random.js';

const provenance = { name: '', operator: '' };

/** relu(x · w) · w, quantised on the way; `width`: of the input. */
function network(width: number): ModelGraph {
  const builder = new ModelBuilder('network');
  const type = fixedPointType(true, width, 4);
  const x = builder.input({ name: 'x', types: [type], rounding: 'RND_CONV', overflow: 'SAT' }, [3]);
  const random = new Random(5);
  const codes = Array.from({ length: 9 }, () => BigInt((random.next() % 61) - 30));
  const weights = builder.constant({ lsb: -3, codes, float: false }, [3, 3], provenance);
  const product = builder.add('matmul', { left: x, right: weights }, provenance);
  const relu = builder.add('relu', { operand: product }, provenance);
  const fields = { operand: relu, types: [fixedPointType(false, 6, 3)], rounding: 'RND', overflow: 'SAT' } as const;
  const cut = builder.add('quantize', fields, provenance);
  const y = builder.add('matmul', { left: cut, right: weights }, provenance);
  builder.output('y', y, [fixedPointType(true, width + 30, 20)]);
  return builder.finish();
}
const wide = 70;

describe('fixedEvaluator', () => {
  it.each([
    ['in doubles', 9],
    ['beyond doubles', wide],
  ])('gives what the emulator gives %s', (_, width) => {
    const graph = network(width);
    const emulator = compileEmulator(graph);
    expect(emulator.needsBigint).toBe(width === wide);
    const random = new Random(1);
    // On the codes of the port, between them, and, where codes are exact in doubles, beyond its range.
    const reach = width === wide ? 7 : 12;
    const values = Float64Array.from({ length: 3 * 400 }, (_, index) =>
      index % 3 === 0 ? Math.round(random.uniform() * 7) : random.uniform() * 2 * reach - reach,
    );
    const scale = 2 ** (width - 4);
    const limit = 2 ** (width - 1);
    const codes = Float64Array.from(values, (value) => {
      const below = Math.floor(value * scale);
      const rest = value * scale - below;
      const code = rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
      return Math.max(-limit, Math.min(limit - 1, code));
    });
    const data = width === wide ? Array.from(codes, (code) => BigInt(code)) : codes;
    const { output } = emulator.run({ rows: 400, columns: 3, data });
    const unit = 2 ** -(width + 10);
    fixedEvaluator(graph)(values).forEach((score, index) => {
      expect(score).toBe(Number(output.data[index]) * unit);
    });
  });

  it.each([
    ['signed', true],
    ['unsigned', false],
  ] as const)('clips to the ends of a %s type that doubles do not hold', (_, signed) => {
    const builder = new ModelBuilder('ends');
    const type = fixedPointType(signed, 64, 4);
    const x = builder.input({ name: 'x', types: [type], rounding: 'RND_CONV', overflow: 'SAT' }, [1]);
    // What follows wraps, so that one code more would be the other end of the range.
    const fields = { operand: x, types: [fixedPointType(signed, 8, 4)], rounding: 'TRN', overflow: 'WRAP' } as const;
    builder.output('y', builder.add('quantize', fields, provenance), [fixedPointType(signed, 8, 4)]);
    const scores = fixedEvaluator(builder.finish())(Float64Array.of(1000, -1000, 3.25));
    const ends = signed ? [7.9375, -8] : [15.9375, 0];
    expect([...scores]).toEqual([...ends, 3.25]);
  });
});
