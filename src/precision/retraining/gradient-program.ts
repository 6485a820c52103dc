import { precisionCodes } from '../../diagnostics/codes/precision.js';
import { fail } from '../../diagnostics/result.js';
import type { ModelGraph, ModelNode, ModelNodeId, Shape } from '../../model/kinds.js';
import { elementCount, operandsOf } from '../../model/kinds.js';
import { evaluateReal } from '../../model/real-functions.js';
import { broadcastIndices, reduceTargets } from '../../model/shapes.js';
import { movedElements } from '../../passes/model/structure.js';
import { at } from '../../support/invariant.js';
import type { Cell, Parameter, Step } from './cell.js';
import { matmulStep } from './matmul-step.js';
import { joined } from '../../support/joined.js';
import {
  binaryStep,
  extremeStep,
  moveStep,
  quantizeStep,
  reluStep,
  sumOrDifferenceStep,
  sumStep,
  unaryStep,
} from './steps.js';

/** Half the distance over which the slope of a function is taken. */
const NEAR = 1e-4;

/**
 * A graph as a function of some of its constants, with its derivatives: reverse-mode differentiation of a block of events
 * at a time. Quantisers round on the way forward and are not there on the way back. Functions take numerical slopes.
 *
 * Fails with TRG1736 for an operation that has no useful derivative, such as a comparison.
 */
export class GradientProgram {
  public readonly inputWidth: number;
  public readonly outputWidth: number;
  private readonly cells: Cell[] = [];
  private readonly steps: Step[] = [];
  private readonly parameters = new Map<ModelNodeId, Parameter>();
  private readonly inputs: { readonly cell: Cell; readonly size: number }[] = [];
  private readonly outputs: readonly Cell[];
  /** Blocks that repeat a constant for every event, brought up to date before each block. */
  private readonly spread: { readonly cell: Cell; readonly values: Float64Array; readonly parameter?: Parameter }[] =
    [];

  public constructor(
    private readonly graph: ModelGraph,
    trainable: ReadonlySet<ModelNodeId>,
    /** Events in a block. */
    private readonly events: number,
  ) {
    const trained = new Set<ModelNodeId>();
    for (const node of graph.nodes) {
      if (trainable.has(node.id) || operandsOf(node).some((id) => trained.has(id))) trained.add(node.id);
    }
    for (const node of graph.nodes) this.add(node, trained.has(node.id));
    this.outputs = graph.outputs.map(({ node }) => this.cell(node));
    this.inputWidth = this.inputs.reduce((sum, { size }) => sum + size, 0);
    this.outputWidth = this.outputs.reduce((sum, { value }) => sum + value.length / events, 0);
  }

  public parameter(id: ModelNodeId): Parameter | undefined {
    return this.parameters.get(id);
  }

  /** Outputs of a block of events. `inputs`: events × inputWidth; the result: outputWidth × events, kept until the next. */
  public forward(inputs: Float64Array): Float64Array {
    const { events, inputWidth } = this;
    let column = 0;
    for (const { cell, size } of this.inputs) {
      for (let element = 0; element < size; element++, column++) {
        const start = element * events;
        for (let event = 0; event < events; event++)
          cell.value[start + event] = inputs[event * inputWidth + column] ?? 0;
      }
    }
    for (const { cell, values } of this.spread) {
      values.forEach((value, element) => cell.value.fill(value, element * events, (element + 1) * events));
    }
    for (const step of this.steps) step.forward();
    return joined(this.outputs.map(({ value }) => value));
  }

  /** Gradients of all parameters, from those of the outputs of the last block (outputWidth × events). */
  public backward(outputGradient: Float64Array): void {
    for (const { gradient } of this.cells) gradient?.fill(0);
    for (const { gradient } of this.parameters.values()) gradient.fill(0);
    let start = 0;
    for (const { value, gradient } of this.outputs) {
      // Two outputs may be one tensor.
      gradient?.forEach((sum, index) => (gradient[index] = sum + at(outputGradient, start + index)));
      start += value.length;
    }
    for (const step of [...this.steps].reverse()) step.backward();
    for (const { cell, parameter } of this.spread) {
      if (cell.gradient === undefined || parameter === undefined) continue;
      for (let element = 0; element < parameter.values.length; element++) {
        let sum = parameter.gradient[element] ?? 0;
        const start = element * this.events;
        for (let event = 0; event < this.events; event++) sum += cell.gradient[start + event] ?? 0;
        parameter.gradient[element] = sum;
      }
    }
  }

  private cell(id: ModelNodeId): Cell {
    return at(this.cells, id);
  }

  private add(node: ModelNode, trained: boolean): void {
    const size = elementCount(node.shape);
    const length = this.isMatrix(node) ? 0 : size * this.events;
    const own: Cell = {
      value: new Float64Array(length),
      gradient: trained ? new Float64Array(length) : undefined,
    };
    this.cells.push(own);
    if (node.kind === 'input') this.inputs.push({ cell: own, size });
    else if (node.kind === 'constant') this.addConstant(node.id, own, trained);
    else this.steps.push(this.step(node, own));
  }

