import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { distributeArithmetic } from '../../src/passes/dataflow/distribute-arithmetic.js';
import type { Effort, SolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { runJob } from '../../src/passes/dataflow/distributed-arithmetic/restarts.js';
import type { PassContext } from '../../src/passes/pass.js';
import { Random } from '../../src/support/random.js';
import { randomCodes, randomProgram } from '../support/random-kernel.js';

/** Any number of threads, of which the last job comes first. */
function threads(count: number): PassContext {
  const services = { now: () => performance.now() };
  const solveAll: NonNullable<PassContext['workers']>['solveAll'] = (jobs) =>
    jobs
      .toReversed()
      .map((job) => runJob(job, services))
      .toReversed();
  return { ...services, workers: { threads: count, solveAll } };
}

const efforts: readonly Effort[] = ['fast', 'default', 'high', { seconds: 0.01 }];
/** Programs that are searched with high effort, too: seconds each. */
const HIGH = 4;
const choices: readonly SolveOptions[] = efforts.flatMap((effort) =>
  [1, 2 ** 32 - 1].map((seed, index) => ({ ...defaultSolveOptions, effort, seed, threeOperand: index === 1 })),
);

describe('effort, seed, threads and sums of three', () => {
  it('never change an output bit of a random program', () => {
    for (let seed = 0; seed < 25; seed++) {
      const random = new Random(7000 + seed);
      const before = randomProgram(random, `program ${seed}`, ['assume']);
      const vectors = Array.from({ length: 6 }, () => randomCodes(random, before));
      const expected = vectors.map((codes) => evaluateProgram(before, codes).outputs);
      for (const options of choices) {
        if (options.effort === 'high' && seed >= HIGH) continue;
        const context = options.seed === 1 ? {} : threads(3);
        const after = unwrap(distributeArithmetic(options).run(before, { now: () => performance.now(), ...context }));
        verifyProgram(after);
        const found = vectors.map((codes) => evaluateProgram(after, codes).outputs);
        expect(found, `seed ${seed}, ${JSON.stringify(options)}`).toEqual(expected);
      }
    }
  });

  it('of these, threads do not even change the program', () => {
    for (let seed = 0; seed < 10; seed++) {
      const before = randomProgram(new Random(8000 + seed), `program ${seed}`, ['assume']);
      for (const effort of ['fast', 'default', 'high'] as const) {
        if (effort === 'high' && seed >= 1) continue;
        const pass = distributeArithmetic({ ...defaultSolveOptions, effort });
        const alone = unwrap(pass.run(before, {}));
        for (const count of [1, 2, 8]) expect(unwrap(pass.run(before, threads(count)))).toEqual(alone);
      }
    }
  });
});
