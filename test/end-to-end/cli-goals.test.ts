import { describe, expect, it } from 'vitest';
import { budgetCodes } from '../../src/diagnostics/codes/budget.js';
import { precisionCodes } from '../../src/diagnostics/codes/precision.js';
import { Random } from '../../src/support/random.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';
import { QonnxBuilder } from '../support/small-model.js';

const scratch = scratchFolder();
const random = new Random(8);
const gauss = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;
const [INPUTS, HIDDEN] = [6, 8];

/** Two dense layers whose result separates events that are shifted from those that are not. */
function model(): string {
  const weights = Array.from({ length: INPUTS * HIDDEN }, gauss);
  const sum = Array.from({ length: HIDDEN }, () => 0.2 + random.uniform());
  const bytes = new OnnxBuilder(13)
    .input('x', ['N', INPUTS])
    .initializer('w', [INPUTS, HIDDEN], weights)
    .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
    .initializer('b', [HIDDEN], Array.from({ length: HIDDEN }, gauss))
    .node('Add', ['m', 'b'], ['a'], {}, { name: 'bias' })
    .node('Relu', ['a'], ['r'], {}, { name: 'act' })
    .initializer('v', [HIDDEN, 1], sum)
    .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'score' })
    .output('y', ['N', 1])
    .bytes();
  return scratch.write('score.onnx', bytes);
}

function events(name: string, count: number, width: number): string {
  const rows = Array.from({ length: count }, () => Array.from({ length: INPUTS }, () => (width * gauss()).toFixed(4)));
  return scratch.write(name, `${rows.map((row) => row.join()).join('\n')}\n`);
}

