import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { precisionCodes } from '../../src/diagnostics/codes/precision.js';
import type { Report } from '../../src/report/report.js';
import { Random } from '../../src/support/random.js';
import { correlatedActivations } from '../support/correlated-activations.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const scratch = scratchFolder();
const INPUTS = 6;
const random = new Random(1);
const draw = (count: number): number[] => Array.from({ length: count }, () => random.uniform() - 0.5);
const bytes = new OnnxBuilder(13)
  .input('x', ['N', INPUTS])
  .initializer('w', [INPUTS, 8], draw(INPUTS * 8))
  .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
  .initializer('b', [8], draw(8))
  .node('Add', ['m', 'b'], ['s'], {}, { name: 'bias' })
  .node('Relu', ['s'], ['r'], {}, { name: 'act' })
  .initializer('v', [8, 1], draw(8))
  .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'last' })
  .output('y', ['N', 1])
  .bytes();
const events = correlatedActivations(random, 200, INPUTS);
const rows = Array.from({ length: 200 }, (_, event) => events.subarray(event * INPUTS, (event + 1) * INPUTS).join());

describe('trigc compile --prune', () => {
  const inputFiles = (): { readonly model: string; readonly data: string } => ({
    model: scratch.write('float.onnx', bytes),
    data: scratch.write('events.csv', `${rows.join('\n')}\n`),
  });

  it('saves the LUTs that were asked for, shows them by layer, and verifies', async () => {
    const { model, data } = inputFiles();
    const [plain, pruned, again] = [scratch.path('plain'), scratch.path('pruned'), scratch.path('again')];
    expect((await trigc('compile', model, '-o', plain)).code).toBe(0);
    const run = await trigc('compile', model, '-o', pruned, '--data', data, '--prune', '40%');
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(precisionCodes.pruned.code);
    const reportOf = (folder: string): Report => JSON.parse(readFileSync(`${folder}/report.json`, 'utf8')) as Report;
    const { pruning = [], figures } = reportOf(pruned);
    expect(pruning.map(({ name }) => name)).toEqual(['dense', 'last']);
    const [before, after] = [
      pruning.reduce((sum, { lutsBefore }) => sum + lutsBefore, 0),
      pruning.reduce((sum, { lutsAfter }) => sum + lutsAfter, 0),
    ];
    expect(after).toBeLessThanOrEqual(0.6 * before);
    expect(readFileSync(`${pruned}/report.md`, 'utf8')).toContain('## Pruning');
    expect(figures['lut']?.value).toBeLessThan(0.8 * (reportOf(plain).figures['lut']?.value ?? 0));
    expect((await trigc('compile', model, '-o', again, '--data', data, '--prune', '0.4')).code).toBe(0);
    expect(readTree(again)).toEqual(readTree(pruned));
    const verified = await trigc('verify', pruned, '--engine', 'yosys', '--vectors', '100');
    expect(verified.code).toBe(0);
  });

  it('keeps the weights in precision.json, from which the same design is made without the events', async () => {
    const { model, data } = inputFiles();
    const [pruned, taken] = [scratch.path('pruned'), scratch.path('taken')];
    expect((await trigc('compile', model, '-o', pruned, '--data', data, '--prune', '40%')).code).toBe(0);
    const precision = `${pruned}/precision.json`;
    const run = await trigc('compile', model, '-o', taken, '--precision', precision);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const [first, second] = [readTree(pruned), readTree(taken)];
    const same = [...first.keys()].filter((path) => /^(?:rtl|tb)\/|^precision\.json$|\.trigc$/u.test(path));
    expect(same.length).toBeGreaterThan(5);
    for (const path of same) expect([path, second.get(path)]).toEqual([path, first.get(path)]);

    const twice = await trigc(
      'compile',
      model,
      '-o',
      scratch.path('twice'),
      ...['--precision', precision, '--data', data, '--prune', '10%'],
    );
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain(precisionCodes.badPruning.code);

    interface Tree {
      pruned: Record<string, { codes: number[]; lsb: number }>;
    }
    const weights = ({ pruned: { w } }: Tree): Tree['pruned'][string] => w ?? { codes: [], lsb: 0 };
    const edited = (name: string, change: (tree: Tree) => void): string => {
      const tree = JSON.parse(readFileSync(precision, 'utf8')) as Tree;
      change(tree);
      return scratch.write(`${name}.json`, JSON.stringify(tree));
    };
    for (const [path, message] of [
      [edited('short', (tree) => weights(tree).codes.pop()), /it has 47 codes, the constant of the model 48/u],
      [edited('grid', (tree) => weights(tree).lsb--), /its codes are of 2\^-\d+, those of the model of 2\^-\d+/u],
      [
        edited('name', (tree) => (tree.pruned = { other: weights(tree) })),
        /pruned\.other\]: .* no constant of that name/u,
      ],
      [edited('text', (tree) => (tree.pruned = { w: { codes: [0.5], lsb: 0 } })), /code 0 is no whole number/u],
    ] as const) {
      const refused = await trigc('compile', model, '-o', scratch.path('refused'), '--precision', path);
      expect(refused.code, refused.stderr).toBe(2);
      expect(refused.stderr).toContain(precisionCodes.badFile.code);
      expect(refused.stderr).toMatch(message);
    }
  });

  it('badPruning: refuses a share that is none, and pruning without events', async () => {
    const { model, data } = inputFiles();
    for (const share of ['150%', '0', 'much']) {
      const run = await trigc('compile', model, '-o', scratch.path('none'), '--data', data, '--prune', share);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain(precisionCodes.badPruning.code);
    }
    const run = await trigc('compile', model, '-o', scratch.path('none'), '--prune', '30%');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('no --data');
    expect(() => readTree(scratch.path('none'))).toThrow();
  });
});
