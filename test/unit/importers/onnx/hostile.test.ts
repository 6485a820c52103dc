import { describe, expect, it } from 'vitest';
import type { Result } from '../../../../src/diagnostics/result.js';
import type { ImportedModel } from '../../../../src/importers/onnx/import.js';
import { importOnnx, inspectOnnx } from '../../../../src/importers/onnx/import.js';
import { Random } from '../../../../src/support/random.js';
import { float, int, ints, OnnxBuilder, rawTensor, tensorValue } from '../../../support/onnx-builder.js';
import { options, refusal } from './support.js';

function small(): Uint8Array {
  return new OnnxBuilder()
    .input('x', ['N', 4])
    .initializer('w', [4, 2], [1, 2, 3, 4, -1, -2, -3, -4])
    .initializer('s', [], [0.25])
    .initializer('z', [], [0])
    .initializer('b', [], [6], 'int64')
    .tensor({ name: 'f', dims: [2], dataType: 1, floatData: [1, 2] })
    .node('Quant', ['w', 's', 'z', 'b'], ['wq'], { signed: int(1), narrow: int(0) }, { domain: 'onnx.brevitas' })
    .node('Gemm', ['x', 'wq', 'f'], ['g'], { alpha: float(2) })
    .node('Constant', [], ['c'], { value: tensorValue(rawTensor('', [1], [1], 'int64')) })
    .node('Unsqueeze', ['g', 'c'], ['u'])
    .node('Transpose', ['u'], ['y'], { perm: ints([0, 2, 1]) })
    .output('y', ['N', 2, 1])
    .bytes();
}

/** Never throws, never hangs, and a refusal always says something. */
function survives(bytes: Uint8Array): Result<ImportedModel> {
  const result = importOnnx(bytes, options);
  if (!result.ok) expect(result.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  const inspection = inspectOnnx(bytes, options);
  expect(inspection.importable).toBe(result.ok);
  expect(inspection.diagnostics).toEqual(result.diagnostics);
  return result;
}

describe('hostile bytes', () => {
  const bytes = small();

  it('start from a model that imports', () => {
    expect(survives(bytes).ok).toBe(true);
  });

  it('cut at every byte give a diagnostic', () => {
    const whole = ['TRG1001', 'TRG1002', 'TRG1003', 'TRG1004', 'TRG1007'];
    for (let length = 0; length < bytes.length; length++) {
      const result = survives(bytes.subarray(0, length));
      expect(result.ok, `cut at ${length}`).toBe(false);
      expect(whole, `cut at ${length}`).toContain(result.diagnostics[0]?.code);
    }
  });

  it('with garbage behind give a diagnostic', () => {
    for (const garbage of [[0], [0, 0, 0, 0], [255], [0x07], [0x3a, 0x05, 1]]) {
      const longer = new Uint8Array(bytes.length + garbage.length);
      longer.set(bytes);
      longer.set(garbage, bytes.length);
      expect(survives(longer).ok).toBe(false);
    }
  });

  it('with flipped bits or changed bytes never throw', () => {
    const random = new Random(20_240);
    for (let round = 0; round < 4_000; round++) {
      const copy = bytes.slice();
      for (let change = random.integer(1, 3); change > 0; change--) {
        const place = random.integer(0, copy.length - 1);
        copy[place] =
          random.uniform() < 0.5 ? (copy[place] ?? 0) ^ (1 << random.integer(0, 7)) : random.integer(0, 255);
      }
      survives(copy);
    }
  });

  it('at random never throw', () => {
    const random = new Random(99);
    for (let round = 0; round < 2_000; round++) {
      survives(Uint8Array.from({ length: random.integer(1, 60) }, () => random.integer(0, 255)));
    }
  });

  it('nested thousands of levels deep are refused', () => {
    // attribute 5 of node 1 of graph 7, again and again: each level wraps the bytes so far.
    let inner = new Uint8Array(0);
    for (let level = 0; level < 2_001; level++)
      inner = wrapped(level % 3 === 0 ? 0x32 : level % 3 === 1 ? 0x2a : 0x0a, inner);
    const result = survives(wrapped(0x3a, inner));
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['TRG1005']);
  });
});

function wrapped(tag: number, inner: Uint8Array): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  for (let rest = inner.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) break;
  }
  return Uint8Array.from([tag, ...length, ...inner]);
}

