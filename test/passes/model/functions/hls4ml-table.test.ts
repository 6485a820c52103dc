import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixedPointType, parseQuantizer } from '../../../../src/numeric/fixed-point.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import { evaluateModel } from '../../../../src/model/evaluate.js';
import { assignTypes, undeclared } from '../../../../src/passes/model/assign-types.js';
import { hls4mlTable } from '../../../../src/passes/model/functions/hls4ml-table.js';
import type { TableDeclaration } from '../../../../src/passes/model/functions/hls4ml-table.js';
import { at } from '../../../../src/support/invariant.js';
import { hasReference, referenceFile } from '../../../support/reference-set.js';

const entries = parseQuantizer('ap_fixed<18,8,AP_TRN,AP_WRAP>');
const fallback = parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>');

/** Sigmoid of a 16-bit input with a declared table. */
function sigmoid(declaration: TableDeclaration, name: 'sigmoid' | 'gelu' = 'sigmoid') {
  const builder = new ModelBuilder('activation');
  const type = fixedPointType(true, 16, 6);
  const operand = builder.input({ name: 'x', types: [type], rounding: 'TRN', overflow: 'WRAP' }, [1]);
  const fields = { operand, function: name, parameters: [], scale: 1, offset: 0, fitted: false };
  builder.output('y', builder.add('function', fields, { name: 'act', operator: 'Sigmoid' }));
  const options = { ...undeclared(fallback), tables: { declared: () => declaration } };
  return assignTypes(builder.finish(), options);
}

describe('tables of hls4ml', () => {
  it.skipIf(!hasReference)('of TOoLLiP v1 equal the deployed ones (skipped when the reference set is absent)', () => {
    const path = referenceFile('deployed', 'TOoLLiP_v1', 'tables.json');
    const { sigmoid_table: deployed } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly sigmoid_table: { readonly codes: readonly number[] };
    };
    const table = hls4mlTable('sigmoid', { size: 1024, type: entries });
    expect(table.codes.map(Number)).toEqual(deployed.codes);
  });

  it('are read at the integer part of x × size / 16, towards zero, plus half the size', () => {
    const result = sigmoid({ size: 1024, type: entries });
    if (!result.ok) throw new Error('typed');
    expect(at(result.value.outputs, 0).types).toEqual([entries.type]);
    const { codes } = hls4mlTable('sigmoid', { size: 1024, type: entries });
    for (let code = -32768n; code < 32768n; code += 7n) {
      const index = Math.min(Math.max(Math.trunc((Number(code) / 1024) * 64) + 512, 0), 1023);
      expect(evaluateModel(result.value, [[code]]).outputs).toEqual([[at(codes, index)]]);
    }
  });

  it('with a range of their own cover it', () => {
    const table = hls4mlTable('tanh', { size: 64, type: entries, range: 2 });
    expect(table.lsb).toBe(-4);
    expect(table.first).toBe(-32n);
    expect(at(table.codes, 32)).toBe(0n);
    expect(at(table.codes, 48)).toBe(BigInt(Math.floor(Math.tanh(1) * 1024)));
  });

  it.each([
    [{ size: 1000, type: entries }, 'sigmoid', 'not a power of two'],
    [{ size: 1, type: entries }, 'sigmoid', 'a table of 1 entries'],
    [{ size: 1024, type: entries, range: 3 }, 'sigmoid', 'from -3 to 3'],
    [{ size: 1024, type: entries }, 'gelu', 'no table for gelu'],
  ] as const)('%j of %s is refused: TRG1317', (declaration, name, message) => {
    const result = sigmoid(declaration, name);
    expect(result.ok).toBe(false);
    const found = result.diagnostics.find(({ code }) => code === 'TRG1317');
    expect(found?.message).toContain(message);
    expect(found?.location?.node).toBe('act');
  });
});
