import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandCodes } from '../../src/diagnostics/codes/command.js';
import { dataCodes } from '../../src/diagnostics/codes/data.js';
import { evaluationCodes } from '../../src/diagnostics/codes/evaluation.js';
import { parseModel } from '../../src/model/parse.js';
import { printModel } from '../../src/model/print.js';
import type { EvaluationDetails } from '../../src/report/evaluation-details.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const scratch = scratchFolder();
const random = new Random(7);
const normal = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;
const weights = (count: number): number[] => Array.from({ length: count }, () => 2 * normal());

/** 4 → 6 → 5 → `outputs`, float; nodes `dense_1`, `act_1`, `dense_2`, `act_2`, `dense_3`. */
function floatNetwork(outputs: number, softmax = false): Uint8Array {
  const model = new OnnxBuilder(13)
    .input('x', ['N', 4])
    .initializer('w1', [4, 6], weights(24))
    .node('MatMul', ['x', 'w1'], ['m1'], {}, { name: 'dense_1' })
    .node('Relu', ['m1'], ['r1'], {}, { name: 'act_1' })
    .initializer('w2', [6, 5], weights(30))
    .node('MatMul', ['r1', 'w2'], ['m2'], {}, { name: 'dense_2' })
    .node('Relu', ['m2'], ['r2'], {}, { name: 'act_2' })
    .initializer('w3', [5, outputs], weights(5 * outputs))
    .node('MatMul', ['r2', 'w3'], [softmax ? 'm3' : 'y'], {}, { name: 'dense_3' });
  if (softmax) model.node('Softmax', ['m3'], ['y'], {}, { name: 'classes' });
  return model.output('y', ['N', outputs]).bytes();
}

/** Events of four values on the grid of 1/16, moved by `shift`. */
const events = (count: number, shift: number): string =>
  Array.from({ length: count }, () =>
    Array.from({ length: 4 }, () => Math.round(16 * (normal() + shift)) / 16).join(),
  ).join('\n');

const types = (act1: string, act2: string): string =>
  `inputs: {x: {type: "ap_fixed<10,4,AP_RND_CONV,AP_SAT>"}}
outputs: {y: {type: "ap_fixed<22,8,AP_RND_CONV,AP_SAT>"}}
weights: {type: "ap_fixed<16,4>"}
layers: {act_1: {result: "${act1}"}, act_2: {result: "${act2}"}}
decisions: [{name: pass, output: y, above: 1.5}]
`;

let background: string;
let signal: string;
const read = (folder: string): EvaluationDetails =>
  (JSON.parse(readFileSync(`${folder}/figures/evaluate.json`, 'utf8')) as { details: EvaluationDetails }).details;

async function compiled(name: string, model: Uint8Array, config?: string): Promise<string> {
  const folder = scratch.path(name);
  const options = config === undefined ? [] : ['--config', scratch.write(`${name}.yaml`, config)];
  const run = await trigc(
    'compile',
    scratch.write(`${name}.onnx`, model),
    '-o',
    folder,
    '--effort',
    'fast',
    ...options,
  );
  expect(run.code).toBe(0);
  return folder;
}

beforeAll(() => {
  background = scratch.write('background.csv', events(4000, 0));
  signal = scratch.write('signal.csv', events(1000, 0.4));
});

