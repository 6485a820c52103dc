import { describe, expect, it } from 'vitest';
import { precisionCodes } from '../../../src/diagnostics/codes/precision.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { fixedPointType, parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { applyPrecision } from '../../../src/passes/model/precision/apply-precision.js';
import type { PrecisionPlan, TensorPrecision } from '../../../src/passes/model/precision/plan.js';
import { emptyPlan } from '../../../src/passes/model/precision/plan.js';
import { parsePrecision, printPrecision } from '../../../src/passes/model/precision/precision-file.js';
import { findSites } from '../../../src/passes/model/precision/sites.js';
import { floatInput, graphOf, linesOf, typed } from './support.js';

/** One type for all elements. */
function uniform(text: string): TensorPrecision {
  const { type, rounding, overflow } = parseQuantizer(text);
  return { types: [type], rounding, overflow };
}

/** Two dense layers; the second has its weights moved. */
const dense = graphOf(
  `%0 = ${floatInput('x', '[1, 2]')}`,
  '%1 = constant {lsb: -2, codes: [3, -5, 1, 7], float: true} : [2, 2] @ "w" "Initializer"',
  '%2 = matmul(%0, %1) : [1, 2]',
  '%3 = constant {lsb: -3, codes: [1, 2], float: true} : [2] @ "b" "Initializer"',
  '%4 = add(%2, %3) : [1, 2]',
  '%5 = relu(%4) : [1, 2] @ "act" "Relu"',
  '%6 = constant {lsb: -2, codes: [1, 3], float: true} : [1, 2] @ "v" "Initializer"',
  '%7 = transpose(%6) {permutation: [1, 0]} : [2, 1]',
  '%8 = matmul(%5, %7) : [1, 1] @ "" ""',
  'output "y" = %8 : []',
);
/** A convolution of two positions that share element 1. */
const windows = graphOf(
  `%0 = ${floatInput('x', '[4]')}`,
  '%1 = gather(%0) {axis: 0, indices: [0, 1, 2, 1, 2, 3]} : [6]',
  '%2 = reshape(%1) {shape: [2, 3]} : [2, 3]',
  '%3 = constant {lsb: -1, codes: [1, 3, 5], float: true} : [3, 1] @ "k" "Initializer"',
  '%4 = matmul(%2, %3) : [2, 1]',
  'output "y" = %4 : []',
);

describe('sites', () => {
  it('are inputs, tensors that enter products or leave, and float constants', () => {
    const found = findSites(dense).map((site) =>
      site.kind === 'tensor'
        ? [site.name, site.size, site.entersProduct, site.outputs]
        : [site.name, site.role, site.product?.id, site.sum?.id],
    );
    expect(found).toEqual([
      ['x', 2, true, []],
      ['w.weight', 'weight', 2, undefined],
      ['b.bias', 'bias', undefined, 4],
      ['act', 2, true, []],
      ['v.weight', 'weight', undefined, undefined],
      ['#8', 1, false, ['y']],
    ]);
  });

  it('put elements that meet the same weight into one group', () => {
    const [input] = findSites(windows);
    expect(input?.kind === 'tensor' && [...input.groups]).toEqual([0, 0, 0, 0]);
    const [vector] = findSites(dense);
    expect(vector?.kind === 'tensor' && [...vector.groups]).toEqual([0, 1]);
  });

  it('have names of their own where nodes share one', () => {
    const graph = graphOf(
      `%0 = ${floatInput('x', '[2]')}`,
      '%1 = relu(%0) : [2] @ "a" "Relu"',
      '%2 = negate(%0) : [2] @ "a" "Neg"',
      'output "y" = %1 : []',
      'output "z" = %2 : []',
    );
    expect(findSites(graph).map(({ name }) => name)).toEqual(['x', 'a', 'a@2']);
  });

  it('are not where the model has a quantiser', () => {
    const { graph } = typed(dense);
    expect(findSites(graph).filter(({ kind }) => kind === 'constant')).toEqual([]);
    expect(findSites(graph).map(({ name }) => name)).not.toContain('act');
  });
});

