import { describe, expect, it } from 'vitest';
import { dyadicFromNumber } from '../../../../src/numeric/dyadic.js';
import { codeRange, fixedPointType, lsbExponent, parseQuantizer } from '../../../../src/numeric/fixed-point.js';
import type { Quantizer } from '../../../../src/numeric/fixed-point.js';
import { quantizeCode, quantizedRange } from '../../../../src/numeric/rounding.js';
import type { FunctionFields, RealFunctionName } from '../../../../src/model/real-functions.js';
import { realFunction, realFunctionNames } from '../../../../src/model/real-functions.js';
import type { OperandRange } from '../../../../src/passes/model/functions/function-curve.js';
import type { FunctionTable } from '../../../../src/passes/model/functions/function-table.js';
import { functionRange } from '../../../../src/passes/model/functions/function-curve.js';
import { defaultLimits, tabulateFunction } from '../../../../src/passes/model/functions/function-table.js';
import { at } from '../../../../src/support/invariant.js';

const parameters: Partial<Record<RealFunctionName, readonly number[]>> = {
  elu: [0.7],
  celu: [2],
  selu: [1.67, 1.05],
  swish: [1.5],
  power: [3],
};
const fields = (name: RealFunctionName, scale = 1, offset = 0): FunctionFields => ({
  function: name,
  parameters: parameters[name] ?? [],
  scale,
  offset,
});
const rangeOf = (width: number, integer: number): OperandRange => {
  const type = fixedPointType(true, width, integer);
  return { lsb: lsbExponent(type), codes: codeRange(type) };
};
const entryAt = (table: FunctionTable, operand: OperandRange, code: bigint): bigint => {
  const address = code >> BigInt(table.lsb - operand.lsb);
  const index = Number(address - table.first);
  return at(table.codes, Math.min(Math.max(index, 0), table.codes.length - 1));
};

/** The function with its argument brought into its domain, limited to the type's values. */
function limited(node: FunctionFields, x: number, { type, overflow }: Quantizer): number {
  const domain = realFunction(node.function).domain?.(node.parameters);
  const argument = node.scale * x + node.offset;
  const inside = domain === undefined ? argument : Math.min(Math.max(argument, domain.low), domain.high);
  const value = realFunction(node.function).evaluate(inside, node.parameters);
  const { low, high } = quantizedRange(type, overflow);
  const unit = 2 ** lsbExponent(type);
  return Math.min(Math.max(value, Number(low) * unit), Number(high) * unit);
}

describe.each(realFunctionNames)('%s', (name) => {
  const result = parseQuantizer('ap_fixed<12,4,AP_RND_CONV,AP_SAT>');

  it('of nine bits: every code has the correctly rounded value', () => {
    const operand = rangeOf(9, 4);
    const node = fields(name);
    const table = tabulateFunction(node, operand, result);
    expect(table.lsb).toBe(operand.lsb);
    expect(table.codes.length).toBeLessThanOrEqual(512);
    for (let code = operand.codes.low; code <= operand.codes.high; code++) {
      const value = limited(node, Number(code) * 2 ** operand.lsb, result);
      const { code: exact, lsb } = dyadicFromNumber(value);
      expect(entryAt(table, operand, code)).toBe(quantizeCode(exact, lsb, result.type, 'RND_CONV', 'SAT'));
    }
    // Half a unit of rounding, to the precision of the comparison.
    expect(table.error).toBeLessThanOrEqual(0.5 * 2 ** lsbExponent(result.type) + 1e-12);
  });

  it('of sixteen bits, with scale and offset: the stated error is the largest over the whole domain', () => {
    const operand = rangeOf(16, 5);
    const node = fields(name, -0.75, 0.3);
    const table = tabulateFunction(node, operand, result);
    expect(table.codes.length).toBeLessThanOrEqual(defaultLimits.entries);
    const unit = 2 ** lsbExponent(result.type);
    let worst = 0;
    for (let code = operand.codes.low; code <= operand.codes.high; code++) {
      const value = limited(node, Number(code) * 2 ** operand.lsb, result);
      worst = Math.max(worst, Math.abs(Number(entryAt(table, operand, code)) * unit - value));
    }
    expect(worst).toBeLessThanOrEqual(table.error + 1e-12);
    expect(worst).toBeGreaterThan(0.8 * table.error);
  });
});

describe('the size of a table', () => {
  const result = parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>');

  it('leaves out the ends where a function saturates', () => {
    const table = tabulateFunction(fields('sigmoid'), rangeOf(16, 6), result);
    expect(Number(table.first) * 2 ** table.lsb).toBeGreaterThan(-8.5);
    expect((Number(table.first) + table.codes.length) * 2 ** table.lsb).toBeLessThan(8.5);
    expect(table.error).toBeLessThanOrEqual(2 ** -10);
  });

  it('follows the limit of entries at the price of the stated error', () => {
    const sizes = [4096, 1024, 256, 64].map((entries) => {
      const limits = { ...defaultLimits, entries, exactEntries: 16 };
      return tabulateFunction(fields('tanh'), rangeOf(16, 6), result, limits);
    });
    sizes.forEach((table, index) => {
      expect(table.codes.length).toBeLessThanOrEqual(at([4096, 1024, 256, 64], index));
      if (index > 0) expect(table.error).toBeGreaterThanOrEqual(at(sizes, index - 1).error);
    });
    expect(at(sizes, 3).error).toBeGreaterThan(4 * at(sizes, 0).error);
  });

  it('does not depend on how wide the operand is beyond the saturated ends', () => {
    const wide = tabulateFunction(fields('sigmoid'), rangeOf(60, 40), result);
    expect(wide.codes.length).toBeLessThanOrEqual(4096);
    expect(wide.error).toBeLessThanOrEqual(2 ** -10);
  });

  it('is one entry for a function that is constant in the type', () => {
    const table = tabulateFunction(
      fields('sigmoid', 0.001),
      rangeOf(6, 4),
      parseQuantizer('ap_fixed<4,2,AP_RND,AP_SAT>'),
    );
    expect(table.codes).toEqual([2n]);
  });
});

describe('domains', () => {
  const result = parseQuantizer('ap_fixed<12,6,AP_RND_CONV,AP_SAT>');

  it('says when the operand leaves them, and gives the value at their end', () => {
    const operand = rangeOf(8, 4);
    const log = tabulateFunction(fields('log'), operand, result);
    expect(log.undefinedReached).toBe(true);
    expect(entryAt(log, operand, -5n)).toBe(-2048n);
    expect(entryAt(log, operand, 16n)).toBe(0n);
    expect(tabulateFunction(fields('exp'), operand, result).undefinedReached).toBe(false);
    const positive = { lsb: -4, codes: { low: 1n, high: 99n } };
    expect(tabulateFunction(fields('log'), positive, result).undefinedReached).toBe(false);
  });

  it('at a pole gives the largest value of the type, and finds the largest finite value next to it', () => {
    const operand = rangeOf(8, 4);
    const table = tabulateFunction(fields('reciprocal'), operand, result);
    expect(entryAt(table, operand, 0n)).toBe(2047n);
    expect(entryAt(table, operand, -1n)).toBe(-1024n);
    expect(functionRange(fields('reciprocal'), operand)).toEqual({ low: -16, high: 16 });
  });
});
