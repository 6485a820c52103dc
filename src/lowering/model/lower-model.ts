import { invariant, InvariantError } from '../../support/invariant.js';
import { codeRange, lsbExponent, printType } from '../../numeric/fixed-point.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { contains, intersect, interval } from '../../numeric/interval.js';
import { roundShift } from '../../numeric/rounding.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, Shape } from '../../model/kinds.js';
import { elementCount, perElement, ratioOf } from '../../model/kinds.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from '../../model/shapes.js';
import type { Program, ProgramInput, ProgramOutput } from '../../dataflow/program.js';
import type { Element, GroupReference, InputElement } from './groups.js';
import { Groups } from './groups.js';
import { lowerMatmul } from './lower-matmul.js';
import type { EmitScalar } from './mapped-scalars.js';
import { emitScalars } from './mapped-scalars.js';

/**
 * ModelGraph to Dataflow: tensors become scalars, each on its own binary point; nodes that only move elements become
 * wiring. A matrix product opens a new kernel, the element-wise nodes after it join it.
 */
export function lowerModel(graph: ModelGraph): Program {
  return new Lowering(graph).run();
}

class Lowering {
  private readonly elements: (readonly Element[])[] = [];
  private readonly inputs: ProgramInput[] = [];
  private readonly groups: Groups;

  public constructor(private readonly graph: ModelGraph) {
    let offset = 0;
    const types: FixedPointType[] = [];
    for (const node of graph.nodes) {
      if (node.kind !== 'input') continue;
      const own = Array.from({ length: elementCount(node.shape) }, (_, index) => perElement(node.types, index));
      this.inputs.push({ name: node.name, types: own });
      this.inputOffsets.set(node.id, offset);
      offset += own.length;
      for (const type of own) types.push(type);
    }
    this.groups = new Groups(types.map(codeRange));
  }

  private readonly inputOffsets = new Map<ModelNodeId, number>();

  public run(): Program {
    for (const node of this.graph.nodes) this.elements.push(this.lower(node));
    const outputs = this.graph.outputs.map((output) => this.lowerOutput(output));
    // A result has its number once all results of its kernel are known.
    const finished = outputs.map(({ elements, ...output }) => ({
      ...output,
      elements: elements.map((reference) => this.groups.finished(reference)),
    }));
    return { name: this.graph.name, inputs: this.inputs, outputs: finished, ...this.groups.finish() };
  }

  private of(id: ModelNodeId): readonly Element[] {
    const elements = this.elements[id];
    invariant(elements !== undefined, `node ${id} is used before it is lowered`);
    return elements;
  }

  private shapeOf(id: ModelNodeId): Shape {
    return this.graph.nodes[id]?.shape ?? [];
  }

