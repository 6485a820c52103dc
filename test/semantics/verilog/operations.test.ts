import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import type { Kernel, NodeId } from '../../../src/dataflow/kinds.js';
import type { Instance, Program } from '../../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../../src/dataflow/program.js';
import { dataflowKinds } from '../../../src/dataflow/schema.js';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { Interval } from '../../../src/numeric/interval.js';
import { intervalWidth } from '../../../src/numeric/interval.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { fromPattern } from '../../../src/support/bits.js';
import { Random } from '../../../src/support/random.js';
import type { BundleMember } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle } from '../../support/verilog-bundle.js';

const { yosys, icarus, ghdl } = SIMULATION_ENGINES;
const icarusMissing = await icarus.unavailable();
const ghdlMissing = await ghdl.unavailable();

function integerType(signed: boolean, width: number): FixedPointType {
  return fixedPointType(signed, width, width);
}

/** Every operation on two operands, and every mixture of operations that reads one value in a context of another. */
function operationsOnPair(name: string, left: Interval, right: Interval): Kernel {
  const builder = new KernelBuilder(name);
  builder.from({ name, operator: 'Pair' });
  const [a, b] = [builder.input(left), builder.input(right)];
  const less = builder.lessThan(a, b);
  const results: NodeId[] = [
    less,
    builder.lessThan(b, a),
    builder.equal(a, b),
    builder.add(a, b),
    builder.subtract(a, b),
    builder.subtract(b, a),
    builder.multiply(a, b),
    builder.minimum(a, b),
    builder.maximum(a, b),
    builder.and(a, b),
    builder.or(a, b),
    builder.xor(a, b),
    builder.select(a, b, a),
    builder.select(less, a, builder.not(b)),
    builder.concat(a, b, 1),
    builder.concat(a, b, 3),
    builder.concat(b, a, 6),
    // Shifts written in place, in contexts narrower and wider than themselves.
    builder.add(builder.shiftLeft(a, 2), b),
    builder.subtract(a, builder.shiftLeft(b, 3)),
    builder.multiply(builder.shiftLeft(a, 1), b),
    builder.select(less, builder.shiftLeft(a, 2), b),
    builder.xor(builder.shiftLeft(a, 1), b),
    builder.minimum(builder.shiftLeft(a, 1), b),
    builder.lessThan(builder.shiftLeft(a, 2), builder.shiftLeft(b, 1)),
    builder.negate(builder.shiftLeft(builder.subtract(a, b), 1)),
    ...sumsOfThree(builder, a, b),
    // Results far narrower than their operands: the low bits are all that is computed.
    builder.wrap(builder.multiply(a, b), 3, true),
    builder.wrap(builder.add(a, b), 2, false),
    builder.slice(builder.subtract(a, b), 1, 2),
    // A promise that is kept but cannot be inferred: a + b - a.
    assumed(builder, builder.subtract(builder.add(a, b), a), right),
  ];
  for (const result of results) builder.output(result);
  return builder.finish();
}

/** Three operands of their own are in add-three.test.ts; these are shifted, constant and read in narrower contexts. */
function sumsOfThree(builder: KernelBuilder, a: NodeId, b: NodeId): readonly NodeId[] {
  const shifted = builder.addThree(a, b, builder.shiftLeft(a, 2), true);
  return [
    shifted,
    builder.wrap(shifted, 2, true),
    builder.addThree(builder.shiftLeft(b, 3), a, builder.constant(-3n), false),
    builder.addThree(builder.constant(5n), builder.not(b), a, true),
  ];
}

function assumed(builder: KernelBuilder, node: NodeId, bounds: Interval): NodeId {
  return builder.add(builder.assume(node, bounds), builder.constant(1n));
}

/** Operations with attributes and constants on one operand of at most `width` bits. */
function operationsOnOne(name: string, range: Interval): Kernel {
  const builder = new KernelBuilder(name);
  builder.from({ name, operator: 'One' });
  const a = builder.input(range);
  const width = intervalWidth(range);
  const results: NodeId[] = [builder.negate(a), builder.square(a), builder.not(a)];
  const half = 1n << BigInt(width - 1);
  const amounts = [...new Set([1, 2, 3, width - 1, width, width + 3])].filter((amount) => amount > 0);
  for (const amount of amounts) {
    results.push(builder.shiftLeft(a, amount), builder.floorShiftRight(a, amount));
    results.push(builder.add(builder.floorShiftRight(a, amount), builder.constant(1n)));
    for (const low of [0, 1, width - 1, width, width + 2]) results.push(builder.slice(a, low, amount));
    for (const signed of [false, true]) results.push(builder.wrap(a, amount, signed));
  }
  const bounds = [...new Set([-half, -2n, -1n, 0n, 1n, 2n, half - 1n, half + 1n, 2n * half - 2n])];
  for (const low of bounds) {
    for (const high of bounds) if (low <= high) results.push(builder.clamp(a, { low, high }));
    const constant = builder.constant(low);
    results.push(builder.add(a, constant), builder.subtract(constant, a), builder.multiply(a, constant));
    results.push(builder.minimum(a, constant), builder.maximum(a, constant));
    results.push(builder.lessThan(a, constant), builder.lessThan(constant, a), builder.equal(a, constant));
    results.push(builder.and(a, constant), builder.or(a, constant), builder.xor(a, constant));
    results.push(builder.concat(constant, a, 3), builder.concat(a, constant, 2));
    // Zero outside the bounds, as AP_SAT_ZERO does.
    results.push(builder.select(builder.lessThan(a, constant), builder.constant(0n), a));
    for (const length of [1, 2, 5, 2 ** Math.min(width, 4)]) {
      const values = Array.from({ length }, (_, index) => BigInt(((index * 29 + 3) % 41) - 20));
      results.push(builder.table(a, low, values));
    }
  }
  results.push(builder.subtract(builder.add(a, builder.constant(100n)), builder.constant(99n)));
  results.push(builder.maximum(builder.shiftLeft(a, 2), builder.constant(0n)));
  for (const result of results) builder.output(result);
  return builder.finish();
}

