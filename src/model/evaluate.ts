import { fromPattern, shiftBy, trailingZeros } from '../support/bits.js';
import { at, invariant, InvariantError } from '../support/invariant.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../numeric/fixed-point.js';
import { requantizeCode } from '../numeric/ratio.js';
import { quantizeCode, roundShift } from '../numeric/rounding.js';
import { tableIndex } from './formats.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, ReduceOperation, Shape } from './kinds.js';
import { elementCount, perElement, ratioOf } from './kinds.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from './shapes.js';

/** Exact values of one tensor: codes × 2^lsb, row-major. */
export interface Tensor {
  readonly lsb: number;
  readonly codes: readonly bigint[];
}

/** The elements of one `assume` node that broke their promise in one event. */
export interface Violation {
  readonly node: ModelNodeId;
  readonly count: number;
  /** Flat index of the first offending element. */
  readonly firstElement: number;
}

export interface ModelEvaluation {
  /** For each graph output, the codes of its elements in the port's own types. */
  readonly outputs: readonly (readonly bigint[])[];
  /** Broken promises, in node order; none in a valid event. */
  readonly violations: readonly Violation[];
  /** The exact tensor of every node, by node id. */
  readonly tensors: readonly Tensor[];
}

/**
 * The reference semantics of level 1: evaluate a typed graph on one event, exactly, straight from the definitions.
 *
 * `inputs` holds, for each input node in graph order, the code of each element in its own port type. A wrong number of
 * codes or a code outside its type throws InvariantError: callers refuse such data before. Where a promise is broken
 * the values pass unchanged, and output codes that no longer fit their port are wrapped into it.
 */
export function evaluateModel(graph: ModelGraph, inputs: readonly (readonly bigint[])[]): ModelEvaluation {
  return modelEvaluator(graph)(inputs);
}

/** `evaluateModel` for many events: what depends on the shapes alone is worked out once. */
export function modelEvaluator(graph: ModelGraph): (inputs: readonly (readonly bigint[])[]) => ModelEvaluation {
  const shapeOf = (id: ModelNodeId): Shape => at(graph.nodes, id).shape;
  const inputNodes = graph.nodes.filter((node) => node.kind === 'input');
  const steps = graph.nodes.map((node) => (node.kind === 'input' ? undefined : nodeEvaluator(node, shapeOf)));
  return (inputs) => {
    invariant(inputs.length === inputNodes.length, `${inputs.length} inputs given for ${inputNodes.length}`);
    const tensors: Tensor[] = [];
    const violations: Violation[] = [];
    let nextInput = 0;
    graph.nodes.forEach((node, index) => {
      if (node.kind === 'input') {
        tensors.push(inputTensor(node, at(inputs, nextInput++)));
        return;
      }
      const tensor = at(steps, index)?.((id) => at(tensors, id));
      invariant(tensor !== undefined, 'only inputs have no evaluator');
      if (node.kind === 'assume') {
        const violation = checkPromise(node, tensor);
        if (violation !== undefined) violations.push(violation);
      }
      tensors.push(tensor);
    });
    const outputs = graph.outputs.map((output) =>
      at(tensors, output.node).codes.map((code, index) => {
        invariant(output.types.length > 0, `output '${output.name}' has no type`);
        const { lsb } = at(tensors, output.node);
        return portCode(code, lsb, perElement(output.types, index), violations.length > 0);
      }),
    );
    return { outputs, violations, tensors };
  };
}

function inputTensor(node: ModelNodeOf<'input'>, codes: readonly bigint[]): Tensor {
  invariant(node.types.length > 0, `input '${node.name}' has no type`);
  invariant(codes.length === elementCount(node.shape), `${codes.length} codes given for input '${node.name}'`);
  const lsb = Math.min(...new Set(node.types.map(lsbExponent)));
  return {
    lsb,
    codes: codes.map((code, index) => {
      const type = perElement(node.types, index);
      const { low, high } = codeRange(type);
      invariant(code >= low && code <= high, `code ${code} of input '${node.name}' is outside its type`);
      return shiftBy(code, lsbExponent(type) - lsb);
    }),
  };
}

function checkPromise(node: ModelNodeOf<'assume'>, tensor: Tensor): Violation | undefined {
  const lsb = Math.min(node.lsb, tensor.lsb);
  let count = 0;
  let firstElement = -1;
  tensor.codes.forEach((code, index) => {
    const { low, high } = perElement(node.ranges, index);
    const value = shiftBy(code, tensor.lsb - lsb);
    if (value >= shiftBy(low, node.lsb - lsb) && value <= shiftBy(high, node.lsb - lsb)) return;
    count++;
    if (firstElement < 0) firstElement = index;
  });
  return count === 0 ? undefined : { node: node.id, count, firstElement };
}

