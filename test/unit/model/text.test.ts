import { describe, expect, it } from 'vitest';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { evaluateModel } from '../../../src/model/evaluate.js';
import { parseModel } from '../../../src/model/parse.js';
import { printModel } from '../../../src/model/print.js';
import { verifyModel } from '../../../src/model/verify.js';
import type { ModelGraph } from '../../../src/model/kinds.js';

/** y = relu(x · W - 1) to ap_ufixed<4,2>, with names that try to break out of the text. */
function hostileModel(): ModelGraph {
  const builder = new ModelBuilder('two"\nlines\u2028');
  const x = builder.input(
    { name: '\\" %0 = input', types: [fixedPointType(true, 4, 2)], rounding: 'TRN', overflow: 'WRAP' },
    [2],
  );
  const weights = builder.constant({ lsb: -1, codes: [1n, 3n, -1n, 2n], float: false }, [2, 2]);
  const product = builder.add('matmul', { left: x, right: weights }, { name: '// \u202e', operator: 'Gemm' });
  const one = builder.constant({ lsb: 0, codes: [1n], float: false }, []);
  const shifted = builder.add('subtract', { left: product, right: one });
  const y = builder.add('quantize', {
    operand: builder.add('relu', { operand: shifted }),
    types: [fixedPointType(false, 4, 2)],
    rounding: 'RND_CONV',
    overflow: 'SAT',
  });
  builder.output('y', y, [fixedPointType(false, 4, 2)]);
  return builder.finish();
}

const text = [
  'model 1 "two\\"\\nlines\\u2028"',
  '%0 = input {name: "\\\\\\" %0 = input", types: [ap_fixed<4,2>], rounding: TRN, overflow: WRAP} : [2] @ "" ""',
  '%1 = constant {lsb: -1, codes: [1, 3, -1, 2], float: false} : [2 * 2] @ "" ""',
  '%2 = matmul(%0, %1) : [2] @ "// \\u202e" "Gemm"',
  '%3 = constant {lsb: 0, codes: [1], float: false} : [] @ "" ""',
  '%4 = subtract(%2, %3) : [2] @ "" ""',
  '%5 = relu(%4) : [2] @ "" ""',
  '%6 = quantize(%5) {types: [ap_ufixed<4,2>], rounding: RND_CONV, overflow: SAT} : [2] @ "" ""',
  'output "y" = %6 : [ap_ufixed<4,2>]',
  '',
].join('\n');

describe('the text form of a ModelGraph', () => {
  it('has one node per line and quotes names', () => {
    expect(printModel(hostileModel())).toBe(text);
  });

  it('reads back exactly', () => {
    const graph = parseModel(text);
    expect(graph).toStrictEqual(hostileModel());
    expect(printModel(graph)).toBe(text);
    verifyModel(graph, { typed: true });
  });

  it('evaluates to hand-computed codes', () => {
    // x = [1.25, -0.5]: x · W = [0.625 + 0.25, 1.875 - 0.5] = [0.875, 1.375]; minus 1, relu, to LSB 1/4 half to even.
    const { outputs, tensors, violations } = evaluateModel(parseModel(text), [[5n, -2n]]);
    expect(tensors[2]).toEqual({ lsb: -3, codes: [7n, 11n] });
    expect(outputs).toEqual([[0n, 2n]]);
    expect(violations).toEqual([]);
  });

  const broken: readonly (readonly [string, string, string, RegExp])[] = [
    ['an unknown kind', 'relu(%4)', 'rely(%4)', /^line 7: 'rely' is not a kind of node/u],
    ['a later operand', 'relu(%4)', 'relu(%5)', /^line 7: .*does not come before/u],
    ['a wrong shape', 'relu(%4) : [2]', 'relu(%4) : [3]', /^line 7: .*its shape is \[2\], not \[3\]/u],
    ['too few operands', 'matmul(%0, %1)', 'matmul(%0)', /^line 4: matmul takes 2 operands, not 1/u],
    ['contradictory shapes', 'matmul(%0, %1)', 'matmul(%1, %1)', /^line 4: .*its shape is \[2, 2\]/u],
    ['a type with modes', '[ap_ufixed<4,2>], r', '[ap_ufixed<4,2,AP_RND,AP_SAT>], r', /^line 8: .*not of the form/u],
    ['a missing number', '%3 = ', '%4 = ', /^line 5: %4 where %3 is due/u],
    ['too many codes', '[1, 3, -1, 2]', '[1 * 5]', /^line 3: .*5 codes for 4 elements/u],
    ['a run that fills the memory', '[1, 3, -1, 2]', '[[1 * 99999] * 9999]', /^line 3: a run of/u],
    ['deep nesting', '[1, 3, -1, 2]', '['.repeat(100_000), /^line 3: lists are nested too deeply/u],
    ['an unknown rounding', 'RND_CONV', 'RND_ODD', /^line 8: 'RND_ODD' is not one of/u],
    ['a bad escape', '"Gemm"', '"\\x"', /^line 4: .*escape/u],
    ['an open string', '"Gemm"', '"Gemm', /^line 4: expected a quoted string/u],
    ['an unknown output', '= %6 :', '= %7 :', /^line 9: .*%7, which does not exist/u],
    ['text after the end', 'output "y"', 'outputs "y"', /^line 9/u],
    ['another version', 'model 1', 'model 2', /^line 1: .*version 2/u],
  ];
  it.each(broken)('refuses %s with its line', (_, from, to, message) => {
    expect(text).toContain(from);
    expect(() => parseModel(text.replace(from, () => to))).toThrow(
      expect.objectContaining({ name: 'TextSyntaxError', message: expect.stringMatching(message) as string }),
    );
  });
});
