import { KernelBuilder } from '../../src/dataflow/builder.js';
import type { DataflowKind, Kernel, NodeId } from '../../src/dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../src/dataflow/program.js';
import { PROGRAM_INPUT, referenceRange } from '../../src/dataflow/program.js';
import { dataflowKinds } from '../../src/dataflow/schema.js';
import type { FixedPointType } from '../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../src/numeric/fixed-point.js';
import type { Interval } from '../../src/numeric/interval.js';
import { intersect, intervalWidth, union } from '../../src/numeric/interval.js';
import type { Random } from '../../src/support/random.js';

/** Values in here are wide enough to wrap and saturate, and narrow enough to stay quick. */
const WIDEST = 80;

export interface RandomKernelOptions {
  /** Bounds of the operands. */
  readonly inputs: readonly Interval[];
  /** Operations to draw after the operands; the builder may simplify some of them away. */
  readonly operations: number;
  readonly outputs: number;
  /** Kinds that must not occur, such as `assume`, whose promise random operands do not keep. */
  readonly without?: readonly DataflowKind[];
}

/** A kernel of random operations of all kinds on random operands. */
export function randomKernel(random: Random, name: string, options: RandomKernelOptions): Kernel {
  const builder = new KernelBuilder(name);
  const ids: NodeId[] = options.inputs.map((bounds) => builder.input(bounds));
  builder.from({ name: `${name}/body`, operator: 'Body' });
  const kinds = dataflowKinds.filter((kind) => kind !== 'input' && options.without?.includes(kind) !== true);
  const draw = (): NodeId => {
    if (ids.length === 0) ids.push(builder.constant(random.bigint(-9n, 9n)));
    const id = ids[random.integer(Math.max(0, ids.length - 24), ids.length - 1)] ?? (0 as NodeId);
    if (intervalWidth(builder.rangeOf(id)) <= WIDEST) return id;
    return builder.wrap(id, random.integer(1, WIDEST), random.integer(0, 1) === 1);
  };
  for (let step = 0; step < options.operations; step++) {
    if (step % 16 === 15) builder.from({ name: `${name}/${step % 5}`, operator: 'Part' });
    ids.push(randomNode(random, builder, kinds[random.integer(0, kinds.length - 1)] ?? 'add', draw));
  }
  for (let count = 0; count < options.outputs; count++) builder.output(draw());
  return builder.finish();
}

function randomNode(random: Random, builder: KernelBuilder, kind: DataflowKind, draw: () => NodeId): NodeId {
  const low = random.bigint(-40n, 40n);
  const bounds = { low, high: low + random.bigint(0n, 60n) };
  const amount = random.integer(0, 5);
  const width = random.integer(1, 12);
  switch (kind) {
    case 'input':
    case 'constant':
      return builder.constant(random.bigint(-20n, 20n));
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'lessThan':
    case 'equal':
    case 'minimum':
    case 'maximum':
    case 'and':
    case 'or':
    case 'xor':
      return builder[kind](draw(), draw());
    case 'addThree':
      return builder.addThree(draw(), draw(), draw(), amount % 2 === 0);
    case 'negate':
    case 'square':
    case 'not':
      return builder[kind](draw());
    case 'shiftLeft':
    case 'floorShiftRight':
      return builder[kind](draw(), amount);
    case 'select':
      return builder.select(draw(), draw(), draw());
    case 'clamp':
      return builder.clamp(draw(), bounds);
    case 'wrap':
      return builder.wrap(draw(), width, amount % 2 === 0);
    case 'table': {
      const values = Array.from({ length: random.integer(1, 9) }, () => random.bigint(-30n, 30n));
      return builder.table(draw(), low, values);
    }
    case 'slice':
      return builder.slice(draw(), amount, width);
    case 'concat':
      return builder.concat(draw(), draw(), width);
    case 'assume': {
      const operand = draw();
      return intersect(builder.rangeOf(operand), bounds) === undefined ? operand : builder.assume(operand, bounds);
    }
  }
}

/** A program of a few ports and of kernels that are used once, at several positions, and by several instances. */
export function randomProgram(random: Random, name: string, without: readonly DataflowKind[] = []): Program {
  const inputs = Array.from({ length: random.integer(1, 3) }, (_, port) => ({
    name: `in ${port}`,
    types: Array.from({ length: random.integer(1, 5) }, () =>
      fixedPointType(random.integer(0, 1) === 1, random.integer(1, 9), random.integer(-2, 9)),
    ),
  }));
  const ranges = inputs.flatMap((port) => port.types.map(codeRange));
  const kernels: Kernel[] = [];
  const instances: Instance[] = [];
  const program = { name, inputs, kernels, instances, outputs: [] };
  const references: ValueReference[] = ranges.map((_, index) => ({ instance: PROGRAM_INPUT, index }));
  const draw = (): ValueReference => references[random.integer(0, references.length - 1)] ?? { instance: -1, index: 0 };
  for (let step = 0, steps = random.integer(0, 4); step < steps; step++) {
    const arity = random.integer(0, 4);
    const calls = Array.from({ length: random.integer(1, 2) }, () =>
      Array.from({ length: random.integer(1, 3) }, () => Array.from({ length: arity }, draw)),
    );
    const bounds = Array.from({ length: arity }, (_, operand) =>
      calls
        .flat()
        .map((position) => referenceRange(program, position[operand] ?? draw(), ranges))
        .reduce(union),
    );
    const options = { inputs: bounds, operations: random.integer(0, 30), outputs: random.integer(1, 3), without };
    kernels.push(randomKernel(random, `${name}.${step}`, options));
    for (const positions of calls) {
      const origin = { name: `node ${instances.length}`, operator: 'Call' };
      instances.push({ name: `call ${instances.length}`, kernel: kernels.length - 1, positions, origin });
      const results = positions.length * options.outputs;
      for (let index = 0; index < results; index++) references.push({ instance: instances.length - 1, index });
    }
  }
  const outputs = Array.from({ length: random.integer(1, 2) }, (_, port) => {
    const elements = Array.from({ length: random.integer(1, 6) }, draw);
    const types = elements.map((element) => holding(referenceRange(program, element, ranges)));
    return { name: `out ${port}`, types, elements };
  });
  return { ...program, outputs };
}

/** An integer type that holds all of the interval. */
function holding(range: Interval): FixedPointType {
  const width = intervalWidth(range);
  return fixedPointType(range.low < 0n, width, width);
}

/** Codes for the ports of a program, often at the ends of their types. */
export function randomCodes(random: Random, program: Program): readonly bigint[] {
  return program.inputs.flatMap((port) =>
    port.types.map((type) => {
      const { low, high } = codeRange(type);
      return random.integer(0, 3) === 0 ? random.pick([low, high]) : random.bigint(low, high);
    }),
  );
}