describe('trigc compile --goal', () => {
  it('finds a precision that meets the goal, and a looser goal costs less', async () => {
    const [path, background, signal] = [model(), events('b.csv', 3000, 1), events('s.csv', 1000, 3)];
    const data = ['--data', background, '--signal', `wide=${signal}`, '--search', 'fast', '--no-cache'];
    const luts: number[] = [];
    for (const [index, goal] of ['auc_loss < 0.0005', 'auc_loss < 0.02'].entries()) {
      const run = await trigc('compile', path, '-o', scratch.path(`goal-${index}`), ...data, '--goal', goal, '--json');
      expect(run.code).toBe(0);
      expect(run.stderr).toContain('precision found');
      const json = JSON.parse(run.stdout) as { readonly figures: { readonly lut: { readonly value: number } } };
      luts.push(json.figures.lut.value);
    }
    expect(luts[1]).toBeLessThan(luts[0] ?? 0);
    expect([...readTree(scratch.path('goal-0')).keys()]).toContain('precision.json');
    const verified = await trigc('verify', scratch.path('goal-1'), '--engine', 'yosys', '--vectors', '200');
    expect(verified.code).toBe(0);
  });

  it('with --retrain meets the goal with no more LUTs, the same twice, and refuses what it cannot train (TRG1736)', async () => {
    const [path, background] = [model(), events('b.csv', 4000, 1)];
    const data = ['--data', background, '--search', 'fast', '--no-cache', '--goal', 'exchange(1e-1) < 10%'];
    const luts: number[] = [];
    for (const [name, ...more] of [['plain'], ['trained', '--retrain'], ['again', '--retrain']] as const) {
      const run = await trigc('compile', path, '-o', scratch.path(name), ...data, ...more, '--json');
      expect(run.stderr).toContain('precision found');
      const json = JSON.parse(run.stdout) as { readonly figures: { readonly lut: { readonly value: number } } };
      luts.push(json.figures.lut.value);
    }
    // This network has no neuron to spare: what is found without training stands.
    expect(luts[1]).toBeLessThanOrEqual(luts[0] ?? 0);
    const plan = (name: string): string | undefined => readTree(scratch.path(name)).get('precision.json');
    expect(plan('again')).toBe(plan('trained'));
    const verified = await trigc('verify', scratch.path('trained'), '--engine', 'yosys', '--vectors', '200');
    expect(verified.code).toBe(0);

    const cut = new OnnxBuilder(13)
      .input('x', ['N', INPUTS])
      .initializer('w', [INPUTS, 1], Array.from({ length: INPUTS }, gauss))
      .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
      .node('Sign', ['m'], ['y'], {}, { name: 'side' })
      .output('y', ['N', 1])
      .bytes();
    const refused = await trigc(
      'compile',
      scratch.write('cut.onnx', cut),
      '-o',
      scratch.path('cut'),
      ...data.slice(0, -1),
      'score_rms < 0.5',
      '--retrain',
    );
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`${precisionCodes.notRetrainable.code} [node 'side']`);
  });

  it('keeps the function where all goals are one-sided, and says so (TRG1735)', async () => {
    const [path, background, signal] = [model(), events('b.csv', 3000, 1), events('s.csv', 1000, 3)];
    const data = ['--data', background, '--signal', `wide=${signal}`, '--search', '1s', '--no-cache'];
    const run = await trigc(
      'compile',
      path,
      '-o',
      scratch.path('kept'),
      ...data,
      '--goal',
      'efficiency_loss(1e-2) < 50%',
    );
    expect(run.stderr).toContain(`${precisionCodes.guardedGoals.code}: the search keeps exchange(1e-2) < 33% as well`);
    expect(run.stderr).toMatch(/precision found: .*exchange_1em2 0\.[0-3]/u);
    expect(run.code).toBe(0);
  });

  it('says where the float model computes infinity (TRG1722)', async () => {
    const bytes = new OnnxBuilder(13)
      .input('x', ['N', INPUTS])
      .node('Exp', ['x'], ['e'], {}, { name: 'exponential' })
      .initializer('w', [INPUTS, 1], Array.from({ length: INPUTS }, gauss))
      .node('MatMul', ['e', 'w'], ['y'], {}, { name: 'score' })
      .output('y', ['N', 1])
      .bytes();
    const rows = Array.from({ length: 100 }, (_, row) => Array.from({ length: INPUTS }, () => (row === 41 ? 1000 : 0)));
    const background = scratch.write('far.csv', `${rows.map((row) => row.join()).join('\n')}\n`);
    const words = ['--data', background, '--goal', 'score_rms < 0.1', '--search', 'fast'];
    const run = await trigc('compile', scratch.write('exp.onnx', bytes), '-o', scratch.path('far'), ...words);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/TRG1722 \[.*far\.csv\]: event 42, element 0 of 'exponential' is Infinity/u);
  });

  it('takes goals of trigc.yaml where the command line has none', async () => {
    const [path, background] = [model(), events('b.csv', 2000, 1)];
    const config = scratch.write('goals.yaml', 'goals: [score_rms < 0.2, lut < 100000]\n');
    const words = ['--config', config, '--data', background, '--search', 'fast'];
    const found = await trigc('compile', path, '-o', scratch.path('declared'), ...words);
    expect(found.stderr).toMatch(/precision found: [\d,]+ LUT, score_rms 0\.[01]/u);
    const other = ['--goal', 'score_rms < 1e-9', '--search', '0.1s'];
    const refused = await trigc('compile', path, '-o', scratch.path('other'), ...words, ...other);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('not met: score_rms < 1e-9');
    // What was found is taken without a search, and nothing stands in for events.
    const precision = ['--precision', scratch.path('declared', 'precision.json')];
    const taken = await trigc('compile', path, '-o', scratch.path('taken'), '--config', config, ...precision);
    expect(taken.code).toBe(0);
    const alone = await trigc('compile', path, '-o', scratch.path('alone'), '--config', config);
    expect(alone.code).toBe(2);
    expect(alone.stderr).toMatch(/TRG1731 \[.*goals\.yaml, line 1, column 9\]/u);
    const typo = scratch.write('typo.yaml', 'goals: [score_rms < ]\n');
    const unknown = await trigc('compile', path, '-o', scratch.path('alone'), '--config', typo, '--data', background);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('typo.yaml, line 1, column 9');
  });

  it.each([
    ['auc_lss < 0.01', budgetCodes.unknownFigure, /no figure 'auc_lss'\n.*did you mean 'auc_loss'/u],
    ['exchange < 1%', budgetCodes.syntax, /'exchange' is taken at a share of the background/u],
    ['bram < 3', precisionCodes.badSearch, /a search does not measure 'bram'/u],
    ['layer("dense").lut < 3', precisionCodes.badSearch, /more than a figure of the candidate as a whole/u],
    // Known, and measured of taggers only: the events decide.
    ['accuracy_loss < 1%', precisionCodes.goalNotMeasured, /these events do not give accuracy_loss/u],
  ])('says where the goal %s stands', async (goal, kind, message) => {
    const config = scratch.write('wrong.yaml', `goals:\n  - score_rms < 1\n  - '${goal}'\n`);
    const words = ['--config', config, '--data', events('b.csv', 300, 1), '--search', 'fast', '--no-cache'];
    const run = await trigc('compile', model(), '-o', scratch.path('wrong'), ...words);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(new RegExp(`${kind.code} \\[.*wrong\\.yaml, line 3, column 5\\]`, 'u'));
    expect(run.stderr).toMatch(message);
  });

  it('judges the score of the model itself where the configuration adds decisions', async () => {
    const [path, background] = [model(), events('b.csv', 2000, 1)];
    const config = scratch.write('decisions.yaml', 'decisions: [{ name: fires, above: 1 }]\n');
    const words = ['--config', config, '--data', background, '--goal', 'score_rms < 0.1', '--search', 'fast'];
    const run = await trigc('compile', path, '-o', scratch.path('decided'), ...words);
    expect(run.stderr).toMatch(/precision found: [\d,]+ LUT, score_rms 0\.0/u);
    expect(run.code).toBe(0);
  });

  it('takes real values for a port that takes the integers of a quantiser', async () => {
    const bytes = new QonnxBuilder()
      .input('x', ['N', INPUTS])
      .quant('x', 'q', { lsb: Math.log2(0.03), bits: 9 })
      .initializer('w', [INPUTS, 1], Array.from({ length: INPUTS }, gauss))
      .node('MatMul', ['q', 'w'], ['y'], {}, { name: 'score' })
      .output('y', ['N', 1])
      .bytes();
    const background = events('b.csv', 2000, 1);
    const words = ['--data', background, '--goal', 'score_rms < 0.1', '--search', 'fast'];
    const run = await trigc('compile', scratch.write('scaled.onnx', bytes), '-o', scratch.path('scaled'), ...words);
    expect(run.stderr).toMatch(/precision found: [\d,]+ LUT, score_rms 0\.0/u);
    expect(run.code).toBe(0);
  });

  it('fits a convolution without bias whose result is the output', async () => {
    const bytes = new OnnxBuilder(13)
      .input('x', ['N', 1, INPUTS])
      .initializer('k', [2, 1, 3], Array.from({ length: 6 }, gauss))
      .node('Conv', ['x', 'k'], ['y'], {}, { name: 'convolution' })
      .output('y', ['N', 2, INPUTS - 2])
      .bytes();
    const words = ['--data', events('b.csv', 2000, 1), '--goal', 'score_rms < 0.1', '--search', 'fast'];
    const run = await trigc('compile', scratch.write('conv.onnx', bytes), '-o', scratch.path('conv'), ...words);
    expect(run.stderr).toMatch(/precision found: [\d,]+ LUT, score_rms 0\.0/u);
    expect(run.code).toBe(0);
  });

  it('goalNotMet: says what was reached, exits with 1 and writes nothing', async () => {
    const [path, background] = [model(), events('b.csv', 2000, 1)];
    const goals = ['--goal', 'score_rms < 0.001', '--goal', 'lut < 20'];
    const run = await trigc(
      'compile',
      path,
      '-o',
      scratch.path('no'),
      '--data',
      background,
      ...goals,
      '--search',
      'fast',
    );
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(precisionCodes.goalNotMet.code);
    expect(run.stderr).toMatch(/not met: .*lut < 20/u);
    expect(() => readTree(scratch.path('no'))).toThrow();
  });

  it('goalNotMeasured, noEvents, badSearch: refuses a search that cannot be judged', async () => {
    const [path, background] = [model(), events('b.csv', 100, 1)];
    const compile = (...words: readonly string[]) => trigc('compile', path, '-o', scratch.path('no'), ...words);
    const cases: readonly (readonly [string, readonly string[]])[] = [
      [precisionCodes.noEvents.code, ['--goal', 'auc_loss < 0.1']],
      [precisionCodes.goalNotMeasured.code, ['--data', background, '--goal', 'auc_loss < 0.1']],
      [precisionCodes.goalNotMeasured.code, ['--data', background, '--goal', 'exchange(1e-4) < 1%']],
      [precisionCodes.badSearch.code, ['--data', background, '--signal', background, '--goal', 'auc_loss < 0.1']],
      [precisionCodes.badSearch.code, ['--signal', `a=${background}`]],
      [precisionCodes.badSearch.code, ['--precision', 'types.json', '--goal', 'score_rms < 0.1']],
      [precisionCodes.badSearch.code, ['--class', `a=${background}`, '--data', background, '--goal', 'auc_loss < 0.1']],
      [precisionCodes.badSearch.code, ['--data', background, '--score-element', '3', '--goal', 'score_rms < 0.1']],
      [precisionCodes.badSearch.code, ['--data', background, '--search', 'long', '--goal', 'score_rms < 0.1']],
    ];
    for (const [code, words] of cases) {
      const run = await compile(...words);
      expect([run.code, run.stderr.includes(code), words]).toEqual([2, true, words]);
    }
  });
});
