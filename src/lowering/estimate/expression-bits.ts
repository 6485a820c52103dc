import { invariant } from '../../support/invariant.js';
import type { RtlExpression } from '../../rtl/expression.js';
import type { Word } from './arithmetic-bits.js';
import {
  addWords,
  allBits,
  anyBit,
  bitAt,
  equalWords,
  lessThanWords,
  multiplyWords,
  sumColumns,
} from './arithmetic-bits.js';
import type { Bit, LogicNetwork } from './logic-network.js';
import { FALSE, inverse, TRUE } from './logic-network.js';

export interface ExpressionContext {
  readonly network: LogicNetwork;
  /** Bits of a named signal. */
  readonly signal: (name: string) => Word;
  /** Whether a sum of three operands takes one table for each bit of one carry chain. */
  readonly threeOperandAdders: boolean;
  /** Whether products are made in multiplier blocks. They are counted by the caller. */
  readonly multiplierBlocks: boolean;
}

/**
 * The low `width` bits of an expression as gates: what the printers write, so that an estimate follows what is emitted.
 * Bits beyond the width, which nobody reads, are not made.
 */
export function expressionBits(expression: RtlExpression, context: ExpressionContext, width = expression.width): Word {
  const { network } = context;
  const all = (operand: RtlExpression): Word => expressionBits(operand, context);
  const low = (operand: RtlExpression): Word => fit(expressionBits(operand, context, width), width, operand.signed);
  switch (expression.kind) {
    case 'signal':
      return context.signal(expression.name).slice(0, width);
    case 'literal':
      return Array.from({ length: width }, (_, index) => ((expression.value >> BigInt(index)) & 1n ? TRUE : FALSE));
    case 'bits':
      return context
        .signal(expression.name)
        .slice(expression.low, Math.min(expression.high + 1, expression.low + width));
    case 'concat': {
      const bits: Bit[] = [];
      for (const part of [...expression.parts].reverse()) for (const bit of all(part)) bits.push(bit);
      return bits.slice(0, width);
    }
    case 'repeat': {
      const part = all(expression.part);
      return Array.from({ length: width }, (_, index) => bitAt(part, index % part.length));
    }
    case 'resize': {
      const kept = expressionBits(expression.operand, context, Math.min(width, expression.operand.width));
      return fit(kept, width, expression.operand.signed);
    }
    case 'shiftLeft': {
      const { operand, amount } = expression;
      const zeros = Array.from({ length: Math.min(width, amount) }, () => FALSE);
      const kept = expressionBits(operand, context, Math.min(operand.width, Math.max(0, width - amount)));
      return [...zeros, ...fit(kept, width - zeros.length, operand.signed)];
    }
    case 'negate': {
      const operand = low(expression.operand);
      return addWords(
        network,
        operand.map(() => FALSE),
        operand,
        true,
      );
    }
    case 'invert':
      return low(expression.operand).map(inverse);
    case 'binary':
      return binaryBits(expression, context, width);
    case 'sum': {
      const [first, second, third] = [low(expression.first), low(expression.second), low(expression.third)];
      return sumOfThree(
        context,
        [first, second, expression.subtracts ? third.map(inverse) : third],
        expression.subtracts,
      );
    }
    case 'compare': {
      const [left, right] = [all(expression.left), all(expression.right)];
      if (expression.operator === '==') return [equalWords(network, left, right)];
      return [lessThanWords(network, left, right, expression.left.signed || expression.right.signed)];
    }
    case 'reduce': {
      const operand = all(expression.operand);
      const inverted = expression.operator.startsWith('~');
      const bit = (expression.operator.endsWith('|') ? anyBit : allBits)(network, operand);
      return [inverted ? inverse(bit) : bit];
    }
    case 'both':
      return [network.and(anyBit(network, all(expression.left)), anyBit(network, all(expression.right)))];
    case 'choose': {
      const condition = anyBit(network, all(expression.condition));
      const [whenTrue, whenFalse] = [low(expression.whenTrue), low(expression.whenFalse)];
      return whenTrue.map((bit, index) => network.choose(condition, bit, bitAt(whenFalse, index)));
    }
  }
}

/** Extended by the sign, or the low bits. */
export function fit(word: Word, width: number, signed: boolean): Word {
  if (word.length >= width) return word.slice(0, width);
  const fill = signed ? bitAt(word, word.length - 1) : FALSE;
  const extended = [...word];
  while (extended.length < width) extended.push(fill);
  return extended;
}

function binaryBits(
  expression: RtlExpression & { readonly kind: 'binary' },
  context: ExpressionContext,
  width: number,
): Word {
  const { network } = context;
  if (expression.operator === '*') return productBits(expression, context, width);
  const operand = (side: RtlExpression): Word => fit(expressionBits(side, context, width), width, side.signed);
  const [left, right] = [operand(expression.left), operand(expression.right)];
  switch (expression.operator) {
    case '+':
      return addWords(network, left, right, false);
    case '-':
      return addWords(network, left, right, true);
    case '&':
      return left.map((bit, index) => network.and(bit, bitAt(right, index)));
    case '|':
      return left.map((bit, index) => network.or(bit, bitAt(right, index)));
    case '^':
      return left.map((bit, index) => network.xor(bit, bitAt(right, index)));
  }
}

/** Operands keep the widths that they had before they were brought to the width of the product. */
function productBits(
  expression: RtlExpression & { readonly kind: 'binary' },
  context: ExpressionContext,
  width: number,
): Word {
  const { network } = context;
  const original = (side: RtlExpression): RtlExpression => (side.kind === 'resize' ? side.operand : side);
  const [left, right] = [original(expression.left), original(expression.right)];
  const [leftBits, rightBits] = [expressionBits(left, context), expressionBits(right, context)];
  if (context.multiplierBlocks) {
    for (const bit of [...leftBits, ...rightBits]) network.demand(bit);
    return network.sources(width);
  }
  return multiplyWords(network, leftBits, rightBits, width, { left: left.signed, right: right.signed });
}

/** `carryIn`: one more is added. */
function sumOfThree(context: ExpressionContext, words: readonly Word[], carryIn: boolean): Word {
  const { network } = context;
  const [first = [], second = [], third = []] = words;
  invariant(first.length === second.length && second.length === third.length, 'the operands of a sum have one width');
  const width = first.length;
  if (!context.threeOperandAdders) {
    const columns = first.map((bit, index) => [bit, bitAt(second, index), bitAt(third, index)]);
    if (carryIn) columns[0]?.push(TRUE);
    return sumColumns(network, columns, width);
  }
  // Each position's table holds the compressor of its own bits, and hands its carry to the table of the next position.
  let below: Bit = carryIn ? TRUE : FALSE;
  const propagate = first.map((bit, index) => {
    const inputs = [bit, bitAt(second, index), bitAt(third, index), below];
    below = network.source();
    return network.table(inputs);
  });
  return network.carryChain(propagate, []).sums;
}
