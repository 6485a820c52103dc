import type { Problem } from '../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { denseProblem } from '../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { Random } from '../../src/support/random.js';

/** A dense matrix of 8-bit entries with constants, on byte inputs that are ready at the same time. */
export function randomMatrix(seed: number, inputs: number, columns: number): Problem {
  const random = new Random(seed);
  const matrix = Array.from({ length: inputs }, () =>
    Array.from({ length: columns }, () => BigInt(random.integer(-128, 127))),
  );
  const problem = denseProblem(
    matrix,
    matrix.map(() => ({ range: { low: -128n, high: 127n }, depth: 0 })),
  );
  return { ...problem, columns: problem.columns.map((column) => ({ ...column, constant: random.bigint(-99n, 99n) })) };
}
