import { at, unreachable } from '../../../support/invariant.js';
import { fieldOfWord, tableLookup } from '../../../model/evaluate-float.js';
import type { ModelNode, ModelNodeId, ReduceOperation } from '../../../model/kinds.js';
import { evaluateReal } from '../../../model/real-functions.js';
import { broadcastIndices, reduceTargets } from '../../../model/shapes.js';
import { matmulStep } from './matmul-step.js';
import { quantizeStep, requantizeStep, roundingText } from './quantize-step.js';
import type { Step } from './step.js';
import { generated, scaled } from './step.js';
import type { Tensors } from './tensors.js';

type Computing = Exclude<
  ModelNode,
  { readonly kind: 'input' | 'constant' | 'assume' | 'reshape' | 'quantizeDefault' | 'transpose' | 'gather' | 'concat' }
>;

/**
 * How to compute the rows `own` of a node, once the size of a block is known. The text of a step holds numbers and
 * names made here, nothing of the model's own; each node has a function of its own, so that the compiler of the run
 * time sees its constants.
 */
export function compileStep(node: ModelNode, tensors: Tensors, own: Int32Array): (block: number) => Step {
  const computing = node as Computing;
  const { rowsOf, shapeOf } = tensors;
  const broadcast = (id: ModelNodeId): Int32Array => {
    const rows = rowsOf(id);
    return broadcastIndices(shapeOf(id), node.shape).map((index) => at(rows, index));
  };
  switch (computing.kind) {
    case 'add':
      return elementwise(own, 'a + b', broadcast(computing.left), broadcast(computing.right));
    case 'subtract':
      return elementwise(own, 'a - b', broadcast(computing.left), broadcast(computing.right));
    case 'multiply':
      return elementwise(own, 'a * b', broadcast(computing.left), broadcast(computing.right));
    case 'minimum':
      return elementwise(own, 'Math.min(a, b)', broadcast(computing.left), broadcast(computing.right));
    case 'maximum':
      return elementwise(own, 'Math.max(a, b)', broadcast(computing.left), broadcast(computing.right));
    case 'lessThan':
      return elementwise(own, 'a < b ? 1 : 0', broadcast(computing.left), broadcast(computing.right));
    case 'equal':
      return elementwise(own, 'a === b ? 1 : 0', broadcast(computing.left), broadcast(computing.right));
    case 'select': {
      const [condition, whenTrue] = [broadcast(computing.condition), broadcast(computing.whenTrue)];
      return elementwise(own, 'a !== 0 ? b : c', condition, whenTrue, broadcast(computing.whenFalse));
    }
    case 'negate':
      return elementwise(own, '-a', rowsOf(computing.operand));
    case 'absolute':
      return elementwise(own, 'Math.abs(a)', rowsOf(computing.operand));
    case 'relu':
      return elementwise(own, 'Math.max(a, 0)', rowsOf(computing.operand));
    case 'bipolar':
      return elementwise(own, 'a >= 0 ? 1 : -1', rowsOf(computing.operand));
    case 'round':
      return elementwise(own, roundingText('a', computing.rounding), rowsOf(computing.operand));
    case 'function':
      return mapped(own, rowsOf(computing.operand), (value) => evaluateReal(computing, value));
    case 'bits':
      return mapped(own, rowsOf(computing.operand), fieldOfWord(computing));
    case 'table':
      return mapped(own, rowsOf(computing.operand), tableLookup(computing));
    case 'quantize':
      return quantizeStep(computing, rowsOf(computing.operand), own);
    case 'requantize':
      return requantizeStep(computing, rowsOf(computing.operand), own);
    case 'matmul':
      return matmulStep(computing, tensors, own);
    case 'reduce': {
      const targets = reduceTargets(shapeOf(computing.operand), computing.axes);
      return reduction(own, computing.operation, rowsOf(computing.operand), targets);
    }
    default:
      return unreachable(computing);
  }
}

const names = ['a', 'b', 'c'] as const;

/** own[i] = expression of the operands' element i, which the text calls a, b and c. */
function elementwise(own: Int32Array, expression: string, ...operands: readonly Int32Array[]): (block: number) => Step {
  const used = names.slice(0, operands.length);
  const body = [
    `for (let i = 0; i < ${own.length}; i++) {`,
    `const y = Y[i], ${used.map((name) => `p${name} = P${name}[i]`).join(', ')};`,
    `for (let e = 0; e < count; e++) {`,
    `const ${used.map((name) => `${name} = M[p${name} + e]`).join(', ')};`,
    `M[y + e] = ${expression};`,
    '}}',
  ].join('\n');
  return (block) =>
    generated(
      ['Y', ...used.map((name) => `P${name}`)],
      [scaled(own, block), ...operands.map((rows) => scaled(rows, block))],
      body,
    );
}

/** own[i] = map(operand[i], i), for what is too rare to be written out. */
function mapped(
  own: Int32Array,
  operand: Int32Array,
  map: (value: number, element: number) => number,
): (block: number) => Step {
  const body = [
    `for (let i = 0; i < ${own.length}; i++) {`,
    'const x = X[i], y = Y[i];',
    'for (let e = 0; e < count; e++) M[y + e] = map(M[x + e], i);',
    '}',
  ].join('\n');
  return (block) => generated(['Y', 'X', 'map'], [scaled(own, block), scaled(operand, block), map], body);
}

const combinations: Readonly<Record<ReduceOperation, readonly [neutral: string, text: string]>> = {
  sum: ['0', 's + M[x + e]'],
  maximum: ['-Infinity', 'Math.max(s, M[x + e])'],
  minimum: ['Infinity', 'Math.min(s, M[x + e])'],
};

function reduction(
  own: Int32Array,
  operation: ReduceOperation,
  operand: Int32Array,
  targets: Int32Array,
): (block: number) => Step {
  const [neutral, text] = combinations[operation];
  const body = [
    `for (let i = 0; i < ${own.length}; i++) M.fill(${neutral}, Y[i], Y[i] + count);`,
    `for (let i = 0; i < ${operand.length}; i++) {`,
    'const x = X[i], y = Y[T[i]];',
    'for (let e = 0; e < count; e++) {',
    'const s = M[y + e];',
    `M[y + e] = ${text};`,
    '}}',
  ].join('\n');
  return (block) => generated(['Y', 'X', 'T'], [scaled(own, block), scaled(operand, block), targets], body);
}
