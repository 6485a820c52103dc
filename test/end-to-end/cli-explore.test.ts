import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/support/random.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { isBuilt, killedCommand } from '../support/killed-command.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const scratch = scratchFolder();
const random = new Random(3);
const gauss = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;
const INPUTS = 4;
const bytes = new OnnxBuilder(13)
  .input('x', ['N', INPUTS])
  .initializer(
    'w',
    [INPUTS, 3],
    Array.from({ length: INPUTS * 3 }, () => 1 + gauss()),
  )
  .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
  .node('Relu', ['m'], ['r'], {}, { name: 'act' })
  .initializer('v', [3, 1], [0.7, 0.4, 1.1])
  .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'score' })
  .output('y', ['N', 1])
  .bytes();
const rows = Array.from({ length: 1500 }, () => Array.from({ length: INPUTS }, () => gauss().toFixed(4)).join());
let [model, data] = ['', ''];
let words: readonly string[] = [];
beforeAll(() => {
  model = scratch.write('score.onnx', bytes);
  data = scratch.write('b.csv', `${rows.join('\n')}\n`);
  words = ['explore', model, '--data', data, '--loss', 'score_rms', '--search', 'fast'];
});
const note = /(\d+) points on 1,500 events(?:, (\d+) of them from an earlier run)?/u;

describe('trigc explore', () => {
  it('writes a front whose precisions compile to what it says', async () => {
    const folder = scratch.path('front');
    const run = await trigc(...words, '-o', folder, '--json');
    expect(run.stderr).toMatch(note);
    expect(run.code).toBe(0);
    const record = JSON.parse(run.stdout) as {
      readonly points: readonly unknown[];
      readonly front: readonly { readonly precision: string; readonly lut: number; readonly loss: number }[];
    };
    expect(record).toEqual(JSON.parse(readFileSync(scratch.path('front', 'explore.json'), 'utf8')));
    expect(record.points).toHaveLength(8);
    const { front } = record;
    expect(front.length).toBeGreaterThan(2);
    expect(front.map(({ lut }) => lut)).toEqual(front.map(({ lut }) => lut).toSorted((left, right) => left - right));
    expect(front.map(({ loss }) => loss)).toEqual(
      front.map(({ loss }) => loss).toSorted((left, right) => right - left),
    );
    const svg = readFileSync(scratch.path('front', 'front.svg'), 'utf8');
    expect(svg.match(/class="dot fixed"/gu)).toHaveLength(front.length);
    const [, second] = front;
    const precision = scratch.path('front', second?.precision ?? '');
    const compile = [
      'compile',
      model,
      '-o',
      scratch.path('made'),
      '--precision',
      precision,
      '--effort',
      'fast',
      '--json',
    ];
    const made = await trigc(...compile);
    const { figures } = JSON.parse(made.stdout) as { readonly figures: { readonly lut: { readonly value: number } } };
    expect(figures.lut.value).toBe(second?.lut);
  });

  it('refuses what is no loss, goals, and a folder that is not its own', async () => {
    const other = async (...more: readonly string[]): Promise<string> => {
      const { code, stderr } = await trigc(...words, '-o', scratch.path('none'), ...more);
      expect(code).toBe(2);
      return stderr;
    };
    for (const loss of ['rank_correlation', 'lut', '2 * score_rms', 'score_rm']) {
      expect(await other('--loss', loss)).toMatch(/TRG\d+/u);
    }
    expect(await other('--goal', 'auc_loss < 1')).toContain('an exploration has a --loss, and no goals');
    mkdirSync(scratch.path('none'));
    scratch.write('none/thesis.txt', 'mine');
    expect(await other()).toContain('TRG4002');
    expect(readdirSync(scratch.path('none'))).toEqual(['thesis.txt']);
  });
});

describe.skipIf(!isBuilt)('a search that is killed (skipped where the build is missing)', () => {
  const { start, kill, changesOf } = killedCommand(scratch);

  it('explore loses no finished point, and ends as if nothing had happened', () => {
    mkdirSync(scratch.path('tmp'), { recursive: true });
    const changes = changesOf([...words, '-o', 'whole']);
    const whole = readTree(scratch.path('whole'));
    const renames = changes.flatMap((change, index) => (change.startsWith('renameSync') ? [index] : []));
    for (const [round, finished] of [1, 6].entries()) {
      const folder = `torn-${round}`;
      // At the rename that would have put the next file into place.
      kill([...words, '-o', folder], renames[finished] ?? 0);
      const left = readdirSync(scratch.path(folder, 'points')).filter((name) => name.endsWith('.json'));
      expect(left).toHaveLength(finished);
      expect(existsSync(scratch.path(folder, 'explore.json'))).toBe(false);
      const again = start([...words, '-o', folder]);
      expect(note.exec(again.stderr)?.slice(1)).toEqual(['8', String(finished)]);
      expect(readTree(scratch.path(folder))).toEqual(whole);
    }
  });

  it('compile --goal goes on with the candidates that it had finished', () => {
    const search = ['compile', model, '--data', data, '--goal', 'score_rms < 0.01', '--search', 'fast', '-o', 'out'];
    const points = changesOf(search).flatMap((change, index) =>
      /^renameSync .*[/]cache[/]/u.test(change) ? [index] : [],
    );
    expect(points.length).toBeGreaterThan(4);
    const environment = { XDG_CACHE_HOME: scratch.path('second') };
    kill(search, points[3] ?? 0, environment);
    const again = start(search, environment);
    expect(again.stderr).toMatch(/of \d+ candidates \([1-4] of an earlier run\)/u);
    expect(again.code).toBe(0);
  });
});
