import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/diagnostics/result.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { verifyModel } from '../../../src/model/verify.js';
import { foldAffine } from '../../../src/passes/model/fold-affine.js';
import { floatInput, graphOf, linesOf } from './support.js';

const product = [
  `%0 = ${floatInput('x', '[1, 2]')}`,
  '%1 = constant {lsb: 0, codes: [1, 2, 3, 4], float: true} : [2, 2]',
  '%2 = matmul(%0, %1) : [1, 2]',
];
const constant = (id: number, codes: string, shape: string, float = true, lsb = 0): string =>
  `%${id} = constant {lsb: ${lsb}, codes: [${codes}], float: ${float}} : ${shape}`;

function fold(...lines: readonly string[]): { readonly before: ModelGraph; readonly after: ModelGraph } {
  const before = graphOf(...lines);
  const after = unwrap(foldAffine().run(before, {}));
  verifyModel(after, { typed: false });
  return { before, after };
}

describe('fold-affine', () => {
  it('folds scales and shifts into weights and bias, per column', () => {
    const { after } = fold(
      ...product,
      constant(3, '10, 20', '[2]'),
      '%4 = add(%2, %3) : [1, 2]',
      constant(5, '2, -3', '[1, 2]'),
      '%6 = multiply(%5, %4) : [1, 2]',
      constant(7, '1', '[]'),
      '%8 = subtract(%6, %7) : [1, 2]',
      'output "y" = %8 : []',
    );
    const lines = linesOf(after);
    const used = lines.at(-1)?.match(/%(\d+)/u)?.[0];
    const add = lines.find((line) => line.startsWith(`${used ?? ''} = add`));
    const [matmul, bias] = add?.match(/%\d+/gu)?.slice(1) ?? [];
    // x · (W × [2, -3]) + ([10, 20] × [2, -3] - 1)
    expect(lines.find((line) => line.startsWith(`${bias ?? ''} = `))).toContain('codes: [19, -61], float: true');
    const weights = lines.find((line) => line.startsWith(`${matmul ?? ''} = matmul`))?.match(/%\d+/gu)?.[2];
    expect(lines.find((line) => line.startsWith(`${weights ?? ''} = `))).toContain('lsb: 1, codes: [1, -3, 3, -6]');
  });

  it('rounds to float32, as every float of the model is', () => {
    const { after } = fold(
      `%0 = ${floatInput('x', '[1, 1]')}`,
      constant(1, String(2 ** 24 - 1), '[1, 1]'),
      '%2 = matmul(%0, %1) : [1, 1]',
      constant(3, '3', '[1]'),
      '%4 = multiply(%2, %3) : [1, 1]',
      'output "y" = %4 : []',
    );
    const rounded = Math.fround((2 ** 24 - 1) * 3);
    expect(rounded).not.toBe((2 ** 24 - 1) * 3);
    expect(linesOf(after).join('\n')).toContain(`codes: [${rounded / 4}], float: true`);
    expect(linesOf(after).join('\n')).toContain('lsb: 2');
  });

  it.each([
    [
      'a shift alone, which needs no folding',
      [constant(3, '10, 20', '[2]'), '%4 = add(%2, %3) : [1, 2]', 'output "y" = %4 : []'],
    ],
    [
      'a product that is read twice',
      [
        constant(3, '10, 20', '[2]'),
        '%4 = multiply(%2, %3) : [1, 2]',
        '%5 = add(%2, %4) : [1, 2]',
        'output "y" = %5 : []',
      ],
    ],
    [
      'a product that is a port',
      [constant(3, '10, 20', '[2]'), '%4 = multiply(%2, %3) : [1, 2]', 'output "y" = %4 : []', 'output "z" = %2 : []'],
    ],
    [
      'a scale with a type',
      [constant(3, '10, 20', '[2]', false), '%4 = multiply(%2, %3) : [1, 2]', 'output "y" = %4 : []'],
    ],
    [
      'a constant minus the product',
      [
        constant(3, '10, 20', '[2]'),
        '%4 = subtract(%3, %2) : [1, 2]',
        constant(5, '3', '[]'),
        '%6 = multiply(%4, %5) : [1, 2]',
        'output "y" = %6 : []',
      ],
    ],
    [
      'a scale that broadcasts to more rows',
      [constant(3, '2, 3, 5', '[3, 1]'), '%4 = multiply(%2, %3) : [3, 2]', 'output "y" = %4 : []'],
    ],
    [
      'a scale of higher rank, which changes the shape',
      [
        constant(3, '2, 3', '[1, 1, 2]'),
        '%4 = multiply(%2, %3) : [1, 1, 2]',
        '%5 = transpose(%4) {permutation: [2, 1, 0]} : [2, 1, 1]',
        'output "y" = %5 : []',
      ],
    ],
    [
      'a scale that leaves the range of float32',
      [constant(3, '1', '[]', true, 127), '%4 = multiply(%2, %3) : [1, 2]', 'output "y" = %4 : []'],
    ],
  ])('leaves %s', (_, tail) => {
    const { before, after } = fold(...product, ...tail);
    expect(after).toBe(before);
  });

  it('leaves products with typed or computed weights', () => {
    for (const weights of [constant(1, '1, 2, 3, 4', '[2, 2]', false), `%1 = ${floatInput('w', '[2, 2]')}`]) {
      const { before, after } = fold(
        `%0 = ${floatInput('x', '[1, 2]')}`,
        weights,
        '%2 = matmul(%0, %1) : [1, 2]',
        constant(3, '10, 20', '[2]'),
        '%4 = multiply(%2, %3) : [1, 2]',
        'output "y" = %4 : []',
      );
      expect(after).toBe(before);
    }
  });
});
