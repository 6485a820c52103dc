import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import type { Program } from '../../../src/dataflow/program.js';
import { verifyProgram } from '../../../src/dataflow/verify.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { findStaircase, firstReaching, hasTies, signedDigits } from '../../../src/lowering/model/staircase.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import type { AffineRatio } from '../../../src/numeric/ratio.js';
import { requantizeCode, roundRatio } from '../../../src/numeric/ratio.js';
import type { Rounding } from '../../../src/numeric/rounding.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import { runBatched, runOracle } from '../../support/evaluators.js';
import { allOverflows, allRoundings } from '../../support/random-types.js';

/** Rounding as the modes are defined, by comparing distances of integers from the fraction, times its denominator. */
function roundByDistance(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const around = BigInt(Math.round(Number(numerator) / Number(denominator)));
  const near = [-2n, -1n, 0n, 1n, 2n].map((step) => around + step);
  const distance = (n: bigint): bigint => {
    const difference = n * denominator - numerator;
    return difference < 0n ? -difference : difference;
  };
  const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);
  const below = near.filter((n) => n * denominator <= numerator).reduce((a, b) => (a > b ? a : b));
  const above = near.filter((n) => n * denominator >= numerator).reduce((a, b) => (a < b ? a : b));
  if (below === above) return below;
  const nearer = (whenTied: bigint): bigint =>
    distance(below) === distance(above) ? whenTied : distance(below) < distance(above) ? below : above;
  const [inner, outer] = magnitude(below) < magnitude(above) ? [below, above] : [above, below];
  const choices: Readonly<Record<Rounding, bigint>> = {
    TRN: below,
    CEIL: above,
    TRN_ZERO: inner,
    AWAY: outer,
    RND: nearer(above),
    RND_MIN_INF: nearer(below),
    RND_ZERO: nearer(inner),
    RND_INF: nearer(outer),
    RND_CONV: nearer(below % 2n === 0n ? below : above),
  };
  return choices[rounding];
}

function requantizers(
  source: FixedPointType,
  ratio: AffineRatio,
  types: readonly FixedPointType[],
  rounding: Rounding,
): ModelGraph {
  const builder = new ModelBuilder('requantise');
  const input = builder.input({ name: 'x', types: [source], rounding: 'TRN', overflow: 'WRAP' }, [1]);
  for (const overflow of allOverflows) {
    for (const type of types) {
      const fields = {
        numerators: [ratio.numerator],
        offsets: [ratio.offset],
        denominators: [ratio.denominator],
      };
      const id = builder.add('requantize', { operand: input, ...fields, types: [type], rounding, overflow });
      builder.output('y', id, [type]);
    }
  }
  return builder.finish();
}

function compare(graph: ModelGraph, program: Program, codes: readonly bigint[], expected: readonly bigint[][]): void {
  const events = codes.map((code) => [[code]]);
  const { rows } = runBatched(graph, events);
  const oracle = runOracle(graph, events);
  codes.forEach((code, event) => {
    const wanted = at(expected, event).join();
    expect(at(oracle, event).outputs.flat().join(), `oracle of ${code}`).toBe(wanted);
    expect(at(rows, event).join(), `emulator of ${code}`).toBe(wanted);
    expect(evaluateProgram(program, [code]).outputs.join(), `program of ${code}`).toBe(wanted);
  });
}

