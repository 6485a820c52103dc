import { at } from '../../../support/invariant.js';
import type { TensorFormat } from '../../../model/formats.js';
import type { ModelGraph, ModelKind, ModelNode, ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import { elementCount, operandsOf } from '../../../model/kinds.js';
import { planMatmul } from '../../../model/shapes.js';
import type { LoopedModel } from './source.js';
import { loopedFormats } from './tensor-types.js';
import type { ConstantElements, View } from './views.js';
import { isIdentity, Views } from './views.js';

/** A product of rows with a constant matrix, and what is added to it. */
export interface DenseStage {
  readonly kind: 'dense';
  /** The node whose tensor it makes: the product, or the addition of the bias. */
  readonly node: ModelNodeId;
  readonly product: ModelNodeOf<'matmul'>;
  readonly input: View;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** [input][output] */
  readonly weights: ConstantElements;
  /** [output] */
  readonly bias?: ConstantElements;
}

/** Every element by itself, from elements of others: the expression that ends at the node. */
export interface ElementwiseStage {
  readonly kind: 'elementwise';
  readonly node: ModelNodeId;
}

/** Sums of elements or of products, largest and smallest elements, and concatenations. */
export interface GatheringStage {
  readonly kind: 'reduce' | 'matmul' | 'concat';
  readonly node: ModelNodeId;
}

export type Stage = DenseStage | ElementwiseStage | GatheringStage;

/** A graph cut into stages: each makes one tensor, in order. */
export interface StagedModel {
  readonly model: LoopedModel;
  readonly formats: readonly TensorFormat[];
  readonly views: Views;
  readonly stages: readonly Stage[];
  /** Is the value of the node written inside the expression that reads it? */
  readonly isInlined: (id: ModelNodeId) => boolean;
}

const elementwiseKinds: ReadonlySet<ModelKind> = new Set([
  'quantize',
  'requantize',
  'bits',
  'add',
  'subtract',
  'multiply',
  'minimum',
  'maximum',
  'lessThan',
  'equal',
  'select',
  'negate',
  'absolute',
  'relu',
  'bipolar',
  'round',
  'table',
]);

const namedKinds: ReadonlySet<ModelKind> = new Set(['quantize', 'requantize', 'bits']);

interface Reader {
  readonly node: ModelNode;
  readonly whole: boolean;
}

/** Cut a typed graph into stages. */
export function stagesOf(model: LoopedModel): StagedModel {
  const { graph } = model;
  const formats = loopedFormats(model);
  const views = new Views(graph, formats);
  const readers = readersOf(graph, views);
  const ports = new Set(graph.outputs.map(({ node }) => views.of(node).source));
  const inlined = new Set<ModelNodeId>();
  for (const node of graph.nodes) {
    const [reader, ...others] = readers.get(node.id) ?? [];
    if (reader === undefined || others.length > 0 || ports.has(node.id)) continue;
    // A quantised tensor has a name and a type that people look for.
    if (!elementwiseKinds.has(node.kind) || namedKinds.has(node.kind)) continue;
    if (reader.whole && elementwiseKinds.has(reader.node.kind)) inlined.add(node.id);
  }
  const stages: Stage[] = [];
  const merged = new Set<ModelNodeId>();
  for (const node of graph.nodes) {
    const used = readers.has(node.id) || ports.has(node.id);
    const made = views.of(node.id).source === node.id && views.constantOf(node.id) === undefined;
    if (!used || !made || node.kind === 'input' || inlined.has(node.id) || merged.has(node.id)) continue;
    if (node.kind === 'matmul') {
      const dense = denseStage(node, model, views, ports.has(node.id) ? [] : (readers.get(node.id) ?? []));
      if (dense !== undefined) {
        merged.add(dense.node);
        inlined.delete(dense.node);
      }
      stages.push(dense ?? { kind: 'matmul', node: node.id });
    } else if (node.kind === 'reduce' || node.kind === 'concat') {
      stages.push({ kind: node.kind, node: node.id });
    } else {
      stages.push({ kind: 'elementwise', node: node.id });
    }
  }
  return { model, formats, views, stages, isInlined: (id) => inlined.has(id) };
}

/** Who reads each tensor that has to be computed for some output, once per operand. */
function readersOf(graph: ModelGraph, views: Views): ReadonlyMap<ModelNodeId, readonly Reader[]> {
  const readers = new Map<ModelNodeId, Reader[]>();
  const ports = new Set(graph.outputs.map(({ node }) => views.of(node).source));
  // Users come after their operands: from the end, whatever nobody has asked for by then is not needed.
  for (const node of [...graph.nodes].reverse()) {
    if (!ports.has(node.id) && !readers.has(node.id)) continue;
    if (views.constantOf(node.id) !== undefined) continue;
    const size = elementCount(node.shape);
    for (const operand of operandsOf(node)) {
      const view = views.of(operand);
      const known = readers.get(view.source) ?? [];
      known.push({ node, whole: isIdentity(view, size) && elementCount(at(graph.nodes, view.source).shape) === size });
      readers.set(view.source, known);
    }
  }
  return readers;
}

/** Undefined where neither factor is one constant matrix for all rows. */
function denseStage(
  node: ModelNodeOf<'matmul'>,
  { graph, layerOf, accumulatorOf }: LoopedModel,
  views: Views,
  readers: readonly Reader[],
): DenseStage | undefined {
  const shapeOf = (id: ModelNodeId): readonly number[] => at(graph.nodes, id).shape;
  const plan = planMatmul(shapeOf(node.left), shapeOf(node.right));
  const [left, right] = [views.constantOf(node.left), views.constantOf(node.right)];
  const single = (offsets: Int32Array): boolean => offsets.every((offset) => offset === at(offsets, 0));
  const batches = plan.leftOffsets.length;
  let product: Pick<DenseStage, 'input' | 'rows' | 'outputs' | 'weights'>;
  if (
    right !== undefined &&
    left === undefined &&
    single(plan.rightOffsets) &&
    inOrder(plan.leftOffsets, plan.rows * plan.inner)
  ) {
    product = { input: views.of(node.left), rows: batches * plan.rows, outputs: plan.columns, weights: right };
  } else if (
    left !== undefined &&
    right === undefined &&
    plan.columns === 1 &&
    single(plan.leftOffsets) &&
    inOrder(plan.rightOffsets, plan.inner)
  ) {
    const codes = Array.from({ length: left.codes.length }, (_, index) =>
      at(left.codes, (index % plan.rows) * plan.inner + Math.floor(index / plan.rows)),
    );
    product = { input: views.of(node.right), rows: batches, outputs: plan.rows, weights: { lsb: left.lsb, codes } };
  } else {
    return undefined;
  }
  const stage = { kind: 'dense' as const, node: node.id, product: node, inputs: plan.inner, ...product };
  const [reader] = readers;
  if (readers.length !== 1 || reader?.node.kind !== 'add' || !reader.whole) return stage;
  const { node: addition } = reader;
  const declared = accumulatorOf(node.id) !== undefined || accumulatorOf(addition.id) !== undefined;
  if (declared && layerOf(addition.id) !== layerOf(node.id)) return stage;
  const other = views.of(addition.left).source === node.id ? addition.right : addition.left;
  const constant = views.constantOf(other);
  const bias = constant === undefined ? undefined : columnBias(constant, shapeOf(other), stage.outputs);
  return bias === undefined ? stage : { ...stage, node: addition.id, bias };
}

/** Do the matrices of a batch follow one another? */
function inOrder(offsets: Int32Array, size: number): boolean {
  return offsets.every((offset, batch) => offset === batch * size);
}

/** The summand of each column where it is the same in every row. */
function columnBias(
  { lsb, codes }: ConstantElements,
  shape: readonly number[],
  outputs: number,
): ConstantElements | undefined {
  if (codes.length === 1) return { lsb, codes: new Array<bigint>(outputs).fill(at(codes, 0)) };
  return codes.length === outputs && shape.at(-1) === outputs ? { lsb, codes } : undefined;
}
