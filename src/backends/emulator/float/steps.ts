import { at, unreachable } from '../../../support/invariant.js';
import type { Code } from '../../../support/web-assembly.js';
import { doubles, get, integer, loop, set } from '../../../support/web-assembly.js';
import { fieldOfWord, tableLookup } from '../../../model/evaluate-float.js';
import type { ModelNode, ModelNodeId, ReduceOperation } from '../../../model/kinds.js';
import { evaluateReal } from '../../../model/real-functions.js';
import { broadcastIndices, reduceTargets } from '../../../model/shapes.js';
import { matmulStep } from './matmul-step.js';
import { quantizeStep, requantizeStep, roundingCode } from './quantize-step.js';
import type { Assembly, Step } from './step.js';
import { forElements, mappedStep } from './step.js';
import type { Tensors } from './tensors.js';

type Computing = Exclude<
  ModelNode,
  { readonly kind: 'input' | 'constant' | 'assume' | 'reshape' | 'quantizeDefault' | 'transpose' | 'gather' | 'concat' }
>;

/**
 * How to compute the rows `own` of a node. What there is a vector instruction for is written in it, two events at a
 * time; functions, look-ups and what wraps are called for one value after the other.
 */
export function compileStep(node: ModelNode, tensors: Tensors, own: Int32Array): (assembly: Assembly) => Step {
  const computing = node as Computing;
  const { rowsOf, shapeOf } = tensors;
  const broadcast = (id: ModelNodeId): Int32Array => {
    const rows = rowsOf(id);
    return broadcastIndices(shapeOf(id), node.shape).map((index) => at(rows, index));
  };
  const [zero, one] = [doubles.constant(0), doubles.constant(1)];
  switch (computing.kind) {
    case 'add':
      return elementwise(own, doubles.add, broadcast(computing.left), broadcast(computing.right));
    case 'subtract':
      return elementwise(own, doubles.subtract, broadcast(computing.left), broadcast(computing.right));
    case 'multiply':
      return elementwise(own, doubles.multiply, broadcast(computing.left), broadcast(computing.right));
    case 'minimum':
      return elementwise(own, doubles.minimum, broadcast(computing.left), broadcast(computing.right));
    case 'maximum':
      return elementwise(own, doubles.maximum, broadcast(computing.left), broadcast(computing.right));
    case 'lessThan': {
      const less = (left: Code, right: Code): Code => doubles.and(doubles.less(left, right), one);
      return elementwise(own, less, broadcast(computing.left), broadcast(computing.right));
    }
    case 'equal': {
      const equal = (left: Code, right: Code): Code => doubles.and(doubles.equal(left, right), one);
      return elementwise(own, equal, broadcast(computing.left), broadcast(computing.right));
    }
    case 'select': {
      const pick = (condition: Code, ones: Code, zeros: Code): Code =>
        doubles.select(doubles.notEqual(condition, zero), ones, zeros);
      const [condition, whenTrue] = [broadcast(computing.condition), broadcast(computing.whenTrue)];
      return elementwise(own, pick, condition, whenTrue, broadcast(computing.whenFalse));
    }
    case 'negate':
      return elementwise(own, doubles.negate, rowsOf(computing.operand));
    case 'absolute':
      return elementwise(own, doubles.absolute, rowsOf(computing.operand));
    case 'relu':
      return elementwise(own, (operand: Code) => doubles.maximum(operand, zero), rowsOf(computing.operand));
    case 'bipolar': {
      const sign = (operand: Code): Code =>
        doubles.select(doubles.greaterEqual(operand, zero), one, doubles.constant(-1));
      return elementwise(own, sign, rowsOf(computing.operand));
    }
    case 'round':
      return (assembly) =>
        assembly.step((locals, bytes) => {
          const write = roundingCode(locals, computing.rounding);
          const tensors = [own, rowsOf(computing.operand)];
          return forElements(assembly, locals, bytes, tensors, ({ load, store }) => store(0, write(load(1))));
        });
    case 'function':
      return mappedStep(own, rowsOf(computing.operand), (value) => evaluateReal(computing, value));
    case 'bits':
      return mappedStep(own, rowsOf(computing.operand), fieldOfWord(computing));
    case 'table':
      return mappedStep(own, rowsOf(computing.operand), tableLookup(computing));
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

/** own = the operation on the operands, element by element. */
function elementwise(
  own: Int32Array,
  operation: (...operands: readonly [Code, Code, Code]) => Code,
  ...operands: readonly Int32Array[]
): (assembly: Assembly) => Step {
  return (assembly) =>
    assembly.step((locals, bytes) =>
      forElements(assembly, locals, bytes, [own, ...operands], ({ load, store }) => {
        const value = (operand: number): Code => (operand < operands.length ? load(operand + 1) : []);
        return store(0, operation(value(0), value(1), value(2)));
      }),
    );
}

const combinations: Readonly<Record<ReduceOperation, readonly [neutral: number, (a: Code, b: Code) => Code]>> = {
  sum: [0, doubles.add],
  maximum: [Number.NEGATIVE_INFINITY, doubles.maximum],
  minimum: [Number.POSITIVE_INFINITY, doubles.minimum],
};

/** Elements of the operand in their order into the result that each belongs to; all results have equally many. */
function reduction(
  own: Int32Array,
  operation: ReduceOperation,
  operand: Int32Array,
  targets: Int32Array,
): (assembly: Assembly) => Step {
  const [neutral, combine] = combinations[operation];
  const members = operand.length / Math.max(1, own.length);
  const grouped = new Int32Array(operand.length);
  const filled = new Int32Array(own.length);
  targets.forEach((target, index) => {
    const position = at(filled, target);
    filled[target] = position + 1;
    grouped[target * members + position] = at(operand, index);
  });
  return (assembly) =>
    assembly.step((locals, bytes) => {
      const [next, end, result] = [locals.integer(), locals.integer(), locals.doubles()];
      const list = assembly.table(assembly.addresses(grouped));
      const starts = assembly.table(Int32Array.from(own, (_, index) => list + 4 * index * members));
      return forElements(assembly, locals, bytes, [own], ({ store, loadAt, integerOf }) => [
        ...set(result, doubles.constant(neutral)),
        ...set(end, integer.add(integerOf(starts), integer.constant(4 * members))),
        ...loop(next, integerOf(starts), 4, get(end), [
          ...set(result, combine(get(result), loadAt(integer.load(get(next))))),
        ]),
        ...store(0, get(result)),
      ]);
    });
}
