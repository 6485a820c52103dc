import { describe, expect, it } from 'vitest';
import { int, ints, OnnxBuilder, rawTensor, tensorValue } from '../../../support/onnx-builder.js';
import type { Outcome } from './support.js';
import { evaluate, folded, imported } from './support.js';

/** Reshape of x by a shape that the graph computes, as exporters write it. */
function valueOf(build: (builder: OnnxBuilder) => OnnxBuilder): Outcome {
  const builder = build(new OnnxBuilder(15).input('x', [1]).output('x').output('y'));
  const outcome = evaluate(imported(builder).graph, [[0]])[1];
  if (outcome === undefined) throw new Error('no second output');
  return outcome;
}

describe('constant folding', () => {
  it('rounds every step to float32', () => {
    const { values } = valueOf((builder) =>
      builder.initializer('a', [2], [0.1, 16777216]).initializer('b', [2], [0.2, 1]).node('Add', ['a', 'b'], ['y']),
    );
    expect(values).toEqual([Math.fround(Math.fround(0.1) + Math.fround(0.2)), 16777216]);
  });

  it('divides integers towards zero and wraps them', () => {
    const { values } = valueOf((builder) =>
      builder.initializer('a', [2], [-7, 7], 'int64').initializer('b', [], [2], 'int64').node('Div', ['a', 'b'], ['y']),
    );
    expect(values).toEqual([-3, 3]);
    const wrapped = valueOf((builder) => builder.initializer('a', [1], [100], 'int8').node('Add', ['a', 'a'], ['y']));
    expect(wrapped.values).toEqual([-56]);
  });

  it('computes shapes: Shape, Gather, Unsqueeze, Concat, Cast, ConstantOfShape, Equal, Where', () => {
    const builder = new OnnxBuilder(15)
      .input('x', ['N', 4, 6])
      .initializer('one', [], [1], 'int64')
      .initializer('minus', [1], [-1], 'int64')
      .initializer('axes', [1], [0], 'int64')
      .node('Shape', ['x'], ['shape'])
      .node('Gather', ['shape', 'one'], ['four'])
      .node('Unsqueeze', ['four', 'axes'], ['fours'])
      .node('Concat', ['minus', 'fours'], ['target'], { axis: int(0) })
      .node('Shape', ['target'], ['rank'])
      .node('ConstantOfShape', ['rank'], ['ones'], { value: tensorValue(rawTensor('', [1], [1], 'int64')) })
      .node('Equal', ['target', 'minus'], ['open'])
      .node('Where', ['open', 'target', 'target'], ['same'])
      .node('Mul', ['same', 'ones'], ['final'])
      .node('Reshape', ['x', 'final'], ['y'])
      .output('y');
    const { graph } = imported(builder);
    expect(graph.nodes[graph.outputs[0]?.node ?? 0]?.shape).toEqual([6, 4]);
  });

  it('takes part of a shape from opset 15 on', () => {
    const outcome = valueOf((builder) =>
      builder
        .initializer('t', [2, 3, 4], new Array<number>(24).fill(0))
        .node('Shape', ['t'], ['y'], { start: int(-2) }),
    );
    expect(outcome).toEqual({ shape: [2], values: [3, 4] });
  });

  it('evaluates functions of constants', () => {
    const apply = (operator: string, x: number): number | undefined =>
      folded(operator, { shape: [1], x: [x] }).values[0];
    expect(apply('Sqrt', 2)).toBe(Math.fround(Math.sqrt(2)));
    expect(apply('Reciprocal', 8)).toBe(0.125);
    expect(apply('Floor', -1.5)).toBe(-2);
    expect(apply('Ceil', -1.5)).toBe(-1);
    expect(apply('Exp', 0)).toBe(1);
    expect(apply('Log', 1)).toBe(0);
    expect(folded('Pow', { shape: [1], x: [346.125], constants: [['e', [], [0.5]]] }).values[0]).toBe(
      Math.fround(346.125 ** 0.5),
    );
  });

  it('makes ranges', () => {
    const outcome = valueOf((builder) =>
      builder
        .initializer('a', [], [3], 'int64')
        .initializer('b', [], [10], 'int64')
        .initializer('c', [], [3], 'int64')
        .node('Range', ['a', 'b', 'c'], ['y']),
    );
    expect(outcome).toEqual({ shape: [3], values: [3, 6, 9] });
  });

  it('casts constants to integers, booleans and back', () => {
    const cast = (to: number): readonly number[] =>
      folded('Cast', { shape: [3], x: [-1.75, 0, 300.5], attributes: { to: int(to) } }).values;
    expect(cast(7)).toEqual([-1, 0, 300]);
    expect(cast(2)).toEqual([255, 0, 44]);
    expect(cast(9)).toEqual([1, 0, 1]);
  });

  it('orders nodes that the file does not', () => {
    const builder = new OnnxBuilder()
      .input('x', [1, 2])
      .node('Relu', ['b'], ['y'])
      .node('Neg', ['a'], ['b'])
      .node('Abs', ['x'], ['a'])
      .output('y');
    const { graph } = imported(builder);
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(['input', 'absolute', 'negate', 'relu']);
    expect(graph.nodes.map(({ provenance }) => provenance.name)).toEqual(['x', '#2', '#1', '#0']);
  });

  it('skips nodes that no output needs', () => {
    const builder = new OnnxBuilder()
      .input('x', [1, 2])
      .node('Softmax', ['x'], ['unused'])
      .node('Relu', ['x'], ['y'])
      .output('y');
    expect(imported(builder).graph.nodes.map(({ kind }) => kind)).toEqual(['input', 'relu']);
  });

  it('accepts the standard domain by its name', () => {
    const builder = new OnnxBuilder(13, 'ai.onnx')
      .input('x', [1, 2])
      .node('Relu', ['x'], ['y'], {}, { domain: 'ai.onnx' });
    expect(imported(builder.output('y')).graph.nodes).toHaveLength(2);
  });

  it('reads integer inputs with their type, and casts them freely to float', () => {
    const builder = new OnnxBuilder()
      .input('x', [1, 2], 'uint8')
      .node('Cast', ['x'], ['f'], { to: int(1) })
      .node('Transpose', ['f'], ['y'], { perm: ints([1, 0]) })
      .output('y');
    const [input] = imported(builder).graph.nodes;
    expect(input?.kind === 'input' ? input.types : []).toEqual([{ signed: false, width: 8, integer: 8 }]);
  });

  it('reads 50,000 nodes without quadratic time', () => {
    const builder = new OnnxBuilder().input('t0', [1, 1]);
    for (let index = 0; index < 50_000; index++) {
      // Backwards in the file, so that sorting is part of it.
      builder.graph.node.push({ opType: 'Neg', input: [`t${49_999 - index}`], output: [`t${50_000 - index}`] });
    }
    const { graph } = imported(builder.output('t50000'));
    expect(graph.nodes).toHaveLength(50_001);
  }, 60_000);
});
