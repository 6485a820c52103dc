import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder, trigc } from '../support/command-line.js';
import { externalTensor, OnnxBuilder } from '../support/onnx-builder.js';
import { smallModel } from '../support/small-model.js';

/** Every kind of bad input through the command line: its code, its place and its hint. */

const scratch = scratchFolder();

const withWeights = (values: readonly number[], shape: readonly number[] = [4, 2]): OnnxBuilder =>
  new OnnxBuilder()
    .input('x', ['N', 4])
    .initializer('w', shape, values)
    .node('MatMul', ['x', 'w'], ['y'], {}, { name: 'dense' })
    .output('y');
const weights = [1, 2, 3, 4, 5, 6, 7, 8];
const bytes = smallModel().bytes();

interface BadModel {
  readonly content: string | Uint8Array;
  readonly code: string;
  /** What stands in the brackets after the file name. */
  readonly place?: string;
  readonly message: RegExp;
}

const badModels: Readonly<Record<string, BadModel>> = {
  'a web page': { content: '<html>404 Not Found</html>', code: 'TRG1001', message: /./u },
  'an empty file': { content: '', code: 'TRG1001', message: /./u },
  'a truncated file': { content: bytes.subarray(0, Math.floor(bytes.length / 2)), code: 'TRG1002', message: /./u },
  'a cycle': {
    content: new OnnxBuilder()
      .input('x', ['N', 4])
      .node('Add', ['x', 'b'], ['a'], {}, { name: 'first' })
      .node('Relu', ['a'], ['b'], {}, { name: 'second' })
      .output('b')
      .bytes(),
    code: 'TRG1012',
    place: "node 'first'",
    message: /first|second/u,
  },
  'a missing initialiser': {
    content: new OnnxBuilder()
      .input('x', ['N', 4])
      .node('MatMul', ['x', 'dense.weight'], ['y'], {}, { name: 'dense' })
      .output('y')
      .bytes(),
    code: 'TRG1011',
    place: "node 'dense'",
    message: /'dense\.weight'/u,
  },
  'a NaN weight': {
    content: withWeights([1, 2, 3, Number.NaN, 5, 6, 7, 8]).bytes(),
    code: 'TRG1036',
    place: "node 'dense'",
    message: /'w'.*NaN/u,
  },
  'an infinite weight': {
    content: withWeights([1, 2, 3, 4, 5, Number.NEGATIVE_INFINITY, 7, 8]).bytes(),
    code: 'TRG1036',
    place: "node 'dense'",
    message: /'w'.*-Infinity/u,
  },
  'contradictory shapes': {
    content: withWeights(weights, [2, 4]).bytes(),
    code: 'TRG1048',
    place: "node 'dense'",
    message: /\[1, 4\].*\[2, 4\]/u,
  },
  'a tensor without elements': {
    content: new OnnxBuilder().input('x', ['N', 0]).node('Relu', ['x'], ['y']).output('y').bytes(),
    code: 'TRG1018',
    message: /dimension 1 of input 'x' is 0/u,
  },
  'external data outside the folder': {
    content: new OnnxBuilder()
      .input('x', ['N', 4])
      .tensor(externalTensor('w', [4], { location: '../../../etc/passwd', offset: '0', length: '16' }))
      .node('Add', ['x', 'w'], ['y'], {}, { name: 'add' })
      .output('y')
      .bytes(),
    code: 'TRG1034',
    message: /etc\/passwd/u,
  },
};

describe('a model that is', () => {
  it.each(Object.entries(badModels))('%s', async (_, { content, code, place, message }) => {
    const model = scratch.write('models/bad.onnx', content);
    for (const words of [
      ['inspect', model],
      ['compile', model, '-o', scratch.path('never')],
    ]) {
      const run = await trigc(...words);
      expect(run.code).toBe(2);
      const lines = run.stderr.split('\n');
      const index = lines.findIndex((line) =>
        line.startsWith(`error ${code} [${model}${place === undefined ? '' : `, ${place}`}`),
      );
      expect(index, run.stderr).toBeGreaterThanOrEqual(0);
      expect(lines[index]).toMatch(message);
      expect(lines[index + 1]).toMatch(/^ {2}hint: \S/u);
      if (words[0] === 'compile') expect(run.stdout).toBe('');
    }
    expect(existsSync(scratch.path('never'))).toBe(false);
  });

  it('not there', async () => {
    const run = await trigc('compile', scratch.path('none.onnx'), '-o', scratch.path('never'));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^error TRG1006 \[\S+none\.onnx\]: .*ENOENT\n {2}hint: /u);
  });

  it('a folder', async () => {
    const run = await trigc('inspect', scratch.path());
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('error TRG1006');
  });
});

