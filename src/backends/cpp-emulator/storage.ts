import type { Kernel, NodeId } from '../../dataflow/kinds.js';
import type { Program, ValueReference } from '../../dataflow/program.js';
import { inputTypes, kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import { codeRange } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';
import type { Representation } from './representation.js';
import { I32, representationOf, widest } from './representation.js';

/** Counts by representation. */
export type Counts = readonly [number, number, number];

/** A value that waits in memory: `slot` counts the values of its representation. */
export interface Place {
  readonly representation: Representation;
  readonly slot: number;
}

/** How the operands and results of a kernel are held in memory, the same at all its positions. */
export interface KernelStorage {
  readonly inputs: readonly Representation[];
  /** Slots count from the first of the position. */
  readonly outputs: readonly Place[];
  /** Results of one position. */
  readonly size: Counts;
}

/** Where each value that leaves a kernel waits. */
export interface Storage {
  /** By element of the input ports. */
  readonly inputs: readonly Place[];
  readonly kernels: readonly KernelStorage[];
  /** First slots of the results of each instance; those of its positions follow one another. */
  readonly bases: readonly Counts[];
  /** All slots. */
  readonly size: Counts;
}

/**
 * Give every value between kernels a place. A kernel is one function for all its positions, hence holds an operand in
 * one representation: the widest of what the positions bring.
 */
export function planStorage(program: Program): Storage {
  const { inputs, operands, results } = settleRepresentations(program);
  const size: [number, number, number] = [0, 0, 0];
  const places = inputs.map((representation) => ({ representation, slot: size[representation]++ }));
  const kernels = program.kernels.map((_, index): KernelStorage => {
    const own: [number, number, number] = [0, 0, 0];
    const outputs = at(results, index).map((representation) => ({ representation, slot: own[representation]++ }));
    return { inputs: at(operands, index), outputs, size: own };
  });
  const bases = program.instances.map(({ kernel, positions }): Counts => {
    const base: Counts = [size[0], size[1], size[2]];
    at(kernels, kernel).size.forEach((count, index) => {
      size[index as Representation] += count * positions.length;
    });
    return base;
  });
  return { inputs: places, kernels, bases, size };
}

/** The place of a scalar at the top. */
export function placeOf(program: Program, storage: Storage, { instance, index }: ValueReference): Place {
  if (instance === PROGRAM_INPUT) return at(storage.inputs, index);
  const { outputs, size } = at(storage.kernels, at(program.instances, instance).kernel);
  const { representation, slot } = at(outputs, index % outputs.length);
  const position = Math.floor(index / outputs.length);
  const base = at(at(storage.bases, instance), representation);
  return { representation, slot: base + position * size[representation] + slot };
}

interface Representations {
  readonly inputs: Representation[];
  /** By kernel. */
  readonly operands: Representation[][];
  readonly results: Representation[][];
}

/** Widen operands to what they are given, and what is given to the operands, until all agree. */
function settleRepresentations(program: Program): Representations {
  const rangesOf = (kernel: Kernel, ids: readonly NodeId[]): Representation[] =>
    ids.map((id) => representationOf(at(kernel.nodes, id).range));
  const settled: Representations = {
    inputs: inputTypes(program).map((type) => representationOf(codeRange(type))),
    operands: program.kernels.map((kernel) => rangesOf(kernel, kernel.inputs)),
    results: program.kernels.map((kernel) => rangesOf(kernel, kernel.outputs)),
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const { kernel, positions } of program.instances) {
      const operands = at(settled.operands, kernel);
      for (const position of positions) {
        position.forEach(({ instance, index }, operand) => {
          const source =
            instance === PROGRAM_INPUT ? settled.inputs : at(settled.results, at(program.instances, instance).kernel);
          const from = instance === PROGRAM_INPUT ? index : index % source.length;
          const common = widest(at(operands, operand), source[from] ?? I32);
          changed ||= common !== operands[operand] || common !== source[from];
          operands[operand] = common;
          source[from] = common;
        });
      }
    }
  }
  return settled;
}

/** Largest of each. */
export function largest(left: Counts, right: Counts): Counts {
  return [Math.max(left[0], right[0]), Math.max(left[1], right[1]), Math.max(left[2], right[2])];
}

/** Kernels that instances refer to, in the order of first use. */
export function usedKernels(program: Program): readonly Kernel[] {
  return [...new Set(program.instances.map((instance) => kernelOf(program, instance)))];
}