  /** Weights of products are read as they are; other constants as a block like every tensor. */
  private isMatrix(node: ModelNode): boolean {
    if (node.kind !== 'constant') return false;
    const users = this.graph.nodes.filter((user) => operandsOf(user).includes(node.id));
    return users.length > 0 && users.every((user) => user.kind === 'matmul' && user.right === node.id);
  }

  private addConstant(id: ModelNodeId, cell: Cell, trained: boolean): void {
    const values = this.constantOf(id) ?? new Float64Array();
    const parameter = trained
      ? { values, gradient: new Float64Array(values.length), free: new Uint8Array(values.length).fill(1) }
      : undefined;
    if (parameter !== undefined) this.parameters.set(id, parameter);
    if (cell.value.length === 0) return;
    this.spread.push({ cell, values, ...(parameter === undefined ? {} : { parameter }) });
  }

  private constantOf(id: ModelNodeId): Float64Array | undefined {
    const known = this.parameters.get(id)?.values;
    const node = at(this.graph.nodes, id);
    if (known !== undefined || node.kind !== 'constant') return known;
    return Float64Array.from(node.codes, (code) => Number(code) * 2 ** node.lsb);
  }

  private step(node: ModelNode, own: Cell): Step {
    const { events, graph } = this;
    const shapeOf = (id: ModelNodeId): Shape => at(graph.nodes, id).shape;
    const moved = movedElements(node, shapeOf);
    if (moved !== undefined) {
      const operands = moved.operands.map((id) => this.cell(id));
      return moveStep(own, operands, moved.operand, moved.element, events);
    }
    const spread = (id: ModelNodeId): readonly [Cell, Int32Array] => [
      this.cell(id),
      broadcastIndices(shapeOf(id), node.shape),
    ];
    const binary = (
      operands: { readonly left: ModelNodeId; readonly right: ModelNodeId },
      ...[value, ...slopes]: readonly [Binary, Binary, Binary]
    ): Step => binaryStep(own, spread(operands.left), spread(operands.right), events, value, slopes);
    const unary = (operand: ModelNodeId, value: (x: number) => number, slope: (x: number) => number): Step =>
      unaryStep(own, this.cell(operand), value, slope);
    switch (node.kind) {
      case 'add':
      case 'subtract': {
        const sign = node.kind === 'add' ? 1 : -1;
        return sumOrDifferenceStep(own, spread(node.left), spread(node.right), sign, events);
      }
      case 'multiply':
        return binary(
          node,
          (a, b) => a * b,
          (_, b) => b,
          (a) => a,
        );
      case 'maximum':
        return binary(node, Math.max, (a, b) => Number(a >= b), (a, b) => Number(a < b)); // prettier-ignore
      case 'minimum':
        return binary(node, Math.min, (a, b) => Number(a <= b), (a, b) => Number(a > b)); // prettier-ignore
      case 'negate':
        return unary(node.operand, (x) => -x, () => -1); // prettier-ignore
      case 'absolute':
        return unary(node.operand, Math.abs, Math.sign);
      case 'relu':
        return reluStep(own, this.cell(node.operand));
      case 'quantizeDefault':
        return unary(
          node.operand,
          (x) => x,
          () => 1,
        );
      case 'function': {
        const slope = (x: number): number => (evaluateReal(node, x + NEAR) - evaluateReal(node, x - NEAR)) / (2 * NEAR);
        return unary(node.operand, (x) => evaluateReal(node, x), slope);
      }
      case 'quantize': {
        const saturates = node.overflow !== 'WRAP';
        return quantizeStep(own, this.cell(node.operand), node.types, node.rounding, saturates, events);
      }
      case 'reduce': {
        const operand = this.cell(node.operand);
        const targets = reduceTargets(shapeOf(node.operand), node.axes);
        if (node.operation === 'sum') return sumStep(own, operand, targets, events);
        return extremeStep(own, operand, targets, node.operation === 'maximum' ? 1 : -1, events);
      }
      case 'matmul': {
        const values = this.constantOf(node.right);
        const [rows = 1, columns = 1, ...more] = shapeOf(node.right);
        if (values === undefined || more.length > 0) return notRetrainable(node);
        const weights = this.parameters.get(node.right) ?? { values };
        return matmulStep(own, this.cell(node.left), weights, rows, columns, events);
      }
      default:
        return notRetrainable(node);
    }
  }
}

function notRetrainable(node: ModelNode): never {
  const { name, operator } = node.provenance;
  const message = `${operator === '' ? node.kind : operator} has no derivative here`;
  return fail(precisionCodes.notRetrainable, message, name === '' ? {} : { node: name });
}

type Binary = (left: number, right: number) => number;
