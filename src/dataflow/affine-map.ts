import { isPoint } from '../numeric/interval.js';
import { at } from '../support/invariant.js';
import type { Kernel, NodeId } from './kinds.js';

/** constant + Σ coefficient × operand. */
export interface AffineRow {
  /** By index of the operand; none is zero. */
  readonly coefficients: ReadonlyMap<number, bigint>;
  readonly constant: bigint;
}

/** The rows of a kernel that is nothing but an affine map of its operands; undefined for any other. */
export function affineMap(kernel: Kernel): readonly AffineRow[] | undefined {
  const rows: AffineRow[] = [];
  const row = (id: NodeId): AffineRow => at(rows, id);
  for (const node of kernel.nodes) {
    const made = isPoint(node.range)
      ? { coefficients: new Map<number, bigint>(), constant: node.range.low }
      : affineNode(kernel, node.id, row);
    if (made === undefined) return undefined;
    rows.push(made);
  }
  return kernel.outputs.map(row);
}

function affineNode(kernel: Kernel, id: NodeId, row: (id: NodeId) => AffineRow): AffineRow | undefined {
  const node = at(kernel.nodes, id);
  switch (node.kind) {
    case 'input':
      return { coefficients: new Map([[node.index, 1n]]), constant: 0n };
    case 'add':
      return combined(row(node.left), row(node.right), 1n);
    case 'subtract':
      return combined(row(node.left), row(node.right), -1n);
    case 'addThree':
      return combined(combined(row(node.first), row(node.second), 1n), row(node.third), node.subtracts ? -1n : 1n);
    case 'negate':
      return times(row(node.operand), -1n);
    case 'shiftLeft':
      return times(row(node.operand), 1n << BigInt(node.amount));
    default:
      return undefined;
  }
}

function times({ coefficients, constant }: AffineRow, factor: bigint): AffineRow {
  const scaled = new Map<number, bigint>();
  for (const [operand, coefficient] of coefficients) scaled.set(operand, coefficient * factor);
  return { coefficients: scaled, constant: constant * factor };
}

function combined(left: AffineRow, right: AffineRow, sign: bigint): AffineRow {
  const sum = new Map(left.coefficients);
  for (const [operand, coefficient] of right.coefficients) {
    const total = (sum.get(operand) ?? 0n) + sign * coefficient;
    if (total === 0n) sum.delete(operand);
    else sum.set(operand, total);
  }
  return { coefficients: sum, constant: left.constant + sign * right.constant };
}
