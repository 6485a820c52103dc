import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import { evaluateKernel } from '../../src/dataflow/evaluate.js';
import type { DataflowNode, Kernel, NodeId } from '../../src/dataflow/kinds.js';
import type { AlikeGroup } from '../../src/passes/dataflow/folding/alike.js';
import { alikeGroups } from '../../src/passes/dataflow/folding/alike.js';
import { at } from '../../src/support/invariant.js';

function resultsOf(kernel: Kernel, operands: readonly bigint[]): readonly bigint[] {
  const values = evaluateKernel(kernel, operands);
  return kernel.outputs.map((id) => at(values, id));
}

/** Rounded to the nearest of four, ties up, and saturated to so many bits. */
function rounded(builder: KernelBuilder, x: NodeId, bits: number): NodeId {
  const sum = builder.add(x, builder.constant(2n));
  return builder.clamp(builder.floorShiftRight(sum, 2), { low: 0n, high: (1n << BigInt(bits)) - 1n });
}

function groupsOf(kernel: Kernel): readonly AlikeGroup[] {
  const inside = ({ kind }: DataflowNode): boolean => kind !== 'input';
  return alikeGroups(
    kernel,
    kernel.outputs,
    inside,
    (id) => at(kernel.nodes, id).range,
    () => true,
  );
}

describe('results that are one function', () => {
  it('are found where ranges left less of it, and the function is theirs for every operand', () => {
    const builder = new KernelBuilder('rounding');
    const ranges = [
      { low: -2000n, high: 2000n },
      { low: -300n, high: 9000n },
      { low: -5000n, high: 1500n },
    ];
    const operands = ranges.map((range) => builder.input(range));
    for (const x of operands) builder.output(rounded(builder, x, 8));
    // Not one of them: another number of bits.
    const other = builder.input({ low: -2000n, high: 2000n });
    builder.output(rounded(builder, other, 7));
    const kernel = builder.finish();
    const [group, ...rest] = groupsOf(kernel);
    expect(rest).toEqual([]);
    expect(group?.results).toEqual(kernel.outputs.slice(0, 3));
    expect(group?.reads).toEqual(operands.map((id) => [id]));
    for (const [index, { low, high }] of ranges.entries()) {
      for (let value = low; value <= high; value += 1n) {
        const values = kernel.inputs.map((_, operand) => (operand === index ? value : 0n));
        const expected = resultsOf(kernel, values)[index];
        const made = at(group === undefined ? [] : [group], 0).kernel;
        expect(resultsOf(made, [value])[0]).toBe(expected);
      }
    }
  });

  it('are joined by the largest function where saturation is out of reach for some, unless a range is to be kept', () => {
    const build = (leave: boolean): Kernel => {
      const builder = new KernelBuilder('mixed');
      const wide = rounded(builder, builder.input({ low: -2000n, high: 2000n }), 8);
      const narrow = rounded(builder, builder.input({ low: 0n, high: 100n }), 8);
      if (leave) for (const id of [wide, narrow]) builder.output(id);
      else builder.output(builder.multiply(wide, narrow));
      return builder.finish();
    };
    // The narrow range of the second is to be kept.
    expect(groupsOf(build(true))).toEqual([]);
    const inner = build(false);
    const product = at(inner.nodes, at(inner.outputs, 0));
    const results = product.kind === 'multiply' ? [product.left, product.right] : [];
    const inside = ({ kind }: DataflowNode): boolean => kind !== 'input' && kind !== 'multiply';
    const groups = alikeGroups(
      inner,
      results,
      inside,
      (id) => at(inner.nodes, id).range,
      () => false,
    );
    expect(groups).toHaveLength(1);
    const made = at(groups, 0).kernel;
    for (const value of [-2000n, -3n, 0n, 57n, 100n, 1021n, 2000n]) {
      const clamped = (value + 2n) >> 2n;
      expect(resultsOf(made, [value])[0]).toBe(clamped < 0n ? 0n : clamped > 255n ? 255n : clamped);
    }
  });

  it('are none where one reads what another needs too', () => {
    const builder = new KernelBuilder('entangled');
    const [x, y] = [builder.input({ low: -2000n, high: 2000n }), builder.input({ low: -2000n, high: 2000n })];
    const common = builder.maximum(x, y);
    builder.output(builder.add(common, builder.constant(1n)));
    builder.output(builder.add(common, builder.constant(2n)));
    expect(groupsOf(builder.finish())).toEqual([]);
  });
});
