import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import { evaluateKernel, evaluateProgram } from '../../../src/dataflow/evaluate.js';
import { flatten } from '../../../src/dataflow/flatten.js';
import { parseProgram } from '../../../src/dataflow/parse.js';
import { printKernel } from '../../../src/dataflow/print.js';
import type { Program } from '../../../src/dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../../src/dataflow/program.js';
import { verifyKernel, verifyProgram } from '../../../src/dataflow/verify.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { contains } from '../../../src/numeric/interval.js';
import { Random } from '../../../src/support/random.js';
import { randomCodes, randomProgram } from '../../support/random-kernel.js';

describe('flatten', () => {
  it('has the values of the program, node by node, on 80 random programs', { timeout: 60_000 }, () => {
    const random = new Random(40);
    for (let round = 0; round < 80; round++) {
      const program = randomProgram(random, `p${round}`, ['assume']);
      const { kernel, instance, position, node } = flatten(program);
      verifyKernel(kernel);
      for (let event = 0; event < 4; event++) {
        const codes = randomCodes(random, program);
        const values = evaluateKernel(kernel, codes);
        const expected = evaluateProgram(program, codes);
        expect(kernel.outputs.map((id) => values[id])).toStrictEqual(expected.outputs);
        for (const { id, range, origin } of kernel.nodes) {
          const value = values[id] ?? 0n;
          const [from, where, source] = [instance[id] ?? 0, position[id] ?? 0, node[id] ?? 0];
          const own = from === PROGRAM_INPUT ? codes[source] : expected.nodes[from]?.[where]?.[source];
          if (value !== own) expect.fail(`%${id} = ${value}, but node ${source} of instance ${from} is ${own}`);
          if (!contains(range, { low: value, high: value })) expect.fail(`%${id} = ${value} leaves its range`);
          if (from === PROGRAM_INPUT) continue;
          const made = program.instances[from];
          const called = made === undefined ? undefined : kernelOf(program, made);
          expect(kernel.origins[origin]).toStrictEqual(called?.origins[called.nodes[source]?.origin ?? -1]);
        }
      }
    }
  });

  it('copies each position, simplifies nothing and follows the ranges of the operands', () => {
    const program = parseProgram(`dataflow 1 "network"
      input "x" : [ap_fixed<4,4>, ap_ufixed<2,2>]
      k0 = kernel "double"
      origin "" ""
      %0 = input {index: 0, bounds: [-8, 7]} : [-8, 7] @0
      %1 = constant {value: 0} : [0, 0] @0
      %2 = add(%0, %1) : [-8, 7] @0
      return (%2, %0)
      i0 = instance k0 "a" @ "" ""
        [in.0]
        [in.1]
      output "y" = [i0.0, i0.2, i0.3, in.1] : [ap_fixed<4,4> * 3, ap_ufixed<2,2>]`);
    const flat = flatten(program);
    expect(printKernel(flat.kernel)).toBe(
      [
        'kernel "network"',
        'origin "" ""',
        '%0 = input {index: 0, bounds: [-8, 7]} : [-8, 7] @0',
        '%1 = input {index: 1, bounds: [0, 3]} : [0, 3] @0',
        '%2 = constant {value: 0} : [0, 0] @0',
        '%3 = add(%0, %2) : [-8, 7] @0',
        '%4 = constant {value: 0} : [0, 0] @0',
        '%5 = add(%1, %4) : [0, 3] @0',
        'return (%3, %5, %1, %1)',
        '',
      ].join('\n'),
    );
    expect([...flat.instance]).toStrictEqual([-1, -1, 0, 0, 0, 0]);
    expect([...flat.position]).toStrictEqual([0, 0, 0, 0, 1, 1]);
    expect([...flat.node]).toStrictEqual([0, 1, 1, 2, 1, 2]);
  });

  it('takes linear time: 100,000 nodes in many positions and instances', { timeout: 60_000 }, () => {
    const byte = { low: -128n, high: 127n };
    const builder = new KernelBuilder('step');
    let value = builder.add(builder.input(byte), builder.input(byte));
    for (let index = 0; index < 48; index++) value = builder.wrap(builder.shiftLeft(value, 1), 8 + (index % 2), true);
    builder.output(builder.wrap(value, 8, true));
    const kernel = builder.finish();
    const types = Array.from({ length: 2 }, () => fixedPointType(true, 8, 8));
    const instances = Array.from({ length: 700 }, (_, instance) => ({
      name: `${instance}`,
      kernel: 0,
      positions: [0, 1].map((index) => [
        { instance: instance - 1, index },
        { instance: PROGRAM_INPUT, index },
      ]),
      origin: { name: '', operator: '' },
    }));
    const elements = [0, 1].map((index) => ({ instance: 699, index }));
    const outputs = [{ name: 'y', types, elements }];
    const program: Program = { name: 'p', inputs: [{ name: 'x', types }], kernels: [kernel], instances, outputs };
    verifyProgram(program);
    const start = performance.now();
    const flat = flatten(program);
    expect(flat.kernel.nodes.length).toBeGreaterThan(100_000);
    verifyKernel(flat.kernel);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});
