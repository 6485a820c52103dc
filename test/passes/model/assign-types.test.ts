import { describe, expect, it } from 'vitest';
import { parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { parseDecimal } from '../../../src/numeric/dyadic.js';
import type { ElementDeclaration } from '../../../src/passes/model/assign-types.js';
import { assignTypes } from '../../../src/passes/model/assign-types.js';
import { floatInput, graphOf, quantizeLine, refused, typed, typingOptions } from './support.js';

const type = (text: string): ElementDeclaration => ({ type: parseQuantizer(text) });
const promise = (low: string, high: string): ElementDeclaration => {
  const [from, to] = [parseDecimal(low), parseDecimal(high)];
  if (from === undefined || to === undefined) throw new Error('not binary');
  return { promise: { low: from, high: to } };
};
const DEFAULT_PORT = 'types: [ap_fixed<16,6>], rounding: RND_CONV, overflow: SAT';

describe('the type of an input', () => {
  const quantised = graphOf(
    `%0 = ${floatInput('x', '[2]')}`,
    `%1 = ${quantizeLine(0, 'ap_fixed<8,4,AP_RND,AP_SAT>', '[2]')}`,
    'output "y" = %1 : []',
  );

  it('is that of its first quantiser, with its modes', () => {
    const { lines, diagnostics } = typed(quantised);
    expect(lines[0]).toBe('%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: RND, overflow: SAT} : [2]');
    expect(diagnostics).toEqual([]);
  });

  it('is the declared one before any quantiser', () => {
    const { lines } = typed(quantised, { inputs: { x: [type('ap_ufixed<9,8>'), type('ap_ufixed<9,8>')] } });
    expect(lines[0]).toBe('%0 = input {name: "x", types: [ap_ufixed<9,8>], rounding: TRN, overflow: WRAP} : [2]');
    expect(lines[1]).toContain('quantize(%0) {types: [ap_fixed<8,4>], rounding: RND, overflow: SAT}');
  });

  it('is declared for some elements and that of the quantiser for the others', () => {
    const { lines } = typed(quantised, { inputs: { x: [{}, type('ap_int<5>')] } });
    expect(lines[0]).toContain('types: [ap_fixed<8,4>, ap_fixed<5,5>]');
  });

  it('is the default where nothing else is known, with a note that names the input', () => {
    const { lines, diagnostics } = typed(
      graphOf(`%0 = ${floatInput('x', '[2]')}`, '%1 = relu(%0) : [2]', 'output "y" = %1 : []'),
    );
    expect(lines[0]).toContain(DEFAULT_PORT);
    expect(diagnostics.map(({ code }) => code)).toEqual(['TRG1306']);
    expect(diagnostics[0]?.message).toContain("input 'x'");
    expect(diagnostics[0]?.message).toContain('ap_fixed<16,6,AP_RND_CONV,AP_SAT>');
  });

  it('is what ONNX declares for integers', () => {
    const { lines, diagnostics } = typed(
      graphOf(
        '%0 = input {name: "x", types: [ap_fixed<8,8>], rounding: TRN, overflow: SAT} : [2]',
        '%1 = relu(%0) : [2]',
        'output "y" = %1 : []',
      ),
    );
    expect(lines[0]).toContain('types: [ap_fixed<8,8>]');
    expect(lines.at(-1)).toBe('output "y" = %1 : [ap_ufixed<7,7>]');
    expect(diagnostics).toEqual([]);
  });

  it.each([
    ['reshape', '%1 = reshape(%0) {shape: [3, 2]} : [3, 2]', '[3, 2]', ['ap_fixed<8,4>']],
    ['transpose', '%1 = transpose(%0) {permutation: [1, 0]} : [3, 2]', '[3, 2]', ['ap_fixed<8,4>']],
    // Elements 0, 1 and 3, 4 reach the quantiser; 2 and 5 stay with the default.
    [
      'gather',
      '%1 = gather(%0) {axis: 1, indices: [1, 0]} : [2, 2]',
      '[2, 2]',
      ['ap_fixed<8,4>', 'ap_fixed<8,4>', 'ap_fixed<16,6>', 'ap_fixed<8,4>', 'ap_fixed<8,4>', 'ap_fixed<16,6>'],
    ],
  ])('is seen through %s', (_, move, shape, types) => {
    const { lines } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[2, 3]')}`,
        move,
        `%2 = ${quantizeLine(1, 'ap_fixed<8,4>', shape)}`,
        'output "y" = %2 : []',
      ),
    );
    expect(lines[0]).toContain(`types: [${types.join(', ')}]`);
  });

  it('follows each element through slices, concatenation and a transposition of types per element', () => {
    const { lines } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[4]')}`,
        `%1 = ${floatInput('z', '[1]')}`,
        '%2 = gather(%0) {axis: 0, indices: [3, 2]} : [2]',
        '%3 = concat(%2, %1) {axis: 0} : [3]',
        '%4 = quantize(%3) {types: [ap_fixed<3,3>, ap_fixed<4,4>, ap_fixed<5,5>], rounding: TRN, overflow: SAT} : [3]',
        '%5 = gather(%0) {axis: 0, indices: [0, 1]} : [2]',
        `%6 = ${quantizeLine(5, 'ap_ufixed<2,2,AP_TRN,AP_SAT>', '[2]')}`,
        'output "y" = %4 : []',
        'output "w" = %6 : []',
      ),
    );
    expect(lines[0]).toContain('types: [ap_ufixed<2,2>, ap_ufixed<2,2>, ap_fixed<4,4>, ap_fixed<3,3>]');
    expect(lines[1]).toContain('types: [ap_fixed<5,5>]');
  });

  it('is an error where quantisers disagree, in type or in modes, with the input and both quantisers named', () => {
    for (const other of ['ap_fixed<8,5,AP_RND,AP_SAT>', 'ap_fixed<8,4,AP_TRN,AP_SAT>']) {
      const [error, ...more] = refused(
        graphOf(
          `%0 = ${floatInput('x', '[2]')}`,
          `%1 = ${quantizeLine(0, 'ap_fixed<8,4,AP_RND,AP_SAT>', '[2]')}`,
          `%2 = ${quantizeLine(0, other, '[2]')}`,
          'output "y" = %1 : []',
          'output "z" = %2 : []',
        ),
      );
      expect(more).toEqual([]);
      expect(error?.code).toBe('TRG1301');
      expect(error?.location?.node).toBe('n0');
      for (const part of ["input 'x'", 'element 0', 'ap_fixed<8,4,AP_RND,AP_SAT>', other, "'n2'"]) {
        expect(error?.message).toContain(part);
      }
      expect(error?.hint).toContain('inputs.<name>.type');
    }
  });

  it('may be declared where quantisers disagree', () => {
    const { lines } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[1]')}`,
        `%1 = ${quantizeLine(0, 'ap_fixed<8,4>', '[1]')}`,
        `%2 = ${quantizeLine(0, 'ap_fixed<8,5>', '[1]')}`,
        'output "y" = %1 : []',
        'output "z" = %2 : []',
      ),
      { inputs: { x: [type('ap_fixed<10,5>')] } },
    );
    expect(lines[0]).toContain('ap_fixed<10,5>');
  });

  it('that is also used without its quantiser gives a note', () => {
    const { diagnostics } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[1]')}`,
        `%1 = ${quantizeLine(0, 'ap_fixed<8,4>', '[1]')}`,
        '%2 = subtract(%1, %0) : [1]',
        'output "y" = %2 : []',
      ),
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['TRG1308']);
  });
});

