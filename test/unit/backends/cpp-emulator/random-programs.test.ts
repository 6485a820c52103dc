import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../../src/dataflow/evaluate.js';
import { Random } from '../../../../src/support/random.js';
import type { PackageMember } from '../../../support/emulator-packages.js';
import { compilerMissing, runPackages } from '../../../support/emulator-packages.js';
import { randomCodes, randomProgram } from '../../../support/random-kernel.js';

/** More events than a block has, and not a whole number of vectors. */
const EVENTS = 67;

function draw(seed: number, count: number): PackageMember[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const program = randomProgram(random, `random ${index}`, ['assume']);
    return { program, events: Array.from({ length: EVENTS }, () => randomCodes(random, program)) };
  });
}

describe.skipIf(compilerMissing !== undefined)(
  `random programs as C++ (skipped where compilers are missing: ${compilerMissing ?? 'none is'})`,
  { timeout: 300_000 },
  () => {
    it('compute what the semantics say', async () => {
      const members = draw(1, 60);
      const runs = await runPackages(members);
      runs.forEach(({ outputs, violations }, index) => {
        const { program, events } = members[index] ?? { program: undefined, events: [] };
        if (program === undefined) throw new Error('a program for each run');
        expect(outputs).toEqual(events.map((event) => evaluateProgram(program, event).outputs));
        expect(violations).toBe(0);
      });
    });
  },
);
