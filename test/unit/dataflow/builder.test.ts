import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import { evaluateKernel } from '../../../src/dataflow/evaluate.js';
import type { DataflowNode, Kernel, NodeId } from '../../../src/dataflow/kinds.js';
import { dataflowKinds, layoutOf } from '../../../src/dataflow/schema.js';
import { inferRange, verifyKernel } from '../../../src/dataflow/verify.js';
import { contains, intervalWidth } from '../../../src/numeric/interval.js';
import { Random } from '../../../src/support/random.js';

const inputBounds = { low: -6n, high: 9n };

/** Nodes as drawn, with no simplification at all: what the builder makes of them must have the same values. */
function rawKernel(random: Random, inputs: number, operations: number): Kernel {
  const nodes: DataflowNode[] = [];
  const push = (kind: string, fields: Readonly<Record<string, unknown>>): NodeId => {
    const id = nodes.length as NodeId;
    const node = { id, kind, range: inputBounds, origin: 0, ...fields } as unknown as DataflowNode;
    nodes.push({ ...node, range: inferRange(node, nodes) });
    return id;
  };
  const ids = Array.from({ length: inputs }, (_, index) => push('input', { index, bounds: inputBounds }));
  const small = (): bigint => random.bigint(-3n, 3n);
  for (let step = 0; step < operations; step++) {
    const operand = (): NodeId => {
      const id = random.integer(Math.max(0, nodes.length - 10), nodes.length - 1) as NodeId;
      const wide = intervalWidth(nodes[id]?.range ?? inputBounds) > 60;
      return wide ? push('wrap', { operand: id, width: 7, signed: true }) : id;
    };
    const kind = dataflowKinds[random.integer(1, dataflowKinds.length - 1)] ?? 'add';
    if (kind === 'assume') continue;
    const low = small();
    const attributes: Readonly<Record<string, unknown>> = {
      value: small(),
      amount: random.integer(0, 3),
      bounds: { low, high: low + random.bigint(0n, 12n) },
      width: random.integer(1, 6),
      signed: random.integer(0, 1) === 1,
      first: small(),
      values: Array.from({ length: random.integer(1, 4) }, small),
      lowWidth: random.integer(1, 4),
    };
    const layout = layoutOf(kind);
    const fields: Record<string, unknown> = {};
    for (const name of layout?.operands ?? []) fields[name] = operand();
    for (const [name] of layout?.attributes ?? [])
      fields[name] = name === 'low' ? random.integer(0, 3) : attributes[name];
    push(kind, fields);
  }
  return { name: 'raw', nodes, inputs: ids, outputs: [], origins: [{ name: '', operator: '' }] };
}

function fresh(): { readonly builder: KernelBuilder; readonly x: NodeId; readonly y: NodeId } {
  const builder = new KernelBuilder('k');
  return { builder, x: builder.input(inputBounds), y: builder.input(inputBounds) };
}

