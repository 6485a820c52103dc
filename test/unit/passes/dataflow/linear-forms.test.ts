import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { NodeId } from '../../../../src/dataflow/kinds.js';
import { linearForms } from '../../../../src/passes/dataflow/linear-forms.js';

const byte = { low: -128n, high: 127n };

/** Coefficients of every root of a kernel that returns factors × (a + b + c), by root. */
function coefficients(factors: readonly bigint[]): readonly (readonly bigint[])[] {
  const builder = new KernelBuilder('scaled');
  const [a, b, c] = [builder.input(byte), builder.input(byte), builder.input(byte)];
  const sum: NodeId = builder.add(builder.add(a, b), c);
  for (const factor of factors) builder.output(builder.multiply(sum, builder.constant(factor)));
  return [...linearForms(builder.finish()).values()].map(({ terms }) => [...terms.values()]);
}

describe('a sum that a constant multiplies', () => {
  it('stays a value of its own where the factor has more than one digit', () => {
    expect(coefficients([389n])).toEqual([[1n, 1n, 1n], [389n]]);
    expect(coefficients([-3n])).toEqual([[1n, 1n, 1n], [-3n]]);
  });

  it('dissolves where the factor is a shift', () => {
    expect(coefficients([4n])).toEqual([[4n, 4n, 4n]]);
    expect(coefficients([-8n])).toEqual([[-8n, -8n, -8n]]);
  });

  it('dissolves where several factors may share more than the sum', () => {
    expect(coefficients([3n, 5n])).toEqual([
      [3n, 3n, 3n],
      [5n, 5n, 5n],
    ]);
  });
});
