import { describe, expect, it } from 'vitest';
import { evaluateKernel, evaluateProgram } from '../../../src/dataflow/evaluate.js';
import { flatten } from '../../../src/dataflow/flatten.js';
import { parseProgram } from '../../../src/dataflow/parse.js';
import { printProgram } from '../../../src/dataflow/print.js';
import type { Program } from '../../../src/dataflow/program.js';
import { kernelOf } from '../../../src/dataflow/program.js';
import { verifyKernel, verifyProgram } from '../../../src/dataflow/verify.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import { printModel } from '../../../src/model/print.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { contains } from '../../../src/numeric/interval.js';
import { Random } from '../../../src/support/random.js';
import { randomInputs, randomModel } from '../../support/random-model.js';

/** Runs oracle, program and flattened program on random events. */
function compare(graph: ModelGraph, random: Random, events: number): Program {
  const program = lowerModel(graph);
  verifyProgram(program);
  const flat = flatten(program);
  verifyKernel(flat.kernel);
  const oracle = modelEvaluator(graph);
  for (const inputs of randomInputs(random, graph, events)) {
    const expected = oracle(inputs).outputs.flat();
    const codes = inputs.flat();
    const values = evaluateProgram(program, codes);
    expect(values.outputs, printModel(graph)).toStrictEqual(expected);
    const flatValues = evaluateKernel(flat.kernel, codes);
    expect(flat.kernel.outputs.map((id) => flatValues[id])).toStrictEqual(expected);
    expectSoundRanges(program, values.nodes);
  }
  return program;
}

function expectSoundRanges(program: Program, nodes: readonly (readonly (readonly bigint[])[])[]): void {
  program.instances.forEach((instance, index) => {
    const kernel = kernelOf(program, instance);
    for (const values of nodes[index] ?? []) {
      for (const node of kernel.nodes) {
        const value = values[node.id] ?? 0n;
        if (contains(node.range, { low: value, high: value })) continue;
        expect.fail(`${kernel.name} %${node.id} = ${value} outside [${node.range.low}, ${node.range.high}]`);
      }
    }
  });
}

describe('lowerModel', () => {
  it('computes what the oracle computes, on 300 random graphs', { timeout: 60_000 }, () => {
    const random = new Random(20);
    for (let round = 0; round < 300; round++) compare(randomModel(random), random, 8);
  });

  it('gives a program that its text form keeps', () => {
    const random = new Random(21);
    for (let round = 0; round < 20; round++) {
      const program = lowerModel(randomModel(random));
      const text = printProgram(program);
      const back = parseProgram(text);
      expect(back).toStrictEqual(program);
      expect(printProgram(back)).toBe(text);
    }
  });

  it('makes one kernel for a constant matrix and maps it over the rows', () => {
    const builder = new ModelBuilder('set');
    const type = fixedPointType(true, 6, 4);
    const x = builder.input({ name: 'x', types: [type], rounding: 'TRN', overflow: 'WRAP' }, [5, 3]);
    const codes = [1n, -2n, 3n, 0n, 5n, 7n];
    const w = builder.constant({ lsb: -1, codes, float: false }, [3, 2]);
    const y = builder.add('matmul', { left: x, right: w });
    builder.output('y', y, [fixedPointType(true, 12, 9)]);
    const program = compare(builder.finish(), new Random(22), 20);
    expect(program.kernels).toHaveLength(1);
    expect(program.instances[0]?.positions).toHaveLength(5);
  });

  it('wires what only moves', () => {
    const builder = new ModelBuilder('moves');
    const type = fixedPointType(false, 4, 4);
    const x = builder.input({ name: 'x', types: [type], rounding: 'TRN', overflow: 'WRAP' }, [2, 3]);
    const transposed = builder.add('transpose', { operand: x, permutation: [1, 0] });
    builder.output('y', builder.add('gather', { operand: transposed, axis: 0, indices: [2, 0] }), [type]);
    const program = compare(builder.finish(), new Random(23), 5);
    expect(program.instances).toHaveLength(0);
    expect(program.outputs[0]?.elements.map((element) => element.index)).toStrictEqual([2, 5, 0, 3]);
  });

  it('states the promise that makes an input fit a narrower port', () => {
    const builder = new ModelBuilder('promise');
    const types = [fixedPointType(true, 8, 8)];
    const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [1]);
    const wide = builder.add('assume', { operand: x, lsb: 0, ranges: [{ low: 0n, high: 100n }] });
    const narrow = builder.add('assume', { operand: wide, lsb: -1, ranges: [{ low: -9n, high: 15n }] });
    builder.output('y', narrow, [fixedPointType(false, 3, 3)]);
    const program = lowerModel(builder.finish());
    verifyProgram(program);
    const promises = program.kernels.flatMap((kernel) => kernel.nodes).filter((node) => node.kind === 'assume');
    expect(promises.map((node) => node.bounds)).toStrictEqual([{ low: 0n, high: 7n }]);
    expect(evaluateProgram(program, [5n]).outputs).toStrictEqual([5n]);
  });

  it('makes one kernel for all constants of a port', () => {
    const builder = new ModelBuilder('constants');
    const constant = builder.constant({ lsb: 0, codes: [4n, 6n, -1n, 0n], float: false }, [4]);
    builder.output('y', constant, [fixedPointType(true, 5, 4)]);
    const program = compare(builder.finish(), new Random(24), 1);
    expect(program.kernels).toHaveLength(1);
    expect(evaluateProgram(program, []).outputs).toStrictEqual([8n, 12n, -2n, 0n]);
  });

  it('keeps the magnitude unsigned', () => {
    const builder = new ModelBuilder('magnitude');
    const types = [fixedPointType(true, 4, 4)];
    const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [1]);
    builder.output('y', builder.add('absolute', { operand: x }), [fixedPointType(false, 4, 4)]);
    const program = compare(builder.finish(), new Random(25), 20);
    expect(program.kernels[0]?.nodes.map((node) => node.kind)).toStrictEqual(['input', 'negate', 'maximum']);
  });
});
