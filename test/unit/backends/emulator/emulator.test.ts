import { describe, expect, it } from 'vitest';
import { codeMatrix, codeRow } from '../../../../src/backends/emulator/code-matrix.js';
import { compileEmulator } from '../../../../src/backends/emulator/emulator.js';
import type { RunViolation } from '../../../../src/backends/emulator/emulator.js';
import { modelEvaluator } from '../../../../src/model/evaluate.js';
import type { ModelGraph, ModelNodeId } from '../../../../src/model/kinds.js';
import { printModel } from '../../../../src/model/print.js';
import { Random } from '../../../../src/support/random.js';
import { randomMlp } from '../../../support/random-mlp.js';
import { randomInputs, randomModel } from '../../../support/random-model.js';

/** Both evaluators on the same events, with all outputs and all broken promises. */
function expectAgreement(graph: ModelGraph, events: ReturnType<typeof randomInputs>): void {
  const emulator = compileEmulator(graph);
  const matrix = codeMatrix(
    events.map((event) => event.flat()),
    emulator.inputTypes,
  );
  const run = emulator.run(matrix);
  const oracle = modelEvaluator(graph);
  const expected = new Map<ModelNodeId, RunViolation>();
  const found: (readonly bigint[])[] = [];
  events.forEach((event, index) => {
    const { outputs, violations } = oracle(event);
    found.push(outputs.flat());
    for (const { node, count, firstElement } of violations) {
      const known = expected.get(node);
      if (known === undefined) expected.set(node, { node, count, firstEvent: index, firstElement });
      else expected.set(node, { ...known, count: known.count + count });
    }
  });
  const rows = events.map((_, index) => codeRow(run.output, index));
  if (rows.some((row, index) => row.join() !== found[index]?.join())) {
    const bad = rows.findIndex((row, index) => row.join() !== found[index]?.join());
    expect.fail(
      `event ${bad} (${String(events[bad])}): ${String(rows[bad])} instead of ${String(found[bad])} of\n${printModel(graph)}`,
    );
  }
  expect(run.violations).toEqual([...expected.values()].sort((left, right) => left.node - right.node));
}

describe('the batched evaluator', { timeout: 60_000 }, () => {
  it('agrees with the oracle on 300 random graphs', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed);
      const graph = randomModel(random);
      expectAgreement(graph, randomInputs(random, graph, 24));
    }
  });

  it('agrees with the oracle on 200 random perceptrons', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(1000 + seed);
      const graph = randomMlp(random);
      expectAgreement(graph, randomInputs(random, graph, 24));
    }
  });

  it('agrees with the oracle where promises are broken, and counts the same', () => {
    let broken = 0;
    for (let seed = 0; seed < 150; seed++) {
      const random = new Random(2000 + seed);
      const graph = randomModel(random, { promises: 'anywhere' });
      const events = randomInputs(random, graph, 24, { keepPromises: false });
      expectAgreement(graph, events);
      const oracle = modelEvaluator(graph);
      broken += events.filter((event) => oracle(event).violations.length > 0).length;
    }
    expect(broken).toBeGreaterThan(200);
  });
});