const plan: PrecisionPlan = {
  tensors: new Map([
    ['act', { types: [fixedPointType(false, 4, 2), fixedPointType(false, 6, 2)], rounding: 'RND', overflow: 'SAT' }],
    ['#8', uniform('ap_fixed<9,5,AP_TRN,AP_SAT>')],
  ]),
  constants: new Map([['w.weight', { lsb: -1, codes: [1n, -2n, 0n, 4n] }]]),
};

describe('applyPrecision', () => {
  it('quantises tensors and replaces constants', () => {
    const lines = linesOf(unwrap(applyPrecision(dense, plan)));
    expect(lines[1]).toBe('%1 = constant {lsb: -1, codes: [1, -2, 0, 4], float: false} : [2, 2]');
    expect(lines[6]).toBe(
      '%6 = quantize(%5) {types: [ap_ufixed<4,2>, ap_ufixed<6,2>], rounding: RND, overflow: SAT} : [1, 2]',
    );
    expect(lines.at(-1)).toBe('output "y" = %10 : []');
  });

  it('leaves the graph alone without a plan', () => {
    expect(unwrap(applyPrecision(dense, emptyPlan))).toBe(dense);
  });

  it('unknownSite, wrongSize: refuses a plan for another graph, with everything that is wrong', () => {
    const { diagnostics, ok } = applyPrecision(dense, {
      tensors: new Map([['acd', uniform('ap_fixed<8,4>')]]),
      constants: new Map([['w.weight', { lsb: 0, codes: [1n] }]]),
    });
    expect(ok).toBe(false);
    expect(diagnostics.map(({ code }) => code)).toEqual([
      precisionCodes.unknownSite.code,
      precisionCodes.wrongSize.code,
    ]);
    expect(diagnostics[0]).toMatchObject({
      location: { configPath: 'precision.tensors.acd' },
      hint: "did you mean 'act'?",
    });
    expect(diagnostics[1]?.message).toContain("1 codes for the 4 elements of 'w.weight'");
  });
});

describe('precision files', () => {
  const file = { model: 'a'.repeat(64), plan };

  it('read back to the same plan', () => {
    expect(unwrap(parsePrecision(printPrecision(file), 'p.json'))).toEqual(file);
    const empty = { model: 'b'.repeat(64), plan: emptyPlan };
    expect(unwrap(parsePrecision(printPrecision(empty), 'p.json'))).toEqual(empty);
  });

  it('keep codes of any size', () => {
    const large = {
      ...file,
      plan: { ...emptyPlan, constants: new Map([['w', { lsb: -90, codes: [-(1n << 80n), 5n] }]]) },
    };
    expect(unwrap(parsePrecision(printPrecision(large), 'p.json'))).toEqual(large);
  });

  it.each([
    ['{', 'it is not JSON'],
    ['[]', 'it has no "schema"'],
    ['{"schema":"trigc-precision","version":2}', 'version 2 is not 1'],
    [printPrecision({ ...file, model: 'x' }), '"model" is no SHA-256'],
    [printPrecision(file).replace('"RND"', '"UP"'), '"rounding" is not one of'],
    [printPrecision(file).replace('ap_ufixed<4,2>', 'ap_ufixed<0,2>'), 'a width of 0 bits'],
    [printPrecision(file).replace('[1,-2', '[1.5,-2'), 'code 0 is no whole number'],
    [printPrecision(file).replace('"lsb":-1', '"lsb":99999'), '"lsb" is no whole number'],
  ])('badFile: refuses %s', (text, message) => {
    const { ok, diagnostics } = parsePrecision(text, 'p.json');
    expect(ok).toBe(false);
    expect(diagnostics[0]?.code).toBe(precisionCodes.badFile.code);
    expect(diagnostics[0]?.message).toContain(message);
  });
});
