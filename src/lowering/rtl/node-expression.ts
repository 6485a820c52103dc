import { invariant } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth } from '../../numeric/interval.js';
import type { DataflowNode, NodeId } from '../../dataflow/kinds.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { binary, bitsOf, choose, compare, literal, resize, signalOf } from '../../rtl/expression.js';
import { isPowerBounds } from '../schedule/node-delay.js';

/** What the expression of a node can ask about its operands, all in the node's own cycle. */
export interface OperandView {
  /** A constant, a signal, or a signal shifted left. */
  readonly expression: (id: NodeId) => RtlExpression;
  /** The operand as a signal that bits can be taken from. */
  readonly signal: (id: NodeId) => RtlSignal;
  readonly range: (id: NodeId) => Interval;
}

/** The netlist form of one operation; its width and sign are those of the node's range. Tables have items of their own. */
export function nodeExpression(node: DataflowNode, view: OperandView): RtlExpression {
  const width = intervalWidth(node.range);
  const signed = node.range.low < 0n;
  const of = view.expression;
  switch (node.kind) {
    case 'add':
      return binary('+', of(node.left), of(node.right), width, signed);
    case 'subtract':
      return binary('-', of(node.left), of(node.right), width, signed);
    case 'addThree': {
      const [first, second, third] = [node.first, node.second, node.third].map((id) => resize(of(id), width));
      invariant(
        first !== undefined && second !== undefined && third !== undefined,
        'a sum of three has three operands',
      );
      return { kind: 'sum', first, second, third, subtracts: node.subtracts, width, signed };
    }
    case 'multiply':
      return binary('*', of(node.left), of(node.right), width, signed);
    case 'square':
      return binary('*', of(node.operand), of(node.operand), width, signed);
    case 'and':
      return binary('&', of(node.left), of(node.right), width, signed);
    case 'or':
      return binary('|', of(node.left), of(node.right), width, signed);
    case 'xor':
      return binary('^', of(node.left), of(node.right), width, signed);
    case 'negate':
      return { kind: 'negate', operand: resize(of(node.operand), width), width, signed };
    case 'not':
      return { kind: 'invert', operand: resize(of(node.operand), width), width, signed };
    case 'shiftLeft':
      return { kind: 'shiftLeft', operand: of(node.operand), amount: node.amount, width, signed };
    case 'assume':
      return bitsOf(view.signal(node.operand), 0, width, signed);
    case 'floorShiftRight':
      return bitsOf(view.signal(node.operand), node.amount, width, signed);
    case 'wrap':
      return bitsOf(view.signal(node.operand), 0, width, signed);
    case 'slice':
      return bitsOf(view.signal(node.operand), node.low, width, signed);
    case 'concat':
      return concatenation(node, view, width, signed);
    case 'lessThan':
      return lessThan(node.left, node.right, view);
    case 'equal':
      return compare('==', of(node.left), of(node.right));
    case 'select':
      return choose(truth(of(node.condition)), of(node.whenTrue), of(node.whenFalse), width, signed);
    case 'minimum':
      return choose(lessThan(node.left, node.right, view), of(node.left), of(node.right), width, signed);
    case 'maximum':
      return maximum(node.left, node.right, view, width, signed);
    case 'clamp':
      return clampExpression(node.operand, node.bounds, view, width, signed);
    case 'input':
    case 'constant':
    case 'table':
      invariant(false, `a ${node.kind} has no expression`);
  }
}

function isConstant(range: Interval, value: bigint): boolean {
  return range.low === value && range.high === value;
}

function truth(condition: RtlExpression): RtlExpression {
  return condition.width === 1
    ? condition
    : { kind: 'reduce', operator: '|', operand: condition, width: 1, signed: false };
}

function lessThan(left: NodeId, right: NodeId, view: OperandView): RtlExpression {
  const range = view.range(left);
  // Below zero is the sign bit.
  if (isConstant(view.range(right), 0n) && range.low < 0n) {
    const signal = view.signal(left);
    return bitsOf(signal, signal.width - 1, 1, false);
  }
  return compare('<', view.expression(left), view.expression(right));
}

function maximum(left: NodeId, right: NodeId, view: OperandView, width: number, signed: boolean): RtlExpression {
  const [zero, other] = isConstant(view.range(left), 0n) ? [left, right] : [right, left];
  if (isConstant(view.range(zero), 0n) && view.range(other).low < 0n) {
    const signal = view.signal(other);
    const negative = bitsOf(signal, signal.width - 1, 1, false);
    return choose(negative, literal(0n), bitsOf(signal, 0, Math.min(width, signal.width), false), width, signed);
  }
  return choose(lessThan(left, right, view), view.expression(right), view.expression(left), width, signed);
}

/** Saturation: by the high bits where the bounds are powers of two, by comparison otherwise. */
export function clampExpression(
  operand: NodeId,
  bounds: Interval,
  view: OperandView,
  width: number,
  signed: boolean,
): RtlExpression {
  const range = view.range(operand);
  const signal = view.signal(operand);
  const below = range.low < bounds.low;
  const above = range.high > bounds.high;
  const power = isPowerBounds(bounds);
  const kept = Math.min(signal.width, width);
  let result: RtlExpression = bitsOf(signal, 0, kept, kept < signal.width ? signed : signal.signed);
  // Bits that must all equal the sign for the value to be within bounds.
  const boundBits = intervalWidth({ low: 0n, high: bounds.high }) * (bounds.high > 0n ? 1 : 0);
  const highWidth = signal.width - (signal.signed ? 1 : 0) - boundBits;
  const high = highWidth > 0 ? bitsOf(signal, boundBits, highWidth, false) : undefined;
  const sign = signal.signed ? bitsOf(signal, signal.width - 1, 1, false) : undefined;
  if (above) {
    let over = compare('<', literal(bounds.high), signalOf(signal));
    if (power && high !== undefined) {
      const any: RtlExpression = { kind: 'reduce', operator: '|', operand: high, width: 1, signed: false };
      const positive: RtlExpression | undefined =
        sign === undefined ? undefined : { kind: 'invert', operand: sign, width: 1, signed: false };
      over = positive === undefined ? any : { kind: 'both', left: positive, right: any, width: 1, signed: false };
    }
    result = choose(over, literal(bounds.high), result, width, signed);
  }
  if (below) {
    let under = compare('<', signalOf(signal), literal(bounds.low));
    if (bounds.low === 0n && sign !== undefined) under = sign;
    else if (power && high !== undefined && sign !== undefined) {
      const notAll: RtlExpression = { kind: 'reduce', operator: '~&', operand: high, width: 1, signed: false };
      under = { kind: 'both', left: sign, right: notAll, width: 1, signed: false };
    }
    result = choose(under, literal(bounds.low), result, width, signed);
  }
  return result;
}

function concatenation(
  node: DataflowNode & { readonly kind: 'concat' },
  view: OperandView,
  width: number,
  signed: boolean,
): RtlExpression {
  const { low, high, lowWidth } = node;
  const range = view.range(low);
  const lowBits: RtlExpression = isConstant(range, range.low)
    ? { kind: 'literal', value: BigInt.asUintN(lowWidth, range.low), width: lowWidth, signed: false }
    : bitsOf(view.signal(low), 0, lowWidth, false);
  const upper = width - lowWidth;
  if (upper <= 0)
    return lowBits.kind === 'literal' ? resize(lowBits, width) : bitsOf(view.signal(low), 0, width, signed);
  return { kind: 'concat', parts: [resize(view.expression(high), upper), lowBits], width, signed };
}
