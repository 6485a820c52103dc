import { describe, expect, it } from 'vitest';
import { arithmeticCodes } from '../../../../src/diagnostics/codes/arithmetic.js';
import { importOnnx } from '../../../../src/importers/onnx/import.js';
import { countOperations } from '../../../../src/model/count-operations.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { refuseTooLarge } from '../../../../src/passes/model/refuse-too-large.js';
import { ints, OnnxBuilder } from '../../../support/onnx-builder.js';

/** Two filters of three taps, one of them zero, over a line of 10 elements: 8 positions. */
function model(length = 10): ModelGraph {
  const builder = new OnnxBuilder()
    .input('x', [1, 1, length])
    .initializer('w', [2, 1, 3], [1, 2, 3, 4, 0, 6])
    .node('Conv', ['x', 'w'], ['c'], {}, { name: 'first' })
    .node('Relu', ['c'], ['r'], {}, { name: 'rectifier' })
    .node('MaxPool', ['r'], ['y'], { kernel_shape: ints([2]), strides: ints([2]) }, { name: 'pool' })
    .output('y');
  const result = importOnnx(builder.bytes(), { modelName: 'm', modelPath: 'm.onnx' });
  if (!result.ok) throw new Error('the model does not import');
  return result.value.graph;
}

describe('operations by layer', () => {
  it('are products with a weight, and elements of everything else but wires', () => {
    expect(countOperations(model())).toEqual([
      { name: 'first', operator: 'Conv', operations: 8 * 5 },
      { name: 'rectifier', operator: 'Relu', operations: 16 },
      { name: 'pool', operator: 'MaxPool', operations: 16 },
    ]);
  });
});

describe('the refusal of large models', () => {
  it('names the size, the limit and the largest layers first', () => {
    expect(refuseTooLarge(model(), 72)).toBeUndefined();
    const refusal = refuseTooLarge(model(), 71);
    expect(refusal?.code).toBe(arithmeticCodes.tooManyOperations.code);
    expect(refusal?.message).toBe(
      "the model has 72 scalar operations, and the limit is 71: Conv 'first' 40, Relu 'rectifier' 16, MaxPool 'pool' 16",
    );
  });

  it('names the interval at which the operations fit, and none where there is none', () => {
    const hint = (limit: number, interval?: number) => refuseTooLarge(model(), limit, interval)?.hint;
    expect(hint(20)).toMatch(/^an event every 4 clocks at the least \(--ii\), or every operation/u);
    expect(hint(20, 3)).toMatch(/^an event every 4 clocks/u);
    expect(hint(20, 4)).toBeUndefined();
    expect(refuseTooLarge(model(5000), 10)?.hint).toMatch(/^every operation/u);
  });

  it('groups the digits of large numbers and counts what is moved a little', () => {
    // 4 998 positions: 24 990 products, 9 996 elements twice, and wires: 14 994 of the windows, 9 996 out of the
    // product, and 9 996 of the pool's windows, each divided by 64.
    const refusal = refuseTooLarge(model(5000), 40_000);
    expect(refusal?.message).toContain('the limit is 40 000');
    expect(refusal?.message).toMatch(/^the model has 45 \d\d\d scalar/u);
  });
});