  private lower(node: ModelNode): readonly Element[] {
    switch (node.kind) {
      case 'input':
        return this.lowerInput(node);
      case 'constant':
        return node.codes.map((code) => ({ kind: 'constant', code, lsb: node.lsb }));
      case 'assume':
        return this.lowerPromise(node);
      case 'reshape':
        return this.of(node.operand);
      case 'transpose':
        return moved(this.of(node.operand), transposeIndices(this.shapeOf(node.operand), node.permutation));
      case 'gather':
        return moved(this.of(node.operand), gatherIndices(this.shapeOf(node.operand), node.axis, node.indices));
      case 'concat': {
        const operands = node.operands.map((id) => this.of(id));
        const sources = concatSources(
          node.operands.map((id) => this.shapeOf(id)),
          node.axis,
        );
        return Array.from(sources.operand, (which, index) => take(take(operands, which), sources.element[index] ?? 0));
      }
      case 'matmul':
        return lowerMatmul(
          node,
          planMatmul(this.shapeOf(node.left), this.shapeOf(node.right)),
          this.of(node.left),
          this.of(node.right),
          this.groups,
        );
      case 'quantize':
        return this.elementwise(node, [node.operand], (arithmetic, [value], index) =>
          arithmetic.quantize(take([value], 0), perElement(node.types, index), node.rounding, node.overflow),
        );
      case 'lessThan':
      case 'equal':
        return this.elementwise(node, [node.left, node.right], (arithmetic, [left, right]) =>
          arithmetic[node.kind](take([left], 0), take([right], 0)),
        );
      case 'select':
        return this.elementwise(
          node,
          [node.condition, node.whenTrue, node.whenFalse],
          (arithmetic, [condition, whenTrue, whenFalse]) =>
            arithmetic.select(take([condition], 0), take([whenTrue], 0), take([whenFalse], 0)),
        );
      case 'round':
        return this.elementwise(node, [node.operand], (arithmetic, [value]) =>
          arithmetic.roundToInteger(take([value], 0), node.rounding),
        );
      case 'function':
      case 'quantizeDefault':
        throw new InvariantError(`a ${node.kind} is gone after typing`);
      case 'table':
        return this.elementwise(node, [node.operand], (arithmetic, [value]) =>
          arithmetic.table(take([value], 0), node.lsb, node.first, node.codes, lsbExponent(node.type)),
        );
      case 'bits':
        return this.elementwise(node, [node.operand], (arithmetic, [value], index) =>
          arithmetic.bits(take([value], 0), perElement(node.lows, index), perElement(node.types, index)),
        );
      case 'requantize':
        return this.elementwise(node, [node.operand], (arithmetic, [value], index) =>
          arithmetic.requantize(
            take([value], 0),
            ratioOf(node, index),
            perElement(node.types, index),
            node.rounding,
            node.overflow,
          ),
        );
      case 'negate':
      case 'absolute':
      case 'relu':
      case 'bipolar':
        return this.elementwise(node, [node.operand], (arithmetic, [value]) => arithmetic[node.kind](take([value], 0)));
      case 'add':
      case 'subtract':
      case 'minimum':
      case 'maximum':
        return this.elementwise(node, [node.left, node.right], (arithmetic, [left, right]) =>
          arithmetic.binary(node.kind, take([left], 0), take([right], 0)),
        );
      case 'multiply':
        return this.elementwise(node, [node.left, node.right], (arithmetic, [left, right]) =>
          arithmetic.multiply(take([left], 0), take([right], 0)),
        );
      case 'reduce':
        return this.lowerReduce(node);
    }
  }

  /** A promise about an input goes with it wherever it is used; one about the fields of its words is stated beside them. */
  private lowerPromise(node: ModelNodeOf<'assume'>): readonly Element[] {
    const operands = this.of(node.operand);
    const local = operands.flatMap((element, index) => (element.kind === 'local' ? [{ element, index }] : []));
    const stated = emitScalars(
      this.groups,
      node.provenance,
      local.map(({ element, index }) => {
        const { low, high } = promisedCodes(node, index, element.lsb);
        return { operands: [element], parameters: `${low}..${high}` };
      }),
      (arithmetic, [value], which) => {
        const { node: operand, lsb } = take([value], 0);
        return { node: arithmetic.builder.assume(operand, promisedCodes(node, take(local, which).index, lsb)), lsb };
      },
    );
    const result: Element[] = operands.map((element, index) =>
      element.kind === 'input' ? promised(element, promisedCodes(node, index, element.lsb)) : element,
    );
    local.forEach(({ index }, which) => (result[index] = take(stated, which)));
    return result;
  }

  private lowerInput(node: ModelNodeOf<'input'>): readonly Element[] {
    const offset = this.inputOffsets.get(node.id) ?? 0;
    return Array.from({ length: elementCount(node.shape) }, (_, index) => ({
      kind: 'input',
      index: offset + index,
      lsb: lsbExponent(perElement(node.types, index)),
    }));
  }

  private elementwise(node: ModelNode, operands: readonly ModelNodeId[], emit: EmitScalar): readonly Element[] {
    const sources = operands.map((id) => moved(this.of(id), broadcastIndices(this.shapeOf(id), node.shape)));
    const parameters = parametersOf(node);
    const work = Array.from({ length: elementCount(node.shape) }, (_, index) => ({
      operands: sources.map((elements) => take(elements, index)),
      parameters: parameters(index),
    }));
    return emitScalars(this.groups, node.provenance, work, emit);
  }

