import { describe, expect, it } from 'vitest';
import { defaultQuantizer } from '../../../src/config/config.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import type { Quantizer } from '../../../src/numeric/fixed-point.js';
import { lsbExponent, parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { quantizeCode } from '../../../src/numeric/rounding.js';
import { undeclared } from '../../../src/passes/model/assign-types.js';
import type { LayerDeclaration } from '../../../src/passes/model/layers/declaration.js';
import { typingPipeline } from '../../../src/passes/model/pipelines.js';
import { warnWraps } from '../../../src/passes/model/warn-wraps.js';
import { runPipeline } from '../../../src/passes/pass.js';
import { Random } from '../../../src/support/random.js';
import { runOracle } from '../../support/evaluators.js';
import { randomInputs, randomModel } from '../../support/random-model.js';
import { graphOf } from './support.js';

const input = '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [2]';
const graph = (types: string, rounding: string, overflow: string): ReturnType<typeof graphOf> =>
  graphOf(
    input,
    '%1 = add(%0, %0) : [2]',
    `%2 = quantize(%1) {types: [${types}], rounding: ${rounding}, overflow: ${overflow}} : [2] @ "score" "Quant"`,
    'output "y" = %2 : []',
  );

describe('wrap warnings', () => {
  it('name the node, the value, the element and the type', () => {
    const [warning, ...more] = warnWraps(graph('ap_fixed<9,5>, ap_fixed<8,4>', 'TRN', 'WRAP'));
    expect(more).toEqual([]);
    expect(warning?.code).toBe('TRG1307');
    expect(warning?.severity).toBe('warning');
    expect(warning?.location?.node).toBe('score');
    // 127 + 127 codes of 1/16.
    expect(warning?.message).toBe('element 1 can reach 15.875, which ap_fixed<8,4,AP_TRN,AP_WRAP> wraps');
    expect(warning?.hint).toContain('AP_SAT');
  });

  it('count the further elements', () => {
    const [warning] = warnWraps(graph('ap_fixed<8,4>', 'TRN', 'WRAP'));
    expect(warning?.message).toContain('element 0 can reach 15.875');
    expect(warning?.message).toContain('(and 1 more elements)');
  });

  it('see a wrap that only rounding causes, and one of negative values', () => {
    // The highest sum is 15.875: it fits 5 integer bits, but rounds up to 16 without fraction bits.
    expect(warnWraps(graph('ap_fixed<5,5>', 'TRN', 'WRAP'))).toEqual([]);
    expect(warnWraps(graph('ap_fixed<5,5>', 'RND', 'WRAP'))[0]?.message).toContain('can reach 15.875');
    expect(warnWraps(graph('ap_ufixed<9,4>', 'TRN', 'WRAP'))[0]?.message).toContain('can reach -16');
  });

  it.each(['SAT', 'SAT_ZERO', 'SAT_SYM'])('are not for %s', (overflow) => {
    expect(warnWraps(graph('ap_fixed<2,2>', 'TRN', overflow))).toEqual([]);
  });

  it('are notes where the layer is declared to have exactly that type', () => {
    const wrapping = graph('ap_fixed<8,4>', 'TRN', 'WRAP');
    const of = (name: string, declared: LayerDeclaration): string | undefined =>
      warnWraps(wrapping, new Map([[name, declared]])).map(({ code, severity }) => `${code} ${severity}`)[0];
    const type = (text: string): Quantizer => parseQuantizer(text);
    expect(of('score', { result: type('ap_fixed<8,4>') })).toBe('TRG1329 note');
    expect(of('score', { accumulator: type('ap_fixed<8,4>'), result: type('ap_fixed<4,4>') })).toBe('TRG1329 note');
    // Another layer, another type, rounding or overflow, and types of its constants: not what was asked for.
    expect(of('other', { result: type('ap_fixed<8,4>') })).toBe('TRG1307 warning');
    expect(of('score', { result: type('ap_fixed<9,4>') })).toBe('TRG1307 warning');
    expect(of('score', { result: type('ap_fixed<8,4,AP_RND>') })).toBe('TRG1307 warning');
    expect(of('score', { result: type('ap_fixed<8,4,AP_TRN,AP_SAT>') })).toBe('TRG1307 warning');
    expect(of('score', { bias: type('ap_fixed<8,4>') })).toBe('TRG1307 warning');
  });

  it('are notes for the accumulator of a layer whose bias another node adds', () => {
    const text = [
      '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: SAT} : [2]',
      '%1 = constant {lsb: 0, codes: [3, 3], float: false} : [2, 1]',
      '%2 = matmul(%0, %1) : [1] @ "dense" "MatMul"',
      '%3 = constant {lsb: 0, codes: [5], float: false} : [1]',
      '%4 = add(%2, %3) : [1] @ "bias" "Add"',
      'output "y" = %4 : []',
    ];
    const layers = new Map([['dense', { accumulator: parseQuantizer('ap_fixed<8,4>') }]]);
    const options = { ...undeclared(defaultQuantizer), layers };
    const typed = unwrap(runPipeline(graphOf(...text), typingPipeline(options), {}));
    const found = warnWraps(typed, layers);
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ code, location }) => `${code} ${location?.node ?? ''}`)).toEqual(
      found.map(() => 'TRG1329 dense'),
    );
  });

  it('cover every wrap that happens in random graphs', () => {
    const random = new Random(991);
    let wraps = 0;
    for (let round = 0; round < 120; round++) {
      const model = randomModel(random, { promises: 'none' });
      const warned = new Set(warnWraps(model).map(({ location }) => location?.node));
      for (const { tensors } of runOracle(model, randomInputs(random, model, 6))) {
        for (const node of model.nodes) {
          if (node.kind !== 'quantize' || node.overflow !== 'WRAP' || warned.has(node.provenance.name)) continue;
          const operand = tensors[node.operand];
          operand?.codes.forEach((code, index) => {
            const type = node.types[node.types.length === 1 ? 0 : index];
            if (type === undefined) throw new Error('no type');
            // In a type with room above, the rounded value must be the same.
            const wide = { ...type, signed: true, width: 400, integer: 400 + lsbExponent(type) } as typeof type;
            expect(quantizeCode(code, operand.lsb, type, node.rounding, 'WRAP')).toBe(
              quantizeCode(code, operand.lsb, wide, node.rounding, 'WRAP'),
            );
          });
        }
      }
      wraps += warned.size;
    }
    expect(wraps).toBeGreaterThan(20);
  });
});
