import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import type { Kernel } from '../../src/dataflow/kinds.js';
import type { Program } from '../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../src/dataflow/program.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { success, unwrap } from '../../src/diagnostics/result.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import { distributeArithmetic } from '../../src/passes/dataflow/distribute-arithmetic.js';
import { linearForms } from '../../src/passes/dataflow/linear-forms.js';
import { removeDeadNodes } from '../../src/passes/dataflow/remove-dead-nodes.js';
import type { Pass, PassStatistic } from '../../src/passes/pass.js';
import { runPipeline } from '../../src/passes/pass.js';

const byte = { low: -128n, high: 127n };
const origin = { name: '', operator: '' };

function kinds(kernel: Kernel | undefined): readonly string[] {
  return kernel?.nodes.map((node) => node.kind) ?? [];
}

/** Two operands and three results of which the last two are not read by `use`. */
function threeResults(): Kernel {
  const builder = new KernelBuilder('three');
  const [x, y] = [builder.input(byte), builder.input(byte)];
  builder.output(builder.square(x));
  builder.output(builder.multiply(x, y));
  builder.output(builder.square(y));
  return builder.finish();
}

function programWith(elements: readonly number[], kernel: Kernel = threeResults()): Program {
  const positions = [
    [0, 1],
    [1, 0],
  ].map((position) => position.map((index) => ({ instance: PROGRAM_INPUT, index })));
  return {
    name: 'program',
    inputs: [{ name: 'x', types: [fixedPointType(true, 8, 8), fixedPointType(true, 8, 8)] }],
    kernels: [kernel, threeResults()],
    instances: [
      { name: 'dead', kernel: 1, positions, origin },
      { name: 'live', kernel: 0, positions, origin },
    ],
    outputs: [
      {
        name: 'y',
        types: elements.map(() => fixedPointType(true, 17, 17)),
        elements: elements.map((index) => ({ instance: 1, index })),
      },
    ],
  };
}

describe('removeDeadNodes', () => {
  it('drops results, operands, instances and kernels that nobody reads, and renumbers the rest', () => {
    // Result 0 of both positions.
    const after = unwrap(removeDeadNodes.run(programWith([0, 3]), {}));
    verifyProgram(after);
    expect(after.kernels.map(kinds)).toEqual([['input', 'square']]);
    expect(after.instances.map(({ name, positions }) => [name, positions])).toEqual([
      ['live', [[{ instance: PROGRAM_INPUT, index: 0 }], [{ instance: PROGRAM_INPUT, index: 1 }]]],
    ]);
    expect(after.outputs[0]?.elements).toEqual([
      { instance: 0, index: 0 },
      { instance: 0, index: 1 },
    ]);
    expect(after.inputs).toHaveLength(1);
  });

  it('returns the same program when all of it is needed', () => {
    const once = unwrap(removeDeadNodes.run(programWith([0, 4, 2]), {}));
    expect(unwrap(removeDeadNodes.run(once, {}))).toBe(once);
  });

  it('follows operands through kernels that are used more than once', () => {
    // The second instance reads result 1 of the first, though no output reads that result of the second.
    const chain: Program = {
      ...programWith([0]),
      kernels: [threeResultsOfWide()],
      instances: [
        { name: 'first', kernel: 0, positions: [[0, 1].map((index) => ({ instance: PROGRAM_INPUT, index }))], origin },
        { name: 'second', kernel: 0, positions: [[1, 1].map((index) => ({ instance: 0, index }))], origin },
      ],
      outputs: [{ name: 'y', types: [fixedPointType(true, 70, 70)], elements: [{ instance: 1, index: 0 }] }],
    };
    const after = unwrap(removeDeadNodes.run(chain, {}));
    expect(after.instances).toHaveLength(2);
    expect(after.kernels[0]?.outputs).toHaveLength(2);
    expect(after.kernels[0]?.inputs).toHaveLength(2);
  });
});

function threeResultsOfWide(): Kernel {
  const builder = new KernelBuilder('wide');
  const bounds = { low: -(1n << 33n), high: 1n << 33n };
  const [x, y] = [builder.input(bounds), builder.input(bounds)];
  builder.output(builder.square(x));
  builder.output(builder.wrap(builder.add(x, y), 33, true));
  builder.output(builder.square(y));
  return builder.finish();
}

describe('linearForms', () => {
  it('dissolves sums that several sums share, and stops at what others read', () => {
    const builder = new KernelBuilder('shared');
    const [x, y, z] = [builder.input(byte), builder.input(byte), builder.input(byte)];
    const pair = builder.add(builder.shiftLeft(x, 1), y);
    const left = builder.subtract(pair, z);
    const right = builder.add(builder.multiply(pair, builder.constant(-3n)), builder.constant(5n));
    const positive = builder.maximum(left, builder.constant(0n));
    const last = builder.add(left, positive);
    builder.output(right);
    builder.output(last);
    const forms = linearForms(builder.finish());
    expect([...forms.keys()].sort((a, b) => a - b)).toEqual([left, right, last].sort((a, b) => a - b));
    expect(Object.fromEntries(forms.get(left)?.terms ?? [])).toEqual({ [x]: 2n, [y]: 1n, [z]: -1n });
    expect(Object.fromEntries(forms.get(right)?.terms ?? [])).toEqual({ [x]: -6n, [y]: -3n });
    expect(forms.get(right)?.constant).toBe(5n);
    expect(Object.fromEntries(forms.get(last)?.terms ?? [])).toEqual({ [left]: 1n, [positive]: 1n });
  });

  it('takes a scaled and shifted input as its own leaf', () => {
    const builder = new KernelBuilder('offset');
    const x = builder.input(byte);
    const centred = builder.subtract(x, builder.constant(7n));
    const tripled = builder.multiply(centred, builder.constant(3n));
    builder.output(builder.maximum(centred, builder.constant(0n)));
    builder.output(tripled);
    const forms = linearForms(builder.finish());
    expect(forms.get(tripled)).toEqual({ terms: new Map([[x, 3n]]), constant: -21n });
  });

  it('takes linear time for a long running sum of which every step is read', () => {
    const builder = new KernelBuilder('running');
    let sum = builder.input(byte);
    for (let step = 0; step < 20_000; step++) {
      sum = builder.add(sum, builder.input(byte));
      builder.output(sum);
    }
    expect(linearForms(builder.finish()).size).toBe(20_000);
  });
});

