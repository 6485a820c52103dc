import { describe, expect, it } from 'vitest';
import { codeRange, fixedPointType, lsbExponent } from '../../../src/numeric/fixed-point.js';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { exactType, inferFormats } from '../../../src/model/formats.js';
import type { ModelGraph, ModelKind, ModelNodeId, Shape } from '../../../src/model/kinds.js';
import { elementCount, perElement } from '../../../src/model/kinds.js';
import { verifyModel } from '../../../src/model/verify.js';
import { at } from '../../../src/support/invariant.js';
import { runBatched, runOracle } from '../../support/evaluators.js';
import type { Event } from '../../support/evaluators.js';

/** A graph of one operation, and what it must give on real numbers, written out for its small shape. */
interface Case {
  readonly inputs: readonly { readonly types: readonly FixedPointType[]; readonly shape: Shape }[];
  readonly build: (builder: ModelBuilder, inputs: readonly ModelNodeId[]) => ModelNodeId;
  readonly shape: Shape;
  /** Values of the result from the values of the inputs, flattened one after the other. */
  readonly values: (x: readonly number[]) => readonly number[];
}

const s2 = fixedPointType(true, 2, 1);
const u2 = fixedPointType(false, 2, 3);
const s3 = fixedPointType(true, 3, 3);
const bit = fixedPointType(false, 1, 0);
const vector = (length: number, ...types: FixedPointType[]): Case['inputs'][number] => ({ types, shape: [length] });
const x = (values: readonly number[], index: number): number => at(values, index);

/** left and right of shapes [2] and [], on LSBs that differ. */
function twoOperands(
  kind: 'add' | 'subtract' | 'minimum' | 'maximum' | 'multiply' | 'lessThan' | 'equal',
  f: (a: number, b: number) => number,
): Case {
  return {
    inputs: [vector(2, s2, s3), { types: [u2], shape: [] }],
    build: (builder, [left, right]) => builder.add(kind, { left: at([left], 0), right: at([right], 0) } as never),
    shape: [2],
    values: (v) => [f(x(v, 0), x(v, 2)), f(x(v, 1), x(v, 2))],
  };
}

function oneOperand(kind: 'negate' | 'absolute' | 'relu' | 'bipolar', f: (a: number) => number): Case {
  return {
    inputs: [vector(3, s2, u2, s3)],
    build: (builder, inputs) => builder.add(kind, { operand: at(inputs, 0) }),
    shape: [3],
    values: (v) => v.map(f),
  };
}

const wholeNumber = {
  TRN: Math.floor,
  CEIL: Math.ceil,
  TRN_ZERO: Math.trunc,
  RND_CONV: (a: number): number => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a)),
};
/** Addresses finer, coarser and as fine as the operand; lists that end before its range does and after it. */
function tableCase(lsb: number, first: bigint, codes: readonly bigint[]): Case {
  return {
    inputs: [vector(3, s2, u2, s3)],
    build: (builder, inputs) =>
      builder.add('table', { operand: at(inputs, 0), lsb, first, type: fixedPointType(true, 4, 1), codes }),
    shape: [3],
    values: (v) =>
      v.map((value) => {
        const index = Math.floor(value / 2 ** lsb) - Number(first);
        return Number(at(codes, Math.min(Math.max(index, 0), codes.length - 1))) / 8;
      }),
  };
}

