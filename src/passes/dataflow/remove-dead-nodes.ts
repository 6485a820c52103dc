import { success } from '../../diagnostics/result.js';
import { KernelBuilder } from '../../dataflow/builder.js';
import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import type { Program, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import { operands } from '../../dataflow/semantics.js';
import { at } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import type { Pass } from '../pass.js';
import { refineRanges } from './refine-ranges.js';

/**
 * Drops what no output of the program needs: nodes, results and operands of kernels, instances and kernels. The ports
 * of the program never change. A promise about a value that nobody reads goes with it: promises about ports are
 * checked at the ports.
 */
export const removeDeadNodes: Pass<Program> = {
  name: 'remove-dead-nodes',
  summary: 'drop nodes, kernel operands and results, and instances that no output needs',
  preserves: 'values',
  run(program, context) {
    const live = findLive(program);
    const after = prune(program, live);
    if (after !== program) {
      const count = (which: Program): number => which.kernels.reduce((sum, kernel) => sum + kernel.nodes.length, 0);
      context.report?.({
        pass: this.name,
        subject: program.name,
        values: { nodesBefore: count(program), nodesAfter: count(after) },
      });
    }
    return success(after);
  },
};

interface Liveness {
  /** By kernel: which nodes, results and operands are needed by any live instance. */
  readonly nodes: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  readonly inputs: readonly Uint8Array[];
  readonly instances: Uint8Array;
}

function findLive(program: Program): Liveness {
  const { kernels, instances } = program;
  const nodes = kernels.map((kernel) => new Uint8Array(kernel.nodes.length));
  const outputs = kernels.map((kernel) => new Uint8Array(kernel.outputs.length));
  const inputs = kernels.map((kernel) => new Uint8Array(kernel.inputs.length));
  const liveInstances = new Uint8Array(instances.length);
  const instancesOf: number[][] = kernels.map(() => []);

  const pending: ValueReference[] = [];
  const readOperand = (instance: number, operand: number): void => {
    for (const position of at(instances, instance).positions) pending.push(at(position, operand));
  };
  const needNode = (kernelIndex: number, start: NodeId): void => {
    const live = at(nodes, kernelIndex);
    const kernel = at(kernels, kernelIndex);
    const stack = [start];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (live[id] === 1) continue;
      live[id] = 1;
      const node = at(kernel.nodes, id);
      if (node.kind === 'input') {
        at(inputs, kernelIndex)[node.index] = 1;
        for (const instance of at(instancesOf, kernelIndex)) readOperand(instance, node.index);
      }
      for (const operand of operands(node)) stack.push(operand);
    }
  };
  const needInstance = (instance: number): void => {
    if (liveInstances[instance] === 1) return;
    liveInstances[instance] = 1;
    const { kernel } = at(instances, instance);
    at(instancesOf, kernel).push(instance);
    at(inputs, kernel).forEach((live, operand) => {
      if (live === 1) readOperand(instance, operand);
    });
  };

  for (const port of program.outputs) for (const element of port.elements) pending.push(element);
  for (let reference = pending.pop(); reference !== undefined; reference = pending.pop()) {
    if (reference.instance === PROGRAM_INPUT) continue;
    const { kernel } = at(instances, reference.instance);
    const kernelOutputs = at(kernels, kernel).outputs;
    const output = reference.index % kernelOutputs.length;
    needInstance(reference.instance);
    const needed = at(outputs, kernel);
    if (needed[output] === 1) continue;
    needed[output] = 1;
    needNode(kernel, at(kernelOutputs, output));
  }
  return { nodes, outputs, inputs, instances: liveInstances };
}

function prune(program: Program, live: Liveness): Program {
  const everything = [...live.nodes, ...live.outputs, ...live.inputs, live.instances];
  if (everything.every((flags) => flags.every((flag) => flag === 1))) return program;

  const usedKernels = new Set<number>();
  program.instances.forEach((instance, index) => {
    if (live.instances[index] === 1) usedKernels.add(instance.kernel);
  });
  const newKernels = ranks(program.kernels.map((_, index) => usedKernels.has(index)));
  const newInstances = ranks(Array.from(live.instances, (flag) => flag === 1));
  const newOutputs = live.outputs.map((flags) => ranks(Array.from(flags, (flag) => flag === 1)));
  const move = (reference: ValueReference): ValueReference => {
    if (reference.instance === PROGRAM_INPUT) return reference;
    const instance = at(program.instances, reference.instance);
    const before = kernelOf(program, instance).outputs.length;
    const rank = at(newOutputs, instance.kernel);
    const position = Math.floor(reference.index / before);
    return {
      instance: at(newInstances.rank, reference.instance),
      index: position * rank.count + at(rank.rank, reference.index % before),
    };
  };
  return {
    ...program,
    kernels: program.kernels.flatMap((kernel, index) => (usedKernels.has(index) ? [shrink(kernel, live, index)] : [])),
    instances: program.instances.flatMap((instance, index) => {
      if (live.instances[index] !== 1) return [];
      const inputs = at(live.inputs, instance.kernel);
      const positions = instance.positions.map((position) => position.filter((_, i) => inputs[i] === 1).map(move));
      return [{ ...instance, kernel: at(newKernels.rank, instance.kernel), positions }];
    }),
    outputs: program.outputs.map((port) => ({ ...port, elements: port.elements.map(move) })),
  };
}

function shrink(kernel: Kernel, live: Liveness, index: number): Kernel {
  const [nodes, inputs, outputs] = [at(live.nodes, index), at(live.inputs, index), at(live.outputs, index)];
  if ([nodes, inputs, outputs].every((flags) => flags.every((flag) => flag === 1))) return kernel;
  const builder = new KernelBuilder(kernel.name);
  const moved: NodeId[] = [];
  const proven: Interval[] = [];
  const copy = (node: DataflowNode): void => {
    builder.from(at(kernel.origins, node.origin));
    const id = builder.copy(node, (each) => at(moved, each));
    moved[node.id] = id;
    proven[id] = node.range;
  };
  // Operands first and in call order, wherever the kernel had them.
  kernel.inputs.forEach((id, operand) => {
    if (inputs[operand] === 1) copy(at(kernel.nodes, id));
  });
  for (const node of kernel.nodes) if (node.kind !== 'input' && nodes[node.id] === 1) copy(node);
  kernel.outputs.forEach((id, output) => {
    if (outputs[output] === 1) builder.output(at(moved, id));
  });
  return refineRanges(builder.finish(), proven);
}

/** For each kept element its place among the kept ones. */
function ranks(kept: readonly boolean[]): { readonly rank: readonly number[]; readonly count: number } {
  let count = 0;
  return { rank: kept.map((keep) => (keep ? count++ : -1)), count };
}
