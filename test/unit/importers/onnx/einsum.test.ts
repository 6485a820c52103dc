import { describe, expect, it } from 'vitest';
import type { ImportOptions } from '../../../../src/importers/onnx/import.js';
import { OnnxBuilder, text } from '../../../support/onnx-builder.js';
import { evaluate, imported, kindsOf, refusal } from './support.js';

/** No operand has an axis of events. */
const whole: Partial<ImportOptions> = { batch: new Map(['t0', 't1', 't2'].map((name) => [name, 'none'] as const)) };

type Operand = readonly [shape: readonly number[], constant: boolean];

/** Σ over all assignments of the labels, from the definition. */
function byDefinition(equation: string, operands: readonly { shape: readonly number[]; values: readonly number[] }[]) {
  const [left = '', right = ''] = equation.split('->');
  const terms = left.split(',');
  const labels = [...new Set(terms.join(''))];
  const sizes = labels.map((label) => {
    const term = terms.findIndex((each) => each.includes(label));
    return operands[term]?.shape[terms[term]?.indexOf(label) ?? 0] ?? 1;
  });
  const out = Array.from(right);
  const shape = out.map((label) => sizes[labels.indexOf(label)] ?? 1);
  const result = new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
  const total = sizes.reduce((a, b) => a * b, 1);
  const flat = (names: readonly string[], dims: readonly number[], position: readonly number[]): number =>
    names.reduce((index, name, axis) => index * (dims[axis] ?? 1) + (position[labels.indexOf(name)] ?? 0), 0);
  for (let count = 0; count < total; count++) {
    const position: number[] = [];
    let rest = count;
    for (let axis = labels.length - 1; axis >= 0; axis--) {
      position[axis] = rest % (sizes[axis] ?? 1);
      rest = Math.floor(rest / (sizes[axis] ?? 1));
    }
    const product = operands.reduce(
      (value, { shape: dims, values }, index) =>
        value * (values[flat(Array.from(terms[index] ?? ''), dims, position)] ?? 0),
      1,
    );
    const target = flat(out, shape, position);
    result[target] = (result[target] ?? 0) + product;
  }
  return { shape, values: result };
}

function build(equation: string, operands: readonly Operand[]) {
  const builder = new OnnxBuilder(13);
  const values = operands.map(([shape], index) =>
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, element) => ((element * 7 + index * 3) % 11) - 5),
  );
  operands.forEach(([shape, constant], index) => {
    if (constant) builder.initializer(`t${index}`, shape, values[index] ?? []);
    else builder.input(`t${index}`, shape);
  });
  builder.node(
    'Einsum',
    operands.map((_, index) => `t${index}`),
    ['y'],
    { equation: text(equation) },
  );
  return { builder: builder.output('y'), values };
}

const cases: readonly (readonly [string, readonly Operand[]])[] = [
  [
    'ij,jk->ik',
    [
      [[2, 3], false],
      [[3, 4], true],
    ],
  ],
  [
    'ij,kj->ki',
    [
      [[2, 3], false],
      [[4, 3], false],
    ],
  ],
  [
    'bij,bjk->bik',
    [
      [[2, 2, 3], false],
      [[2, 3, 2], false],
    ],
  ],
  [
    'bhqd,bhkd->bhqk',
    [
      [[1, 2, 2, 3], false],
      [[1, 2, 2, 3], false],
    ],
  ],
  [
    'i,j->ij',
    [
      [[2], false],
      [[3], true],
    ],
  ],
  [
    'i,i->',
    [
      [[4], false],
      [[4], false],
    ],
  ],
  ['ij->ji', [[[2, 3], false]]],
  ['ijk->j', [[[2, 3, 2], false]]],
  ['ii->i', [[[3, 3], false]]],
  [
    'ij,i->ij',
    [
      [[2, 3], false],
      [[2], true],
    ],
  ],
  [
    'ij,jk,kl->il',
    [
      [[2, 2], false],
      [[2, 3], true],
      [[3, 2], true],
    ],
  ],
  [
    'ij,kl->il',
    [
      [[2, 3], false],
      [[2, 2], false],
    ],
  ],
];

describe('Einsum', () => {
  it.each(cases)('%s is its definition', (equation, operands) => {
    const { builder, values } = build(equation, operands);
    const computed = values.filter((_, index) => operands[index]?.[1] === false);
    const outcome = evaluate(imported(builder, whole).graph, computed)[0];
    const expected = byDefinition(
      equation,
      operands.map(([shape], index) => ({ shape, values: values[index] ?? [] })),
    );
    expect(outcome?.shape).toEqual(expected.shape);
    expect(outcome?.values).toEqual(expected.values);
  });

  it('reads ellipses and leaves the result to the labels where there is no arrow', () => {
    const { builder, values } = build('...ij,...jk', [
      [[2, 2, 3], false],
      [[2, 3, 2], false],
    ]);
    const named = build('bij,bjk->bik', [
      [[2, 2, 3], false],
      [[2, 3, 2], false],
    ]);
    expect(evaluate(imported(builder, whole).graph, values)).toEqual(
      evaluate(imported(named.builder, whole).graph, values),
    );
  });

  it('meets a constant matrix as one matrix product', () => {
    const { builder } = build('bij,jk->bik', [
      [[2, 3, 4], false],
      [[4, 2], true],
    ]);
    const { graph } = imported(builder, whole);
    expect(kindsOf(graph).filter((kind) => kind === 'matmul')).toHaveLength(1);
    expect(graph.nodes.find((node) => node.kind === 'matmul')?.shape).toEqual([6, 2]);
  });

  it('refuses equations that do not fit their operands', () => {
    expect(
      refusal(
        build('ij,jk->ix', [
          [[2, 3], false],
          [[3, 2], true],
        ]).builder,
        whole,
      ),
    ).toEqual(['TRG1044']);
    expect(refusal(build('ij->i->j', [[[2, 3], false]]).builder, whole)).toEqual(['TRG1044']);
    expect(
      refusal(
        build('ij,jk->ik', [
          [[2, 3], false],
          [[4, 2], true],
        ]).builder,
        whole,
      ),
    ).toEqual(['TRG1048']);
    expect(refusal(build('ijk->i', [[[2, 3], false]]).builder, whole)).toEqual(['TRG1048']);
  });
});