  private lowerReduce(node: ModelNodeOf<'reduce'>): readonly Element[] {
    const targets = reduceTargets(this.shapeOf(node.operand), node.axes);
    const parts: Element[][] = Array.from({ length: elementCount(node.shape) }, () => []);
    this.of(node.operand).forEach((element, index) => parts[targets[index] ?? 0]?.push(element));
    const kind = node.operation === 'sum' ? 'add' : node.operation;
    return emitScalars(
      this.groups,
      node.provenance,
      parts.map((operands) => ({ operands, parameters: '' })),
      (arithmetic, values) => arithmetic.reduce(values, (left, right) => arithmetic.binary(kind, left, right)),
    );
  }

  private lowerOutput(output: ModelGraph['outputs'][number]): PortElements {
    const source = this.of(output.node);
    const provenance = this.graph.nodes[output.node]?.provenance ?? { name: output.name, operator: '' };
    const types = source.map((_, index) => perElement(output.types, index));
    // Elements that no open kernel holds, such as constants, share one made for this port.
    let shared: number | undefined;
    const elements = source.map((element, index) => {
      const type = take(types, index);
      const lsb = lsbExponent(type);
      if (this.isCodeOf(element, type)) return this.groups.reference(element);
      const group = element.kind === 'local' ? element.group : (shared ??= this.groups.open(provenance));
      const arithmetic = this.groups.arithmetic(group, provenance);
      const aligned = arithmetic.align(this.groups.use(group, element), lsb);
      // The code fits its port (verifyModel), even where interval arithmetic cannot see it: dropping bits is free.
      const node = arithmetic.builder.wrap(aligned, type.width, type.signed);
      return this.groups.reference({
        kind: 'local',
        group,
        position: 'position' in element ? element.position : 0,
        lsb,
        node,
      });
    });
    return { name: output.name, types, elements };
  }

  /** Can the element be wired to a port of this type? A promise that makes it fit is stated in a kernel. */
  private isCodeOf(element: Element, type: FixedPointType): boolean {
    if (element.kind === 'constant' || element.lsb !== lsbExponent(type)) return false;
    return contains(codeRange(type), this.groups.rangeOf(element));
  }
}

/** An output port whose elements are named while groups still grow. */
interface PortElements extends Omit<ProgramOutput, 'elements'> {
  readonly elements: readonly GroupReference[];
}

/** By element, a text for what its value depends on besides its operands. */
function parametersOf(node: ModelNode): (index: number) => string {
  if (node.kind === 'requantize') {
    return (index) => {
      const { numerator, denominator, offset } = ratioOf(node, index);
      return `${numerator}/${denominator}+${offset},${printType(perElement(node.types, index))}`;
    };
  }
  if (node.kind === 'bits') {
    return (index) => `${perElement(node.lows, index)},${printType(perElement(node.types, index))}`;
  }
  if (node.kind !== 'quantize' || node.types.length === 1) return () => '';
  const texts = node.types.map(printType);
  return (index) => take(texts, index);
}

function take<T>(list: readonly (T | undefined)[], index: number): T {
  const value = list[index];
  invariant(value !== undefined, `no element ${index} of ${list.length}`);
  return value;
}

function moved(elements: readonly Element[], indices: Int32Array): readonly Element[] {
  return Array.from(indices, (index) => take(elements, index));
}

/** The codes of LSB 2^lsb that an `assume` node promises of an element. */
function promisedCodes(node: ModelNodeOf<'assume'>, index: number, lsb: number): Interval {
  const range = perElement(node.ranges, index);
  const shift = lsb - node.lsb;
  return interval(roundShift(range.low, shift, 'CEIL'), roundShift(range.high, shift, 'TRN'));
}

/** The input element with one more promise attached. */
function promised(element: InputElement, own: Interval): Element {
  const promise = element.promise === undefined ? own : intersect(element.promise, own);
  invariant(promise !== undefined, 'promises that no value keeps must be refused where they are declared');
  return { ...element, promise };
}
