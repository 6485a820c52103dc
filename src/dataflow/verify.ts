import { at, invariant, InvariantError } from '../support/invariant.js';
import { codeRange, printType } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { contains, sameInterval } from '../numeric/interval.js';
import type { DataflowNode, Kernel, NodeId, Origin } from './kinds.js';
import type { Instance, Program, ProgramOutput, ValueReference } from './program.js';
import { inputTypes, kernelOf, PROGRAM_INPUT, referenceRange } from './program.js';
import { printReference } from './schema.js';
import { operands, semanticsOf } from './semantics.js';

/** No value of a real design comes near this many bits: beyond it a shift or a width is a mistake. */
export const MAXIMUM_BITS = 1 << 20;
const WIDEST: Interval = { low: -(1n << BigInt(MAXIMUM_BITS)), high: 1n << BigInt(MAXIMUM_BITS) };

/** Throws InvariantError on the first rule of a kernel that it breaks. */
export function verifyKernel(kernel: Kernel): void {
  kernel.nodes.forEach((node, index) => {
    invariant(node.id === index, `${kernel.name}: node ${index} calls itself ${node.id}`);
    verifyFields(node, kernel.nodes, kernel.origins);
    const inferred = inferRange(node, kernel.nodes);
    if (isSoundRange(node, inferred)) return;
    invariant(false, `%${index}: the range ${printInterval(node.range)} is not within ${printInterval(inferred)}`);
  });
  const inputs = inputsOf(kernel.name, kernel.nodes);
  invariant(inputs.length === kernel.inputs.length, `${kernel.name}: it has ${inputs.length} inputs`);
  inputs.forEach((id, index) => {
    invariant(kernel.inputs[index] === id, `${kernel.name}: input ${index} is node ${id}`);
  });
  for (const id of kernel.outputs) invariant(id in kernel.nodes, `${kernel.name}: there is no node ${id} to return`);
}

/**
 * Ids of the input nodes of a kernel in call order. Throws InvariantError unless their indices are 0 … n-1, each once.
 */
export function inputsOf(kernel: string, nodes: readonly DataflowNode[]): readonly NodeId[] {
  const found = nodes.filter((node) => node.kind === 'input');
  const inputs = new Array<NodeId | undefined>(found.length).fill(undefined);
  for (const { id, index } of found) {
    invariant(index in inputs, `${kernel}: input ${index} among ${found.length} inputs`);
    invariant(inputs[index] === undefined, `${kernel}: input ${index} is given twice`);
    inputs[index] = id;
  }
  return inputs as readonly NodeId[];
}

/** The interval that the semantics table gives a node from the ranges of the nodes before it. */
export function inferRange(node: DataflowNode, nodes: readonly DataflowNode[]): Interval {
  return semanticsOf(node.kind).range(
    node,
    operands(node).map((id) => at(nodes, id).range),
  );
}

/** Passes may know more than the semantics table, but never about an input: its instances rely on its bounds. */
export function isSoundRange(node: DataflowNode, inferred: Interval): boolean {
  const { range } = node;
  if (range.low > range.high) return false;
  return node.kind === 'input' ? sameInterval(inferred, range) : contains(inferred, range);
}

