import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importOnnx } from '../../../../src/importers/onnx/import.js';
import { loadModelFile } from '../../../../src/importers/onnx/load.js';
import { externalTensor, OnnxBuilder, rawBytes } from '../../../support/onnx-builder.js';
import { evaluate } from './support.js';

let folder = '';
let model = '';

beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'trigc-load-'));
  const inside = join(folder, 'model');
  mkdirSync(join(inside, 'data'), { recursive: true });
  model = join(inside, 'model.onnx');
  writeFileSync(join(folder, 'secret.bin'), rawBytes([7, 7], 'float32'));
  writeFileSync(join(inside, 'weights.bin'), rawBytes([9, 1, 2, 9], 'float32'));
  writeFileSync(join(inside, 'data', 'more.bin'), rawBytes([3, 4], 'float32'));
  symlinkSync(join(folder, 'secret.bin'), join(inside, 'link.bin'));
  symlinkSync(folder, join(inside, 'up'));
  symlinkSync(join(inside, 'weights.bin'), join(inside, 'own-link.bin'));
  execFileSync('mkfifo', [join(inside, 'pipe')]);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface External {
  readonly location: string;
  readonly offset?: string;
  readonly length?: string;
}

/** Codes of importing a model whose weight is stored externally; the weight's effect when it imports. */
function read({ location, offset, length }: External): readonly (string | number)[] {
  const entries = {
    location,
    ...(offset === undefined ? {} : { offset }),
    ...(length === undefined ? {} : { length }),
  };
  const builder = new OnnxBuilder()
    .input('x', [2])
    .tensor(externalTensor('w', [2], entries))
    .node('Mul', ['x', 'w'], ['y'])
    .output('y');
  writeFileSync(model, builder.bytes());
  const loaded = loadModelFile(model);
  if (!loaded.ok) return loaded.diagnostics.map(({ code }) => code);
  const { bytes, readExternal } = loaded.value;
  const result = importOnnx(bytes, { modelName: 'm', modelPath: model, readExternal });
  if (!result.ok) return result.diagnostics.map(({ code }) => code);
  return evaluate(result.value.graph, [[1, 1]])[0]?.values ?? [];
}

describe('external data', () => {
  it('is read from its range, also in a folder below or through a link that stays inside', () => {
    expect(read({ location: 'weights.bin', offset: '4', length: '8' })).toEqual([1, 2]);
    expect(read({ location: 'data/more.bin' })).toEqual([3, 4]);
    expect(read({ location: 'own-link.bin', offset: '4', length: '8' })).toEqual([1, 2]);
  });

  it.each([
    '../secret.bin',
    'data/../../secret.bin',
    '/etc/hostname',
    'link.bin',
    'up/secret.bin',
    'data',
    'pipe',
    '.',
  ])('is never read from %s', (location) => {
    expect(read({ location })).toEqual(['TRG1034']);
  });

  it('must exist and hold the range', () => {
    expect(read({ location: 'absent.bin' })).toEqual(['TRG1033']);
    expect(read({ location: '' })).toEqual(['TRG1033']);
    expect(read({ location: 'weights.bin', offset: '12', length: '8' })).toEqual(['TRG1035']);
    expect(read({ location: 'weights.bin', offset: '-4', length: '8' })).toEqual(['TRG1035']);
    expect(read({ location: 'weights.bin', offset: '0x4', length: '8' })).toEqual(['TRG1035']);
    expect(read({ location: 'weights.bin', offset: '99999999999999999999' })).toEqual(['TRG1035']);
    expect(read({ location: 'weights.bin', offset: '4' })).toEqual(['TRG1031']);
  });

  it('is missing without a reader', () => {
    const builder = new OnnxBuilder()
      .input('x', [2])
      .tensor(externalTensor('w', [2], { location: 'a' }))
      .node('Mul', ['x', 'w'], ['y'])
      .output('y');
    const result = importOnnx(builder.bytes(), { modelName: 'm', modelPath: 'm.onnx' });
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['TRG1033']);
  });
});

describe('model files', () => {
  it('that are absent, folders or pipes are unreadable', () => {
    for (const name of ['absent.onnx', '.', 'pipe', 'model.onnx/x']) {
      const result = loadModelFile(join(folder, 'model', name));
      expect(result.diagnostics.map(({ code }) => code)).toEqual(['TRG1006']);
    }
  });
});
