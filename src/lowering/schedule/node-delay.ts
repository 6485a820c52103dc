import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { Interval } from '../../numeric/interval.js';
import { bitLength } from '../../support/bits.js';
import type { DataflowNode, NodeId } from '../../dataflow/kinds.js';
import type { DelayModel } from '../../targets/delay-model.js';
import { carryDelay, lutDelay, lutLevels } from '../../targets/delay-model.js';

/**
 * Estimated delay of one operation, in ns, with the net that leads to it; 0 for wiring. Adders are charged their whole
 * carry chain, so a chain of adders is estimated slower than it is where carries overlap.
 */
export function nodeDelay(node: DataflowNode, rangeOf: (id: NodeId) => Interval, model: DelayModel): number {
  const width = intervalWidth(node.range);
  switch (node.kind) {
    case 'input':
    case 'constant':
    case 'assume':
    case 'shiftLeft':
    case 'floorShiftRight':
    case 'slice':
    case 'wrap':
    case 'concat':
    case 'not':
      return 0;
    case 'add':
    case 'subtract':
    case 'negate':
      return carryDelay(model, width);
    case 'addThree':
      // The 3:2 compressor lies in the tables of the chain itself, but its carries reach the next table by the fabric.
      return lutDelay(model, 1) + carryDelay(model, width);
    case 'multiply':
      return multiplierDelay(intervalWidth(rangeOf(node.left)), intervalWidth(rangeOf(node.right)), model);
    case 'square': {
      const operand = intervalWidth(rangeOf(node.operand));
      return multiplierDelay(operand, operand, model);
    }
    case 'lessThan':
      // A comparison with zero is the sign bit.
      return isZero(rangeOf(node.right)) ? 0 : carryDelay(model, widest(node, rangeOf));
    case 'equal':
      return lutDelay(model, lutLevels(comparedBits(rangeOf(node.left)) + comparedBits(rangeOf(node.right))));
    case 'minimum':
    case 'maximum': {
      const rectifier = isZero(rangeOf(node.left)) || isZero(rangeOf(node.right));
      return rectifier ? lutDelay(model, 1) : carryDelay(model, widest(node, rangeOf)) + lutDelay(model, 1);
    }
    case 'clamp': {
      const operand = intervalWidth(rangeOf(node.operand));
      return isPowerBounds(node.bounds)
        ? lutDelay(model, lutLevels(Math.max(2, operand - width + 1)) + 1)
        : carryDelay(model, operand) + lutDelay(model, 1);
    }
    case 'select':
    case 'and':
    case 'or':
    case 'xor':
      return lutDelay(model, 1);
    case 'table':
      // A table of w address bits is 2^(w-6) look-up tables per output bit and a tree of multiplexers behind them.
      return lutDelay(model, 1 + Math.max(0, Math.ceil((bitLength(BigInt(node.values.length - 1)) - 6) / 2)));
  }
}

/** A product in logic: one rank of partial products, then a binary tree of adders. */
function multiplierDelay(left: number, right: number, model: DelayModel): number {
  const levels = Math.ceil(Math.log2(Math.max(1, Math.min(left, right))));
  return lutDelay(model, 1) + levels * carryDelay(model, left + right);
}

function widest(node: { readonly left: NodeId; readonly right: NodeId }, rangeOf: (id: NodeId) => Interval): number {
  return Math.max(intervalWidth(rangeOf(node.left)), intervalWidth(rangeOf(node.right)));
}

/** Bits of an operand that a comparison for equality has to look at: none of a constant. */
function comparedBits(range: Interval): number {
  return isPoint(range) ? 0 : intervalWidth(range);
}

function isZero(range: Interval): boolean {
  return isPoint(range) && range.low === 0n;
}

/** Bounds that are decided by the high bits alone: [0 or -2^k, 2^k - 1]. */
export function isPowerBounds(bounds: Interval): boolean {
  const top = bounds.high + 1n;
  const power = top > 0n && (top & (top - 1n)) === 0n;
  return power && (bounds.low === 0n || bounds.low === -top);
}