describe('a configuration with', () => {
  const model = (): string => scratch.write('net.onnx', smallModel().bytes());

  it.each([
    ['an unknown key', 'target:\n  lattency: 3\n', 'TRG3001', ', line 2, column 3, target.lattency', /'lattency'/u],
    [
      'a feature that is not built yet',
      'interface: { control: ap_ctrl_hs }\n',
      'TRG3002',
      ', line 1, column 23, interface.control',
      /./u,
    ],
    ['broken YAML', 'inputs: {\n', 'TRG3003', ', line', /./u],
    ['an impossible latency', 'target: { latency: -3 }\n', 'TRG3018', ', line 1, column 20, target.latency', /-3/u],
    [
      'a port that the model does not have',
      'inputs: { event: { type: "ap_fixed<8,4>" } }\n',
      'TRG3026',
      ', line 1',
      /'event'/u,
    ],
    [
      'a wrong number of types',
      'inputs:\n  x: { types: ["ap_fixed<8,4>"] }\n',
      'TRG3014',
      ', line 2',
      /1 types for the 4 elements/u,
    ],
    ['an element beyond the port', 'inputs: { x: { constants: { 7: 1 } } }\n', 'TRG3013', ', line 1', /no element 7/u],
    ['a promise outside the type', 'inputs: { x: { range: [100, 200] } }\n', 'TRG1304', ', inputs.x', /ap_fixed<6,4>/u],
  ])('%s', async (_, text, code, place, message) => {
    const config = scratch.write('trigc.yaml', text);
    const run = await trigc('compile', model(), '-o', scratch.path('never'), '--config', config);
    expect([run.code, run.stdout]).toEqual([2, '']);
    const line = run.stderr.split('\n').find((each) => each.startsWith(`error ${code} [`));
    expect(line).toBeDefined();
    expect(line).toContain(place.startsWith(', inputs') ? place.slice(2) : `[${config}${place}`);
    expect(line).toMatch(message);
    expect(run.stderr).toContain('hint: ');
    expect(existsSync(scratch.path('never'))).toBe(false);
  });

  it('several problems reports all of them at once', async () => {
    const config = scratch.write('trigc.yaml', 'colour: red\ntarget: { latency: many, clock: 5 }\nseed: -1\n');
    const run = await trigc('compile', model(), '-o', scratch.path('never'), '--config', config);
    for (const code of ['TRG3001', 'TRG3018', 'TRG3016', 'TRG3023']) expect(run.stderr).toContain(`error ${code}`);
  });

  it('no file', async () => {
    const run = await trigc('compile', model(), '-o', scratch.path('never'), '--config', scratch.path('none.yaml'));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^error TRG4007 \[\S+none\.yaml\]: ENOENT\n {2}hint: check the path/u);
  });

  it.each([
    ['--latency', '1', 'TRG1401', 'target.latency', /a latency of 1 ranks is below the 2 that registered ports take/u],
    ['--latency', '-4', 'TRG3018', '--latency', /'-4' is not a whole number/u],
    ['--latency', '2.5', 'TRG3018', '--latency', /2\.5/u],
    ['--latency', '5000', 'TRG1402', 'target.latency', /5000/u],
    ['--latency', '50000', 'TRG3018', '--latency', /50000/u],
    ['--clock', '2GHz', 'TRG1404', 'target.clock', /./u],
    ['--clock', '25', 'TRG3016', '--clock', /no unit/u],
    ['--target', 'ugt', 'TRG3020', '--target', /'ugt'/u],
    ['--part', 'xc7vx', 'TRG3021', '--part', /'xc7vx'/u],
    ['--name', 'module', 'TRG3024', '--name', /'module'/u],
    ['--name', 'a; $(rm -rf .)', 'TRG3024', '--name', /rm -rf/u],
    ['--effort', 'most', 'TRG3027', '--effort', /'most' is neither fast, default, high nor a time/u],
    ['--effort', '30', 'TRG3027', '--effort', /has no unit: is it 30s\?/u],
    ['--seed', 'x', 'TRG3023', '--seed', /'x'/u],
  ])('%s %s on the command line', async (option, value, code, place, message) => {
    const run = await trigc('compile', model(), '-o', scratch.path('never'), `${option}=${value}`);
    expect([run.code, run.stdout]).toEqual([2, '']);
    const line = run.stderr.split('\n').find((each) => each.startsWith(`error ${code} [`));
    expect(line, run.stderr).toContain(`[${place}]`);
    expect(line).toMatch(message);
    expect(run.stderr).toContain('hint: ');
  });
});