describe('a lowered quantiser by a ratio', () => {
  const sources = [fixedPointType(true, 5, 4), fixedPointType(false, 4, 4)];
  const types = [fixedPointType(true, 3, 3), fixedPointType(false, 2, 3), fixedPointType(true, 7, 5)];

  it.each(allRoundings)('%s is its definition on every code, with every overflow', (rounding) => {
    for (const source of sources) {
      for (const denominator of [3n, 6n, 7n]) {
        for (const [numerator, offset] of [
          [1n, 0n],
          [5n, -4n],
          [-3n, 2n],
        ] as const) {
          const ratio = { numerator, offset, denominator };
          const graph = requantizers(source, ratio, types, rounding);
          const program = lowerModel(graph);
          verifyProgram(program);
          const lsb = source.integer - source.width;
          const codes: bigint[] = [];
          for (let { low: code } = codeRange(source); code <= codeRange(source).high; code++) codes.push(code);
          const expected = codes.map((code) =>
            allOverflows.flatMap((overflow) =>
              types.map((type) => {
                // (n × code × 2^lsb + o) / (d × 2^target), with both powers brought to whole numbers.
                const up = 1n << 8n;
                const above = (numerator * code * (up >> BigInt(-lsb)) + offset * up) * up;
                const target = type.integer - type.width;
                const below = denominator * up * (target >= 0 ? up << BigInt(target) : up >> BigInt(-target));
                const rounded = roundByDistance(above, below, rounding);
                // The overflow of codes has its own tests.
                const own = requantizeCode(
                  rounded,
                  0,
                  { numerator: 1n, offset: 0n, denominator: 1n },
                  fixedPointType(type.signed, type.width, type.width),
                  'TRN',
                  overflow,
                );
                return own;
              }),
            ),
          );
          compare(graph, program, codes, expected);
        }
      }
    }
  });

  it.each(allRoundings)('%s of wide operands and scales of 24 bits, at every step', (rounding) => {
    const random = new Random(7);
    const source = fixedPointType(true, 20, 20);
    const narrow = [fixedPointType(true, 8, 8), fixedPointType(false, 3, 3), fixedPointType(true, 15, 15)];
    for (let round = 0; round < 2; round++) {
      const ratio = {
        numerator: random.bigint(1n << 23n, (1n << 24n) - 1n),
        offset: random.bigint(-(1n << 30n), 1n << 30n),
        denominator: random.bigint(1n << 23n, (1n << 24n) - 1n) * (1n << BigInt(random.integer(8, 13))),
      };
      const graph = requantizers(source, ratio, narrow, rounding);
      const program = lowerModel(graph);
      verifyProgram(program);
      const codes = new Set<bigint>([-(1n << 19n), -1n, 0n, 1n, (1n << 19n) - 1n]);
      for (let y = -130n; y < 260n; y += 13n) {
        const step = firstReaching(ratio, y, rounding);
        for (const code of [step - 1n, step, step + 1n]) if (code >= -(1n << 19n) && code < 1n << 19n) codes.add(code);
      }
      for (let index = 0; index < 20; index++) codes.add(random.bigint(-(1n << 19n), (1n << 19n) - 1n));
      const list = [...codes];
      const expected = list.map((code) =>
        allOverflows.flatMap((overflow) =>
          narrow.map((type) => requantizeCode(code, 0, ratio, type, rounding, overflow)),
        ),
      );
      compare(graph, program, list, expected);
    }
  });

  it('merges a rectifier with the saturation', () => {
    const builder = new ModelBuilder('rectified');
    const types = [fixedPointType(true, 16, 16)];
    const input = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [1]);
    const relu = builder.add('relu', { operand: input });
    const type = fixedPointType(false, 8, 8);
    const ratio = { numerators: [12345n], offsets: [70_000n], denominators: [2_000_001n] };
    const id = builder.add('requantize', {
      operand: relu,
      ...ratio,
      types: [type],
      rounding: 'RND_CONV',
      overflow: 'SAT',
    });
    builder.output('y', id, [type]);
    const graph = builder.finish();
    const program = lowerModel(graph);
    // The rectifier's own maximum is left without a reader.
    const clamps = program.kernels.flatMap((kernel) => kernel.nodes.filter((node) => node.kind === 'clamp'));
    expect(clamps.map((node) => node.bounds)).toStrictEqual([{ low: 0n, high: 202n }]);
    const codes = [-32768n, -1000n, -1n, 0n, 1n, 155n, 156n, 157n, 32767n];
    const expected = codes.map((code) => [
      roundByDistance(12345n * (code > 0n ? code : 0n) + 70_000n, 2_000_001n, 'RND_CONV'),
    ]);
    compare(graph, program, codes, expected);
  });
});

