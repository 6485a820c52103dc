import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { NodeId } from '../../../../src/dataflow/kinds.js';
import { countChain } from '../../../../src/lowering/estimate/register-chains.js';
import { mergedSums } from '../../../../src/lowering/estimate/merged-sums.js';

/** Ids of the merged sums of a kernel in one segment; `cycleOf` places its nodes. */
function merged(build: (builder: KernelBuilder) => void, cycleOf: (id: number) => number = () => 0): number[] {
  const builder = new KernelBuilder('k');
  build(builder);
  const kernel = builder.finish();
  const marks = mergedSums(
    kernel,
    Int32Array.from(kernel.nodes, ({ id }) => cycleOf(id)),
  );
  return [...marks].flatMap((mark, id) => (mark === 1 ? [id] : []));
}

const unsigned = { low: 0n, high: 255n };
const signed = { low: -128n, high: 127n };

describe('sums that synthesis merges into their reader', () => {
  it('are those that cannot overflow by the widths of their operands', () => {
    let first: NodeId | undefined;
    const build = (b: KernelBuilder): void => {
      first = b.add(b.input(unsigned), b.input(unsigned));
      b.output(b.add(first, b.input(unsigned)));
    };
    expect(merged(build)).toEqual([first]);
  });

  it('are those as wide as the reader, whatever their signs', () => {
    let first: NodeId | undefined;
    const build = (b: KernelBuilder): void => {
      first = b.subtract(b.shiftLeft(b.input(signed), 2), b.input(signed));
      b.output(b.add(first, b.constant(3n)));
    };
    expect(merged(build)).toEqual([first]);
  });

  it('are not those with a second reader, a register or a shift behind them', () => {
    const shared = (b: KernelBuilder): void => {
      const first = b.add(b.input(unsigned), b.input(unsigned));
      b.output(b.add(first, b.input(unsigned)));
      b.output(first);
    };
    const plain = (b: KernelBuilder): void => {
      b.output(b.add(b.add(b.input(unsigned), b.input(unsigned)), b.input(unsigned)));
    };
    const shifted = (b: KernelBuilder): void => {
      b.output(b.add(b.shiftLeft(b.add(b.input(unsigned), b.input(unsigned)), 1), b.input(unsigned)));
    };
    expect(merged(shared)).toEqual([]);
    expect(merged(plain)).toHaveLength(1);
    expect(merged(plain, (id) => (id === 4 ? 1 : 0))).toEqual([]);
    expect(merged(shifted)).toEqual([]);
  });
});

describe('chains of registers', () => {
  const counted = (taps: readonly number[], reset: boolean): { flipFlops: number[]; shiftRegisters: number[] } => {
    const [flipFlops, shiftRegisters]: [number[], number[]] = [[], []];
    countChain(
      taps,
      reset,
      (delay) => flipFlops.push(delay),
      (delay) => shiftRegisters.push(delay),
    );
    return { flipFlops, shiftRegisters };
  };

  it('become shift registers from three ranks without a tap on', () => {
    expect(counted([2], false)).toEqual({ flipFlops: [1, 2], shiftRegisters: [] });
    expect(counted([3], false)).toEqual({ flipFlops: [], shiftRegisters: [3] });
    expect(counted([1, 5], false)).toEqual({ flipFlops: [1], shiftRegisters: [5] });
    expect(counted([40], false)).toEqual({ flipFlops: [], shiftRegisters: [40, 40] });
  });

  it('begin with a flip-flop where it takes a reset', () => {
    expect(counted([3], true)).toEqual({ flipFlops: [1, 2, 3], shiftRegisters: [] });
    expect(counted([4], true)).toEqual({ flipFlops: [1], shiftRegisters: [4] });
  });
});
