import type { Program } from './program.js';
import { kernelOf } from './program.js';

/** Sums of three operands in a program, every position of every instance counted. */
export function threeOperandSums(program: Program): number {
  const inKernel = new Map(
    program.kernels.map((kernel) => [kernel, kernel.nodes.filter(({ kind }) => kind === 'addThree').length]),
  );
  return program.instances.reduce(
    (total, instance) => total + instance.positions.length * (inKernel.get(kernelOf(program, instance)) ?? 0),
    0,
  );
}
