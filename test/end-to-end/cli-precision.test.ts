import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { precisionCodes } from '../../src/diagnostics/codes/precision.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const scratch = scratchFolder();
const floatModel = (): Uint8Array =>
  new OnnxBuilder(13)
    .input('x', ['N', 2])
    .initializer('w', [2, 2], [0.3, -0.7, 1.1, 0.25])
    .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
    .node('Relu', ['m'], ['r'], {}, { name: 'act' })
    .initializer('v', [2, 1], [0.5, -1.3])
    .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'last' })
    .output('y', ['N', 1])
    .bytes();

const precision = (model: string): string =>
  JSON.stringify({
    schema: 'trigc-precision',
    version: 1,
    model,
    tensors: {
      x: { types: ['ap_fixed<6,3>'], rounding: 'RND_CONV', overflow: 'SAT' },
      act: { types: ['ap_ufixed<5,2>', 'ap_ufixed<4,2>'], rounding: 'RND', overflow: 'SAT' },
      last: { types: ['ap_fixed<10,4>'], rounding: 'TRN', overflow: 'SAT' },
    },
    constants: { 'w.weight': { lsb: -4, codes: [5, -11, 18, 4] }, 'v.weight': { lsb: -2, codes: [2, -5] } },
  });

describe('trigc compile --precision', () => {
  it('takes the types and weights, keeps them in the folder, and compiles again from there to the same RTL', async () => {
    const bytes = floatModel();
    const model = scratch.write('float.onnx', bytes);
    const file = scratch.write('types.json', precision(createHash('sha256').update(bytes).digest('hex')));
    const [first, second] = [scratch.path('first'), scratch.path('second')];
    expect((await trigc('compile', model, '-o', first, '--precision', file)).code).toBe(0);
    const text = readFileSync(`${first}/model.trigc`, 'utf8');
    expect(text).toContain('types: [ap_ufixed<5,2>, ap_ufixed<4,2>], rounding: RND');
    expect(text).toContain('codes: [5, -11, 18, 4]');
    expect((await trigc('compile', model, '-o', second, '--precision', `${first}/precision.json`)).code).toBe(0);
    expect(readTree(second)).toEqual(readTree(first));
    const verified = await trigc('verify', first, '--engine', 'yosys', '--vectors', '200');
    expect(verified.stdout).toContain('200');
    expect(verified.code).toBe(0);
  });

  it('otherModel: refuses the file of another model, and writes nothing', async () => {
    const model = scratch.write('float.onnx', floatModel());
    const file = scratch.write('other.json', precision('0'.repeat(64)));
    const run = await trigc('compile', model, '-o', scratch.path('none'), '--precision', file);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(precisionCodes.otherModel.code);
    expect(() => readTree(scratch.path('none'))).toThrow();
  });
});