describe('distributeArithmetic', () => {
  it('leaves products of variables and no product with a constant, and reports what it did', () => {
    const builder = new KernelBuilder('mixed');
    const [x, y] = [builder.input(byte), builder.input(byte)];
    const weighted = builder.add(
      builder.multiply(x, builder.constant(23n)),
      builder.multiply(y, builder.constant(-105n)),
    );
    builder.output(builder.multiply(weighted, x));
    builder.output(builder.square(weighted));
    const elements = [0, 1];
    const types = elements.map(() => fixedPointType(true, 40, 40));
    const program = {
      ...programWith([], builder.finish()),
      outputs: [{ name: 'y', types, elements: elements.map((index) => ({ instance: 1, index })) }],
    };
    const statistics: PassStatistic[] = [];
    const after = unwrap(
      runPipeline(
        program,
        [distributeArithmetic(), removeDeadNodes],
        { report: (each) => statistics.push(each) },
        { verify: verifyProgram },
      ),
    );
    const [kernel] = after.kernels;
    expect(
      kinds(kernel)
        .filter((kind) => kind === 'multiply' || kind === 'square')
        .sort(),
    ).toEqual(['multiply', 'square']);
    const additions = kinds(kernel).filter((kind) => kind === 'add' || kind === 'subtract').length;
    const report = statistics.find((each) => each.pass === 'distribute-arithmetic' && each.subject === 'mixed');
    expect(report?.values['adders']).toBe(additions);
    expect(report?.values['matrices']).toBe(1);
  });

  it('knows that 4x - x spans no more than 3x', () => {
    const builder = new KernelBuilder('triple');
    const x = builder.input(byte);
    builder.output(builder.multiply(x, builder.constant(-7n)));
    builder.output(builder.multiply(x, builder.constant(7n)));
    const program = programWith([0, 1], builder.finish());
    const operand = { positions: [[{ instance: PROGRAM_INPUT, index: 0 }]] };
    const single = { ...program, instances: program.instances.slice(1).map((each) => ({ ...each, ...operand })) };
    const outputs = program.outputs.map((port) => ({
      ...port,
      elements: port.elements.map((e) => ({ ...e, instance: 0 })),
    }));
    const after = unwrap(distributeArithmetic().run({ ...single, outputs }, {}));
    verifyProgram(after);
    const kernel = after.kernels[0];
    expect(kernel?.outputs.map((id) => kernel.nodes[id]?.range)).toEqual([
      { low: -889n, high: 896n },
      { low: -896n, high: 889n },
    ]);
  });
});

describe('runPipeline', () => {
  const pass = (name: string, change: (value: number[]) => number[]): Pass<number[]> => ({
    name,
    summary: name,
    preserves: 'values',
    run: (value) => success(change(value)),
  });
  const list = [
    pass('same', (value) => value),
    pass('grow', (value) => [...value, 1]),
    pass('double', (value) => [...value, ...value]),
  ];

  it('verifies and compares after passes that changed something, dumps each and stops where told', () => {
    const log: string[] = [];
    const hooks = {
      verify: (value: number[], after: string) => log.push(`verify ${after} ${value.length}`),
      compare: (before: number[], after: number[], name: string) =>
        log.push(`compare ${name} ${before.length} ${after.length}`),
      dump: (value: number[], name: string, step: number) => log.push(`dump ${step} ${name} ${value.length}`),
      stopAfter: 'grow',
    };
    expect(unwrap(runPipeline([0], list, {}, hooks))).toEqual([0, 1]);
    expect(log).toEqual(['verify input 1', 'dump 1 same 1', 'verify grow 2', 'compare grow 1 2', 'dump 2 grow 2']);
  });

  it('keeps the diagnostics of passes before the one that failed', () => {
    const note = { code: 'TRG9999', severity: 'note', message: 'first' } as const;
    const error = { code: 'TRG9998', severity: 'error', message: 'second' } as const;
    const result = runPipeline(
      [0],
      [
        { ...pass('notes', (value) => value), run: (value) => success(value, [note]) },
        { ...pass('fails', (value) => value), run: () => ({ ok: false, diagnostics: [error] }) },
        pass('never', () => {
          throw new Error('ran after a failure');
        }),
      ],
      {},
    );
    expect(result).toEqual({ ok: false, diagnostics: [note, error] });
  });
});