describe('trigc evaluate', () => {
  const model = floatNetwork(1);
  const [fine, coarse] = ['ap_ufixed<20,6,AP_RND_CONV,AP_SAT>', 'ap_ufixed<7,6,AP_RND_CONV,AP_SAT>'];

  it('compares the folder with the float model, and keeps figures that budgets can name', async () => {
    const folder = await compiled('plain', model, types(fine, coarse));
    const run = await trigc('evaluate', folder, '--background', background, '--signal', `s=${signal}`);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/ {2}s +1,000/u);
    expect(run.stderr).toContain(evaluationCodes.notResolved.code);
    const { result, samples, decisions } = read(folder);
    expect(samples.map(({ name, events: count, saturated }) => [name, count, saturated])).toEqual([
      ['background', 4000, 0],
      ['s', 1000, 0],
    ]);
    if (result.kind !== 'score') throw new Error('a score is expected');
    expect(result.background.agreement.rms).toBeGreaterThan(0);
    const [decision] = decisions;
    expect(decision).toMatchObject({ name: 'pass', threshold: 1.5, comparison: '>' });
    const { both, floatOnly, fixedOnly } = at(decision?.samples ?? [], 0);
    expect(both).toBeGreaterThan(0);
    expect(floatOnly + fixedOnly).toBeGreaterThan(0);

    const budget = scratch.write(
      'budget.yaml',
      'budgets: ["exchange(1e-2) < 100%", "auc_loss < 0.5", "exchange(1e-3) < 1"]\n',
    );
    const check = await trigc('check', folder, '--budget', budget);
    expect(check.stdout).toMatch(/ok .*exchange\(1e-2\)/u);
    expect(check.stdout).toMatch(/exchange_1em3 .*not measured|not measured.*1e-3/u);
    expect(check.code).not.toBe(0);
  });

  it('keeps both models as text that reads back', async () => {
    const folder = await compiled('kept', floatNetwork(3, true));
    for (const file of ['float.trigc', 'typed.trigc']) {
      const text = readFileSync(`${folder}/${file}`, 'utf8');
      expect(printModel(parseModel(text))).toBe(text);
    }
  });

  it('shows in the right row what a layer without fraction bits costs', async () => {
    const worst = async (name: string, act1: string, act2: string): Promise<string> => {
      const folder = await compiled(name, model, types(act1, act2));
      await trigc('evaluate', folder, '--background', background, '--signal', `s=${signal}`);
      const { layers } = read(folder);
      if (layers === undefined) throw new Error('no layers');
      const rows = layers.quantisers;
      const byAlone = rows.toSorted((left, right) => right.alone.rms - left.alone.rms);
      const byWithout = rows.toSorted((left, right) => left.without.rms - right.without.rms);
      expect(at(byAlone, 0).name).toBe(at(byWithout, 0).name);
      expect(at(byAlone, 0).alone.rms).toBeGreaterThan(10 * at(byAlone, 1).alone.rms);
      expect(at(byAlone, 0).without.rms).toBeLessThan(0.1 * layers.total.rms);
      expect(rows.map((row) => row.name)).toEqual(
        expect.arrayContaining(['x', 'w1.weight', 'act_1.result', 'w2.weight', 'act_2.result', 'w3.weight']),
      );
      return at(byAlone, 0).name;
    };
    expect(await worst('second', fine, coarse)).toBe('act_2.result');
    expect(await worst('first', coarse, fine)).toBe('act_1.result');
  });

  it('evaluates classes with a softmax, its tables in the loss by layer', async () => {
    const folder = await compiled('classes', floatNetwork(3, true));
    const classes = [0, 0.3, 0.6].flatMap((shift, index) => {
      return ['--class', `k${index}=${scratch.write(`k${index}.csv`, events(500, shift))}`];
    });
    const run = await trigc('evaluate', folder, ...classes, '--layer-events', '100');
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    const { result, layers } = read(folder);
    if (result.kind !== 'classes') throw new Error('classes are expected');
    expect(result.classes.map(({ name }) => name)).toEqual(['k0', 'k1', 'k2']);
    expect(result.argmaxAgreement.value).toBeGreaterThan(0.9);
    expect(layers?.quantisers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['classes.table', 'classes.table@2', 'classes.result']),
    );
    const asScore = ['--background', background, '--signal', `s=${signal}`, '--layer-events', '0'];
    const formula = await trigc('evaluate', folder, ...asScore, '--score', 'y[2] / (y[0] + out[2])', '--point', '0.03');
    expect(formula.code).toBe(0);
    expect(formula.stdout).toContain('3e-2');
    const smaller = await trigc('evaluate', folder, ...asScore, '--score', 'y[0]', '--accept', 'smaller', '--json');
    expect(smaller.code).toBe(0);
    expect(JSON.parse(smaller.stdout)).toMatchObject({ accepted: 'smaller', score: 'y[0]' });
  });

  it('says so where the loss cannot be told apart, and where samples are the same file', async () => {
    const folder = await compiled('tampered', model, types(fine, fine));
    const file = `${folder}/float.trigc`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('= relu(', '= absolute('));
    const run = await trigc('evaluate', folder, '--background', background, '--signal', `s=${background}`);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(evaluationCodes.notAttributed.code);
    expect(run.stderr).toContain(evaluationCodes.sameFile.code);
    expect(read(folder).layers).toBeUndefined();
  });
});

