import { describe, expect, it } from 'vitest';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { oddEvenMergeSort } from '../../../../src/importers/onnx/sort.js';
import { int, OnnxBuilder } from '../../../support/onnx-builder.js';
import type { Case, Outcome } from './support.js';
import { evaluate, folded, imported, kindsOf, noBatch, refusal, run, single } from './support.js';

const line = { shape: [5], x: [-2.5, -0.5, 0, 1.5, 2.5] };
const against = (values: readonly number[]): Pick<Case, 'constants'> => ({
  constants: [['c', values.length === 1 ? [] : [values.length], values]],
});

describe('comparisons', () => {
  const rows: readonly (readonly [string, Case, readonly number[]])[] = [
    ['Equal', { ...line, ...against([1.5]) }, [0, 0, 0, 1, 0]],
    ['Less', { ...line, ...against([0]) }, [1, 1, 0, 0, 0]],
    ['Greater', { ...line, ...against([0, 0, 0, 0, 3]) }, [0, 0, 0, 1, 0]],
    ['LessOrEqual', { ...line, ...against([0]) }, [1, 1, 1, 0, 0]],
    ['GreaterOrEqual', { ...line, ...against([0]) }, [0, 0, 1, 1, 1]],
    ['Less', { ...line, opset: 6, ...against([2]), attributes: { broadcast: int(1) } }, [1, 1, 1, 1, 0]],
    ['Sign', line, [-1, -1, 0, 1, 1]],
    ['Floor', line, [-3, -1, 0, 1, 2]],
    ['Ceil', line, [-2, 0, 0, 2, 3]],
    ['Round', line, [-2, 0, 0, 2, 2]],
  ];

  it.each(rows)('%s, case %#', (operator, test, expected) => {
    expect(run(operator, test)).toEqual({ shape: [5], values: expected });
  });

  it.each(rows)('%s, case %#, folded', (operator, test, expected) => {
    expect(folded(operator, test).values.map((value) => value + 0)).toEqual(expected);
  });

  it('combine as truth values, and leave as ports of one bit', () => {
    const truth = (operator: string): readonly number[] => {
      const builder = new OnnxBuilder()
        .input('x', [4])
        .initializer('zero', [], [0])
        .initializer('one', [], [1])
        .node('Greater', ['x', 'zero'], ['a'])
        .node('Greater', ['x', 'one'], ['b'])
        .node('Not', ['b'], ['c'])
        .node(operator, ['a', 'c'], ['y'])
        .output('y');
      const [outcome] = evaluate(imported(builder, noBatch).graph, [[-1, 0.5, 1, 2]]);
      return outcome?.values ?? [];
    };
    expect(truth('And')).toEqual([0, 1, 1, 0]);
    expect(truth('Or')).toEqual([1, 1, 1, 1]);
    expect(truth('Xor')).toEqual([1, 0, 0, 1]);
  });

  it('compare two computed tensors and choose with the result', () => {
    const builder = new OnnxBuilder()
      .input('x', [2, 2])
      .input('z', [2])
      .node('Less', ['x', 'z'], ['less'])
      .node('Where', ['less', 'x', 'z'], ['y'])
      .output('y');
    const batch = new Map([
      ['x', 'none'],
      ['z', 'none'],
    ] as const);
    const [outcome] = evaluate(imported(builder, { batch }).graph, [
      [1, 2, 3, 4],
      [2, 3],
    ]);
    expect(outcome).toEqual({ shape: [2, 2], values: [1, 2, 2, 3] });
  });
});

describe('Where', () => {
  it('takes one branch for a condition that never changes, broadcast as ONNX has it', () => {
    const builder = new OnnxBuilder()
      .input('x', [2])
      .initializer('true', [3, 1], [1, 1, 1], 'bool')
      .initializer('low', [], [Number.NEGATIVE_INFINITY])
      .node('Where', ['true', 'x', 'low'], ['y'])
      .output('y');
    const { graph } = imported(builder, noBatch);
    expect(kindsOf(graph)).not.toContain('select');
    expect(evaluate(graph, [[5, 6]])[0]).toEqual({ shape: [3, 2], values: [5, 6, 5, 6, 5, 6] });
  });

  it('masks with a constant condition', () => {
    const builder = new OnnxBuilder()
      .input('x', [3])
      .initializer('mask', [3], [1, 0, 1], 'bool')
      .initializer('fill', [], [-8])
      .node('Where', ['mask', 'x', 'fill'], ['y'])
      .output('y');
    expect(evaluate(imported(builder, noBatch).graph, [[1, 2, 3]])[0]?.values).toEqual([1, -8, 3]);
  });
});

describe('ArgMax and ArgMin', () => {
  const ties = { shape: [2, 5], x: [1, 4, 4, 2, 4, 0, 0, -1, 3, -1] };
  it.each([
    ['ArgMax', { axis: int(1), keepdims: int(0) }, [2], [1, 3]],
    ['ArgMax', { axis: int(-1), select_last_index: int(1) }, [2, 1], [4, 3]],
    ['ArgMin', { axis: int(1), keepdims: int(0) }, [2], [0, 2]],
    ['ArgMin', { axis: int(1), keepdims: int(0), select_last_index: int(1) }, [2], [0, 4]],
    ['ArgMax', {}, [1, 5], [0, 0, 0, 1, 0]],
  ] as const)('%s %j', (operator, attributes, shape, values) => {
    const test = { ...ties, attributes };
    expect(run(operator, test)).toEqual({ shape, values });
    expect(folded(operator, test)).toEqual({ shape, values });
  });

  it('are 0 along an axis of one element', () => {
    expect(run('ArgMax', { shape: [1, 2], x: [7, 8] })).toEqual({ shape: [1, 2], values: [0, 0] });
  });
});

