import type { Kernel } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';

/** The program with each kernel replaced; itself when no kernel changed. Signatures must stand. */
export function mapKernels(program: Program, change: (kernel: Kernel) => Kernel): Program {
  const kernels = program.kernels.map(change);
  return kernels.some((kernel, index) => kernel !== program.kernels[index]) ? { ...program, kernels } : program;
}
