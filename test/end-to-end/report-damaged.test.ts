import { readFileSync, writeFileSync } from 'node:fs';
import { expect, describe, it } from 'vitest';
import { budgetCodes } from '../../src/diagnostics/codes/budget.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

/** Files of figures are JSON that people can edit: `report` says what is wrong with them, and never ends in a bug. */

const scratch = scratchFolder();
const random = new Random(31);
const CHANGES = 60;

function events(name: string, shift: number): string {
  const rows = Array.from({ length: 400 }, () => [0, 1].map(() => (2 * random.uniform() - 1 + shift).toFixed(3)));
  return scratch.write(name, `${rows.map((row) => row.join()).join('\n')}\n`);
}

function network(outputs: number): string {
  const values = (count: number): number[] => Array.from({ length: count }, () => 2 * random.uniform() - 0.8);
  const bytes = new OnnxBuilder(13)
    .input('x', ['N', 2])
    .initializer('w', [2, 3], values(6))
    .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
    .node('Relu', ['m'], ['r'], {}, { name: 'act' })
    .initializer('v', [3, outputs], values(3 * outputs))
    .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'score' })
    .output('y', ['N', outputs])
    .bytes();
  return scratch.write(`m${outputs}.onnx`, bytes);
}

/** A place in a tree: what holds it, and its key there. */
interface Place {
  readonly path: string;
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** All entries below a value; of a list the first and the last. */
function places(value: unknown, path: string): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  const keys = Object.keys(holder).filter((_, index, all) => {
    return !Array.isArray(value) || index === 0 || index === all.length - 1;
  });
  return keys.flatMap((key) => {
    const inner = `${path}.${key}`;
    return [{ path: inner, holder, key }, ...places(holder[key], inner)];
  });
}

const wrong: readonly unknown[] = [null, 'text', -1.5, {}, [], undefined];

describe('trigc report on edited figures', () => {
  it.each([
    ['calibration', 1],
    ['evaluate', 1],
    ['evaluate', 2],
  ] as const)('says which entry of figures/%s.json is wrong (%i outputs)', async (name, outputs) => {
    const folder = scratch.path(`${name}${outputs}`);
    const [background, signal] = [events('b.csv', 0), events('s.csv', 0.5)];
    const compile = await trigc('compile', network(outputs), '-o', folder, '--data', background, '--effort', 'fast');
    expect(compile, compile.stderr).toMatchObject({ code: 0 });
    const samples = outputs === 1 ? ['--background', background, '--signal', `s=${signal}`] : [];
    const classes = outputs === 2 ? ['--class', `b=${background}`, '--class', `s=${signal}`] : [];
    expect((await trigc('evaluate', folder, ...samples, ...classes)).code).toBe(0);
    expect((await trigc('report', folder)).code).toBe(0);

    const file = `${folder}/figures/${name}.json`;
    const original = readFileSync(file, 'utf8');
    let refused = 0;
    for (let change = 0; change < CHANGES; change++) {
      const tree = JSON.parse(original) as { readonly details: unknown };
      const all = places(tree.details, 'details');
      const place = at(all, random.integer(0, all.length - 1));
      const value = wrong[random.integer(0, wrong.length - 1)];
      if (value === undefined) Reflect.deleteProperty(place.holder, place.key);
      else place.holder[place.key] = value;
      writeFileSync(file, JSON.stringify(tree));
      const run = await trigc('report', folder);
      const what = `${place.path} = ${JSON.stringify(value)}: ${run.stderr}`;
      if (run.code === 0) continue;
      refused++;
      expect(run.code, what).toBe(2);
      expect(run.stderr, what).toMatch(
        new RegExp(`${budgetCodes.damagedFigures.code} \\[figures/${name}\\.json\\]: (?:its )?details`, 'u'),
      );
    }
    expect(refused).toBeGreaterThan(CHANGES / 2);
  });

  it('names the entry', async () => {
    const folder = scratch.path('named');
    const data = ['--data', events('b.csv', 0), '--effort', 'fast'];
    expect((await trigc('compile', network(1), '-o', folder, ...data)).code).toBe(0);
    const file = `${folder}/figures/calibration.json`;
    const tree = JSON.parse(readFileSync(file, 'utf8')) as { details: { tensors: { range: { low: unknown } }[] } };
    at(tree.details.tensors, 1).range.low = '-3';
    writeFileSync(file, JSON.stringify(tree));
    const run = await trigc('report', folder);
    expect(run.stderr).toContain("details: its entry 'tensors[1].range.low' is not a number");
    expect(run.code).toBe(2);
  });
});