describe('promises', () => {
  const graph = graphOf(`%0 = ${floatInput('x', '[2]')}`, '%1 = relu(%0) : [2]', 'output "y" = %1 : []');
  const declared = (...promises: readonly ElementDeclaration[]): Parameters<typeof typed>[1] => ({
    inputs: {
      x: promises.map((each, index) => ({ ...type(index === 0 ? 'ap_fixed<8,4>' : 'ap_ufixed<6,6>'), ...each })),
    },
  });

  it('become codes on the finest LSB of the port, drawn inwards to the grid of the element', () => {
    const { lines } = typed(graph, declared(promise('-1.03125', '2.03125'), promise('0.5', '7.5')));
    expect(lines[1]).toBe('%1 = assume(%0) {lsb: -4, ranges: [[-16, 32], [16, 112]]} : [2]');
    expect(lines.at(-1)).toBe('output "y" = %2 : [ap_ufixed<7,3>]');
  });

  it('cover elements without one by their type', () => {
    const { lines } = typed(graph, declared({}, promise('3', '3')));
    expect(lines[1]).toBe('%1 = assume(%0) {lsb: -4, ranges: [[-128, 127], [48, 48]]} : [2]');
  });

  it('that hold no value of the type are an error for each element', () => {
    const errors = refused(graph, declared(promise('100', '200'), promise('0.25', '0.75')));
    expect(errors.map(({ code }) => code)).toEqual(['TRG1304', 'TRG1304']);
    expect(errors.map(({ location }) => location?.configPath)).toEqual(['inputs.x', 'inputs.x']);
    expect(errors[1]?.message).toContain('element 1');
  });
});