describe('a compiled folder with', () => {
  let folder = '';
  beforeAll(async () => {
    folder = scratch.path('compiled');
    await trigc('compile', scratch.write('net.onnx', smallModel().bytes()), '-o', folder);
  });

  it.each([
    ['a manifest that is no JSON', 'trigc.json', '{', 'TRG4004', /trigc\.json: it is not JSON/u],
    ['a manifest of another program', 'trigc.json', '{"schema": "other"}', 'TRG4004', /not a Trigc manifest/u],
    [
      'a manifest of a later version',
      'trigc.json',
      '{"schema": "trigc-manifest", "version": 99}',
      'TRG4004',
      /version 99/u,
    ],
    ['a damaged model', 'model.trigc', 'model 1 "net"\n%0 = bogus', 'TRG4005', /line 2/u],
    [
      'the model of another folder',
      'model.trigc',
      'model 1 "net"\n',
      'TRG4005',
      /1 inputs in the manifest, 0 in the graph/u,
    ],
  ])('%s', async (_, name, text, code, message) => {
    await trigc('compile', scratch.path('net.onnx'), '-o', folder);
    writeFileSync(join(folder, name), text);
    const run = await trigc('verify', folder);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(new RegExp(`error ${code} \\[\\S+compiled`, 'u'));
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain('hint: ');
  });

  it('a promise inside the model that the events break', async () => {
    await trigc('compile', scratch.path('net.onnx'), '-o', folder);
    const text = readFileSync(join(folder, 'model.trigc'), 'utf8');
    // A promise about the product, which only a hand-written text can hold: %2 becomes %2 within [0, 1] / 16.
    const lines = text.split('\n');
    const product = lines.findIndex((line) => line.startsWith('%2 = matmul'));
    const shape = /: (\[[^\]]*\]) @/u.exec(lines[product] ?? '')?.[1] ?? '';
    const shifted = lines
      .slice(product + 1)
      .map((line) => line.replace(/%(\d+)/gu, (_, id: string) => `%${Number(id) + (Number(id) >= 2 ? 1 : 0)}`));
    const promise = `%3 = assume(%2) {lsb: -4, ranges: [[0, 1]]} : ${shape} @ "promise" "Assume"`;
    writeFileSync(join(folder, 'model.trigc'), [...lines.slice(0, product + 1), promise, ...shifted].join('\n'));
    const input = scratch.write('zero.csv', '0,0,0,0\n7,7,7,7\n');
    const words = ['--input', input];
    for (const command of [
      ['verify', folder, ...words],
      ['emulate', folder, ...words, '--output', scratch.path('out.csv')],
    ]) {
      const run = await trigc(...command);
      expect([run.code, run.stdout]).toEqual([2, '']);
      expect(run.stderr).toContain(`error TRG4013 [${input}]: `);
      expect(run.stderr).toMatch(/\d+ values break a promise about the inputs, first in event 1, element \d/u);
      expect(run.stderr).toContain('hint: ');
    }
    expect(existsSync(scratch.path('out.csv'))).toBe(false);
  });
});