describe('trigc evaluate refuses', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await compiled('refusing', floatNetwork(2));
  });
  const npy = (descriptor: string, shape: string, bytes: number): Buffer => {
    const header = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
    const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
    return Buffer.concat([start, Buffer.from(header), Buffer.alloc(bytes)]);
  };
  const evaluate = async (...words: readonly string[]): Promise<string> => {
    const run = await trigc('evaluate', ...words);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe('');
    return run.stderr;
  };
  const withBackground = (file: string): Promise<string> => evaluate(folder, '--score', 'y[0]', '--background', file);

  it('files of the wrong width, with NaN, without events, of the wrong element type', async () => {
    expect(await withBackground(scratch.write('wide.csv', '1,2,3\n'))).toContain(dataCodes.columnCount.code);
    expect(await withBackground(scratch.write('nan.csv', '1,2,3,4\n1,nan,3,4\n'))).toMatch(
      new RegExp(`${dataCodes.notFinite.code} .*line 2, column 2.*'x' element 1`, 'u'),
    );
    expect(await withBackground(scratch.write('empty.csv', ''))).toContain(dataCodes.emptyFile.code);
    expect(await withBackground(scratch.write('empty.npy', npy('<f4', '(0, 4)', 0)))).toContain(
      dataCodes.emptyFile.code,
    );
    expect(await withBackground(scratch.write('wide.npy', npy('<f4', '(2, 5)', 40)))).toMatch(
      /TRG2004.*5 values an event/u,
    );
    expect(await withBackground(scratch.write('text.npy', npy('<U4', '(2, 4)', 128)))).toContain(
      dataCodes.npyElementType.code,
    );
    expect(await withBackground(scratch.write('objects.npy', npy('|O', '(2, 4)', 64)))).toContain(
      dataCodes.npyObjects.code,
    );
    expect(await withBackground(scratch.path('nowhere.csv'))).toContain(dataCodes.unreadableFile.code);
  });

  it('a model in the place of events, and events in the place of a model', async () => {
    const model = scratch.path('refusing.onnx');
    expect(await withBackground(model)).toMatch(/TRG2002.*is a model/u);
    expect(await evaluate(model, '--background', background)).toMatch(/TRG1807.*this is a model/u);
    const asFolder = await evaluate(background, '--background', background);
    expect(asFolder).toContain(evaluationCodes.notFolder.code);
    expect(asFolder).toContain('this is a file of events');
    const compile = await trigc('compile', background, '-o', scratch.path('never'));
    expect(compile.code).toBe(2);
  });

  it('scores that the outputs do not define, or that are not finite', async () => {
    const score = (text: string): Promise<string> => evaluate(folder, '--background', background, '--score', text);
    const none = await evaluate(folder, '--background', background);
    expect(none).toContain(evaluationCodes.badScore.code);
    expect(none).toContain('which is the score?');
    expect(await score('z[0]')).toContain("there is no output 'z'");
    expect(await score('y[2]')).toContain("'y' has no element 2, only 0 to 1");
    expect(await score('y')).toContain("'y' has 2 elements");
    expect(await score('y[0] = 1')).toContain('means nothing');
    expect(await score('random()')).toContain('means nothing');
    expect(await score('1 / (y[0] - y[0])')).toContain(evaluationCodes.notFinite.code);
  });

  it('samples and points that make no sense', async () => {
    const usage = commandCodes.usage.code;
    expect(await evaluate(folder)).toContain('--background FILE is missing');
    expect(await evaluate(folder, '--background', background, '--signal', 'noname')).toContain(usage);
    const twice = ['--signal', `s=${signal}`, '--signal', `s=${background}`];
    expect(await evaluate(folder, '--background', background, ...twice)).toContain("two samples of the name 's'");
    expect(await evaluate(folder, '--class', `s=${signal}`)).toContain(evaluationCodes.classCount.code);
    expect(await evaluate(folder, '--class', `s=${signal}`, '--background', background)).toContain(usage);
    expect(await evaluate(folder, '--background', background, '--point', '1 MHz')).toContain(usage);
  });
});
