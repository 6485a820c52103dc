import { describe, expect, it, vi } from 'vitest';
import type * as Evaluation from '../../src/model/evaluate.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';

/** An oracle with a fault in its last output: no input can make the two evaluators disagree. */
vi.mock('../../src/model/evaluate.js', async (original) => {
  const real = await original<typeof Evaluation>();
  return {
    ...real,
    evaluateModel: (...given: Parameters<typeof Evaluation.evaluateModel>): Evaluation.ModelEvaluation => {
      const evaluation = real.evaluateModel(...given);
      const wrong = evaluation.outputs.map((codes) => codes.map((code, i) => (i === 1 ? code ^ 1n : code)));
      return { ...evaluation, outputs: wrong };
    },
  };
});

const scratch = scratchFolder();

describe('verify', () => {
  it('reports evaluators that disagree as a bug, with event and element, before it simulates', async () => {
    const folder = scratch.path('out');
    const compiled = await trigc('compile', scratch.write('net.onnx', smallModel().bytes()), '-o', folder);
    expect(compiled.code).toBe(0);
    const run = await trigc('verify', folder, '--vectors', '5');
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(
      /error TRG4014 \[\S+out\]: event 0, output element 1: -?\d+ by the oracle, -?\d+ by the emulator/u,
    );
    expect(run.stderr).toContain('hint: this is a bug of Trigc');
  });
});