describe('KernelBuilder', () => {
  it('keeps every value through its simplifications, on 300 random kernels', { timeout: 60_000 }, () => {
    const random = new Random(30);
    let removed = 0;
    for (let round = 0; round < 300; round++) {
      const raw = rawKernel(random, 3, 40);
      const builder = new KernelBuilder('simplified');
      const ids: NodeId[] = [];
      for (const node of raw.nodes) ids.push(builder.copy(node, (id) => ids[id] ?? (0 as NodeId)));
      const simplified = builder.finish();
      verifyKernel(simplified);
      removed += raw.nodes.length - simplified.nodes.length;
      for (let event = 0; event < 8; event++) {
        const inputs = raw.inputs.map(() => random.bigint(inputBounds.low, inputBounds.high));
        const before = evaluateKernel(raw, inputs);
        const after = evaluateKernel(simplified, inputs);
        raw.nodes.forEach((node, index) => {
          const id = ids[index] ?? (0 as NodeId);
          if (after[id] !== before[index]) expect.fail(`${node.kind} %${index}: ${after[id]} for ${before[index]}`);
        });
        simplified.nodes.forEach((node, index) => {
          const value = after[index] ?? 0n;
          if (!contains(node.range, { low: value, high: value })) expect.fail(`${node.kind} %${index} = ${value}`);
        });
      }
    }
    expect(removed).toBeGreaterThan(1000);
  });

  it('shares equal nodes, whichever way round the operands of a commutative one are', () => {
    const { builder, x, y } = fresh();
    for (const kind of ['add', 'multiply', 'equal', 'minimum', 'maximum', 'and', 'or', 'xor'] as const) {
      expect(builder[kind](x, y), kind).toBe(builder[kind](y, x));
    }
    for (const kind of ['subtract', 'lessThan'] as const) expect(builder[kind](x, y)).not.toBe(builder[kind](y, x));
    expect(builder.clamp(x, { low: 0n, high: 2n })).toBe(builder.clamp(x, { low: 0n, high: 2n }));
    expect(builder.clamp(x, { low: 0n, high: 2n })).not.toBe(builder.clamp(x, { low: 0n, high: 3n }));
    expect(builder.table(x, 0n, [1n, 2n])).toBe(builder.table(x, 0n, [1n, 2n]));
    expect(builder.table(x, 0n, [1n, 2n])).not.toBe(builder.table(x, 0n, [12n]));
    expect(builder.table(x, 0n, [1n, 2n])).not.toBe(builder.table(x, 1n, [1n, 2n]));
    expect(builder.wrap(x, 3, true)).not.toBe(builder.wrap(x, 3, false));
    expect(builder.input(inputBounds)).not.toBe(builder.input(inputBounds));
  });

  it('never merges a promise with its operand nor with another promise', () => {
    const { builder, x, y } = fresh();
    const narrow = builder.assume(x, { low: 0n, high: 3n });
    const wider = builder.assume(x, { low: 0n, high: 4n });
    expect(new Set([x, narrow, wider]).size).toBe(3);
    expect(builder.rangeOf(x)).toStrictEqual(inputBounds);
    expect(builder.rangeOf(narrow)).toStrictEqual({ low: 0n, high: 3n });
    expect(builder.add(narrow, y)).not.toBe(builder.add(x, y));
    expect(builder.add(narrow, y)).not.toBe(builder.add(wider, y));
    // What the promise allows must not reach those who did not make it.
    expect(builder.maximum(narrow, builder.constant(0n))).toBe(narrow);
    expect(builder.node(builder.maximum(x, builder.constant(0n))).kind).toBe('maximum');
    // A promise that holds anyway is none.
    expect(builder.assume(x, inputBounds)).toBe(x);
    // A promise that leaves one value is still a promise, for evaluators to count.
    expect(builder.node(builder.assume(x, { low: 2n, high: 2n })).kind).toBe('assume');
  });

  it('folds constants', () => {
    const { builder, x } = fresh();
    const [five, minusTwo] = [builder.constant(5n), builder.constant(-2n)];
    const value = (id: NodeId): bigint | undefined => {
      const node = builder.node(id);
      return node.kind === 'constant' ? node.value : undefined;
    };
    expect(value(builder.add(five, minusTwo))).toBe(3n);
    expect(value(builder.multiply(five, minusTwo))).toBe(-10n);
    expect(value(builder.floorShiftRight(minusTwo, 9))).toBe(-1n);
    expect(value(builder.xor(five, minusTwo))).toBe(undefined);
    expect(value(builder.lessThan(x, builder.constant(-6n)))).toBe(0n);
    expect(value(builder.lessThan(x, builder.constant(10n)))).toBe(1n);
    expect(value(builder.equal(five, five))).toBe(1n);
    expect(value(builder.table(x, 20n, [4n, 5n]))).toBe(4n);
    expect(value(builder.clamp(x, { low: 11n, high: 12n }))).toBe(11n);
  });

  it('drops what changes nothing', () => {
    const { builder, x, y } = fresh();
    const [zero, one] = [builder.constant(0n), builder.constant(1n)];
    const before = builder.finish().nodes.length;
    const same = [
      builder.add(x, zero),
      builder.add(zero, x),
      builder.subtract(x, zero),
      builder.multiply(one, x),
      builder.shiftLeft(x, 0),
      builder.floorShiftRight(x, 0),
      builder.select(one, x, y),
      builder.select(zero, y, x),
      builder.select(y, x, x),
      builder.clamp(x, { low: -6n, high: 20n }),
      builder.wrap(x, 5, true),
      builder.and(x, x),
      builder.or(x, x),
    ];
    expect(same).toStrictEqual(same.map(() => x));
    expect(builder.subtract(x, x)).toBe(zero);
    expect(builder.xor(y, y)).toBe(zero);
    expect(builder.multiply(zero, y)).toBe(zero);
    expect(builder.finish().nodes).toHaveLength(before);
  });

  it('adds three only where there are three, in one order', () => {
    const { builder, x, y } = fresh();
    const zero = builder.constant(0n);
    const double = builder.shiftLeft(x, 1);
    expect(builder.addThree(x, y, zero, true)).toBe(builder.add(x, y));
    expect(builder.addThree(zero, x, y, true)).toBe(builder.subtract(x, y));
    expect(builder.addThree(x, zero, y, true)).toBe(builder.subtract(x, y));
    expect(builder.addThree(y, zero, x, false)).toBe(builder.add(x, y));
    expect(builder.addThree(x, y, x, true)).toBe(y);
    expect(builder.addThree(y, x, x, true)).toBe(y);
    const sum = builder.addThree(x, y, double, false);
    for (const [first, second, third] of [
      [y, x, double],
      [double, x, y],
      [double, y, x],
    ] as const) {
      expect(builder.addThree(first, second, third, false)).toBe(sum);
    }
    expect(builder.addThree(y, x, double, true)).toBe(builder.addThree(x, y, double, true));
    expect(builder.addThree(x, double, y, true)).not.toBe(builder.addThree(x, y, double, true));
  });

  it('merges shifts', () => {
    const { builder, x } = fresh();
    const eight = builder.shiftLeft(x, 3);
    expect(builder.shiftLeft(builder.shiftLeft(x, 1), 2)).toBe(eight);
    expect(builder.floorShiftRight(eight, 3)).toBe(x);
    expect(builder.floorShiftRight(eight, 1)).toBe(builder.shiftLeft(x, 2));
    expect(builder.floorShiftRight(eight, 5)).toBe(builder.floorShiftRight(x, 2));
    expect(builder.floorShiftRight(builder.floorShiftRight(x, 1), 1)).toBe(builder.floorShiftRight(x, 2));
    // The other way round bits are lost.
    expect(builder.node(builder.shiftLeft(builder.floorShiftRight(x, 2), 2)).kind).toBe('shiftLeft');
  });

  it('knows that the larger of x and -x is never negative', () => {
    const { builder, x } = fresh();
    const magnitude = builder.maximum(builder.negate(x), x);
    expect(builder.rangeOf(magnitude)).toStrictEqual({ low: 0n, high: 9n });
    expect(builder.maximum(x, builder.negate(x))).toBe(magnitude);
  });

  it('keeps origins apart, and the first maker of a shared node', () => {
    const { builder, x, y } = fresh();
    builder.from({ name: 'a', operator: 'Add' });
    const sum = builder.add(x, y);
    builder.from({ name: 'b', operator: 'Add' });
    expect(builder.add(y, x)).toBe(sum);
    const other = builder.subtract(x, y);
    builder.from({ name: 'a', operator: 'Add' });
    const back = builder.negate(x);
    const { nodes, origins } = builder.finish();
    const nameOf = (id: NodeId): string | undefined => origins[nodes[id]?.origin ?? -1]?.name;
    expect([x, sum, other, back].map(nameOf)).toStrictEqual(['', 'a', 'b', 'a']);
    expect(origins).toHaveLength(3);
  });
});