describe('TopK', () => {
  const outcomes = (test: Case): readonly Outcome[] =>
    evaluate(imported(single('TopK', test), noBatch).graph, [test.x]);
  const k = (count: number): Pick<Case, 'constants'> => ({ constants: [['k', [1], [count], 'int64']] });

  it('gives values and positions, equal elements in their order', () => {
    const random = new Random(5);
    for (const length of [1, 2, 3, 5, 8, 11]) {
      for (const largest of [0, 1]) {
        const x = Array.from({ length: 2 * length }, () => random.integer(-3, 3));
        const count = random.integer(1, length);
        const test = { shape: [2, length], x, ...k(count), attributes: { largest: int(largest) } };
        const expected = [0, 1].map((row) => {
          const own = x.slice(row * length, (row + 1) * length).map((value, index) => ({ value, index }));
          // Array.sort is stable.
          return own.sort((a, b) => (largest === 1 ? b.value - a.value : a.value - b.value)).slice(0, count);
        });
        const values = expected.flat().map((each) => each.value + 0);
        const [both, alone] = [outcomes({ ...test, outputs: 2 }), outcomes(test)];
        expect(both).toEqual([
          { shape: [2, count], values },
          { shape: [2, count], values: expected.flat().map((each) => each.index) },
        ]);
        expect(alone).toEqual([{ shape: [2, count], values }]);
        expect(folded('TopK', test).values.map((value) => value + 0)).toEqual(values);
      }
    }
  });

  it('reads K from an attribute before opset 10, along any axis', () => {
    const test = { shape: [3, 2], x: [1, 6, 3, 5, 2, 4], opset: 9, attributes: { k: int(2), axis: int(0) } };
    expect(outcomes(test)).toEqual([{ shape: [2, 2], values: [3, 6, 2, 5] }]);
  });

  it('refuses more elements than there are', () => {
    expect(refusal(single('TopK', { shape: [3], x: [], ...k(4) }), noBatch)).toEqual(['TRG1050']);
  });

  it('sorts every list of zeros and ones, and so every list', () => {
    for (let length = 1; length <= 9; length++) {
      const layers = oddEvenMergeSort(length);
      for (let bits = 0; bits < 1 << length; bits++) {
        const list = Array.from({ length }, (_, index) => (bits >> index) & 1);
        for (const layer of layers) {
          expect(new Set([...layer.keys(), ...layer.values()]).size).toBe(2 * layer.size);
          for (const [left, right] of layer) {
            const [a, b] = [at(list, left), at(list, right)];
            [list[left], list[right]] = [Math.min(a, b), Math.max(a, b)];
          }
        }
        expect(list).toEqual([...list].sort());
      }
    }
  });
});

describe('one-hot vectors', () => {
  it('Hardmax marks the first of the largest', () => {
    const x = [1, 3, 3, 2, 0, 2];
    expect(run('Hardmax', { shape: [2, 3], x }).values).toEqual([0, 1, 0, 1, 0, 0]);
    const flat = { shape: [1, 2, 3], x, opset: 11, attributes: { axis: int(1) } };
    expect(run('Hardmax', flat)).toEqual({ shape: [1, 2, 3], values: [0, 1, 0, 0, 0, 0] });
    expect(folded('Hardmax', flat).values).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it('OneHot counts negative indices from the end, and has values of its own', () => {
    const constants = [
      ['d', [], [3], 'int64'],
      ['v', [2], [-0.5, 2]],
    ] as const;
    const test = { shape: [4], x: [0, -1, 2, 7], constants };
    const rows = [
      [2, -0.5, -0.5],
      [-0.5, -0.5, 2],
      [-0.5, -0.5, 2],
      [-0.5, -0.5, -0.5],
    ];
    expect(run('OneHot', test)).toEqual({ shape: [4, 3], values: rows.flat() });
    const columns = [0, 1, 2].flatMap((column) => rows.map((row) => row[column]));
    expect(run('OneHot', { ...test, attributes: { axis: int(0) } })).toEqual({ shape: [3, 4], values: columns });
  });
});

describe('integers', () => {
  const int8 = (operator: string, inputs: readonly string[] = ['x', 'z']): readonly number[] => {
    const builder = new OnnxBuilder()
      .input('x', [3], 'int8')
      .initializer('z', [3], [100, -100, 3], 'int8')
      .node(operator, inputs, ['y'])
      .output('y');
    return evaluate(imported(builder, noBatch).graph, [[50, -50, -128]])[0]?.values ?? [];
  };

  it('wrap in their type, as ONNX Runtime does', () => {
    expect(int8('Add')).toEqual([-106, 106, -125]);
    expect(int8('Sub')).toEqual([-50, 50, 125]);
    expect(int8('Mul')).toEqual([-120, -120, -128]);
    expect(int8('Neg', ['x'])).toEqual([-50, 50, -128]);
    expect(int8('Max')).toEqual([100, -50, 3]);
  });

  it('keep their constants exact', () => {
    const { graph } = imported(
      new OnnxBuilder()
        .input('x', [1], 'int32')
        .initializer('big', [], [1_000_003], 'int32')
        .node('Max', ['x', 'big'], ['y'])
        .output('y'),
      noBatch,
    );
    expect(graph.nodes.flatMap((node) => (node.kind === 'constant' ? [node.float] : []))).toEqual([false]);
  });
});
