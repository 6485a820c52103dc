import { invariant } from '../support/invariant.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { elementCount } from './kinds.js';
import type {
  ModelFields,
  ModelGraph,
  ModelKind,
  ModelNode,
  ModelNodeId,
  ModelOutput,
  Provenance,
  Shape,
} from './kinds.js';
import { broadcastShapes, planMatmul, reduceShape, ShapeError } from './shapes.js';

export const noProvenance: Provenance = { name: '', operator: '' };

/**
 * Builds a ModelGraph node by node; shapes are inferred, never supplied (an input's and a constant's excepted).
 * Contradictory shapes throw ShapeError.
 */
export class ModelBuilder {
  private readonly nodes: ModelNode[] = [];
  private readonly outputs: ModelOutput[] = [];

  public constructor(private readonly name: string) {}

  public node(id: ModelNodeId): ModelNode {
    const node = this.nodes[id];
    invariant(node !== undefined, `no model node ${id}`);
    return node;
  }

  public shapeOf(id: ModelNodeId): Shape {
    return this.node(id).shape;
  }

  public input(fields: ModelFields['input'], shape: Shape, provenance = noProvenance): ModelNodeId {
    return this.push('input', fields, shape, provenance);
  }

  public constant(fields: ModelFields['constant'], shape: Shape, provenance = noProvenance): ModelNodeId {
    invariant(fields.codes.length === elementCount(shape), 'a constant has one code per element');
    return this.push('constant', fields, shape, provenance);
  }

  /** Any other kind: its shape follows from its operands. */
  public add<K extends Exclude<ModelKind, 'input' | 'constant'>>(
    kind: K,
    fields: ModelFields[K],
    provenance = noProvenance,
  ): ModelNodeId {
    const node = { kind, ...fields } as unknown as ModelNode;
    return this.push(
      kind,
      fields,
      inferShape(node, (id) => this.shapeOf(id)),
      provenance,
    );
  }

  public output(name: string, node: ModelNodeId, types: readonly FixedPointType[] = []): void {
    this.outputs.push({ name, node, types });
  }

  public finish(): ModelGraph {
    return { name: this.name, nodes: this.nodes, outputs: this.outputs };
  }

  private push<K extends ModelKind>(
    kind: K,
    fields: ModelFields[K],
    shape: Shape,
    provenance: Provenance,
  ): ModelNodeId {
    const id = this.nodes.length as ModelNodeId;
    // Fields first: callers may pass a whole node of another graph.
    this.nodes.push({ ...fields, id, kind, shape, provenance } as unknown as ModelNode);
    return id;
  }
}

/** Shape of a node from the shapes of its operands. Throws ShapeError. */
export function inferShape(node: ModelNode, shapeOf: (id: ModelNodeId) => Shape): Shape {
  switch (node.kind) {
    case 'input':
    case 'constant':
      return node.shape;
    case 'assume':
    case 'quantize':
    case 'requantize':
    case 'bits':
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'bipolar':
    case 'round':
    case 'function':
    case 'quantizeDefault':
    case 'table':
      return shapeOf(node.operand);
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'minimum':
    case 'maximum':
    case 'lessThan':
    case 'equal':
      return broadcastShapes(shapeOf(node.left), shapeOf(node.right));
    case 'select':
      return broadcastShapes(shapeOf(node.condition), broadcastShapes(shapeOf(node.whenTrue), shapeOf(node.whenFalse)));
    case 'matmul':
      return planMatmul(shapeOf(node.left), shapeOf(node.right)).shape;
    case 'reshape': {
      const from = shapeOf(node.operand);
      if (elementCount(from) !== elementCount(node.shape)) {
        throw new ShapeError(`[${from.join(', ')}] cannot be reshaped to [${node.shape.join(', ')}]`);
      }
      return node.shape;
    }
    case 'transpose': {
      const from = shapeOf(node.operand);
      if ([...node.permutation].sort((a, b) => a - b).join() !== from.map((_, axis) => axis).join()) {
        throw new ShapeError(`[${node.permutation.join(', ')}] does not permute ${from.length} axes`);
      }
      return node.permutation.map((axis) => from[axis] ?? 1);
    }
    case 'concat':
      return concatShape(node.operands.map(shapeOf), node.axis);
    case 'gather': {
      const from = shapeOf(node.operand);
      const length = from[node.axis];
      if (length === undefined) throw new ShapeError(`there is no axis ${node.axis} in [${from.join(', ')}]`);
      const bad = node.indices.find((index) => !Number.isInteger(index) || index < 0 || index >= length);
      if (bad !== undefined) throw new ShapeError(`index ${bad} is outside axis ${node.axis} of [${from.join(', ')}]`);
      return from.map((dimension, axis) => (axis === node.axis ? node.indices.length : dimension));
    }
    case 'reduce': {
      const from = shapeOf(node.operand);
      const bad = node.axes.find((axis) => axis < 0 || axis >= from.length);
      if (bad !== undefined) throw new ShapeError(`there is no axis ${bad} in [${from.join(', ')}]`);
      return reduceShape(from, node.axes, node.keepDimensions);
    }
  }
}

function concatShape(shapes: readonly Shape[], axis: number): Shape {
  const [first, ...rest] = shapes;
  if (first === undefined) throw new ShapeError('nothing to concatenate');
  if (axis < 0 || axis >= first.length) throw new ShapeError(`there is no axis ${axis} in [${first.join(', ')}]`);
  let total = first[axis] ?? 0;
  for (const shape of rest) {
    if (shape.length !== first.length || shape.some((d, a) => a !== axis && d !== first[a])) {
      throw new ShapeError(`[${first.join(', ')}] and [${shape.join(', ')}] do not fit along axis ${axis}`);
    }
    total += shape[axis] ?? 0;
  }
  return first.map((dimension, a) => (a === axis ? total : dimension));
}