/** The code of an exact value in its output port; the verifier has proven that it fits if all promises are kept. */
function portCode(code: bigint, lsb: number, type: FixedPointType, promiseBroken: boolean): bigint {
  const shift = lsbExponent(type) - lsb;
  invariant(code === 0n || trailingZeros(code) >= shift, 'an output port is too coarse for its tensor');
  const own = shiftBy(code, -shift);
  const wrapped = fromPattern(own, type.width, type.signed);
  invariant(promiseBroken || own === wrapped, 'an output port is too narrow for its tensor');
  return wrapped;
}

type Evaluator = (tensorOf: (id: ModelNodeId) => Tensor) => Tensor;

/** How to evaluate one node (any but an input) from the tensors of its operands. */
export function nodeEvaluator(
  node: Exclude<ModelNode, { readonly kind: 'input' }>,
  shapeOf: (id: ModelNodeId) => Shape,
): Evaluator {
  switch (node.kind) {
    case 'constant':
      return () => ({ lsb: node.lsb, codes: node.codes });
    case 'assume':
    case 'reshape':
      return (tensorOf) => tensorOf(node.operand);
    case 'quantize': {
      const lsb = Math.min(...new Set(node.types.map(lsbExponent)));
      return (tensorOf) => {
        const operand = tensorOf(node.operand);
        const codes = operand.codes.map((code, index) => {
          const type = perElement(node.types, index);
          return shiftBy(quantizeCode(code, operand.lsb, type, node.rounding, node.overflow), lsbExponent(type) - lsb);
        });
        return { lsb, codes };
      };
    }
    case 'requantize': {
      const lsb = Math.min(...new Set(node.types.map(lsbExponent)));
      return (tensorOf) => {
        const operand = tensorOf(node.operand);
        const codes = operand.codes.map((code, index) => {
          const type = perElement(node.types, index);
          const own = requantizeCode(code, operand.lsb, ratioOf(node, index), type, node.rounding, node.overflow);
          return shiftBy(own, lsbExponent(type) - lsb);
        });
        return { lsb, codes };
      };
    }
    case 'bits': {
      const lsb = Math.min(...new Set(node.types.map(lsbExponent)));
      return (tensorOf) => {
        const operand = tensorOf(node.operand);
        const codes = operand.codes.map((code, index) => {
          const type = perElement(node.types, index);
          const whole = roundShift(code, perElement(node.lows, index) - operand.lsb, 'TRN');
          const field = type.signed ? BigInt.asIntN(type.width, whole) : BigInt.asUintN(type.width, whole);
          return shiftBy(field, lsbExponent(type) - lsb);
        });
        return { lsb, codes };
      };
    }
    case 'add':
      return elementwise(node, shapeOf, aligned, (left, right) => left + right);
    case 'subtract':
      return elementwise(node, shapeOf, aligned, (left, right) => left - right);
    case 'minimum':
      return elementwise(node, shapeOf, aligned, (left, right) => (left < right ? left : right));
    case 'maximum':
      return elementwise(node, shapeOf, aligned, (left, right) => (left > right ? left : right));
    case 'multiply':
      return elementwise(node, shapeOf, scaled, (left, right) => left * right);
    case 'lessThan':
      return comparison(node, shapeOf, (left, right) => left < right);
    case 'equal':
      return comparison(node, shapeOf, (left, right) => left === right);
    case 'select':
      return select(node, shapeOf);
    case 'negate':
      return mapped(node.operand, (code) => -code);
    case 'absolute':
      return mapped(node.operand, (code) => (code < 0n ? -code : code));
    case 'relu':
      return mapped(node.operand, (code) => (code < 0n ? 0n : code));
    case 'bipolar':
      return (tensorOf) => ({ lsb: 0, codes: tensorOf(node.operand).codes.map((code) => (code >= 0n ? 1n : -1n)) });
    case 'round':
      return (tensorOf) => {
        const { lsb, codes } = tensorOf(node.operand);
        return lsb >= 0
          ? { lsb, codes }
          : { lsb: 0, codes: codes.map((code) => roundShift(code, -lsb, node.rounding)) };
      };
    case 'function':
    case 'quantizeDefault':
      throw new InvariantError(`the ${node.kind} %${node.id} has no exact value before typing`);
    case 'table':
      return (tensorOf) => {
        const { lsb, codes } = tensorOf(node.operand);
        return { lsb: lsbExponent(node.type), codes: codes.map((code) => at(node.codes, tableIndex(node, code, lsb))) };
      };
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
        const lsb = Math.min(...new Set(operands.map((tensor) => tensor.lsb)));
        const codes = Array.from(operand, (which, index) => {
          const source = at(operands, which);
          return shiftBy(at(source.codes, at(element, index)), source.lsb - lsb);
        });
        return { lsb, codes };
      };
    }
    case 'reduce':
      return reduce(node, shapeOf);
  }
}

function mapped(operand: ModelNodeId, map: (code: bigint) => bigint): Evaluator {
  return (tensorOf) => {
    const { lsb, codes } = tensorOf(operand);
    return { lsb, codes: codes.map(map) };
  };
}

