import type { DataflowNode, NodeId } from '../../dataflow/kinds.js';
import { unreachable } from '../../support/invariant.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { contains, point, union } from '../../numeric/interval.js';
import type { Representation } from './representation.js';
import { conversions, I32, representationOf, scalarLiteral, vectorTypes, WIDE, widest } from './representation.js';

/** What the text of a node needs of the function around it. */
export interface NodeContext {
  /** Name of a value that is already computed, and how it is held. */
  readonly operand: (id: NodeId) => { readonly text: string; readonly representation: Representation };
  readonly node: (id: NodeId) => DataflowNode;
  /** The value of a kernel operand as it is held in this function. */
  readonly input: (index: number) => string;
  /** Name of a constant array of the translation unit. */
  readonly table: (values: readonly bigint[], representation: Representation) => string;
  /** Note the events in which the value leaves the bounds. */
  readonly promise: (text: string, low: string, high: string) => void;
  /** 64-bit limbs of a `Wide`. */
  readonly limbs: number;
}

/**
 * A node as a C++ expression on vectors of events, held as `representationOf(node.range)`. Sums, products and bitwise
 * operations are computed modulo the size of the result, which is exact there; what looks at the size of its operands
 * (comparisons, shifts to the right, clamping) is computed in the widest type that takes part.
 */
export function nodeText(node: DataflowNode, context: NodeContext): string {
  const result = representationOf(node.range);
  const as = (id: NodeId, representation: Representation): string => {
    const operand = context.operand(id);
    return convert(operand.text, operand.representation, representation);
  };
  const held = (id: NodeId): Representation => context.operand(id).representation;
  const constant = (value: bigint, representation: Representation): string =>
    splat(value, representation, context.limbs);
  const computedAs = (representation: Representation, text: string): string => convert(text, representation, result);

  switch (node.kind) {
    case 'input':
      return context.input(node.index);
    case 'constant':
      return constant(node.value, result);
    case 'add':
      return `${as(node.left, result)} + ${as(node.right, result)}`;
    case 'subtract':
      return `${as(node.left, result)} - ${as(node.right, result)}`;
    case 'addThree': {
      const sign = node.subtracts ? '-' : '+';
      return `${as(node.first, result)} + ${as(node.second, result)} ${sign} ${as(node.third, result)}`;
    }
    case 'negate':
      return `-${as(node.operand, result)}`;
    case 'multiply':
      return `${as(node.left, result)} * ${as(node.right, result)}`;
    case 'square':
      return `${as(node.operand, result)} * ${as(node.operand, result)}`;
    case 'shiftLeft':
      return shiftLeft(as(node.operand, result), node.amount, result);
    case 'floorShiftRight':
      return computedAs(
        held(node.operand),
        shiftRight(as(node.operand, held(node.operand)), node.amount, held(node.operand)),
      );
    case 'lessThan':
    case 'equal': {
      const common = widest(held(node.left), held(node.right));
      const test = node.kind === 'lessThan' ? 'less' : 'equal';
      return `${test}(${as(node.left, common)}, ${as(node.right, common)})`;
    }
    case 'select': {
      const condition = booleanText(as(node.condition, held(node.condition)), held(node.condition));
      return `choose(${condition}, ${as(node.whenTrue, result)}, ${as(node.whenFalse, result)})`;
    }
    case 'minimum':
    case 'maximum': {
      const common = widest(held(node.left), held(node.right));
      return computedAs(common, `${node.kind}(${as(node.left, common)}, ${as(node.right, common)})`);
    }
    case 'clamp': {
      const common = widest(held(node.operand), representationOf(node.range));
      const { range } = context.node(node.operand);
      const { low, high } = node.bounds;
      let text = as(node.operand, common);
      // A bound that no value reaches may lie outside the type, and needs no comparison.
      if (range.low < low) text = `maximum(${text}, ${constant(low, common)})`;
      if (range.high > high) text = `minimum(${text}, ${constant(high, common)})`;
      return computedAs(common, text);
    }
    case 'wrap': {
      const common = representationOf(codeRange(bits(node.width, node.signed)));
      return computedAs(
        common,
        `wrap_${node.signed ? 'signed' : 'unsigned'}<${node.width}>(${as(node.operand, common)})`,
      );
    }
    case 'slice': {
      const common = widest(held(node.operand), representationOf(codeRange(bits(node.width, false))));
      const shifted = shiftRight(as(node.operand, common), node.low, common);
      return computedAs(common, `wrap_unsigned<${node.width}>(${shifted})`);
    }
    case 'concat': {
      const low = as(node.low, result);
      const fits = contains(codeRange(bits(node.lowWidth, false)), context.node(node.low).range);
      const high = shiftLeft(as(node.high, result), node.lowWidth, result);
      return `${high} + ${fits ? low : `wrap_unsigned<${node.lowWidth}>(${low})`}`;
    }
    case 'table': {
      const { first, values } = node;
      const last = first + BigInt(values.length - 1);
      const common = widest(held(node.operand), representationOf({ low: first, high: last }));
      const operand = as(node.operand, common);
      const [lowest, highest] = [constant(first, common), constant(last, common)];
      // Whatever the range says, an event that breaks a promise must not read beyond the table.
      const inside = contains({ low: first, high: last }, everPossible(context.node(node.operand)))
        ? operand
        : `minimum(maximum(${operand}, ${lowest}), ${highest})`;
      const index = first === 0n ? inside : `${inside} - ${lowest}`;
      const entries = representationOf(values.map(point).reduce(union));
      const text = `look_up(${context.table(values, entries)}, ${convert(index, common, I32)})`;
      return computedAs(entries, text);
    }
    case 'and':
      return `${as(node.left, result)} & ${as(node.right, result)}`;
    case 'or':
      return `${as(node.left, result)} | ${as(node.right, result)}`;
    case 'xor':
      return `${as(node.left, result)} ^ ${as(node.right, result)}`;
    case 'not':
      return `~${as(node.operand, result)}`;
    case 'assume': {
      const { low, high } = node.bounds;
      const common = widest(held(node.operand), representationOf(node.bounds));
      context.promise(as(node.operand, common), constant(low, common), constant(high, common));
      return as(node.operand, result);
    }
    default:
      return unreachable(node);
  }
}

