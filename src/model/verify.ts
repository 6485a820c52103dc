import { at, invariant, InvariantError } from '../support/invariant.js';
import { codeRange, lsbExponent, printType } from '../numeric/fixed-point.js';
import { contains } from '../numeric/interval.js';
import { roundShift } from '../numeric/rounding.js';
import type { Alignment } from './alignment.js';
import { inferAlignments } from './alignment.js';
import { inferShape } from './builder.js';
import { inferFormats } from './formats.js';
import type { ModelGraph, ModelNode, ModelOutput, Shape } from './kinds.js';
import { elementCount, operandsOf, perElement } from './kinds.js';
import { realFunction } from './real-functions.js';
import { ShapeError } from './shapes.js';

/** Beyond this an exponent is a mistake: no float and no product of a few of them reaches it. */
const MAXIMUM_LSB = 1_000_000;
const MAXIMUM_ELEMENTS = 100_000_000;

export interface VerifyOptions {
  /** After typing: every port has its type, no constant is float, and outputs hold their tensors exactly. */
  readonly typed: boolean;
}

/** Throws InvariantError on the first rule of level 1 that the graph breaks. */
export function verifyModel(graph: ModelGraph, options: VerifyOptions): void {
  graph.nodes.forEach((node, index) => {
    invariant(node.id === index, `node ${index} calls itself ${node.id}`);
    verifyNode(node, graph.nodes);
    if (options.typed) verifyTyped(node);
  });
  for (const output of graph.outputs) verifyOutput(output, graph.nodes);
  if (options.typed) verifyPorts(graph);
}

/** The rules of one node, given the nodes before it (`nodes` may go on beyond it). */
export function verifyNode(node: ModelNode, nodes: readonly ModelNode[]): void {
  const where = `%${node.id} = ${node.kind}`;
  const check: (condition: boolean, rule: string) => asserts condition = (condition, rule) => {
    invariant(condition, `${where}: ${rule}`);
  };
  for (const operand of operandsOf(node)) {
    check(
      Number.isInteger(operand) && operand >= 0 && operand < node.id,
      `operand %${operand} does not come before it`,
    );
  }
  check(
    node.shape.every((dimension) => Number.isSafeInteger(dimension) && dimension > 0),
    `dimensions are positive, not [${node.shape.join(', ')}]`,
  );
  const size = elementCount(node.shape);
  check(size <= MAXIMUM_ELEMENTS, `${size} elements`);
  const inferred = inferredShape(node, nodes, where);
  check(inferred.join() === node.shape.join(), `its shape is [${inferred.join(', ')}], not [${node.shape.join(', ')}]`);
  const perElementList = (list: readonly unknown[], what: string): void => {
    check(list.length === 1 || list.length === size, `${list.length} ${what} for ${size} elements`);
  };
  const integer = (value: number, what: string): void => {
    check(Number.isInteger(value) && Math.abs(value) <= MAXIMUM_LSB, `${value} is not a valid ${what}`);
  };
  switch (node.kind) {
    case 'input':
      if (node.types.length > 0) perElementList(node.types, 'types');
      return;
    case 'quantize':
      perElementList(node.types, 'types');
      return;
    case 'bits':
      perElementList(node.types, 'types');
      perElementList(node.lows, 'positions');
      check(
        node.lows.every((low) => Number.isInteger(low) && low >= 0 && low <= MAXIMUM_LSB),
        'positions of bits are whole numbers from 0',
      );
      return;
    case 'requantize':
      perElementList(node.types, 'types');
      perElementList(node.numerators, 'numerators');
      perElementList(node.offsets, 'offsets');
      perElementList(node.denominators, 'denominators');
      check(
        node.denominators.every((denominator) => denominator > 0n),
        'denominators are positive',
      );
      return;
    case 'constant':
      integer(node.lsb, 'LSB');
      check(node.codes.length === size, `${node.codes.length} codes for ${size} elements`);
      return;
    case 'assume':
      integer(node.lsb, 'LSB');
      perElementList(node.ranges, 'ranges');
      check(
        node.ranges.every((range) => range.low <= range.high),
        'a range is empty',
      );
      return;
    case 'function':
      check(
        node.parameters.length === realFunction(node.function).parameters.length,
        `${node.function} with ${node.parameters.length} parameters`,
      );
      check(
        [...node.parameters, node.scale, node.offset].every(Number.isFinite),
        'parameters, scale and offset are finite',
      );
      return;
    case 'table': {
      integer(node.lsb, 'LSB');
      check(node.codes.length > 0, 'a table needs entries');
      const codes = codeRange(node.type);
      check(
        node.codes.every((code) => code >= codes.low && code <= codes.high),
        'an entry is not a code of its type',
      );
      return;
    }
    case 'reduce':
      check(new Set(node.axes).size === node.axes.length, 'an axis is given twice');
      return;
    default:
      return;
  }
}

function inferredShape(node: ModelNode, nodes: readonly ModelNode[], where: string): Shape {
  try {
    return inferShape(node, (id) => at(nodes, id).shape);
  } catch (error) {
    throw error instanceof ShapeError ? new InvariantError(`${where}: ${error.message}`) : error;
  }
}

/** The rules of one output, typed or not. */
export function verifyOutput(output: ModelOutput, nodes: readonly ModelNode[]): void {
  const node = nodes[output.node];
  invariant(
    node !== undefined,
    `output ${JSON.stringify(output.name)} refers to %${output.node}, which does not exist`,
  );
  const size = elementCount(node.shape);
  const count = output.types.length;
  invariant(
    count <= 1 || count === size,
    `output ${JSON.stringify(output.name)} has ${count} types for ${size} elements`,
  );
}

function verifyTyped(node: ModelNode): void {
  if (node.kind === 'input') invariant(node.types.length > 0, `%${node.id}: the input has no type`);
  if (node.kind === 'function') invariant(false, `%${node.id}: the function is not a table yet`);
  invariant(node.kind !== 'quantizeDefault', `%${node.id}: the default type has not been given yet`);
  if (node.kind === 'constant') invariant(!node.float, `%${node.id}: the constant is still float`);
}

/** Every value that can occur must be a code of its output port. */
function verifyPorts(graph: ModelGraph): void {
  const problem = findPortProblem(graph);
  if (problem !== undefined) throw new InvariantError(problem);
}

/** What values of a typed graph an output port cannot hold, if there are any. */
export function findPortProblem(graph: ModelGraph): string | undefined {
  const formats = inferFormats(graph);
  let alignments: readonly Alignment[] | undefined;
  for (const output of graph.outputs) {
    const { lsb, ranges } = at(formats, output.node);
    const where = (index: number): string => `element ${index} of output ${JSON.stringify(output.name)}`;
    invariant(output.types.length > 0, `output ${JSON.stringify(output.name)} has no type`);
    for (const [index, range] of ranges.entries()) {
      const type = perElement(output.types, index);
      const shift = lsbExponent(type) - lsb;
      if (shift > 0) {
        alignments ??= inferAlignments(graph);
        if (at(at(alignments, output.node), index) < lsbExponent(type)) {
          return `${where(index)}: ${printType(type)} is too coarse for values of LSB 2^${lsb}`;
        }
      }
      // Rounded inwards: only multiples of the port's LSB occur.
      const codes = { low: roundShift(range.low, shift, 'CEIL'), high: roundShift(range.high, shift, 'TRN') };
      if (!contains(codeRange(type), codes)) return `${where(index)}: ${printType(type)} does not hold all values`;
    }
  }
  return undefined;
}
