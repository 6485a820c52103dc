import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import { verifyProgram } from '../../../src/dataflow/verify.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { Overflow, Rounding } from '../../../src/numeric/rounding.js';

/**
 * A definition of its own, in real numbers (all are small multiples of a power of two, hence exact), from the words of
 * the vendor's user guide rather than from integer shifts.
 */
const rounders: Readonly<Record<Rounding, (value: number) => number>> = {
  TRN: Math.floor,
  CEIL: Math.ceil,
  TRN_ZERO: Math.trunc,
  AWAY: (value) => (value < 0 ? Math.floor(value) : Math.ceil(value)),
  RND: (value) => nearest(value, Math.ceil(value)),
  RND_MIN_INF: (value) => nearest(value, Math.floor(value)),
  RND_ZERO: (value) => nearest(value, Math.trunc(value)),
  RND_INF: (value) => nearest(value, value < 0 ? Math.floor(value) : Math.ceil(value)),
  RND_CONV: (value) => nearest(value, 2 * Math.round(value / 2)),
};

function nearest(value: number, whenTied: number): number {
  const [below, above] = [Math.floor(value), Math.ceil(value)];
  if (below === above) return value;
  if (value - below === above - value) return whenTied;
  return value - below < above - value ? below : above;
}

function overflowed(code: number, type: FixedPointType, overflow: Overflow): number {
  const lowest = type.signed ? -(2 ** (type.width - 1)) : 0;
  const highest = type.signed ? 2 ** (type.width - 1) - 1 : 2 ** type.width - 1;
  const bottom = overflow === 'SAT_SYM' && type.signed ? -highest : lowest;
  if (code >= bottom && code <= highest) return code;
  if (overflow === 'SAT_ZERO') return 0;
  if (overflow !== 'WRAP') return code < bottom ? bottom : highest;
  const period = 2 ** type.width;
  const residue = ((code % period) + period) % period;
  return residue > highest ? residue - period : residue;
}

function defined(value: number, type: FixedPointType, rounding: Rounding, overflow: Overflow): number {
  return overflowed(rounders[rounding](value / 2 ** (type.integer - type.width)), type, overflow);
}

const overflows: readonly Overflow[] = ['WRAP', 'SAT', 'SAT_ZERO', 'SAT_SYM'];

function everyType(maximum: number, integers: readonly number[]): readonly FixedPointType[] {
  const types: FixedPointType[] = [];
  for (const signed of [false, true]) {
    for (let width = 1; width <= maximum; width++) {
      for (const integer of integers) types.push(fixedPointType(signed, width, integer));
    }
  }
  return types;
}

describe('a lowered quantiser', () => {
  // Sources of 4 bits and LSB 1; targets from 3 bits coarser to 2 bits finer, on either side of every overflow.
  const sources = [fixedPointType(true, 4, 4), fixedPointType(false, 4, 4), fixedPointType(true, 3, 3)];
  const targets = everyType(4, [-1, 0, 1, 2, 3, 4, 5]);

  for (const rounding of Object.keys(rounders) as Rounding[]) {
    it(`is the definition for ${rounding} with every overflow, type and code`, () => {
      for (const source of sources) {
        for (const overflow of overflows) {
          const builder = new ModelBuilder('quantise');
          const input = builder.input({ name: 'x', types: [source], rounding: 'TRN', overflow: 'WRAP' }, [1]);
          for (const type of targets) {
            const quantized = builder.add('quantize', { operand: input, types: [type], rounding, overflow });
            builder.output('y', quantized, [type]);
          }
          const program = lowerModel(builder.finish());
          verifyProgram(program);
          const { low, high } = codeRange(source);
          for (let code = low; code <= high; code++) {
            const expected = targets.map((type) => defined(Number(code), type, rounding, overflow) + 0);
            const { outputs } = evaluateProgram(program, [code]);
            expect(outputs.map(Number), `${rounding} ${overflow} of ${code}`).toStrictEqual(expected);
          }
        }
      }
    });
  }

  it('does not saturate where the rounded value fits', () => {
    for (const rounding of Object.keys(rounders) as Rounding[]) {
      const builder = new ModelBuilder('fits');
      // -8 … 7.75 rounds into -8 … 8 at most.
      const types = [fixedPointType(true, 6, 4)];
      const input = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [1]);
      const type = fixedPointType(true, 5, 5);
      const operand = builder.add('quantize', { operand: input, types: [type], rounding, overflow: 'SAT' });
      builder.output('y', operand, [type]);
      const kinds = lowerModel(builder.finish()).kernels.flatMap((kernel) => kernel.nodes.map((node) => node.kind));
      expect(kinds).not.toContain('clamp');
    }
  });

  it('knows the ends of the rounded interval: towards zero, -4.75 … 3.75 fits three bits', () => {
    const builder = new ModelBuilder('ends');
    const types = [fixedPointType(true, 6, 4)];
    const input = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [1]);
    const promised = builder.add('assume', { operand: input, lsb: -2, ranges: [{ low: -19n, high: 15n }] });
    const type = fixedPointType(true, 3, 3);
    const quantized = builder.add('quantize', {
      operand: promised,
      types: [type],
      rounding: 'TRN_ZERO',
      overflow: 'SAT',
    });
    builder.output('y', quantized, [type]);
    const program = lowerModel(builder.finish());
    expect(program.kernels.flatMap((kernel) => kernel.nodes.map((node) => node.kind))).not.toContain('clamp');
    for (let code = -19; code <= 15; code++) {
      expect(evaluateProgram(program, [BigInt(code)]).outputs).toStrictEqual([BigInt(Math.trunc(code / 4))]);
    }
  });
});