describe('staircases', () => {
  it('agree with the ratio at every code of the domain, wherever there is one', () => {
    const random = new Random(11);
    let found = 0;
    for (let round = 0; round < 150; round++) {
      const bits = random.integer(1, 12);
      const ratio = {
        numerator: random.bigint(1n, 1n << BigInt(bits)),
        offset: random.bigint(-5000n, 5000n),
        denominator: random.bigint(1n, 1n << BigInt(random.integer(1, 14))),
      };
      const low = random.bigint(-300n, 200n);
      const domain = { low, high: low + random.bigint(0n, 400n) };
      const rounding = random.pick(allRoundings);
      const range = random.integer(0, 1) === 0 ? { low: -8n, high: 7n } : { low: -(1n << 40n), high: 1n << 40n };
      const line = findStaircase(ratio, domain, range, rounding);
      if (line === undefined) continue;
      found++;
      const clamp = (value: bigint): bigint =>
        value < range.low ? range.low : value > range.high ? range.high : value;
      for (let x = domain.low; x <= domain.high; x++) {
        const y = (line.multiplier * x + line.addend) >> BigInt(line.shift);
        expect(clamp(y), `${rounding} of ${x}`).toBe(clamp(roundRatio(ratio, x, rounding)));
      }
    }
    expect(found).toBeGreaterThan(80);
  });

  it('are found for every domain where a plain floor is wanted', () => {
    for (const high of [100n, 5000n, 1n << 30n]) {
      const ratio = { numerator: 0x9a3f21n, offset: -77n, denominator: 0xb51c45n << 6n };
      const line = findStaircase(ratio, { low: -high, high }, { low: -(1n << 50n), high: 1n << 50n }, 'RND_CONV');
      expect(line).toBeDefined();
    }
  });

  it('are found however far from zero the results lie', () => {
    // Beyond 2^53 a double cannot tell neighbouring results apart.
    const random = new Random(12);
    for (let round = 0; round < 60; round++) {
      const denominator = random.bigint(1n, 1n << BigInt(random.integer(1, 40)));
      const ratio = {
        numerator: random.bigint(1n, 4n * denominator),
        offset: random.bigint(-(1n << 62n), 1n << 62n) * denominator,
        denominator,
      };
      const low = random.bigint(-3000n, 3000n);
      const domain = { low, high: low + random.bigint(1n, 600n) };
      const range = { low: roundRatio(ratio, domain.low, 'TRN'), high: roundRatio(ratio, domain.high, 'TRN') };
      if (range.low === range.high) continue;
      const line = findStaircase(ratio, domain, range, 'TRN');
      if (line === undefined) throw new Error(`no line for ${ratio.numerator} / ${ratio.denominator}`);
      for (let x = domain.low; x <= domain.high; x++) {
        expect((line.multiplier * x + line.addend) >> BigInt(line.shift)).toBe(roundRatio(ratio, x, 'TRN'));
      }
    }
  });

  it('need few digits where few steps allow it', () => {
    // Eight steps of about a third: far fewer digits than 24 bits of scale.
    const ratio = { numerator: 0x555555n, offset: 0n, denominator: 0xffffffn };
    const line = findStaircase(ratio, { low: 0n, high: 200n }, { low: 0n, high: 7n }, 'RND_CONV');
    expect(line === undefined ? 99 : signedDigits(line.multiplier)).toBeLessThanOrEqual(3);
  });

  it('ties are found exactly', () => {
    for (let denominator = 1n; denominator <= 24n; denominator++) {
      for (let numerator = 1n; numerator <= 7n; numerator++) {
        for (const offset of [0n, 1n, -5n]) {
          for (let high = -3n; high <= 12n; high += 5n) {
            let any = false;
            for (let x = -3n; x <= high; x++) {
              const twice = 2n * (numerator * x + offset);
              any ||= twice % denominator === 0n && (twice / denominator) % 2n !== 0n;
            }
            expect(hasTies({ numerator, offset, denominator }, { low: -3n, high })).toBe(any);
          }
        }
      }
    }
  });
});