describe('hostile sizes', () => {
  const time = (builder: OnnxBuilder): readonly string[] => {
    const start = performance.now();
    const codes = refusal(builder);
    // Far above what a refusal takes on a busy machine, far below what the claimed sizes would take.
    expect(performance.now() - start).toBeLessThan(10_000);
    return codes;
  };

  it('of inputs, initialisers and constants are refused before anything is allocated', () => {
    const relu = (builder: OnnxBuilder): OnnxBuilder => builder.node('Relu', ['x'], ['y']).output('y');
    expect(time(relu(new OnnxBuilder().input('x', [1, 1_000_000, 1_000_000])))).toEqual(['TRG1019']);
    expect(time(relu(new OnnxBuilder().input('x', [1, 2 ** 62, 2 ** 62])))).toEqual(['TRG1019']);
    const weight = new OnnxBuilder().input('x', [1]).tensor({ name: 'w', dims: [10 ** 12], dataType: 1 });
    expect(time(weight.node('Add', ['x', 'w'], ['y']).output('y'))).toEqual(['TRG1019']);
    const shape = new OnnxBuilder().input('x', [1]).initializer('s', [2], [10 ** 9, 10 ** 9], 'int64');
    expect(time(shape.node('ConstantOfShape', ['s'], ['y']).output('y').output('x'))).toEqual(['TRG1019']);
  });

  it.each([
    ['Expand', [10 ** 6, 10 ** 6]],
    ['Tile', [10 ** 6, 10 ** 6]],
    ['Pad', [10 ** 9, 10 ** 9, 10 ** 9, 10 ** 9]],
  ] as const)('of %s are refused', (operator, amounts) => {
    const build = (rank: readonly number[]): OnnxBuilder =>
      new OnnxBuilder()
        .input('x', rank)
        .initializer('a', [amounts.length], amounts, 'int64')
        .node(operator, ['x', 'a'], ['y'])
        .output('y');
    expect(time(build([1, 1]))).toEqual(['TRG1019']);
  });

  it('of matrix products and of all tensors together are refused', () => {
    const product = new OnnxBuilder()
      .input('x', [1, 5_000, 2_000])
      .node('Transpose', ['x'], ['t'], { perm: ints([0, 2, 1]) })
      .node('MatMul', ['x', 't'], ['y'])
      .output('y');
    expect(time(product)).toEqual(['TRG1020']);
    const weights = new OnnxBuilder()
      .input('x', [1])
      .initializer('s', [1], [6_000_000], 'int64')
      .node('ConstantOfShape', ['s'], ['c'])
      .node('Add', ['x', 'c'], ['y'])
      .output('y');
    expect(time(weights)).toEqual(['TRG1020']);
    const many = new OnnxBuilder().input('x', [1, 1000]).initializer('s', [3], [1, 10_000, 1000], 'int64');
    let last = 'x';
    for (let index = 0; index < 60; index++) {
      many.node('Expand', ['x', 's'], [`e${index}`]).node('Add', [last, `e${index}`], [`a${index}`]);
      last = `a${index}`;
    }
    expect(time(many.output(last))[0]).toBe('TRG1020');
  });

  it('of constants that double again and again are refused', () => {
    const builder = new OnnxBuilder().input('x', [1]).initializer('c0', [1024], new Array<number>(1024).fill(1));
    for (let index = 0; index < 30; index++) {
      builder.node('Concat', [`c${index}`, `c${index}`], [`c${index + 1}`], { axis: int(0) });
    }
    expect(time(builder.node('Add', ['x', 'c30'], ['y']).output('y'))).toEqual(['TRG1019']);
  });
});

describe('hostile names', () => {
  it('reach diagnostics printable and short', () => {
    const name = `\u001b[31m${'x'.repeat(10_000)}`;
    const builder = new OnnxBuilder().input(name, [1, 2]).node(name, [name], ['y'], {}, { domain: name, name });
    const inspection = inspectOnnx(builder.output('y').bytes(), options);
    for (const { message } of inspection.diagnostics) {
      // eslint-disable-next-line no-control-regex -- matching control characters is the purpose
      expect(message).not.toMatch(/[\u0000-\u001f]/u);
      expect(message.length).toBeLessThan(600);
    }
  });

  it('such as those of object properties are names like any other', () => {
    const builder = new OnnxBuilder()
      .input('__proto__', [1, 2])
      .node('Relu', ['__proto__'], ['constructor'])
      .node('toString', ['constructor'], ['y'])
      .output('y');
    expect(refusal(builder)).toEqual(['TRG1042']);
  });
});
