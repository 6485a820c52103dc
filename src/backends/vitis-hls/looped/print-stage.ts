import { at, invariant } from '../../../support/invariant.js';
import { commentText } from '../../../support/legal-names.js';
import type { ModelNode, ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import { elementCount, perElement } from '../../../model/kinds.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import { concatSources, planMatmul, reduceTargets } from '../../../model/shapes.js';
import type { DenseConfig } from './dense.js';
import { denseOperand, densePrint } from './dense.js';
import type { DistributedContext } from './distributed.js';
import { distributedPrint } from './distributed.js';
import type { Expression, Scope } from './expressions.js';
import { combine, elementOf, literal, uniformRuns, valueOf, widened } from './expressions.js';
import { assign, loops, range } from './print-loops.js';
import type { Stage } from './stages.js';
import type { Arrays, PortArray, TensorArray } from './tensors.js';

/** A function of the generated C++: one tensor from others. */
export interface StageFunction {
  readonly name: string;
  readonly reads: readonly TensorArray[];
  readonly writes: TensorArray;
  /** Lines of the body. */
  readonly body: readonly string[];
  readonly comment: string;
  /** Of a product with a constant matrix. */
  readonly dense?: DenseConfig;
  /** Functions that stand before this one: of a product as shifted additions. */
  readonly kernels?: readonly string[];
}

/** Everything that printing one stage needs. */
export interface StagePrinter {
  readonly scope: Omit<Scope, 'tensor'>;
  readonly arrays: Arrays;
  /** How the layer of a product is built. */
  readonly denseConfig: (stage: Stage & { readonly kind: 'dense' }, array: TensorArray) => DenseConfig;
  readonly distributed: Omit<DistributedContext, 'constants'>;
}

export function printStage(stage: Stage, printer: StagePrinter): StageFunction {
  const { reads, scope } = recordingScope(printer);
  const writes = printer.arrays.of(stage.node);
  const body = stageBody(stage, scope, writes, printer);
  const { provenance } = at(scope.staged.model.graph.nodes, stage.node);
  return {
    name: `compute_${writes.name}`,
    reads: [...reads],
    writes,
    body: body.lines,
    comment: commentText(`${provenance.operator} ${provenance.name}`),
    ...(body.dense === undefined ? {} : { dense: body.dense }),
    ...(body.kernels === undefined ? {} : { kernels: body.kernels }),
  };
}

/** The copy that an output port is where it is not the array of a tensor itself. */
export function printCopy(port: PortArray, printer: StagePrinter): StageFunction {
  const { reads, scope } = recordingScope(printer);
  const size = port.array.size;
  const body = assign(port.array.name, elementOf(scope, port.node, range(0, size)), range(0, size));
  return { name: `copy_${port.array.name}`, reads: [...reads], writes: port.array, body, comment: port.array.comment };
}

function recordingScope(printer: StagePrinter): { readonly reads: Set<TensorArray>; readonly scope: Scope } {
  const reads = new Set<TensorArray>();
  const tensor = (id: ModelNodeId): string => {
    const array = printer.arrays.of(id);
    reads.add(array);
    return array.name;
  };
  return { reads, scope: { ...printer.scope, tensor } };
}

interface Body {
  readonly lines: readonly string[];
  readonly dense?: DenseConfig;
  readonly kernels?: readonly string[];
}

function stageBody(stage: Stage, scope: Scope, writes: TensorArray, printer: StagePrinter): Body {
  const node = at(scope.staged.model.graph.nodes, stage.node);
  switch (stage.kind) {
    case 'dense': {
      const dense = printer.denseConfig(stage, writes);
      if (dense.strategy !== 'distributed_arithmetic') return { lines: densePrint(stage, dense, scope, writes), dense };
      const { name, lines } = denseOperand(stage, scope);
      const operand = { name, array: printer.arrays.of(stage.input.source) };
      const context = { ...printer.distributed, constants: scope.constants };
      const printed = distributedPrint(stage, operand, writes, context);
      return { lines: [...lines, ...printed.lines], dense, kernels: printed.functions };
    }
    case 'elementwise':
      return {
        lines: uniformRuns(node).flatMap(({ start, end }) => {
          const map = range(start, end);
          return assign(writes.name, assignedValue(scope, node, map), map);
        }),
      };
    case 'concat':
      invariant(node.kind === 'concat', 'a concatenation');
      return { lines: concatLines(node, scope, writes) };
    case 'reduce':
      invariant(node.kind === 'reduce', 'a reduction');
      return { lines: reduceLines(node, scope, writes) };
    case 'matmul':
      invariant(node.kind === 'matmul', 'a matrix product');
      return { lines: matmulLines(node, scope, writes) };
  }
}

/** The value of a tensor as it is assigned: its quantiser is that of the array where all elements share one. */
function assignedValue(scope: Scope, node: ModelNode, map: Int32Array): Expression {
  const own =
    node.kind === 'quantize' && node.types.length === 1 && node.rounding !== 'CEIL' && node.rounding !== 'AWAY';
  if (!own) return valueOf(scope, node.id, map);
  const lsb = lsbExponent(perElement(node.types, 0));
  return widened(elementOf(scope, node.operand, map), at(scope.staged.formats, node.operand), lsb);
}

function concatLines(node: ModelNodeOf<'concat'>, scope: Scope, writes: TensorArray): string[] {
  const { graph } = scope.staged.model;
  const sources = concatSources(
    node.operands.map((operand) => at(graph.nodes, operand).shape),
    node.axis,
  );
  return node.operands.flatMap((operand, which) => {
    const target = range(0, writes.size).filter((position) => sources.operand[position] === which);
    const element = target.map((position) => at(sources.element, position));
    return assign(writes.name, elementOf(scope, operand, element), target);
  });
}

function reduceLines(node: ModelNodeOf<'reduce'>, scope: Scope, writes: TensorArray): string[] {
  const operand = at(scope.staged.model.graph.nodes, node.operand);
  const targets = reduceTargets(operand.shape, node.axes);
  const all = range(0, elementCount(operand.shape));
  const terms = elementOf(scope, node.operand, all);
  if (node.operation === 'sum') return accumulate(writes, terms, targets);
  const first = new Int32Array(writes.size).fill(-1);
  for (const [position, target] of targets.entries()) if (first[target] === -1) first[target] = position;
  const others = all.filter((position) => first[at(targets, position)] !== position);
  const { typeName, name } = writes;
  const print = (index: string, value: string): string =>
    `${name}[${index}] = trigc::${node.operation}<${typeName}>(${name}[${index}], ${value});`;
  const where = others.map((position) => at(targets, position));
  return [
    ...assign(name, elementOf(scope, node.operand, first), range(0, writes.size)),
    ...(others.length === 0 ? [] : loops(elementOf(scope, node.operand, others), where, print)),
  ];
}

function matmulLines(node: ModelNodeOf<'matmul'>, scope: Scope, writes: TensorArray): string[] {
  const shapeOf = (id: ModelNodeId): readonly number[] => at(scope.staged.model.graph.nodes, id).shape;
  const { rows, columns, inner, leftOffsets, rightOffsets } = planMatmul(shapeOf(node.left), shapeOf(node.right));
  const count = leftOffsets.length * rows * columns * inner;
  const [left, right, target] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  for (let position = 0; position < count; position++) {
    const element = Math.floor(position / inner);
    const term = position % inner;
    const column = element % columns;
    const row = Math.floor(element / columns) % rows;
    const batch = Math.floor(element / (columns * rows));
    left[position] = at(leftOffsets, batch) + row * inner + term;
    right[position] = at(rightOffsets, batch) + term * columns + column;
    target[position] = element;
  }
  const factors = [elementOf(scope, node.left, left), elementOf(scope, node.right, right)];
  return accumulate(
    writes,
    combine(factors, (a, b) => `(${a} * ${b})`),
    target,
  );
}

/** Sums in the order of the terms, every term first brought into the type of the sum. */
function accumulate(writes: TensorArray, terms: Expression, targets: Int32Array): string[] {
  const { name, typeName } = writes;
  return [
    ...assign(name, literal('0'), range(0, writes.size)),
    ...loops(terms, targets, (index, value) => `${name}[${index}] = ${name}[${index}] + ${typeName}(${value});`),
  ];
}
