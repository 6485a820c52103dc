import { invariant } from '../support/invariant.js';
import type { Kernel } from './kinds.js';
import type { Program } from './program.js';
import { kernelOf, PROGRAM_INPUT } from './program.js';
import { operands, semanticsOf } from './semantics.js';

/** Values of all nodes of a kernel for one list of operands, straight from the semantics table. */
export function evaluateKernel(kernel: Kernel, inputs: readonly bigint[]): readonly bigint[] {
  const values: bigint[] = [];
  for (const node of kernel.nodes) {
    if (node.kind === 'input') {
      const value = inputs[node.index];
      invariant(value !== undefined, `kernel ${kernel.name} lacks operand ${node.index}`);
      values.push(value);
      continue;
    }
    const arguments_ = operands(node).map((id) => values[id] ?? 0n);
    values.push(semanticsOf(node.kind).evaluate(node, arguments_));
  }
  return values;
}

export interface ProgramValues {
  /** Codes of the output ports, flattened in port order. */
  readonly outputs: readonly bigint[];
  /** nodes[instance][position][node] */
  readonly nodes: readonly (readonly (readonly bigint[])[])[];
}

/** Evaluate a program on the codes of its input ports, flattened in port order. */
export function evaluateProgram(program: Program, inputs: readonly bigint[]): ProgramValues {
  const nodes: (readonly bigint[])[][] = [];
  const read = (instance: number, index: number): bigint => {
    if (instance === PROGRAM_INPUT) {
      const value = inputs[index];
      invariant(value !== undefined, `input element ${index} is missing`);
      return value;
    }
    const source = program.instances[instance];
    invariant(source !== undefined, `no instance ${instance}`);
    const { outputs } = kernelOf(program, source);
    const output = outputs[index % outputs.length];
    const value = output === undefined ? undefined : nodes[instance]?.[Math.floor(index / outputs.length)]?.[output];
    invariant(value !== undefined, `result ${index} of instance ${instance} is missing`);
    return value;
  };
  for (const instance of program.instances) {
    const kernel = kernelOf(program, instance);
    nodes.push(
      instance.positions.map((position) =>
        evaluateKernel(
          kernel,
          position.map((reference) => read(reference.instance, reference.index)),
        ),
      ),
    );
  }
  const outputs = program.outputs.flatMap((port) => port.elements.map((e) => read(e.instance, e.index)));
  return { outputs, nodes };
}
