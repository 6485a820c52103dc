import { describe, expect, it } from 'vitest';
import type { SignalForm } from '../../../../src/backends/vhdl/print-expression.js';
import { printChoice, printCondition, printExpression } from '../../../../src/backends/vhdl/print-expression.js';
import type { RtlExpression, RtlSignal } from '../../../../src/rtl/expression.js';
import { binary, bitsOf, choose, compare, literal, resize, signalOf } from '../../../../src/rtl/expression.js';

const s: RtlSignal = { name: 's', width: 5, signed: true };
const u: RtlSignal = { name: 'u', width: 4, signed: false };
const bit: RtlSignal = { name: 'b', width: 1, signed: false };
const port: RtlSignal = { name: 'p', width: 12, signed: false };
const forms = new Map<string, SignalForm>([
  ['s', 'signed'],
  ['u', 'unsigned'],
  ['b', 'std_logic'],
  ['p', 'std_logic_vector'],
]);
const [S, U, B] = [s, u, bit].map(signalOf) as [RtlExpression, RtlExpression, RtlExpression];
const print = (expression: RtlExpression, form: SignalForm): string => printExpression(expression, form, forms);

describe('VHDL of an expression', () => {
  it.each([
    [
      'sums extend each operand by its own sign',
      binary('+', S, U, 6, true),
      'signed',
      'resize(s, 6) + signed(resize(u, 6))',
    ],
    ['sums in one bit have no carry', binary('-', B, B, 1, false), 'std_logic', 'b xor b'],
    ['products of unlike signs get a zero on top', binary('*', S, U, 10, true), 'signed', 's * signed(resize(u, 5))'],
    ['products keep the low bits alone', binary('*', S, S, 8, true), 'signed', 'signed(resize(unsigned(s * s), 8))'],
    [
      'negated words are signed in between',
      { kind: 'negate', operand: resize(U, 6), width: 6, signed: false },
      'unsigned',
      'unsigned(-signed(resize(u, 6)))',
    ],
    ['shorter words are slices: resize would keep the sign', resize(S, 3), 'signed', 's(2 downto 0)'],
    ['a bit of a port is an element', bitsOf(port, 7, 1, false), 'std_logic', 'p(7)'],
    ['bits of a port are read by their sign', bitsOf(port, 4, 4, true), 'signed', 'signed(p(7 downto 4))'],
    [
      'shifts are zeros at the end',
      { kind: 'shiftLeft', operand: S, amount: 2, width: 7, signed: true },
      'signed',
      'signed\'(s & "00")',
    ],
    ['one bit in a longer word', resize(B, 3), 'unsigned', 'unsigned\'("00" & b)'],
    ['literals take the type of the target', literal(-3n), 'signed', '"101"'],
    ['a comparison of words gives a bit', compare('<', S, U), 'std_logic', 's ?< signed(resize(u, 5))'],
    ['a comparison of bits', compare('==', B, B), 'std_logic', 'b xnor b'],
    ['a reduction', { kind: 'reduce', operator: '~&', operand: U, width: 1, signed: false }, 'std_logic', 'nand u'],
  ] as const satisfies readonly (readonly [string, RtlExpression, SignalForm, string])[])(
    '%s',
    (_, expression, form, text) => {
      expect(print(expression, form)).toBe(text);
    },
  );

  it('takes choices apart at the root of an assignment, with boolean conditions', () => {
    const inner = choose(B, literal(0n), U, 4, false);
    const outer = choose(compare('<', U, resize(literal(9n), 4)), U, inner, 4, false);
    expect(printChoice(outer, 'unsigned', forms)).toBe(
      'u when u < unsigned\'("1001") else "0000" when b = \'1\' else u',
    );
    expect(printCondition(compare('==', S, S), forms)).toBe('unsigned(s) = unsigned(s)');
  });

  it('has no form for a choice inside an expression, and none for a signal that is not declared', () => {
    expect(() => print(binary('+', choose(B, U, U, 4, false), U, 4, false), 'unsigned')).toThrow(/choose/u);
    expect(() => print(signalOf({ ...u, name: 'other' }), 'unsigned')).toThrow(/not declared/u);
  });
});
