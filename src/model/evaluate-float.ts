import { at, invariant } from '../support/invariant.js';
import { dyadicToNumber } from '../numeric/dyadic.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import { quantizeNumber, roundNumber } from '../numeric/quantize-number.js';
import { fieldType } from './formats.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, ReduceOperation, Shape } from './kinds.js';
import { elementCount, perElement, ratioOf } from './kinds.js';
import { evaluateReal } from './real-functions.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from './shapes.js';

export interface FloatEvaluation {
  /** The elements of each graph output, row-major. */
  readonly outputs: readonly Float64Array[];
  /** The elements of every node, by node id. */
  readonly tensors: readonly Float64Array[];
}

/** One event: for each input node in graph order its elements, row-major. */
export type FloatEvaluator = (inputs: readonly Float64Array[]) => FloatEvaluation;

/**
 * The float reference: what an imported graph computes on real numbers, before any tensor is given a type. It is what
 * the trained model means, and is compared with other evaluators of ONNX; `evaluateModel` is the reference after typing.
 *
 * Every operation is carried out in double precision and sums are in index order, so that the result is nearer to the
 * real numbers than the float32 of ONNX is. Quantisers of the graph round and saturate as they say. Inputs are taken as
 * they are, whatever type a port has; promises (`assume`) are not checked.
 *
 * A wrong number of inputs or elements throws InvariantError.
 */
export function floatEvaluator(graph: ModelGraph): FloatEvaluator {
  const shapeOf = (id: ModelNodeId): Shape => at(graph.nodes, id).shape;
  const inputNodes = graph.nodes.filter((node) => node.kind === 'input');
  const steps = graph.nodes.map((node) => (node.kind === 'input' ? undefined : nodeFloatEvaluator(node, shapeOf)));
  return (inputs) => {
    invariant(inputs.length === inputNodes.length, `${inputs.length} inputs given for ${inputNodes.length}`);
    const tensors: Float64Array[] = [];
    let nextInput = 0;
    for (const node of graph.nodes) {
      const step = steps[node.id];
      const tensor = step === undefined ? at(inputs, nextInput++) : step((id) => at(tensors, id));
      invariant(tensor.length === elementCount(node.shape), `${tensor.length} elements for [${node.shape.join(', ')}]`);
      tensors.push(tensor);
    }
    return { outputs: graph.outputs.map((output) => at(tensors, output.node)), tensors };
  };
}

type Evaluator = (tensorOf: (id: ModelNodeId) => Float64Array) => Float64Array;

/** How to evaluate one node (any but an input) from the elements of its operands. */
export function nodeFloatEvaluator(
  node: Exclude<ModelNode, { readonly kind: 'input' }>,
  shapeOf: (id: ModelNodeId) => Shape,
): Evaluator {
  switch (node.kind) {
    case 'constant': {
      const values = Float64Array.from(node.codes, (code) => dyadicToNumber({ code, lsb: node.lsb }));
      return () => values;
    }
    case 'assume':
    case 'reshape':
    case 'quantizeDefault':
      return (tensorOf) => tensorOf(node.operand);
    case 'quantize':
      return quantize(node);
    case 'requantize':
      return requantize(node);
    case 'bits':
      return mapped(node.operand, fieldOfWord(node));
    case 'add':
      return elementwise(node, shapeOf, (left, right) => left + right);
    case 'subtract':
      return elementwise(node, shapeOf, (left, right) => left - right);
    case 'multiply':
      return elementwise(node, shapeOf, (left, right) => left * right);
    case 'minimum':
      return elementwise(node, shapeOf, Math.min);
    case 'maximum':
      return elementwise(node, shapeOf, Math.max);
    case 'lessThan':
      return elementwise(node, shapeOf, (left, right) => (left < right ? 1 : 0));
    case 'equal':
      return elementwise(node, shapeOf, (left, right) => (left === right ? 1 : 0));
    case 'select':
      return select(node, shapeOf);
    case 'negate':
      return mapped(node.operand, (value) => -value);
    case 'absolute':
      return mapped(node.operand, (value) => Math.abs(value));
    case 'relu':
      return mapped(node.operand, (value) => Math.max(value, 0));
    case 'bipolar':
      return mapped(node.operand, (value) => (value >= 0 ? 1 : -1));
    case 'round':
      return mapped(node.operand, (value) => roundNumber(value, node.rounding));
    case 'function':
      return mapped(node.operand, (value) => evaluateReal(node, value));
    case 'table':
      return mapped(node.operand, tableLookup(node));
    case 'matmul':
      return matmul(node, shapeOf);
    case 'transpose':
      return picked(node.operand, transposeIndices(shapeOf(node.operand), node.permutation));
    case 'gather':
      return picked(node.operand, gatherIndices(shapeOf(node.operand), node.axis, node.indices));
    case 'concat': {
      const { operand, element } = concatSources(node.operands.map(shapeOf), node.axis);
      return (tensorOf) => {
        const operands = node.operands.map(tensorOf);
        return Float64Array.from(operand, (which, index) => at(at(operands, which), at(element, index)));
      };
    }
    case 'reduce':
      return reduce(node, shapeOf);
  }
}

function mapped(operand: ModelNodeId, map: (value: number, index: number) => number): Evaluator {
  return (tensorOf) => tensorOf(operand).map((value, index) => map(value, index));
}

