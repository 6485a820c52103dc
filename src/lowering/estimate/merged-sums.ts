import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import { bitLength } from '../../support/bits.js';
import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import { operands } from '../../dataflow/semantics.js';

/** One operand of a sum. */
export interface Addend {
  readonly id: NodeId;
  readonly negative: boolean;
}

/** The operands of a node that is a sum; undefined for any other. */
export function addends(node: DataflowNode): readonly Addend[] | undefined {
  switch (node.kind) {
    case 'add':
    case 'subtract':
      return [
        { id: node.left, negative: false },
        { id: node.right, negative: node.kind === 'subtract' },
      ];
    case 'addThree':
      return [
        { id: node.first, negative: false },
        { id: node.second, negative: false },
        { id: node.third, negative: node.subtracts },
      ];
    case 'negate':
      return [{ id: node.operand, negative: true }];
    default:
      return undefined;
  }
}

/**
 * The sums that the `alumacc` pass of Yosys merges into the sum that reads them, 1 by node: those with one reader in the
 * same segment, as wide as the reader, or such that the width of their operands alone rules an overflow out. What is
 * merged becomes a carry-save tree. Vendor tools leave such sums alone.
 */
export function mergedSums(kernel: Kernel, cycles: Int32Array): Uint8Array {
  const uses = new Int32Array(kernel.nodes.length);
  for (const id of kernel.outputs) uses[id] = 2;
  for (const node of kernel.nodes) for (const id of operands(node)) uses[id] = (uses[id] ?? 0) + 1;
  const merged = new Uint8Array(kernel.nodes.length);
  for (const reader of kernel.nodes) {
    if (isPoint(reader.range)) continue;
    for (const { id } of addends(reader) ?? []) {
      const node = at(kernel.nodes, id);
      if (uses[id] !== 1 || isPoint(node.range) || cycles[id] !== cycles[reader.id]) continue;
      if (addends(node) !== undefined && mayMerge(node, reader, kernel)) merged[id] = 1;
    }
  }
  return merged;
}

function mayMerge(node: DataflowNode, reader: DataflowNode, kernel: Kernel): boolean {
  const width = intervalWidth(node.range);
  if (width === intervalWidth(reader.range)) return true;
  if (node.range.low < 0n) return printedWithCarry(node, kernel) && printedWithCarry(reader, kernel);
  const parts = addends(node) ?? [];
  const ranges = parts.map(({ id }) => at(kernel.nodes, id).range);
  if (parts.some(({ negative }) => negative) || ranges.some(({ low }) => low < 0n)) return false;
  const largest = ranges.reduce((sum, range) => sum + (1n << BigInt(intervalWidth(range))) - 1n, 0n);
  return bitLength(largest) <= width;
}

/** A sum of two signals of one width and sign into one bit more is written without extending them. */
function printedWithCarry(node: DataflowNode, kernel: Kernel): boolean {
  if (node.kind !== 'add' && node.kind !== 'subtract') return false;
  const width = intervalWidth(node.range) - 1;
  return [node.left, node.right].every((id) => {
    const operand = at(kernel.nodes, id);
    if (operand.kind === 'shiftLeft') return false;
    const { range } = operand;
    if (isPoint(range)) return range.low >= 0n && intervalWidth(range) < width;
    return intervalWidth(range) === width && range.low < 0n === node.range.low < 0n;
  });
}
