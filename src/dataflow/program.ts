import { invariant } from '../support/invariant.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import type { Kernel, Origin } from './kinds.js';

/** A scalar at the top of a program: an element of the input ports (instance -1), or a result of an instance. */
export interface ValueReference {
  readonly instance: number;
  /** Flattened over the input ports in order; or position × kernel outputs + output. */
  readonly index: number;
}

export const PROGRAM_INPUT = -1;

/** One port tensor, flattened. The type gives the width of each element on the wire and where its binary point lies. */
export interface ProgramInput {
  readonly name: string;
  readonly types: readonly FixedPointType[];
}

export interface ProgramOutput {
  readonly name: string;
  readonly types: readonly FixedPointType[];
  readonly elements: readonly ValueReference[];
}

/** A kernel applied once (one position), or mapped over several positions. */
export interface Instance {
  readonly name: string;
  /** Index into the program's kernels. */
  readonly kernel: number;
  /** For each position, the kernel's operands. */
  readonly positions: readonly (readonly ValueReference[])[];
  readonly origin: Origin;
}

/** Kernels and instances of them, in topological order: an instance refers to earlier instances only. */
export interface Program {
  readonly name: string;
  readonly inputs: readonly ProgramInput[];
  readonly kernels: readonly Kernel[];
  readonly instances: readonly Instance[];
  readonly outputs: readonly ProgramOutput[];
}

export function kernelOf(program: Program, instance: Instance): Kernel {
  const kernel = program.kernels[instance.kernel];
  invariant(kernel !== undefined, `no kernel ${instance.kernel}`);
  return kernel;
}

/** All elements of the input ports, flattened in port order. */
export function inputTypes(program: Program): readonly FixedPointType[] {
  return program.inputs.flatMap((port) => port.types);
}

/** The interval of a scalar at the top. */
export function referenceRange(program: Program, reference: ValueReference, inputs: readonly Interval[]): Interval {
  if (reference.instance === PROGRAM_INPUT) {
    const range = inputs[reference.index];
    invariant(range !== undefined, `no input element ${reference.index}`);
    return range;
  }
  const instance = program.instances[reference.instance];
  invariant(instance !== undefined, `no instance ${reference.instance}`);
  const kernel = kernelOf(program, instance);
  const output = kernel.outputs[reference.index % kernel.outputs.length];
  const node = output === undefined ? undefined : kernel.nodes[output];
  invariant(node !== undefined, `no output ${reference.index}`);
  return node.range;
}
