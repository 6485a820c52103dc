import { describe, expect, it } from 'vitest';
import { typingCodes } from '../../src/diagnostics/codes/typing.js';
import type { Diagnostic, DiagnosticKind } from '../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { parseModel } from '../../src/model/parse.js';
import { dyadicFromNumber } from '../../src/numeric/dyadic.js';
import { parseQuantizer } from '../../src/numeric/fixed-point.js';
import type { TypingOptions } from '../../src/passes/model/assign-types.js';
import { assignTypes, undeclared } from '../../src/passes/model/assign-types.js';
import { warnWraps } from '../../src/passes/model/warn-wraps.js';
import { at } from '../../src/support/invariant.js';

const plain = undeclared(parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>'));

const untyped = 'model 1 "m"\n%0 = input {name: "x", types: [], rounding: TRN, overflow: WRAP} : [2] @ "x" ""\n';
const quantize = (id: number, operand: number, type: string, overflow = 'SAT'): string =>
  `%${id} = quantize(%${operand}) {types: [${type}], rounding: TRN, overflow: ${overflow}} : [2] @ "q${id}" "Quant"\n`;
const output = (id: number): string => `output "y${id}" = %${id} : []\n`;

/** All diagnostics of typing a graph, and of looking for wraps in the result. */
function diagnosticsOf(text: string, options: TypingOptions = plain): readonly Diagnostic[] {
  const result = assignTypes(parseModel(text), options);
  return result.ok ? [...result.diagnostics, ...warnWraps(result.value)] : result.diagnostics;
}

function one(diagnostics: readonly Diagnostic[], kind: DiagnosticKind): Diagnostic {
  const found = diagnostics.filter(({ code }) => code === kind.code);
  expect(found, JSON.stringify(diagnostics)).toHaveLength(1);
  expect(found[0]?.severity).toBe(kind.severity);
  return at(found, 0);
}

describe('typing reports', () => {
  it('quantisers of one input that disagree', () => {
    const text = untyped + quantize(1, 0, 'ap_fixed<6,3>') + quantize(2, 0, 'ap_fixed<6,2>') + output(1) + output(2);
    const { message, location } = one(diagnosticsOf(text), typingCodes.inputQuantisersDisagree);
    expect(message).toContain("input 'x': element 0 meets ap_fixed<6,");
    expect(location).toEqual({ node: 'x' });
    expect(assignTypes(parseModel(text), plain).ok).toBe(false);
  });

  it('nothing where they agree', () => {
    const text = untyped + quantize(1, 0, 'ap_fixed<6,3>') + quantize(2, 0, 'ap_fixed<6,3>') + output(1) + output(2);
    expect(diagnosticsOf(text)).toEqual([]);
  });

  it('an input that is used quantised and directly', () => {
    const text = `${untyped + quantize(1, 0, 'ap_fixed<6,3>')}%2 = add(%0, %1) : [2] @ "a" "Add"\n${output(2)}`;
    expect(one(diagnosticsOf(text), typingCodes.unquantisedInputUse).message).toContain('used directly');
  });

  it('an input whose port takes the integers of a scale that is not a power of two', () => {
    const ratio = 'numerators: [1], offsets: [0], denominators: [3], types: [ap_fixed<4,2>]';
    const text = `${untyped}%1 = requantize(%0) {${ratio}, rounding: RND_CONV, overflow: SAT} : [2] @ "q" "Quant"\n${output(1)}`;
    const { message } = one(diagnosticsOf(text), typingCodes.scaledPort);
    expect(message).toBe("input 'x' takes the integers of 'q' as ap_fixed<4,4>, in steps of 0.75");
    const typed = assignTypes(parseModel(text), plain);
    expect(typed.ok && typed.value.nodes.map(({ kind }) => kind)).toEqual(['input', 'constant', 'multiply']);
    const scales: unknown[] = [];
    const told: TypingOptions = { ...plain, scaledPort: (name, scale) => scales.push([name, scale]) };
    assignTypes(parseModel(text), told);
    // (8 x + 3) / 5 in units of 2^-2: x = 5/32 × (code - 12/5).
    const shifted = text.replace(
      ratio,
      ratio.replace('[1], offsets: [0], denominators: [3]', '[8], offsets: [3], denominators: [5]'),
    );
    expect(one(diagnosticsOf(shifted, told), typingCodes.scaledPort).message).toContain(
      'steps of 0.15625 from zero point 12/5',
    );
    // Units of 2^3.
    assignTypes(parseModel(text.replace('ap_fixed<4,2>', 'ap_fixed<4,7>')), told);
    expect(scales).toEqual([
      ['x', { scale: '3/4', step: 0.75 }],
      ['x', { scale: '5/32', zeroPoint: '12/5', step: 0.15625 }],
      ['x', { scale: '24', step: 24 }],
    ]);
    // A declared type keeps the division, and the port holds real values.
    const type = parseQuantizer('ap_fixed<8,4>');
    const declared = assignTypes(parseModel(text), { ...plain, inputs: () => [{ type }, { type }] });
    expect(declared.ok && declared.value.nodes.map(({ kind }) => kind)).toEqual(['input', 'requantize']);
  });

  it('a promise that no value of the type keeps', () => {
    const text = untyped + quantize(1, 0, 'ap_fixed<6,3>') + output(1);
    const promise = { low: dyadicFromNumber(0.01), high: dyadicFromNumber(0.02) };
    const options = { ...plain, inputs: () => [{}, { promise }] };
    const { message, location } = one(diagnosticsOf(text, options), typingCodes.promiseOutsideType);
    expect(message).toContain("element 1's type ap_fixed<6,3>");
    expect(location).toEqual({ configPath: 'inputs.x' });
  });

  it('what takes the default type', () => {
    const { message } = one(diagnosticsOf(untyped + output(0)), typingCodes.defaultType);
    expect(message).toContain("input 'x'");
    expect(message).toContain('ap_fixed<16,6');
  });

  it('reachable values that wrap, with the value', () => {
    const wide = untyped + quantize(1, 0, 'ap_fixed<6,4>') + `%2 = add(%1, %1) : [2] @ "a" "Add"\n`;
    const wrapping = wide + quantize(3, 2, 'ap_fixed<6,4>', 'WRAP') + output(3);
    const { message, location } = one(diagnosticsOf(wrapping), typingCodes.reachableWrap);
    expect(message).toContain('element 0 can reach 15.5, which ap_fixed<6,4');
    expect(location).toEqual({ node: 'q3' });
    expect(diagnosticsOf(wide + quantize(3, 2, 'ap_fixed<7,5>', 'WRAP') + output(3))).toEqual([]);
  });

  it('words beyond the limit', () => {
    let text = untyped + quantize(1, 0, 'ap_fixed<4000,4000>');
    text += '%2 = multiply(%1, %1) : [2] @ "square" "Mul"\n' + output(2);
    const { message, location } = one(diagnosticsOf(text), typingCodes.widthLimit);
    expect(message).toContain('the limit is 4096');
    expect(location).toEqual({ node: 'square' });
  });

  it('declared types of an input instead of quantisers that disagree', () => {
    const text = untyped + quantize(1, 0, 'ap_fixed<6,3>') + quantize(2, 0, 'ap_fixed<6,2>') + output(1) + output(2);
    const type = parseQuantizer('ap_fixed<8,4>');
    const graph = unwrap(assignTypes(parseModel(text), { ...plain, inputs: () => [{ type }, { type }] }));
    expect(graph.nodes[0]).toMatchObject({ kind: 'input', types: [type.type] });
  });
});