const modes = { rounding: 'TRN', overflow: 'WRAP' } as const;
// These have no exact meaning: they are gone once the graph is typed.
const cases: Readonly<Record<Exclude<ModelKind, 'function' | 'quantizeDefault'>, readonly Case[]>> = {
  table: [
    tableCase(0, -3n, [5n, -8n, 7n, 0n]),
    tableCase(-2, 1n, [3n, 1n, -4n]),
    tableCase(1, -1n, [-1n, 6n]),
    tableCase(3, 0n, [2n]),
  ],
  input: [{ inputs: [vector(3, s2, u2, s3)], build: (_, inputs) => at(inputs, 0), shape: [3], values: (v) => v }],
  constant: [
    {
      inputs: [vector(1, s2)],
      build: (builder, inputs) =>
        builder.add('concat', {
          operands: [at(inputs, 0), builder.constant({ lsb: -3, codes: [5n, -8n], float: false }, [2])],
          axis: 0,
        }),
      shape: [3],
      values: (v) => [x(v, 0), 0.625, -1],
    },
  ],
  assume: [
    {
      inputs: [vector(2, s3)],
      build: (builder, inputs) =>
        builder.add('assume', { operand: at(inputs, 0), lsb: 0, ranges: [{ low: -4n, high: 3n }] }),
      shape: [2],
      values: (v) => v,
    },
  ],
  quantize: [
    {
      // Every mode has its own exhaustive test; here: one type for each element, with the LSB aligned afterwards.
      inputs: [vector(2, s3)],
      build: (builder, inputs) =>
        builder.add('quantize', {
          operand: at(inputs, 0),
          types: [fixedPointType(true, 2, 3), fixedPointType(false, 2, 1)],
          ...modes,
        }),
      shape: [2],
      values: (v) => [2 * Math.floor(x(v, 0) / 2), ((x(v, 1) % 2) + 2) % 2],
    },
  ],
  requantize: [
    {
      // (3 × x + 2) / 5 and (x - 1) / 3, to the nearest of each type's own grid.
      inputs: [vector(2, s3)],
      build: (builder, inputs) =>
        builder.add('requantize', {
          operand: at(inputs, 0),
          numerators: [3n, 1n],
          offsets: [2n, -1n],
          denominators: [5n, 3n],
          types: [fixedPointType(true, 4, 3), fixedPointType(false, 2, 3)],
          rounding: 'RND',
          overflow: 'SAT',
        }),
      shape: [2],
      values: (v) => [
        Math.floor((2 * (3 * x(v, 0) + 2)) / 5 + 0.5) / 2,
        Math.min(6, Math.max(0, 2 * Math.floor((x(v, 1) - 1) / 6 + 0.5))),
      ],
    },
  ],
  bits: [
    {
      // A field inside, one that is signed and on a grid of its own, one that reaches beyond the top.
      inputs: [vector(3, fixedPointType(false, 5, 5))],
      build: (builder, inputs) =>
        builder.add('bits', {
          operand: at(inputs, 0),
          lows: [1, 2, 3],
          types: [fixedPointType(false, 2, 2), fixedPointType(true, 2, 1), fixedPointType(false, 4, 5)],
        }),
      shape: [3],
      values: (v) => [
        Math.floor(x(v, 0) / 2) % 4,
        (((Math.floor(x(v, 1) / 4) + 2) % 4) - 2) / 2,
        2 * Math.floor(x(v, 2) / 8),
      ],
    },
    {
      // Fractions are dropped and the sign goes on upwards; positions below the LSB are zeros.
      inputs: [vector(2, fixedPointType(true, 4, 3), fixedPointType(true, 3, 5))],
      build: (builder, inputs) =>
        builder.add('bits', { operand: at(inputs, 0), lows: [1, 0], types: [fixedPointType(false, 4, 4)] }),
      shape: [2],
      values: (v) => [(Math.floor(x(v, 0) / 2) + 16) % 16, (x(v, 1) + 16) % 16],
    },
  ],
  add: [twoOperands('add', (a, b) => a + b)],
  subtract: [twoOperands('subtract', (a, b) => a - b)],
  minimum: [twoOperands('minimum', (a, b) => (a < b ? a : b))],
  maximum: [twoOperands('maximum', (a, b) => (a < b ? b : a))],
  lessThan: [
    twoOperands('lessThan', (a, b) => (a < b ? 1 : 0)),
    {
      // Constants between the codes of the operand, on either side.
      inputs: [vector(2, s3, u2)],
      build: (builder, inputs) => {
        const bound = builder.constant({ lsb: -2, codes: [-5n, 9n], float: false }, [2]);
        const below = builder.add('lessThan', { left: at(inputs, 0), right: bound });
        const above = builder.add('lessThan', { left: bound, right: at(inputs, 0) });
        return builder.add('concat', { operands: [below, above], axis: 0 });
      },
      shape: [4],
      values: (v) => [x(v, 0) < -1.25, x(v, 1) < 2.25, -1.25 < x(v, 0), 2.25 < x(v, 1)].map(Number),
    },
  ],
  equal: [
    twoOperands('equal', (a, b) => (a === b ? 1 : 0)),
    {
      inputs: [vector(3, s3, s3, u2)],
      build: (builder, inputs) =>
        builder.add('equal', {
          left: at(inputs, 0),
          right: builder.constant({ lsb: -1, codes: [-4n, 3n, 0n], float: false }, [3]),
        }),
      shape: [3],
      values: (v) => [x(v, 0) === -2 ? 1 : 0, 0, x(v, 2) === 0 ? 1 : 0],
    },
  ],
  select: [
    {
      // A condition of any value, a scalar and a constant that broadcasts, on LSBs that differ.
      inputs: [vector(2, s3, u2), { types: [s2], shape: [] }],
      build: (builder, inputs) =>
        builder.add('select', {
          condition: at(inputs, 0),
          whenTrue: at(inputs, 1),
          whenFalse: builder.constant({ lsb: -2, codes: [5n, -3n], float: false }, [2, 1]),
        }),
      shape: [2, 2],
      values: (v) => [1.25, -0.75].flatMap((c) => [x(v, 0) !== 0 ? x(v, 2) : c, x(v, 1) !== 0 ? x(v, 2) : c]),
    },
    {
      inputs: [vector(3, s2, s3, u2)],
      build: (builder, inputs) => {
        const zero = builder.constant({ lsb: 0, codes: [0n], float: false }, []);
        const whenFalse = builder.add('negate', { operand: at(inputs, 0) });
        const condition = builder.add('lessThan', { left: zero, right: at(inputs, 0) });
        return builder.add('select', { condition, whenTrue: at(inputs, 0), whenFalse });
      },
      shape: [3],
      values: (v) => v.map((a) => (a > 0 ? a : 0 - a)),
    },
  ],
  multiply: [
    twoOperands('multiply', (a, b) => a * b),
    {
      // A tensor times itself.
      inputs: [vector(2, s3)],
      build: (builder, inputs) => builder.add('multiply', { left: at(inputs, 0), right: at(inputs, 0) }),
      shape: [2],
      values: (v) => v.map((a) => a * a),
    },
  ],
  negate: [oneOperand('negate', (a) => 0 - a)],
  absolute: [oneOperand('absolute', (a) => (a < 0 ? 0 - a : a))],
  relu: [oneOperand('relu', (a) => (a > 0 ? a : 0))],
  bipolar: [oneOperand('bipolar', (a) => (a >= 0 ? 1 : -1))],
  round: (['TRN', 'CEIL', 'RND_CONV', 'TRN_ZERO'] as const).map((rounding) => ({
    inputs: [vector(3, fixedPointType(true, 5, 3), s2, u2)],
    build: (builder, inputs) => builder.add('round', { operand: at(inputs, 0), rounding }),
    shape: [3],
    values: (v) => v.map((a) => wholeNumber[rounding](a) + 0),
  })),
  matmul: [
    {
      // [1, 2] × [2, 2], both computed.
      inputs: [
        { types: [s2], shape: [1, 2] },
        { types: [u2], shape: [2, 2] },
      ],
      build: (builder, inputs) => builder.add('matmul', { left: at(inputs, 0), right: at(inputs, 1) }),
      shape: [1, 2],
      values: (v) => [x(v, 0) * x(v, 2) + x(v, 1) * x(v, 4), x(v, 0) * x(v, 3) + x(v, 1) * x(v, 5)],
    },
    {
      // Constants with a zero, a power of two and a fraction; a vector on the left loses its axis.
      inputs: [vector(3, s3, u2, s2)],
      build: (builder, inputs) =>
        builder.add('matmul', {
          left: at(inputs, 0),
          right: builder.constant({ lsb: -2, codes: [0n, 3n, 8n, -1n, 5n, -4n], float: false }, [3, 2]),
        }),
      shape: [2],
      values: (v) => [2 * x(v, 1) + 1.25 * x(v, 2), 0.75 * x(v, 0) - 0.25 * x(v, 1) - x(v, 2)],
    },
    {
      // Vector by vector is a scalar; by itself, a sum of squares.
      inputs: [vector(3, s3)],
      build: (builder, inputs) => builder.add('matmul', { left: at(inputs, 0), right: at(inputs, 0) }),
      shape: [],
      values: (v) => [x(v, 0) ** 2 + x(v, 1) ** 2 + x(v, 2) ** 2],
    },
    {
      // The single matrix on the right meets each of the batch of two: [2, 1, 2] × [2, 1].
      inputs: [{ types: [s2], shape: [2, 1, 2] }],
      build: (builder, inputs) =>
        builder.add('matmul', {
          left: at(inputs, 0),
          right: builder.constant({ lsb: 0, codes: [3n, -1n], float: false }, [2, 1]),
        }),
      shape: [2, 1, 1],
      values: (v) => [3 * x(v, 0) - x(v, 1), 3 * x(v, 2) - x(v, 3)],
    },
  ],
  reshape: [
    {
      inputs: [{ types: [s2], shape: [2, 2] }],
      build: (builder, inputs) => builder.add('reshape', { operand: at(inputs, 0), shape: [4] }),
      shape: [4],
      values: (v) => v,
    },
  ],
  transpose: [
    {
      inputs: [{ types: [bit], shape: [2, 3, 2] }],
      build: (builder, inputs) => builder.add('transpose', { operand: at(inputs, 0), permutation: [2, 0, 1] }),
      shape: [2, 2, 3],
      values: (v) => [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11].map((index) => x(v, index)),
    },
  ],
  concat: [
    {
      inputs: [
        { types: [s2], shape: [2, 1] },
        { types: [bit], shape: [2, 2] },
      ],
      build: (builder, inputs) => builder.add('concat', { operands: inputs, axis: 1 }),
      shape: [2, 3],
      values: (v) => [0, 2, 3, 1, 4, 5].map((index) => x(v, index)),
    },
  ],
  gather: [
    {
      inputs: [{ types: [bit], shape: [2, 3] }],
      build: (builder, inputs) => builder.add('gather', { operand: at(inputs, 0), axis: 1, indices: [2, 0, 2, 2] }),
      shape: [2, 4],
      values: (v) => [2, 0, 2, 2, 5, 3, 5, 5].map((index) => x(v, index)),
    },
  ],
  reduce: [
    {
      inputs: [{ types: [s2], shape: [2, 2] }],
      build: (builder, inputs) =>
        builder.add('reduce', { operand: at(inputs, 0), operation: 'sum', axes: [0], keepDimensions: false }),
      shape: [2],
      values: (v) => [x(v, 0) + x(v, 2), x(v, 1) + x(v, 3)],
    },
    {
      inputs: [{ types: [s2], shape: [2, 2] }],
      build: (builder, inputs) =>
        builder.add('reduce', { operand: at(inputs, 0), operation: 'maximum', axes: [1], keepDimensions: true }),
      shape: [2, 1],
      values: (v) => [Math.max(x(v, 0), x(v, 1)), Math.max(x(v, 2), x(v, 3))],
    },
    {
      inputs: [{ types: [s2, u2, bit, s3], shape: [2, 2] }],
      build: (builder, inputs) =>
        builder.add('reduce', { operand: at(inputs, 0), operation: 'minimum', axes: [0, 1], keepDimensions: false }),
      shape: [],
      values: (v) => [Math.min(...v)],
    },
  ],
};

