import { at } from '../../../support/invariant.js';
import type { DataflowNode, Kernel, NodeId } from '../../../dataflow/kinds.js';
import type { Interval } from '../../../numeric/interval.js';
import { intervalWidth, isSigned } from '../../../numeric/interval.js';
import { integerLiteral, integerType } from '../cpp-types.js';
import type { ConstantArrays } from '../looped/constants.js';
import { WideConstantError } from '../looped/constants.js';

/**
 * Bits of a value as a number with a sign. Every word of the flat form has one, so that no operation meets operands of
 * two kinds.
 */
export function signedWidth(range: Interval): number {
  return Math.max(1, intervalWidth(range) + (isSigned(range) ? 0 : 1));
}

export function wordType(range: Interval): string {
  return `ap_int<${signedWidth(range)}>`;
}

function literal(value: bigint): string {
  if (integerType([value]) === undefined) throw new WideConstantError(`the constant ${value} has more than 64 bits`);
  return integerLiteral(value);
}

/**
 * The expression of a node on `ap_int`, whose operators grow as far as their result can: exact, and so is the assignment
 * to a word that holds the node's range. `name` gives the variable of an operand.
 */
export function nodeText(
  node: DataflowNode,
  kernel: Kernel,
  name: (id: NodeId) => string,
  constants: ConstantArrays,
): string {
  const widthOf = (id: NodeId): number => signedWidth(at(kernel.nodes, id).range);
  const own = wordType(node.range);
  /** An operand in a word of at least so many bits. */
  const wide = (id: NodeId, bits: number): string => {
    const width = Math.max(bits, widthOf(id));
    return width === widthOf(id) ? name(id) : `ap_int<${width}>(${name(id)})`;
  };
  switch (node.kind) {
    case 'input':
      return '';
    case 'constant':
      return literal(node.value);
    case 'add':
      return `${name(node.left)} + ${name(node.right)}`;
    case 'subtract':
      return `${name(node.left)} - ${name(node.right)}`;
    case 'addThree':
      return `${name(node.first)} + ${name(node.second)} ${node.subtracts ? '-' : '+'} ${name(node.third)}`;
    case 'negate':
      return `-${name(node.operand)}`;
    case 'multiply':
      return `${name(node.left)} * ${name(node.right)}`;
    case 'square':
      return `${name(node.operand)} * ${name(node.operand)}`;
    case 'shiftLeft':
      return `${wide(node.operand, widthOf(node.operand) + node.amount)} << ${node.amount}`;
    case 'floorShiftRight':
      return `${wide(node.operand, node.amount + 1)} >> ${node.amount}`;
    case 'lessThan':
      return `${name(node.left)} < ${name(node.right)} ? 1 : 0`;
    case 'equal':
      return `${name(node.left)} == ${name(node.right)} ? 1 : 0`;
    case 'select':
      return `${name(node.condition)} != 0 ? ${own}(${name(node.whenTrue)}) : ${own}(${name(node.whenFalse)})`;
    case 'minimum':
      return `${name(node.left)} < ${name(node.right)} ? ${own}(${name(node.left)}) : ${own}(${name(node.right)})`;
    case 'maximum':
      return `${name(node.left)} < ${name(node.right)} ? ${own}(${name(node.right)}) : ${own}(${name(node.left)})`;
    case 'clamp': {
      const [low, high] = [literal(node.bounds.low), literal(node.bounds.high)];
      const operand = name(node.operand);
      return `${operand} < ${low} ? ${own}(${low}) : ${operand} > ${high} ? ${own}(${high}) : ${own}(${operand})`;
    }
    case 'wrap':
      return `ap_${node.signed ? '' : 'u'}int<${node.width}>(${wide(node.operand, node.width)})`;
    case 'table': {
      const codes = constants.codes(node.values, 'table');
      return `trigc::entry(${codes}, ${node.values.length}, ${literal(node.first)}, ${name(node.operand)})`;
    }
    case 'and':
    case 'or':
    case 'xor': {
      const bits = Math.max(widthOf(node.left), widthOf(node.right));
      const sign = { and: '&', or: '|', xor: '^' }[node.kind];
      return `${wide(node.left, bits)} ${sign} ${wide(node.right, bits)}`;
    }
    case 'not':
      return `~${name(node.operand)}`;
    case 'slice':
      return `ap_uint<${node.width}>(${wide(node.operand, node.low + node.width)} >> ${node.low})`;
    case 'concat': {
      const high = `(${wide(node.high, widthOf(node.high) + node.lowWidth)} << ${node.lowWidth})`;
      return `${high} + ap_uint<${node.lowWidth}>(${wide(node.low, node.lowWidth)})`;
    }
    case 'assume':
      return name(node.operand);
  }
}