describe('float constants', () => {
  const product = (...tail: readonly string[]): ReturnType<typeof graphOf> =>
    graphOf(
      '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [1, 2]',
      '%1 = constant {lsb: -10, codes: [700, -333], float: true} : [2, 1]',
      '%2 = matmul(%0, %1) : [1, 1]',
      ...tail,
    );

  it('that are weights take the weight type', () => {
    const { lines, diagnostics } = typed(product('output "y" = %2 : []'), {
      weights: 'ap_fixed<6,1,AP_RND,AP_SAT>',
      default: 'ap_fixed<20,10>',
    });
    // 700 / 1024 = 21.875 / 32 and -333 / 1024 = -10.4 / 32.
    expect(lines[1]).toBe('%1 = constant {lsb: -5, codes: [22, -10], float: false} : [2, 1]');
    expect(diagnostics[0]?.message).toContain('(weights ap_fixed<6,1,AP_RND,AP_SAT>)');
  });

  it('that are weights take the default where no weight type is given, and saturate in it', () => {
    const { lines } = typed(product('output "y" = %2 : []'), { default: 'ap_fixed<4,0,AP_RND,AP_SAT>' });
    expect(lines[1]).toBe('%1 = constant {lsb: -4, codes: [7, -5], float: false} : [2, 1]');
  });

  it('that are weights keep their type on the way through transpositions', () => {
    const { lines } = typed(
      graphOf(
        '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [1, 2]',
        '%1 = constant {lsb: -14, codes: [700, -333], float: true} : [1, 2]',
        '%2 = transpose(%1) {permutation: [1, 0]} : [2, 1]',
        '%3 = matmul(%0, %2) : [1, 1]',
        `%4 = ${quantizeLine(3, 'ap_fixed<8,4>', '[1, 1]')}`,
        'output "y" = %4 : []',
      ),
      { weights: 'ap_fixed<16,2>', default: 'ap_fixed<8,4>' },
    );
    expect(lines[1]).toContain('lsb: -14, codes: [700, -333], float: false');
    expect(lines[3]).toBe('%3 = matmul(%0, %2) : [1, 1]');
  });

  const bias = '%3 = constant {lsb: -30, codes: [12345], float: true} : [1]';
  const add = '%4 = add(%2, %3) : [1, 1]';

  it('stay exact before a quantiser, which absorbs them', () => {
    const { lines } = typed(
      product(
        bias,
        add,
        '%5 = relu(%4) : [1, 1]',
        `%6 = ${quantizeLine(5, 'ap_fixed<8,4>', '[1, 1]')}`,
        'output "y" = %6 : []',
      ),
    );
    expect(lines[3]).toBe('%3 = constant {lsb: -30, codes: [12345], float: false} : [1]');
  });

  it.each([
    ['an output', ['output "y" = %4 : []']],
    [
      'a matrix product',
      ['%5 = matmul(%4, %4) : [1, 1]', `%6 = ${quantizeLine(5, 'ap_fixed<8,4>', '[1, 1]')}`, 'output "y" = %6 : []'],
    ],
    [
      'an output on one of two paths',
      [`%5 = ${quantizeLine(4, 'ap_fixed<8,4>', '[1, 1]')}`, 'output "y" = %5 : []', 'output "z" = %4 : []'],
    ],
  ])('take the default before %s', (_, tail) => {
    const { lines } = typed(product(bias, add, ...tail));
    // 12345 × 2^-30 is below half an LSB of the default.
    expect(lines[3]).toBe('%3 = constant {lsb: -10, codes: [0], float: false} : [1]');
  });

  it('of zero and powers of two stay as they are', () => {
    const { lines, diagnostics } = typed(
      graphOf(
        '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [2]',
        '%1 = constant {lsb: -30, codes: [1, -1], float: true} : [2]',
        '%2 = multiply(%0, %1) : [2]',
        'output "y" = %2 : []',
      ),
    );
    expect(lines[1]).toContain('lsb: -30, codes: [1, -1], float: false');
    expect(diagnostics).toEqual([]);
  });

  it('that are typed already are left alone', () => {
    const { lines } = typed(
      graphOf(
        '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [1, 2]',
        '%1 = constant {lsb: -20, codes: [700, -333], float: false} : [2, 1]',
        '%2 = matmul(%0, %1) : [1, 1]',
        'output "y" = %2 : []',
      ),
      { weights: 'ap_fixed<4,1>' },
    );
    expect(lines[1]).toContain('lsb: -20, codes: [700, -333]');
    // The lowest sum, 700 × -128 - 333 × 127, is below -2^17.
    expect(lines.at(-1)).toBe('output "y" = %2 : [ap_fixed<19,-5>]');
  });
});

