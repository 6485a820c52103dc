import { trailingZeros } from '../support/bits.js';
import { at, InvariantError } from '../support/invariant.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import type { ModelGraph, ModelNode, ModelNodeId, Shape } from './kinds.js';
import { elementCount, perElement } from './kinds.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from './shapes.js';

/** For each element, an exponent such that its value is always a multiple of 2^exponent; Infinity for a constant zero. */
export type Alignment = readonly number[];

/**
 * The LSB of every element by itself, by node id. A tensor's format has the finest LSB of all its elements; where the
 * elements have types of their own, most are coarser than that, and a port may be as coarse as they are.
 */
export function inferAlignments(graph: ModelGraph): readonly Alignment[] {
  const alignments: Alignment[] = [];
  for (const node of graph.nodes) {
    alignments.push(
      alignmentOf(
        node,
        (id) => at(graph.nodes, id).shape,
        (id) => at(alignments, id),
      ),
    );
  }
  return alignments;
}

/** The alignment of one node, given those of its operands. */
export function alignmentOf(
  node: ModelNode,
  shapeOf: (id: ModelNodeId) => Shape,
  of: (id: ModelNodeId) => Alignment,
): Alignment {
  const size = elementCount(node.shape);
  const pick = (operand: Alignment, indices: Int32Array): Alignment => Array.from(indices, (i) => at(operand, i));
  switch (node.kind) {
    case 'input':
    case 'quantize':
    case 'requantize':
    case 'bits':
      return Array.from({ length: size }, (_, index) => lsbExponent(perElement(node.types, index)));
    case 'constant':
      return node.codes.map((code) => (code === 0n ? Number.POSITIVE_INFINITY : node.lsb + trailingZeros(code)));
    case 'assume':
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'reshape':
      return of(node.operand);
    case 'function':
    case 'quantizeDefault':
      throw new InvariantError(`a ${node.kind} has no alignment before typing`);
    case 'table':
      return new Array<number>(size).fill(lsbExponent(node.type));
    case 'bipolar':
    case 'lessThan':
    case 'equal':
      return new Array<number>(size).fill(0);
    case 'round':
      return of(node.operand).map((exponent) => Math.max(0, exponent));
    case 'add':
    case 'subtract':
    case 'minimum':
    case 'maximum':
    case 'multiply': {
      const left = pick(of(node.left), broadcastIndices(shapeOf(node.left), node.shape));
      const right = pick(of(node.right), broadcastIndices(shapeOf(node.right), node.shape));
      return left.map((a, index) => (node.kind === 'multiply' ? a + at(right, index) : Math.min(a, at(right, index))));
    }
    case 'select': {
      const whenTrue = pick(of(node.whenTrue), broadcastIndices(shapeOf(node.whenTrue), node.shape));
      const whenFalse = pick(of(node.whenFalse), broadcastIndices(shapeOf(node.whenFalse), node.shape));
      return whenTrue.map((a, index) => Math.min(a, at(whenFalse, index)));
    }
    case 'matmul':
      return matmulAlignment(of(node.left), of(node.right), planMatmul(shapeOf(node.left), shapeOf(node.right)));
    case 'transpose':
      return pick(of(node.operand), transposeIndices(shapeOf(node.operand), node.permutation));
    case 'gather':
      return pick(of(node.operand), gatherIndices(shapeOf(node.operand), node.axis, node.indices));
    case 'concat': {
      const operands = node.operands.map(of);
      const { operand, element } = concatSources(node.operands.map(shapeOf), node.axis);
      return Array.from(operand, (which, index) => at(at(operands, which), at(element, index)));
    }
    case 'reduce': {
      const targets = reduceTargets(shapeOf(node.operand), node.axes);
      const result = new Array<number>(size).fill(Number.POSITIVE_INFINITY);
      of(node.operand).forEach((exponent, index) => {
        const target = at(targets, index);
        result[target] = Math.min(at(result, target), exponent);
      });
      return result;
    }
  }
}

function matmulAlignment(left: Alignment, right: Alignment, plan: ReturnType<typeof planMatmul>): Alignment {
  const result: number[] = [];
  for (let batch = 0; batch < plan.leftOffsets.length; batch++) {
    for (let row = 0; row < plan.rows; row++) {
      const leftOffset = at(plan.leftOffsets, batch) + row * plan.inner;
      for (let column = 0; column < plan.columns; column++) {
        const rightOffset = at(plan.rightOffsets, batch) + column;
        let exponent = Number.POSITIVE_INFINITY;
        for (let k = 0; k < plan.inner; k++) {
          exponent = Math.min(exponent, at(left, leftOffset + k) + at(right, rightOffset + k * plan.columns));
        }
        result.push(exponent);
      }
    }
  }
  return result;
}
