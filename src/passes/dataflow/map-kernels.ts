import type { Kernel } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';

/** The program with each kernel replaced; itself when no kernel changed. Signatures must stand. */
export function mapKernels(program: Program, change: (kernel: Kernel) => Kernel): Program {
  let changed = false;
  const kernels = program.kernels.map((kernel) => {
    const next = change(kernel);
    changed ||= next !== kernel;
    return next;
  });
  return changed ? { ...program, kernels } : program;
}
