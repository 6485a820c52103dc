import { describe, expect, it } from 'vitest';
import { commentText, isLegalName, MAXIMUM_NAME_LENGTH, NameTable } from '../../../src/support/legal-names.js';
import { Random } from '../../../src/support/random.js';
import { reservedWords } from '../../../src/support/reserved-words.js';

/** Written separately from the implementation: the common subset of the three languages. */
function acceptedEverywhere(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 64 &&
    /^[A-Za-z]/.test(name) &&
    !/[^A-Za-z0-9_]/.test(name) &&
    !name.includes('__') &&
    !name.endsWith('_') &&
    !reservedWords.has(name.toLowerCase())
  );
}

const hostile = [
  '',
  ' ',
  '0',
  '_',
  '__',
  'a__b',
  'a_',
  '_a',
  'Module',
  'module',
  'entity',
  'class',
  'CON',
  'model/dense_1/MatMul:0',
  '/model/Relu_output_0',
  'x; endmodule module evil(); initial $finish;',
  'a\nb',
  'a\\',
  '$display',
  '`include "/etc/passwd"',
  '"; system("rm");//',
  '*/ int x; /*',
  '層',
  'é',
  'e\u0301',
  '\u202ea',
  '\u0000',
  '\ud800',
  'K\u212a',
  'x'.repeat(1_000_000),
  `${'x'.repeat(1_000_000)}y`,
  '_'.repeat(10_000),
  'a_'.repeat(40),
];

describe('NameTable', () => {
  it('keeps a name that is legal and free', () => {
    const table = new NameTable();
    expect(['dense1', 'Relu_3', 'x'].map((name) => table.legal(name))).toEqual(['dense1', 'Relu_3', 'x']);
  });

  it('makes readable names of exporters legal', () => {
    const table = new NameTable(['clk']);
    expect(table.legal('/model/dense_1/MatMul:0')).toBe('model_dense_1_MatMul_0');
    expect(table.legal('input')).toBe('n_input');
    expect(table.legal('Signal')).toBe('n_Signal');
    expect(table.legal('12')).toBe('n_12');
    expect(table.legal('')).toBe('n');
    expect(table.legal('CLK')).toMatch(/^CLK_[0-9a-f]{8}$/);
  });

  it('hostile names become legal, different ones differ even without case, equal ones agree', () => {
    const table = new NameTable(['clk', 'valid_in']);
    const seen = new Map<string, string>();
    for (const original of [...hostile, 'clk', 'Clk', 'VALID_IN']) {
      const name = table.legal(original);
      expect(acceptedEverywhere(name), `${original.slice(0, 40)} → ${name}`).toBe(true);
      expect(isLegalName(name)).toBe(true);
      expect(['clk', 'valid_in']).not.toContain(name.toLowerCase());
      expect(seen.get(name.toLowerCase())).toBeUndefined();
      seen.set(name.toLowerCase(), original);
      expect(table.legal(original)).toBe(name);
    }
    expect(table.entries()).toHaveLength(hostile.length + 3);
    const again = new NameTable(['clk', 'valid_in']);
    for (const [original, name] of table.entries()) expect(again.legal(original)).toBe(name);
  });

  it('names that collide after cleaning stay apart', () => {
    const table = new NameTable();
    const names = ['a/b', 'a.b', 'a_b', 'A_B', 'a:b'].map((name) => table.legal(name).toLowerCase());
    expect(new Set(names).size).toBe(5);
    expect(names[0]).toBe('a_b');
  });

  it('random names of a small alphabet never collide', () => {
    const random = new Random(7);
    const letters = Array.from('aAbB_/01 é\n');
    const table = new NameTable();
    const originals = new Set<string>();
    for (let count = 0; count < 20_000; count++) {
      let name = '';
      const length = random.integer(0, 6);
      for (let index = 0; index < length; index++) name += letters[random.integer(0, letters.length - 1)] ?? '';
      originals.add(name);
    }
    const legal = new Set<string>();
    for (const original of originals) {
      const name = table.legal(original);
      if (!acceptedEverywhere(name)) throw new Error(`${JSON.stringify(original)} → ${name}`);
      legal.add(name.toLowerCase());
    }
    expect(originals.size).toBeGreaterThan(5_000);
    expect(legal.size).toBe(originals.size);
  });

  it('fresh names never repeat, and 100,000 with one base take no quadratic time', () => {
    const table = new NameTable(['sum']);
    const names = new Set<string>();
    const start = performance.now();
    for (let index = 0; index < 100_000; index++) names.add(table.fresh('sum').toLowerCase());
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(names.size).toBe(100_000);
    expect(names.has('sum')).toBe(false);
    expect([...names].every(acceptedEverywhere)).toBe(true);
    expect(table.legal('sum')).not.toBe('sum');
    expect(table.fresh('x'.repeat(200)).length).toBeLessThanOrEqual(MAXIMUM_NAME_LENGTH);
  });
});

describe('commentText', () => {
  it('is one line of printable ASCII that leaves a comment by no way', () => {
    for (const text of [...hostile, 'end\\', 'x??/', '**//**/', '/*/', '????/', '`define x', 'a*/*/b']) {
      const clean = commentText(text);
      expect(clean).toMatch(/^[\x20-\x7e]{0,100}$/);
      for (const danger of ['*/', '/*', '\\', '`', '??']) expect(clean).not.toContain(danger);
    }
  });

  it('is no directive to a tool', () => {
    for (const text of [
      'synopsys translate_off',
      ' verilator lint_off WIDTH',
      'Synthesis full_case',
      'pragma protect',
    ]) {
      const clean = commentText(text);
      expect(clean).toMatch(/^'/);
      expect(clean).not.toMatch(/translate_o|lint_o|full_c/);
    }
    expect(commentText('node: synopsys translate_off')).toBe('node: synopsys translate-off');
  });

  it('leaves ordinary names alone and shortens long ones', () => {
    expect(commentText('/model/dense_1/MatMul:0 (Gemm)')).toBe('/model/dense_1/MatMul:0 (Gemm)');
    expect(commentText('x'.repeat(1000), 20)).toBe(`${'x'.repeat(17)}...`);
    expect(commentText('日本語')).toBe('...');
  });
});
