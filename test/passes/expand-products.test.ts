import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import { evaluateKernel } from '../../src/dataflow/evaluate.js';
import type { Kernel } from '../../src/dataflow/kinds.js';
import type { Program } from '../../src/dataflow/program.js';
import { verifyKernel } from '../../src/dataflow/verify.js';
import { unwrap } from '../../src/diagnostics/result.js';
import type { Interval } from '../../src/numeric/interval.js';
import { intervalWidth, multiplyIntervals, squareInterval } from '../../src/numeric/interval.js';
import { expandProducts } from '../../src/passes/dataflow/expand-products.js';
import { bracket } from '../../src/passes/dataflow/products/square.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';

function expanded(kernel: Kernel): Kernel {
  const program: Program = { name: 'products', inputs: [], kernels: [kernel], instances: [], outputs: [] };
  const after = at(unwrap(expandProducts.run(program, {})).kernels, 0);
  verifyKernel(after);
  return after;
}

function squareOf(range: Interval): Kernel {
  const builder = new KernelBuilder('square');
  builder.output(builder.square(builder.input(range)));
  return expanded(builder.finish());
}

function productOf(left: Interval, right: Interval): Kernel {
  const builder = new KernelBuilder('product');
  builder.output(builder.multiply(builder.input(left), builder.input(right)));
  return expanded(builder.finish());
}

/** The value of the only result; every node on the way lies within its range. */
function valueOf(kernel: Kernel, inputs: readonly bigint[]): bigint {
  const values = evaluateKernel(kernel, inputs);
  for (const node of kernel.nodes) {
    const value = at(values, node.id);
    if (value < node.range.low || value > node.range.high) {
      expect.fail(
        `${node.kind} ${node.id} of ${inputs.join()} is ${value}, outside ${node.range.low}..${node.range.high}`,
      );
    }
  }
  return at(values, at(kernel.outputs, 0));
}

function ofWidth(width: number, signed: boolean): Interval {
  const span = 1n << BigInt(width);
  return signed ? { low: -span / 2n, high: span / 2n - 1n } : { low: 0n, high: span - 1n };
}

describe('squares', () => {
  it.each([true, false])('equal the product for every value up to 11 bits (signed %s)', (signed) => {
    for (let width = 2; width <= 11; width++) {
      const range = ofWidth(width, signed);
      const kernel = squareOf(range);
      expect(kernel.nodes.some(({ kind }) => kind === 'square')).toBe(false);
      expect(at(kernel.nodes, at(kernel.outputs, 0)).range).toEqual(squareInterval(range));
      for (let value = range.low; value <= range.high; value++) expect(valueOf(kernel, [value])).toBe(value * value);
    }
  });

  it('equal the product for values of 12 to 40 bits in intervals of any kind', () => {
    const random = new Random(1);
    for (let count = 0; count < 60; count++) {
      const width = random.integer(12, 40);
      const whole = ofWidth(width, true);
      const ends = [random.bigint(whole.low, whole.high), random.bigint(whole.low, whole.high)] as const;
      const range = ends[0] < ends[1] ? { low: ends[0], high: ends[1] } : { low: ends[1], high: ends[0] };
      const kernel = squareOf(range);
      const values = [range.low, range.high, ...Array.from({ length: 12 }, () => random.bigint(range.low, range.high))];
      for (const value of values) expect(valueOf(kernel, [value])).toBe(value * value);
    }
  });

  it('spend about a quarter of the bits squared on rows', () => {
    const kernel = squareOf(ofWidth(16, true));
    const rows = kernel.nodes.filter(({ kind }) => kind === 'add');
    expect(rows).toHaveLength(5);
    expect(rows.reduce((sum, row) => sum + intervalWidth(row.range), 0)).toBeLessThan(75);
  });

  it('rest on a row that equals the bracket of the formula', () => {
    const half = 32n;
    for (let bits = 0; bits < 8; bits++) {
      for (let low = 0n; low < half; low++) {
        const digit = BigInt((bits & 1) + ((bits >> 1) & 1) - 2 * (bits >> 2));
        const x = low - BigInt(bits & 1) * half;
        expect(bracket(bits, low, half)).toBe(digit * x + digit * digit * half);
      }
    }
  });
});

describe('products', () => {
  it('equal the product for every pair of small operands', () => {
    for (const [left, right] of [
      [ofWidth(4, true), ofWidth(5, true)],
      [ofWidth(5, false), ofWidth(4, true)],
      [ofWidth(4, false), ofWidth(4, false)],
      [ofWidth(1, false), ofWidth(6, true)],
      [
        { low: -7n, high: -2n },
        { low: 3n, high: 21n },
      ],
      [
        { low: 0n, high: 2n },
        { low: -1n, high: 0n },
      ],
    ] as const) {
      const kernel = productOf(left, right);
      expect(kernel.nodes.some(({ kind }) => kind === 'multiply')).toBe(false);
      expect(at(kernel.nodes, at(kernel.outputs, 0)).range).toEqual(multiplyIntervals(left, right));
      for (let a = left.low; a <= left.high; a++) {
        for (let b = right.low; b <= right.high; b++) expect(valueOf(kernel, [a, b])).toBe(a * b);
      }
    }
  });

  it('equal the product for wide operands', () => {
    const random = new Random(2);
    for (let count = 0; count < 60; count++) {
      const [left, right] = [
        ofWidth(random.integer(2, 30), random.integer(0, 1) === 1),
        ofWidth(random.integer(2, 30), random.integer(0, 1) === 1),
      ];
      const kernel = productOf(left, right);
      for (let vector = 0; vector < 12; vector++) {
        const draw = (range: Interval): bigint =>
          vector < 4 ? random.pick([range.low, range.high]) : random.bigint(range.low, range.high);
        const [a, b] = [draw(left), draw(right)];
        expect(valueOf(kernel, [a, b])).toBe(a * b);
      }
    }
  });
});