interface Operand {
  readonly type: FixedPointType;
  /** Which counter drives it. */
  readonly side: 0 | 1;
}

/** A program that applies kernels to its input elements, every result an output element of its own. */
function applyAll(
  name: string,
  operands: readonly Operand[],
  calls: readonly { readonly kernel: Kernel; readonly operands: readonly number[] }[],
): Program {
  const instances = calls.map((call, index): Instance => ({
    name: call.kernel.name,
    kernel: index,
    positions: [call.operands.map((element) => ({ instance: PROGRAM_INPUT, index: element }))],
    origin: { name: call.kernel.name, operator: 'Test' },
  }));
  const outputs = calls.map(({ kernel }, instance) => ({
    name: `y_${kernel.name}`,
    types: kernel.outputs.map((id) => {
      const range = kernel.nodes[id]?.range ?? { low: 0n, high: 0n };
      return integerType(range.low < 0n, intervalWidth(range));
    }),
    elements: kernel.outputs.map((_, index) => ({ instance, index })),
  }));
  const inputs = [{ name: 'x', types: operands.map(({ type }) => type) }];
  return { name, inputs, kernels: calls.map(({ kernel }) => kernel), instances, outputs };
}

const typeName = ({ signed, width }: FixedPointType): string => `${signed ? 's' : 'u'}${width}`;

/** All pairs of the types, and each alone. */
function pairsProgram(name: string, types: readonly FixedPointType[]): { program: Program; operands: Operand[] } {
  const operands = ([0, 1] as const).flatMap((side) => types.map((type): Operand => ({ type, side })));
  const calls = types.flatMap((left, first) => [
    { kernel: operationsOnOne(`one_${typeName(left)}`, codeRange(left)), operands: [first] },
    ...types.map((right, second) => ({
      kernel: operationsOnPair(`pair_${typeName(left)}_${typeName(right)}`, codeRange(left), codeRange(right)),
      operands: [first, types.length + second],
    })),
  ]);
  return { program: applyAll(name, operands, calls), operands };
}

const narrow = pairsProgram(
  'narrow',
  [1, 2, 3].flatMap((width) => [integerType(false, width), integerType(true, width)]),
);
/** Every pair of patterns of 3 bits; a narrower operand takes the low ones. */
const narrowEvents = Array.from({ length: 64 }, (_, row) =>
  narrow.operands.map(({ type, side }) =>
    fromPattern(BigInt(side === 0 ? row & 7 : row >> 3), type.width, type.signed),
  ),
);

const wide = pairsProgram('wide', [
  integerType(true, 5),
  integerType(false, 33),
  integerType(true, 54),
  integerType(false, 65),
  integerType(true, 100),
]);
const random = new Random(11);
const wideEvents = Array.from({ length: 60 }, () =>
  wide.operands.map(({ type }) => {
    const { low, high } = codeRange(type);
    const corners = [low, high, low + 1n, high - 1n, 0n, 1n, type.signed ? -1n : 2n, high >> 1n] as const;
    return random.integer(0, 1) === 0 ? random.pick(corners) : random.bigint(low, high);
  }),
);

function member(program: Program, events: readonly (readonly bigint[])[], latency: number): BundleMember {
  return { ...buildDesign(program, { latency, registers: 'none' }), events };
}

describe('every operation in Verilog', () => {
  it('is in the kernels of this test', () => {
    for (const { program } of [narrow, wide]) {
      const kinds = new Set(program.kernels.flatMap(({ nodes }) => nodes.map(({ kind }) => kind)));
      expect([...dataflowKinds].filter((kind) => !kinds.has(kind))).toEqual([]);
    }
  });

  it('means what the semantics table says, for all operands of up to 3 bits', async () => {
    const members = [member(narrow.program, narrowEvents, 0)];
    expect(await simulateBundle(yosys, members)).toEqual([]);
  }, 240_000);

  it('means it for operands of up to 100 bits', async () => {
    expect(await simulateBundle(yosys, [member(wide.program, wideEvents, 1)])).toEqual([]);
  }, 240_000);

  it.skipIf(icarusMissing !== undefined)(
    'means the same to Icarus Verilog',
    async () => {
      const members = [member(narrow.program, narrowEvents, 0), member(wide.program, wideEvents, 1)];
      expect(await simulateBundle(icarus, members)).toEqual([]);
    },
    240_000,
  );

  it.skipIf(ghdlMissing !== undefined)(
    'means the same to GHDL, printed as VHDL',
    async () => {
      const members = [member(narrow.program, narrowEvents, 0), member(wide.program, wideEvents, 1)];
      expect(await simulateBundle(ghdl, members)).toEqual([]);
    },
    240_000,
  );
});