function build({ inputs, build: buildCase }: Case): ModelGraph {
  const builder = new ModelBuilder('case');
  const ids = inputs.map(({ types, shape }, index) => builder.input({ name: `x${index}`, types, ...modes }, shape));
  const result = buildCase(builder, ids);
  const untyped = builder.finish();
  builder.output('y', result, [exactType(at(inferFormats(untyped), result))]);
  const graph = builder.finish();
  verifyModel(graph, { typed: true });
  return graph;
}

/** Every combination of input codes. */
function allEvents(inputs: Case['inputs']): Event[] {
  let events: Event[] = [[]];
  for (const { types, shape } of inputs) {
    let ports: bigint[][] = [[]];
    for (let element = 0; element < elementCount(shape); element++) {
      const { low, high } = codeRange(perElement(types, element));
      const longer: bigint[][] = [];
      for (const port of ports) for (let code = low; code <= high; code++) longer.push([...port, code]);
      ports = longer;
    }
    events = events.flatMap((event) => ports.map((port) => [...event, port]));
  }
  return events;
}

describe.each(Object.entries(cases))('%s', (_, list) => {
  it.each(list.map((each, index) => [index, each] as const))(
    'case %i gives its definition on every input',
    (_index, each) => {
      const graph = build(each);
      const output = at(graph.outputs, 0);
      expect(at(graph.nodes, output.node).shape).toEqual(each.shape);
      const events = allEvents(each.inputs);
      expect(events.length).toBeGreaterThan(3);
      const batched = runBatched(graph, events);
      const oracle = runOracle(graph, events);
      const real = (code: bigint, type: FixedPointType): number => Number(code) * 2 ** lsbExponent(type);
      const type = at(output.types, 0);
      events.forEach((event, index) => {
        const values = event.flatMap((codes, port) =>
          codes.map((code, element) => real(code, perElement(at(each.inputs, port).types, element))),
        );
        const expected = each.values(values).join();
        const found = at(oracle, index)
          .outputs.flat()
          .map((code) => real(code, type))
          .join();
        const row = at(batched.rows, index)
          .map((code) => real(code, type))
          .join();
        if (found !== expected || row !== expected) {
          expect.fail(`[${String(values)}]: oracle ${found}, batched ${row}, by definition ${expected}`);
        }
      });
    },
  );
});