describe('tensors that descend from default-typed data', () => {
  it('enter products and leave ports in the default type, once each', () => {
    const { lines, diagnostics } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[1, 2]')}`,
        '%1 = constant {lsb: 0, codes: [3, 5, 7, 9], float: true} : [2, 2]',
        '%2 = matmul(%0, %1) : [1, 2]',
        '%3 = relu(%2) : [1, 2]',
        '%4 = matmul(%3, %1) : [1, 2]',
        '%5 = multiply(%3, %3) : [1, 2]',
        'output "y" = %4 : []',
        'output "z" = %5 : []',
      ),
    );
    const quantizers = lines.filter((line) => line.includes('quantize('));
    expect(quantizers).toEqual([
      '%4 = quantize(%3) {types: [ap_fixed<16,6>], rounding: RND_CONV, overflow: SAT} : [1, 2]',
      '%7 = quantize(%5) {types: [ap_fixed<16,6>], rounding: RND_CONV, overflow: SAT} : [1, 2]',
      '%8 = quantize(%6) {types: [ap_fixed<16,6>], rounding: RND_CONV, overflow: SAT} : [1, 2]',
    ]);
    expect(lines).toContain('%6 = multiply(%4, %4) : [1, 2]');
    expect(lines.slice(-2)).toEqual(['output "y" = %7 : [ap_fixed<16,6>]', 'output "z" = %8 : [ap_fixed<16,6>]']);
    expect(diagnostics[0]?.message).toContain("the result of 'n3'");
  });

  it('end where a quantiser of the graph gives them a type', () => {
    const { lines } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[1, 2]')}`,
        '%1 = relu(%0) : [1, 2]',
        `%2 = ${quantizeLine(1, 'ap_ufixed<4,4>', '[1, 2]')}`,
        '%3 = add(%2, %2) : [1, 2]',
        'output "y" = %3 : []',
      ),
    );
    expect(lines.at(-1)).toBe('output "y" = %3 : [ap_ufixed<5,5>]');
  });
});

describe('the type of an output', () => {
  const input = '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [2]';

  it('is that of its quantiser, seen through structure', () => {
    const { lines } = typed(
      graphOf(
        input,
        `%1 = ${quantizeLine(0, 'ap_fixed<12,9>', '[2]')}`,
        '%2 = reshape(%1) {shape: [1, 2]} : [1, 2]',
        '%3 = transpose(%2) {permutation: [1, 0]} : [2, 1]',
        'output "y" = %3 : []',
      ),
    );
    expect(lines.at(-1)).toBe('output "y" = %3 : [ap_fixed<12,9>]');
  });

  it('is exact for sums and products', () => {
    const { lines } = typed(
      graphOf(
        input,
        '%1 = add(%0, %0) : [2]',
        '%2 = multiply(%1, %0) : [2]',
        'output "s" = %1 : []',
        'output "p" = %2 : []',
      ),
    );
    expect(lines.slice(-2)).toEqual(['output "s" = %1 : [ap_fixed<9,5>]', 'output "p" = %2 : [ap_fixed<17,9>]']);
  });

  it('is a type for each element where a concatenation joins different ones', () => {
    const { lines } = typed(
      graphOf(
        input,
        '%1 = relu(%0) : [2]',
        `%2 = ${quantizeLine(1, 'ap_fixed<12,9>', '[2]')}`,
        '%3 = concat(%2, %1, %0) {axis: 0} : [6]',
        '%4 = gather(%3) {axis: 0, indices: [5, 3, 0]} : [3]',
        'output "y" = %4 : []',
      ),
    );
    expect(lines.at(-1)).toBe('output "y" = %4 : [ap_fixed<8,4>, ap_ufixed<7,3>, ap_fixed<12,9>]');
  });

  it('is the declared one, by a quantiser of its own', () => {
    const { lines } = typed(graphOf(input, '%1 = add(%0, %0) : [2]', 'output "y" = %1 : []', 'output "z" = %1 : []'), {
      outputs: { z: 'ap_fixed<4,3,AP_RND,AP_SAT>' },
    });
    expect(lines).toContain('%2 = quantize(%1) {types: [ap_fixed<4,3>], rounding: RND, overflow: SAT} : [2]');
    expect(lines.slice(-2)).toEqual(['output "y" = %1 : [ap_fixed<9,5>]', 'output "z" = %2 : [ap_fixed<4,3>]']);
  });

  it('beyond the widest word is an error that names the node', () => {
    const squares = Array.from({ length: 10 }, (_, index) => `%${index + 1} = multiply(%${index}, %${index}) : [2]`);
    const [error] = refused(graphOf(input, ...squares, 'output "y" = %10 : []'));
    expect(error?.code).toBe('TRG1309');
    expect(error?.location?.node).toBe('n10');
    expect(error?.message).toMatch(/needs \d+ bits; the limit is 4096/u);
  });
});

