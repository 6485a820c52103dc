import { at } from '../../../support/invariant.js';
import { nodeFloatEvaluator } from '../../../model/evaluate-float.js';
import type { ModelGraph, ModelNode, ModelNodeId } from '../../../model/kinds.js';
import { elementCount, operandsOf } from '../../../model/kinds.js';
import { concatSources, gatherIndices, transposeIndices } from '../../../model/shapes.js';
import { inputStep } from './input-step.js';
import type { Step } from './step.js';
import { Assembly } from './step.js';
import { compileStep } from './steps.js';
import type { Tensors } from './tensors.js';

/** Where the elements of one tensor go: those of event e from data[offset + e × stride] on. */
export interface Sink {
  readonly data: Float64Array;
  readonly offset: number;
  readonly stride: number;
}

/** Evaluates `events` rows of `inputs` and fills one sink for each tensor that was asked for. */
export type FloatProgram = (inputs: Float64Array, events: number, sinks: readonly Sink[]) => void;

/** Doubles that one block may occupy: half of a second-level cache of one megabyte. */
const BLOCK_DOUBLES = 1 << 16;
const LARGEST_BLOCK = 64;
/** The steps take four events at a time. */
const SMALLEST_BLOCK = 4;

/**
 * Rows of the block's memory. Every element of every tensor is a row; operations that only move elements take the rows
 * of their operand, and equal constants share one.
 */
class Rows {
  public count = 0;
  private readonly constants = new Map<number | string, number>();

  public fresh(size: number): Int32Array {
    const first = this.count;
    this.count += size;
    return Int32Array.from({ length: size }, (_, index) => first + index);
  }

  public constant(value: number): number {
    const key = Object.is(value, -0) ? '-0' : value;
    const row = this.constants.get(key) ?? this.count++;
    this.constants.set(key, row);
    return row;
  }

  public fill(memory: Float64Array, block: number): void {
    for (const [key, row] of this.constants) {
      memory.fill(key === '-0' ? -0 : Number(key), row * block, (row + 1) * block);
    }
  }
}

/** Compile what the given tensors need. */
export function compileProgram(graph: ModelGraph, roots: readonly ModelNodeId[]): FloatProgram {
  const rows = new Rows();
  const placed = new Map<ModelNodeId, Int32Array>();
  const constants = new Map<ModelNodeId, Float64Array>();
  const tensors: Tensors = {
    shapeOf: (id) => at(graph.nodes, id).shape,
    constantOf: (id) => constants.get(id),
    rowsOf: (id) => {
      const known = placed.get(id);
      if (known !== undefined) return known;
      const made = Int32Array.from(constants.get(id) ?? [], (value) => rows.constant(value));
      placed.set(id, made);
      return made;
    },
  };
  const needed = neededFor(graph, roots);
  const inputs: number[] = [];
  const makers: ((assembly: Assembly) => Step)[] = [];
  for (const node of graph.nodes) {
    if (node.kind === 'input') {
      const own = rows.fresh(elementCount(node.shape));
      placed.set(node.id, own);
      inputs.push(...own);
    } else if (needed.has(node.id)) {
      if (operandsOf(node).every((id) => constants.has(id))) {
        const values = nodeFloatEvaluator(node, tensors.shapeOf)((id) => constants.get(id) ?? new Float64Array());
        constants.set(node.id, values);
        continue;
      }
      const moved = movedRows(node, tensors);
      const own = moved ?? rows.fresh(elementCount(node.shape));
      placed.set(node.id, own);
      if (moved === undefined) makers.push(compileStep(node, tensors, own));
    }
  }
  const results = roots.map((id) => tensors.rowsOf(id));
  const block = blockOf(rows.count);
  const assembly = new Assembly(rows.count, block);
  const width = inputs.length;
  const input = inputStep(assembly, Int32Array.from(inputs));
  const steps = makers.map((make) => make(assembly));
  assembly.link();
  const { memory } = assembly;
  rows.fill(memory, block);
  return (data, events, sinks) => {
    for (let base = 0; base < events; base += block) {
      const count = Math.min(block, events - base);
      memory.set(data.subarray(base * width, (base + count) * width), input.start);
      input.step(count);
      for (const step of steps) step(count);
      for (const [index, sink] of sinks.entries()) {
        collect(memory, at(results, index), block, count, sink.data, base * sink.stride + sink.offset, sink.stride);
      }
    }
  };
}

function blockOf(rows: number): number {
  const fitting = Math.floor(BLOCK_DOUBLES / Math.max(1, rows));
  return Math.max(SMALLEST_BLOCK, Math.min(LARGEST_BLOCK, fitting - (fitting % SMALLEST_BLOCK)));
}

/** Everything that the given tensors are computed from, and they themselves. */
function neededFor(graph: ModelGraph, roots: readonly ModelNodeId[]): ReadonlySet<ModelNodeId> {
  const needed = new Set(roots);
  for (const node of graph.nodes.toReversed()) {
    if (needed.has(node.id)) for (const operand of operandsOf(node)) needed.add(operand);
  }
  return needed;
}

/** The rows of a node that computes nothing. */
function movedRows(node: ModelNode, { shapeOf, rowsOf }: Tensors): Int32Array | undefined {
  switch (node.kind) {
    case 'assume':
    case 'reshape':
    case 'quantizeDefault':
      return rowsOf(node.operand);
    case 'transpose':
      return picked(rowsOf(node.operand), transposeIndices(shapeOf(node.operand), node.permutation));
    case 'gather':
      return picked(rowsOf(node.operand), gatherIndices(shapeOf(node.operand), node.axis, node.indices));
    case 'concat': {
      const { operand, element } = concatSources(node.operands.map(shapeOf), node.axis);
      const all = node.operands.map(rowsOf);
      return operand.map((which, index) => at(at(all, which), at(element, index)));
    }
    default:
      return undefined;
  }
}

function picked(rows: Int32Array, indices: Int32Array): Int32Array {
  return indices.map((index) => at(rows, index));
}

/** The rows of one tensor as events. */
function collect(
  memory: Float64Array,
  rows: Int32Array,
  block: number,
  count: number,
  data: Float64Array,
  offset: number,
  stride: number,
): void {
  for (let element = 0; element < rows.length; element++) {
    const row = at(rows, element) * block;
    let target = offset + element;
    for (let event = 0; event < count; event++, target += stride) data[target] = memory[row + event] ?? 0;
  }
}