/** The rules of one node that its range can be inferred by, given the nodes before it (`nodes` may go on beyond it). */
export function verifyFields(node: DataflowNode, nodes: readonly DataflowNode[], origins: readonly Origin[]): void {
  const fail = (rule: string): never => {
    throw new InvariantError(`%${node.id} = ${node.kind}: ${rule}`);
  };
  const bits = (value: number, least: number, what: string): void => {
    if (!Number.isInteger(value) || value < least || value > MAXIMUM_BITS) fail(`${what} ${value}`);
  };
  const bounds = ({ low, high }: Interval): void => {
    if (low > high) fail(`the bounds [${low}, ${high}] are empty`);
  };
  if (!(node.origin in origins)) fail(`there is no origin ${node.origin}`);
  for (const id of operands(node)) {
    if (!(id in nodes) || id >= node.id) fail(`operand %${id} does not come before it`);
    if (!contains(WIDEST, at(nodes, id).range)) fail(`operand %${id} has more than ${MAXIMUM_BITS} bits`);
  }
  switch (node.kind) {
    case 'input':
      if (!Number.isInteger(node.index) || node.index < 0) fail(`the index ${node.index}`);
      bounds(node.bounds);
      return;
    case 'clamp':
    case 'assume':
      bounds(node.bounds);
      return;
    case 'shiftLeft':
    case 'floorShiftRight':
      bits(node.amount, 0, 'a shift by');
      return;
    case 'wrap':
      bits(node.width, 1, 'a width of');
      return;
    case 'slice':
      bits(node.low, 0, 'a lowest bit of');
      bits(node.width, 1, 'a width of');
      return;
    case 'concat':
      bits(node.lowWidth, 1, 'a lower width of');
      return;
    case 'table':
      if (node.values.length === 0) fail('a table needs entries');
      return;
    default:
      return;
  }
}

/**
 * Throws InvariantError on the first rule of a program that it breaks: among them, that every operand of an instance
 * lies within the bounds that its kernel was made for, and every output element is a code of its port type.
 */
export function verifyProgram(program: Program): void {
  program.kernels.forEach(verifyKernel);
  const inputs = inputTypes(program).map(codeRange);
  program.instances.forEach((instance, index) => {
    verifyInstance(program, instance, index, inputs);
  });
  for (const output of program.outputs) verifyOutput(program, output, inputs);
}

/** `inputs` holds the intervals of the elements of the input ports. */
function verifyInstance(program: Program, instance: Instance, index: number, inputs: readonly Interval[]): void {
  const kernel = kernelOf(program, instance);
  invariant(instance.positions.length > 0, `instance ${index} has no positions`);
  for (const position of instance.positions) verifyPosition(program, kernel, position, index, inputs);
}

/** The rules of one position of instance number `index`. */
export function verifyPosition(
  program: Program,
  kernel: Kernel,
  position: readonly ValueReference[],
  index: number,
  inputs: readonly Interval[],
): void {
  const where = `instance ${index}`;
  const count = kernel.inputs.length;
  invariant(position.length === count, `${where}: ${position.length} operands for ${count} inputs`);
  position.forEach((reference, operand) => {
    const range = verifyReference(program, reference, index, inputs, where);
    const bound = at(kernel.nodes, at(kernel.inputs, operand)).range;
    if (contains(bound, range)) return;
    const name = printReference(reference);
    invariant(false, `${where}: ${name} in ${printInterval(range)} leaves input ${operand} ${printInterval(bound)}`);
  });
}

/** The rules of one output of a program whose instances are known. */
export function verifyOutput(program: Program, output: ProgramOutput, inputs: readonly Interval[]): void {
  const where = `output ${JSON.stringify(output.name)}`;
  const { types, elements } = output;
  invariant(types.length === elements.length, `${where}: ${types.length} types for ${elements.length} elements`);
  elements.forEach((reference, index) => {
    const range = verifyReference(program, reference, program.instances.length, inputs, where);
    const type = at(types, index);
    if (contains(codeRange(type), range)) return;
    invariant(false, `${where}: ${printType(type)} does not hold ${printInterval(range)} of element ${index}`);
  });
}

/** The range of a reference that may name the input ports and the first `available` instances. */
function verifyReference(
  program: Program,
  reference: ValueReference,
  available: number,
  inputs: readonly Interval[],
  where: string,
): Interval {
  const { instance: id, index } = reference;
  if (!Number.isInteger(id) || id < PROGRAM_INPUT || id >= available) {
    invariant(false, `${where}: instance ${id} does not come before it`);
  }
  let count = inputs.length;
  if (id !== PROGRAM_INPUT) {
    const source = at(program.instances, id);
    count = source.positions.length * kernelOf(program, source).outputs.length;
  }
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    invariant(false, `${where}: there is no ${printReference(reference)}, only ${count} values`);
  }
  return referenceRange(program, reference, inputs);
}

function printInterval({ low, high }: Interval): string {
  return `[${low}, ${high}]`;
}
