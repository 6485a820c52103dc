import { describe, expect, it } from 'vitest';
import type { Dimension } from '../../../support/onnx-builder.js';
import { int, ints, OnnxBuilder, rawTensor, tensorValue } from '../../../support/onnx-builder.js';
import { evaluate, imported, range, refusal } from './support.js';

const BATCH = 789_444;
const batches: readonly (readonly [string, Dimension])[] = [
  ['symbolic', 'N'],
  ['one', 1],
  ['zero', 0],
  ['absurd', BATCH],
  ['negative', -1],
];

function shapeOf(builder: OnnxBuilder, extra: Parameters<typeof imported>[1] = {}): readonly number[] | undefined {
  const { graph } = imported(builder, extra);
  return graph.nodes[graph.outputs[0]?.node ?? 0]?.shape;
}

describe('the event dimension', () => {
  it.each(batches)('is one event when the batch is %s', (_, batch) => {
    const builder = new OnnxBuilder().input('x', [batch, 3]).node('Relu', ['x'], ['y']).output('y', [batch, 3]);
    expect(shapeOf(builder)).toEqual([1, 3]);
    expect(imported(builder).codes).toEqual(batch === BATCH ? ['TRG1021'] : []);
  });

  it('is an ordinary dimension with batch none, and at rank one', () => {
    const builder = new OnnxBuilder().input('x', [4, 3]).node('Relu', ['x'], ['y']).output('y');
    expect(shapeOf(builder, { batch: new Map([['x', 'none']]) })).toEqual([4, 3]);
    const vector = new OnnxBuilder().input('x', [4]).node('Relu', ['x'], ['y']).output('y');
    expect(shapeOf(vector)).toEqual([4]);
    expect(shapeOf(vector, { batch: new Map([['x', 0]]) })).toEqual([1]);
    const scalar = new OnnxBuilder().input('x', []).node('Relu', ['x'], ['y']).output('y');
    expect(shapeOf(scalar)).toEqual([]);
  });

  it('must be the only open dimension', () => {
    const builder = new OnnxBuilder().input('x', ['N', 'points']).node('Relu', ['x'], ['y']).output('y');
    expect(refusal(builder)).toEqual(['TRG1017']);
    const open = new OnnxBuilder().input('x', ['N', 3]).node('Relu', ['x'], ['y']).output('y');
    expect(refusal(open, { batch: new Map([['x', 'none']]) })).toEqual(['TRG1017']);
  });

  it.each([
    ['as the first dimension', [BATCH, 2, 3], [1, 2, 3]],
    ['beside -1', [BATCH, -1], [1, 6]],
    ['as a factor', [2 * BATCH, 3], [2, 3]],
    ['behind -1', [-1, BATCH, 3], [2, 1, 3]],
    ['not at all', [-1, 3], [2, 3]],
    ['with copies', [0, 3, 2], [1, 3, 2]],
  ] as const)('may be spelt out in Reshape %s', (_, target, expected) => {
    const builder = new OnnxBuilder()
      .input('x', [BATCH, 6])
      .initializer('s', [target.length], target, 'int64')
      .node('Reshape', ['x', 's'], ['y'])
      .output('y');
    expect(shapeOf(builder)).toEqual(expected);
  });

  it('is the batch before it is anything else', () => {
    const builder = new OnnxBuilder()
      .input('x', [64, 64])
      .initializer('s', [2], [64, -1], 'int64')
      .node('Reshape', ['x', 's'], ['y'])
      .output('y');
    expect(shapeOf(builder)).toEqual([1, 64]);
  });

  it('may be spelt out in Expand and Slice', () => {
    const builder = new OnnxBuilder()
      .input('x', [BATCH, 1])
      .initializer('s', [2], [BATCH, 5], 'int64')
      .initializer('zero', [1], [0], 'int64')
      .initializer('end', [1], [BATCH], 'int64')
      .node('Expand', ['x', 's'], ['e'])
      .node('Slice', ['e', 'zero', 'end', 'zero'], ['y'])
      .output('y');
    expect(shapeOf(builder)).toEqual([1, 5]);
  });

  it('may be spelt out in constants that are the same for every event', () => {
    const build = (values: readonly number[]): OnnxBuilder =>
      new OnnxBuilder().input('x', [3, 2]).initializer('c', [3, 2], values).node('Add', ['x', 'c'], ['y']).output('y');
    const { graph } = imported(build([1, 2, 1, 2, 1, 2]));
    expect(evaluate(graph, [[10, 20]])[0]).toEqual({ shape: [1, 2], values: [11, 22] });
    const filled = new OnnxBuilder()
      .input('x', [1000, 2])
      .initializer('s', [2], [1000, 2], 'int64')
      .node('ConstantOfShape', ['s'], ['c'], { value: tensorValue(rawTensor('', [1], [5])) })
      .node('Concat', ['x', 'c'], ['y'], { axis: int(1) })
      .output('y');
    expect(shapeOf(filled)).toEqual([1, 4]);
  });

  it('is 1 in Shape', () => {
    const builder = new OnnxBuilder().input('x', [BATCH, 6]).node('Shape', ['x'], ['y']).output('y').output('x');
    expect(evaluate(imported(builder).graph, [range(6)])[0]?.values).toEqual([1, 6]);
  });

  it('survives a Squeeze without axes unless the file says it is 1', () => {
    const squeeze = (batch: Dimension): OnnxBuilder =>
      new OnnxBuilder().input('x', [batch, 3, 1]).node('Squeeze', ['x'], ['y']).output('y');
    expect(shapeOf(squeeze('N'))).toEqual([1, 3]);
    expect(shapeOf(squeeze(8))).toEqual([1, 3]);
    expect(shapeOf(squeeze(1))).toEqual([3]);
  });

  it('draws a warning when a reduction would mix events', () => {
    const build = (axes: readonly number[], batch: Dimension): OnnxBuilder =>
      new OnnxBuilder(11)
        .input('x', [batch, 4])
        .node('ReduceSum', ['x'], ['y'], { axes: ints(axes) })
        .output('y');
    expect(imported(build([0], 'N')).codes).toEqual(['TRG1053']);
    expect(imported(build([1], 'N')).codes).toEqual([]);
    expect(imported(build([0], 1)).codes).toEqual([]);
  });

  it('is read from whichever input declares it', () => {
    const builder = new OnnxBuilder()
      .input('x', [1, 4])
      .input('z', [16, 4])
      .initializer('s', [2], [16, 4], 'int64')
      .node('Reshape', ['z', 's'], ['r'])
      .node('Add', ['x', 'r'], ['y'])
      .output('y');
    expect(shapeOf(builder)).toEqual([1, 4]);
  });
});

describe('initialisers', () => {
  it('that are repeated as inputs are constants', () => {
    const builder = new OnnxBuilder()
      .input('x', [1, 2])
      .input('w', [2, 1])
      .initializer('w', [2, 1], [1, 2])
      .node('MatMul', ['x', 'w'], ['y'])
      .output('y');
    const { graph } = imported(builder);
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(['input', 'constant', 'matmul']);
  });

  it('that are missing make ports of listed inputs, and errors of other names', () => {
    const listed = new OnnxBuilder()
      .input('x', [1, 2])
      .input('w', [2, 1])
      .node('MatMul', ['x', 'w'], ['y'])
      .output('y');
    // Rank 2: dimension 0 of the weight was taken for the event, which no longer fits.
    expect(refusal(listed)).toEqual(['TRG1048']);
    const unlisted = new OnnxBuilder().input('x', [1, 2]).node('MatMul', ['x', 'w'], ['y']).output('y');
    expect(refusal(unlisted)).toEqual(['TRG1011']);
  });
});
