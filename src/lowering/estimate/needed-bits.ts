import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import { operands } from '../../dataflow/semantics.js';

/**
 * How many low bits of each node anybody reads: synthesis removes the logic above. 0 for nodes that are not read.
 */
export function neededBits(kernel: Kernel): Int32Array {
  const needed = new Int32Array(kernel.nodes.length);
  const widthOf = (id: NodeId): number => {
    const node = kernel.nodes[id];
    return node === undefined ? 0 : intervalWidth(node.range);
  };
  const need = (id: NodeId, bits: number): void => {
    needed[id] = Math.max(needed[id] ?? 0, Math.min(widthOf(id), bits));
  };
  for (const id of kernel.outputs) need(id, Infinity);
  for (let index = kernel.nodes.length - 1; index >= 0; index--) {
    const node = kernel.nodes[index];
    const bits = needed[index] ?? 0;
    if (node === undefined || bits === 0 || isPoint(node.range)) continue;
    operands(node).forEach((id, position) => {
      need(id, operandBits(node, position, bits));
    });
  }
  return needed;
}

/** Low bits of an operand that the low `bits` of a node depend on. */
function operandBits(node: DataflowNode, position: number, bits: number): number {
  switch (node.kind) {
    case 'add':
    case 'subtract':
    case 'addThree':
    case 'negate':
    case 'multiply':
    case 'square':
    case 'and':
    case 'or':
    case 'xor':
    case 'not':
    case 'assume':
      return bits;
    case 'shiftLeft':
      return Math.max(0, bits - node.amount);
    case 'floorShiftRight':
      return bits + node.amount;
    case 'wrap':
      return Math.min(bits, node.width);
    case 'slice':
      return node.low + Math.min(bits, node.width);
    case 'concat':
      return position === 0 ? Math.max(0, bits - node.lowWidth) : Math.min(bits, node.lowWidth);
    case 'select':
      return position === 0 ? Infinity : bits;
    default:
      return Infinity;
  }
}