/** What a value can be even where a promise is broken; nothing where that is not said by its own operation. */
function everPossible(node: DataflowNode): Interval {
  switch (node.kind) {
    case 'slice':
      return codeRange(bits(node.width, false));
    case 'wrap':
      return codeRange(bits(node.width, node.signed));
    case 'clamp':
      return node.bounds;
    case 'lessThan':
    case 'equal':
      return { low: 0n, high: 1n };
    default:
      return anything;
  }
}

/** Wider than any table. */
const anything: Interval = { low: -(1n << 64n), high: 1n << 64n };

/** The largest word that a node computes with on the way: its limbs are what `Wide` must have. */
export function workingRange(node: DataflowNode): Interval {
  switch (node.kind) {
    case 'wrap':
      return union(node.range, codeRange(bits(node.width, node.signed)));
    case 'slice':
      return union(node.range, codeRange(bits(node.width, false)));
    case 'concat':
      return union(node.range, codeRange(bits(node.lowWidth, false)));
    case 'table':
      return union(node.range, { low: node.first, high: node.first + BigInt(node.values.length) });
    case 'assume':
      return union(node.range, node.bounds);
    default:
      return node.range;
  }
}

function bits(width: number, signed: boolean): FixedPointType {
  return fixedPointType(signed, width, width);
}

export function convert(text: string, from: Representation, to: Representation): string {
  return from === to ? text : `${conversions[to]}(${text})`;
}

/** The same number for all events of a step. */
export function splat(value: bigint, representation: Representation, limbCount: number): string {
  return `all_${vectorTypes[representation].toLowerCase()}(${scalarLiteral(value, representation, limbCount)})`;
}

/** Conditions are chosen by in 32 bits; a wider one must not lose the bits that make it true. */
function booleanText(text: string, representation: Representation): string {
  return representation === I32 ? text : `non_zero(${text})`;
}

/** Amounts of a whole word and more are not defined in C++. */
function shiftLeft(text: string, amount: number, representation: Representation): string {
  if (amount === 0) return text;
  if (representation !== WIDE && amount >= bitsOf(representation)) return `${text} * 0`;
  return `(${text} << ${amount})`;
}

function shiftRight(text: string, amount: number, representation: Representation): string {
  if (amount === 0) return text;
  return `(${text} >> ${representation === WIDE ? amount : Math.min(amount, bitsOf(representation) - 1)})`;
}

function bitsOf(representation: Representation): number {
  return representation === I32 ? 32 : 64;
}