describe('assume', () => {
  it('counts what breaks a promise, on any LSB, and lets the value pass', () => {
    const builder = new ModelBuilder('promise');
    const input = builder.input({ name: 'x', types: [s3], ...modes }, [2]);
    // In quarters: [-2.25, 1.5] for the first element allows -2 … 1; [0, 3] for the second.
    const promised = builder.add('assume', {
      operand: input,
      lsb: -2,
      ranges: [
        { low: -9n, high: 6n },
        { low: 0n, high: 12n },
      ],
    });
    builder.output('y', promised, [s3]);
    const graph = builder.finish();
    verifyModel(graph, { typed: true });
    const events = allEvents([vector(2, s3)]);
    const oracle = runOracle(graph, events);
    const batched = runBatched(graph, events);
    let total = 0;
    events.forEach((event, index) => {
      const [first = 0n, second = 0n] = event.flat();
      const broken = [first < -2n || first > 1n, second < 0n];
      const count = broken.filter(Boolean).length;
      total += count;
      expect(at(oracle, index).outputs).toEqual([[first, second]]);
      expect(at(batched.rows, index)).toEqual([first, second]);
      expect(at(oracle, index).violations).toEqual(
        count === 0 ? [] : [{ node: promised, count, firstElement: broken.indexOf(true) }],
      );
    });
    expect(batched.violations).toEqual([{ node: promised, count: total, firstEvent: 0, firstElement: 0 }]);
  });
});