describe('names', () => {
  it('of all ports are checked once, in graph order, and what is wrong with them stops the typing', () => {
    const graph = graphOf(
      `%0 = ${floatInput('a', '[1]')}`,
      `%1 = ${floatInput('b', '[1]')}`,
      '%2 = add(%0, %1) : [1]',
      'output "y" = %2 : []',
    );
    const seen: unknown[] = [];
    const options = typingOptions({});
    const result = assignTypes(graph, {
      ...options,
      checkNames: (inputs, outputs, bag) => {
        seen.push([inputs, outputs]);
        bag.add({ code: 'TRG9999', severity: 'error', title: '', hint: '' }, 'unknown');
      },
    });
    expect(seen).toEqual([[['a', 'b'], ['y']]]);
    expect(result.ok).toBe(false);
  });
});

describe('comparisons', () => {
  it('absorb float constants exactly, and their results are no float tensors', () => {
    const { lines, diagnostics } = typed(
      graphOf(
        '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [2]',
        '%1 = constant {lsb: -24, codes: [5033165, 3355443], float: true} : [2]',
        '%2 = lessThan(%0, %1) : [2]',
        '%3 = select(%2, %0, %2) : [2]',
        'output "y" = %3 : []',
        'output "b" = %2 : []',
      ),
    );
    expect(lines[1]).toBe('%1 = constant {lsb: -24, codes: [5033165, 3355443], float: false} : [2]');
    expect(lines.slice(-2)).toEqual(['output "y" = %3 : [ap_fixed<8,4>]', 'output "b" = %2 : [ap_ufixed<1,1>]']);
    expect(diagnostics).toEqual([]);
  });
});

describe('a float tensor that is moved before a matrix product', () => {
  it('takes the default type where it is made, once for all windows it stands in', () => {
    const { lines, diagnostics } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[3]')}`,
        '%1 = multiply(%0, %0) : [3]',
        '%2 = constant {lsb: 0, codes: [0], float: false} : [1]',
        '%3 = concat(%1, %2) {axis: 0} : [4]',
        '%4 = gather(%3) {axis: 0, indices: [3, 0, 1, 0, 1, 2]} : [6]',
        '%5 = reshape(%4) {shape: [2, 3]} : [2, 3]',
        '%6 = constant {lsb: 0, codes: [1, 2, 3], float: false} : [3, 1]',
        '%7 = matmul(%5, %6) : [2, 1]',
        'output "y" = %7 : []',
      ),
    );
    const quantizers = lines.filter((line) => line.includes(' = quantize('));
    expect(quantizers[0]).toMatch(/ : \[3\]$/u);
    expect(lines.filter((line) => / = quantize\(.* : \[(?:4|6|2, 3)\]$/u.test(line))).toEqual([]);
    expect(lines.some((line) => line.includes(' = matmul('))).toBe(true);
    expect(diagnostics[0]?.message).toContain("the result of 'n1'");
  });

  it('is typed behind the wires where they also bring constants', () => {
    const { lines } = typed(
      graphOf(
        `%0 = ${floatInput('x', '[1]')}`,
        '%1 = multiply(%0, %0) : [1]',
        '%2 = constant {lsb: -20, codes: [3], float: false} : [1]',
        '%3 = concat(%1, %2) {axis: 0} : [2]',
        '%4 = constant {lsb: 0, codes: [1, 2], float: false} : [2, 1]',
        '%5 = matmul(%3, %4) : [1]',
        'output "y" = %5 : []',
      ),
    );
    expect(lines.some((line) => / = quantize\(.* : \[2\]$/u.test(line))).toBe(true);
  });
});
