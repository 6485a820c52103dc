import type { Interval } from '../../../numeric/interval.js';

/** One row of the matrix: an integer known to lie in `range`, ready after `depth` levels of adders. */
export interface ProblemInput {
  readonly range: Interval;
  readonly depth: number;
}

export interface Term {
  /** Index into the inputs; at most once in a column. */
  readonly input: number;
  /** Never zero. */
  readonly coefficient: bigint;
}

/** One wanted result: Σ coefficient × input + constant. Terms ascend by input. */
export interface Column {
  readonly terms: readonly Term[];
  readonly constant: bigint;
}

/** A constant matrix (sparse, by columns) times a vector of integers. */
export interface Problem {
  readonly inputs: readonly ProblemInput[];
  readonly columns: readonly Column[];
}

/** left × 2^leftShift ± right × 2^rightShift; operands are numbered as in `AdderGraph`. */
export interface Addition {
  readonly kind: 'add' | 'subtract';
  readonly left: number;
  readonly leftShift: number;
  readonly right: number;
  readonly rightShift: number;
}

/** ± value × 2^shift, as one of three that are added at once. */
export interface AdderSummand {
  readonly value: number;
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * The sum of three on one carry chain. At most one summand is negative: its bits are inverted in the look-up tables and
 * the chain's only carry input adds the one that two's complement needs. A second one would have to enter at the lowest
 * table's shared carry, which a netlist of primitives can do (US patent 7,274,211) and no vendor promises to infer from
 * `a - b - c`.
 */
export interface ThreeOperandSum {
  readonly kind: 'sum';
  readonly summands: readonly [AdderSummand, AdderSummand, AdderSummand];
}

export type AdderOperation = Addition | ThreeOperandSum | { readonly kind: 'constant'; readonly value: bigint };

/** ± value × 2^shift */
export interface AdderOutput {
  readonly value: number;
  readonly shift: number;
  readonly negated: boolean;
}

/**
 * A solution of a problem. Values are numbered: first the inputs of the problem, then the operations in topological
 * order.
 */
export interface AdderGraph {
  readonly inputs: number;
  readonly operations: readonly AdderOperation[];
  /** One for each column. */
  readonly outputs: readonly AdderOutput[];
}

/** What an operation adds up: two or three summands, none for a constant. */
export function summandsOf(operation: AdderOperation): readonly AdderSummand[] {
  switch (operation.kind) {
    case 'constant':
      return [];
    case 'sum':
      return operation.summands;
    case 'add':
    case 'subtract':
      return [
        { value: operation.left, shift: operation.leftShift, negative: false },
        { value: operation.right, shift: operation.rightShift, negative: operation.kind === 'subtract' },
      ];
  }
}

/** The problem of a dense matrix, matrix[input][column], without constants. */
export function denseProblem(matrix: readonly (readonly bigint[])[], inputs: readonly ProblemInput[]): Problem {
  const columns = Array.from({ length: matrix[0]?.length ?? 0 }, (_, column) => {
    const terms: Term[] = [];
    matrix.forEach((row, input) => {
      const coefficient = row[column] ?? 0n;
      if (coefficient !== 0n) terms.push({ input, coefficient });
    });
    return { terms, constant: 0n };
  });
  return { inputs, columns };
}