/** The value of a `bits` node for one element of its operand. */
export function fieldOfWord(node: ModelNodeOf<'bits'>): (value: number, index: number) => number {
  return (value, index) => {
    const type = perElement(node.types, index);
    const field = fieldType(perElement(node.lows, index), type);
    return quantizeNumber(value, field, 'TRN', 'WRAP') * 2 ** (lsbExponent(type) - lsbExponent(field));
  };
}

/** The value of a `table` node for one element of its operand. */
export function tableLookup(node: ModelNodeOf<'table'>): (value: number) => number {
  const unit = 2 ** node.lsb;
  const first = Number(node.first);
  const values = Float64Array.from(node.codes, (code) => dyadicToNumber({ code, lsb: lsbExponent(node.type) }));
  return (value) => at(values, Math.min(Math.max(Math.floor(value / unit) - first, 0), values.length - 1));
}

function picked(operand: ModelNodeId, indices: Int32Array): Evaluator {
  return (tensorOf) => {
    const values = tensorOf(operand);
    return Float64Array.from(indices, (index) => at(values, index));
  };
}

function quantize(node: ModelNodeOf<'quantize'>): Evaluator {
  return (tensorOf) =>
    tensorOf(node.operand).map((value, index) =>
      quantizeNumber(value, perElement(node.types, index), node.rounding, node.overflow),
    );
}

function requantize(node: ModelNodeOf<'requantize'>): Evaluator {
  return (tensorOf) =>
    tensorOf(node.operand).map((value, index) => {
      const { numerator, offset, denominator } = ratioOf(node, index);
      const scaled = (value * Number(numerator) + Number(offset)) / Number(denominator);
      return quantizeNumber(scaled, perElement(node.types, index), node.rounding, node.overflow);
    });
}

function elementwise(
  node: { readonly left: ModelNodeId; readonly right: ModelNodeId; readonly shape: Shape },
  shapeOf: (id: ModelNodeId) => Shape,
  combine: (left: number, right: number) => number,
): Evaluator {
  const leftIndex = broadcastIndices(shapeOf(node.left), node.shape);
  const rightIndex = broadcastIndices(shapeOf(node.right), node.shape);
  return (tensorOf) => {
    const [left, right] = [tensorOf(node.left), tensorOf(node.right)];
    return Float64Array.from(leftIndex, (source, index) => combine(at(left, source), at(right, at(rightIndex, index))));
  };
}

function select(node: ModelNodeOf<'select'>, shapeOf: (id: ModelNodeId) => Shape): Evaluator {
  const trueIndex = broadcastIndices(shapeOf(node.whenTrue), node.shape);
  const falseIndex = broadcastIndices(shapeOf(node.whenFalse), node.shape);
  const conditionIndex = broadcastIndices(shapeOf(node.condition), node.shape);
  return (tensorOf) => {
    const condition = tensorOf(node.condition);
    const [whenTrue, whenFalse] = [tensorOf(node.whenTrue), tensorOf(node.whenFalse)];
    return Float64Array.from(conditionIndex, (source, index) =>
      at(condition, source) !== 0 ? at(whenTrue, at(trueIndex, index)) : at(whenFalse, at(falseIndex, index)),
    );
  };
}

function matmul(node: ModelNodeOf<'matmul'>, shapeOf: (id: ModelNodeId) => Shape): Evaluator {
  const plan = planMatmul(shapeOf(node.left), shapeOf(node.right));
  return (tensorOf) => {
    const [left, right] = [tensorOf(node.left), tensorOf(node.right)];
    const result = new Float64Array(plan.leftOffsets.length * plan.rows * plan.columns);
    let next = 0;
    for (let batch = 0; batch < plan.leftOffsets.length; batch++) {
      for (let row = 0; row < plan.rows; row++) {
        const leftOffset = at(plan.leftOffsets, batch) + row * plan.inner;
        for (let column = 0; column < plan.columns; column++) {
          const rightOffset = at(plan.rightOffsets, batch) + column;
          let sum = 0;
          for (let k = 0; k < plan.inner; k++) {
            sum += at(left, leftOffset + k) * at(right, rightOffset + k * plan.columns);
          }
          result[next++] = sum;
        }
      }
    }
    return result;
  };
}

const reductions: Readonly<Record<ReduceOperation, (left: number, right: number) => number>> = {
  sum: (left, right) => left + right,
  maximum: Math.max,
  minimum: Math.min,
};
const neutral: Readonly<Record<ReduceOperation, number>> = {
  sum: 0,
  maximum: Number.NEGATIVE_INFINITY,
  minimum: Number.POSITIVE_INFINITY,
};

function reduce(node: ModelNodeOf<'reduce'>, shapeOf: (id: ModelNodeId) => Shape): Evaluator {
  const targets = reduceTargets(shapeOf(node.operand), node.axes);
  const size = elementCount(node.shape);
  const combine = reductions[node.operation];
  return (tensorOf) => {
    const values = tensorOf(node.operand);
    const results = new Float64Array(size).fill(neutral[node.operation]);
    targets.forEach((target, index) => {
      results[target] = combine(at(results, target), at(values, index));
    });
    return results;
  };
}
