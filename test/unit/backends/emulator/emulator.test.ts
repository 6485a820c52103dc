import { describe, expect, it } from 'vitest';
import { codeMatrix, codeRow } from '../../../../src/backends/emulator/code-matrix.js';
import { generateChunks } from '../../../../src/backends/emulator/chunks.js';
import { compileEmulator } from '../../../../src/backends/emulator/emulator.js';
import type { RunViolation } from '../../../../src/backends/emulator/emulator.js';
import { flattenModel } from '../../../../src/backends/emulator/flatten.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { InvariantError } from '../../../../src/support/invariant.js';
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

  it('agrees with the oracle on a network of many functions, over several blocks of events', () => {
    const random = new Random(3000);
    // 12,000 products and more in functions of some hundred, and more events than one block takes.
    const graph = randomMlp(random, { layers: [80, 100, 40, 3], widths: 'narrow', score: true });
    expectAgreement(graph, randomInputs(random, graph, 4));
    const emulator = compileEmulator(graph);
    const rows = randomInputs(random, graph, 300).map((event) => event.flat());
    const all = emulator.run(codeMatrix(rows, emulator.inputTypes));
    const one = emulator.run(codeMatrix(rows.slice(299), emulator.inputTypes));
    expect(codeRow(all.output, 299)).toEqual(codeRow(one.output, 0));
    const oracle = modelEvaluator(graph);
    for (const row of [0, 127, 128, 255, 256, 299]) {
      expect(codeRow(all.output, row)).toEqual(oracle([rows[row] ?? []]).outputs.flat());
    }
  });

  it('is exact at the limits of 32-bit words', () => {
    const builder = new ModelBuilder('limits');
    const word = fixedPointType(true, 32, 32);
    const bit = fixedPointType(false, 1, 1);
    const types = [word, word, bit, bit];
    const input = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [4]);
    const part = (indices: readonly number[]): ModelNodeId =>
      builder.add('gather', { operand: input, axis: 0, indices });
    const weights = builder.constant({ lsb: 0, codes: [(1n << 30n) + 5n, -(1n << 31n)], float: false }, [2]);
    const nodes = [
      builder.add('matmul', { left: part([2, 3]), right: weights }),
      builder.add('absolute', { operand: part([0, 1]) }),
      builder.add('negate', { operand: part([0, 1]) }),
      builder.add('subtract', { left: part([0]), right: part([1]) }),
      builder.add('multiply', { left: part([0]), right: part([1]) }),
      builder.add('maximum', { left: part([0]), right: part([1]) }),
    ];
    for (const node of nodes) builder.output(`y${node}`, node, [fixedPointType(true, 66, 66)]);
    const ends = [-(2n ** 31n), -(2n ** 31n) + 1n, -1n, 0n, 1n, 2n ** 31n - 2n, 2n ** 31n - 1n];
    const events = ends.flatMap((a) => ends.flatMap((b) => [0n, 1n].map((c) => [[a, b, c, a < b ? 1n : 0n]])));
    expectAgreement(builder.finish(), events);
  });

  it('takes 100,000 scalar nodes without quadratic time', () => {
    const builder = new ModelBuilder('wide');
    const type = fixedPointType(true, 8, 8);
    const size = 10_000;
    const input = builder.input({ name: 'x', types: [type], rounding: 'TRN', overflow: 'WRAP' }, [size]);
    let node = input;
    for (let layer = 0; layer < 5; layer++) {
      const sum = builder.add('add', { left: node, right: input });
      node = builder.add('quantize', { operand: sum, types: [type], rounding: 'TRN', overflow: 'WRAP' });
    }
    const total = builder.add('reduce', { operand: node, operation: 'sum', axes: [0], keepDimensions: true });
    builder.output('y', total, [fixedPointType(true, 30, 30)]);
    const row = Array.from({ length: size }, (_, index) => BigInt((index % 256) - 128));
    const emulator = compileEmulator(builder.finish());
    // Each element is six times the input, wrapped to 8 bits.
    const expected = row.reduce((sum, code) => sum + BigInt.asIntN(8, 6n * code), 0n);
    expect(codeRow(emulator.run(codeMatrix([row, row], emulator.inputTypes)).output, 1)).toEqual([expected]);
  });

  it('reads numbers and big integers alike, and no rows at all', () => {
    const random = new Random(4000);
    for (const widths of ['medium', 'huge'] as const) {
      const graph = randomMlp(random, { widths });
      const emulator = compileEmulator(graph);
      const events = randomInputs(random, graph, 8).map((event) =>
        event.flat().map((code) => BigInt.asIntN(16, code) % 2n),
      );
      const clean = events.map((event, index) =>
        index === 0 ? event.map(() => 0n) : event.map((code) => code * code),
      );
      const columns = emulator.inputTypes.length;
      const bigints = { rows: clean.length, columns, data: clean.flat() };
      const numbers = { rows: clean.length, columns, data: Float64Array.from(clean.flat(), Number) };
      expect(emulator.run(bigints)).toEqual(emulator.run(numbers));
      expect(emulator.run({ rows: 0, columns, data: new Float64Array(0) }).output.rows).toBe(0);
      expect(() => emulator.run({ rows: 1, columns: columns + 1, data: new Float64Array(columns + 1) })).toThrow(
        InvariantError,
      );
      expect(() => emulator.run({ rows: 2, columns, data: new Float64Array(columns) })).toThrow(InvariantError);
    }
  });

  it('never lets a name into the generated text', () => {
    const hostile = '"; throw new Error("injected"); //\n\u2028*/ ${process.exit(3)} `';
    const builder = new ModelBuilder(hostile);
    const type = fixedPointType(true, 8, 8);
    const input = builder.input({ name: hostile, types: [type], rounding: 'TRN', overflow: 'WRAP' }, [1], {
      name: hostile,
      operator: hostile,
    });
    const node = builder.add('negate', { operand: input }, { name: hostile, operator: hostile });
    builder.output(hostile, node, [fixedPointType(true, 9, 9)]);
    const { bodies } = generateChunks(flattenModel(builder.finish()), { inputBigint: false, outputBigint: false });
    expect(bodies).toHaveLength(1);
    expect(bodies.join()).not.toContain('injected');
    const emulator = compileEmulator(builder.finish());
    expect(codeRow(emulator.run(codeMatrix([[5n]], [type])).output, 0)).toEqual([-5n]);
  });
});