function picked(operand: ModelNodeId, indices: Int32Array): Evaluator {
  return (tensorOf) => {
    const { lsb, codes } = tensorOf(operand);
    return { lsb, codes: Array.from(indices, (index) => at(codes, index)) };
  };
}

/** Both operands and the result on one LSB. */
function aligned(left: Tensor, right: Tensor): { readonly left: Tensor; readonly right: Tensor; readonly lsb: number } {
  const lsb = Math.min(left.lsb, right.lsb);
  const align = (tensor: Tensor): Tensor =>
    tensor.lsb === lsb ? tensor : { lsb, codes: tensor.codes.map((code) => shiftBy(code, tensor.lsb - lsb)) };
  return { left: align(left), right: align(right), lsb };
}

/** The LSB of a product is the product of the LSBs. */
function scaled(left: Tensor, right: Tensor): { readonly left: Tensor; readonly right: Tensor; readonly lsb: number } {
  return { left, right, lsb: left.lsb + right.lsb };
}

function elementwise(
  node: { readonly left: ModelNodeId; readonly right: ModelNodeId; readonly shape: Shape },
  shapeOf: (id: ModelNodeId) => Shape,
  prepare: typeof aligned,
  combine: (left: bigint, right: bigint) => bigint,
): Evaluator {
  const leftIndex = broadcastIndices(shapeOf(node.left), node.shape);
  const rightIndex = broadcastIndices(shapeOf(node.right), node.shape);
  return (tensorOf) => {
    const { left, right, lsb } = prepare(tensorOf(node.left), tensorOf(node.right));
    const codes = Array.from(leftIndex, (source, index) =>
      combine(at(left.codes, source), at(right.codes, at(rightIndex, index))),
    );
    return { lsb, codes };
  };
}

function comparison(
  node: Parameters<typeof elementwise>[0],
  shapeOf: (id: ModelNodeId) => Shape,
  holds: (left: bigint, right: bigint) => boolean,
): Evaluator {
  const evaluate = elementwise(node, shapeOf, aligned, (left, right) => (holds(left, right) ? 1n : 0n));
  return (tensorOf) => ({ lsb: 0, codes: evaluate(tensorOf).codes });
}

function select(node: ModelNodeOf<'select'>, shapeOf: (id: ModelNodeId) => Shape): Evaluator {
  const conditionIndex = broadcastIndices(shapeOf(node.condition), node.shape);
  const trueIndex = broadcastIndices(shapeOf(node.whenTrue), node.shape);
  const falseIndex = broadcastIndices(shapeOf(node.whenFalse), node.shape);
  return (tensorOf) => {
    const condition = tensorOf(node.condition);
    const { left, right, lsb } = aligned(tensorOf(node.whenTrue), tensorOf(node.whenFalse));
    const codes = Array.from(conditionIndex, (source, index) =>
      at(condition.codes, source) !== 0n
        ? at(left.codes, at(trueIndex, index))
        : at(right.codes, at(falseIndex, index)),
    );
    return { lsb, codes };
  };
}

function matmul(node: ModelNodeOf<'matmul'>, shapeOf: (id: ModelNodeId) => Shape): Evaluator {
  const plan = planMatmul(shapeOf(node.left), shapeOf(node.right));
  return (tensorOf) => {
    const [left, right] = [tensorOf(node.left), tensorOf(node.right)];
    const codes: bigint[] = [];
    for (let batch = 0; batch < plan.leftOffsets.length; batch++) {
      for (let row = 0; row < plan.rows; row++) {
        const leftOffset = at(plan.leftOffsets, batch) + row * plan.inner;
        for (let column = 0; column < plan.columns; column++) {
          const rightOffset = at(plan.rightOffsets, batch) + column;
          let sum = 0n;
          for (let k = 0; k < plan.inner; k++) {
            sum += at(left.codes, leftOffset + k) * at(right.codes, rightOffset + k * plan.columns);
          }
          codes.push(sum);
        }
      }
    }
    return { lsb: left.lsb + right.lsb, codes };
  };
}

const reductions: Readonly<Record<ReduceOperation, (left: bigint, right: bigint) => bigint>> = {
  sum: (left, right) => left + right,
  maximum: (left, right) => (left > right ? left : right),
  minimum: (left, right) => (left < right ? left : right),
};

function reduce(node: ModelNodeOf<'reduce'>, shapeOf: (id: ModelNodeId) => Shape): Evaluator {
  const targets = reduceTargets(shapeOf(node.operand), node.axes);
  const size = elementCount(node.shape);
  const combine = reductions[node.operation];
  return (tensorOf) => {
    const { lsb, codes } = tensorOf(node.operand);
    const results = new Array<bigint | undefined>(size).fill(undefined);
    codes.forEach((code, index) => {
      const target = at(targets, index);
      const previous = results[target];
      results[target] = previous === undefined ? code : combine(previous, code);
    });
    return { lsb, codes: results.map((code) => code ?? 0n) };
  };
}
