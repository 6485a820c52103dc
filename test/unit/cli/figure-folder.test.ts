import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestHash, readFigures, writeFigures } from '../../../src/cli/figure-folder.js';
import { budgetCodes } from '../../../src/diagnostics/codes/budget.js';
import { DiagnosticError } from '../../../src/diagnostics/result.js';
import type { MeasuredFigures } from '../../../src/report/figure-file.js';
import { withFolder } from '../../support/run-command.js';

const measured: MeasuredFigures = {
  command: 'trigc verify out',
  tool: { name: 'yosys', version: '0.55' },
  figures: { mismatches: { value: 0, unit: 'events', origin: 'simulation' } },
};

function codeOf(body: () => void): { readonly code: string; readonly text: string } {
  try {
    body();
  } catch (error) {
    if (error instanceof DiagnosticError) return { code: error.diagnostics[0]?.code ?? '', text: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('figures of a compiled folder', () => {
  it('are kept in files of their own, whole, and read back by name', () =>
    withFolder((folder) => {
      writeFileSync(join(folder, 'trigc.json'), '{}');
      const hash = manifestHash(folder);
      expect(readFigures(folder)).toEqual([]);
      writeFigures(folder, 'yosys', measured, hash);
      writeFigures(folder, 'verify', measured, hash);
      writeFigures(folder, 'verify', { ...measured, command: 'again' }, hash);
      expect(readdirSync(join(folder, 'figures')).sort()).toEqual(['verify.json', 'yosys.json']);
      const found = readFigures(folder);
      expect(found.map(({ path }) => path)).toEqual(['figures/verify.json', 'figures/yosys.json']);
      expect(found[0]?.file.command).toBe('again');
      return Promise.resolve();
    }));

  it('are refused by name when they were measured on another compilation, or are damaged', () =>
    withFolder((folder) => {
      writeFileSync(join(folder, 'trigc.json'), '{}');
      writeFigures(folder, 'yosys', measured, manifestHash(folder));
      writeFileSync(join(folder, 'trigc.json'), '{"other":1}');
      const stale = codeOf(() => readFigures(folder));
      expect(stale.code).toBe(budgetCodes.staleFigures.code);
      expect(stale.text).toMatch(/figures\/yosys\.json.*\n.*measure again: trigc verify out/u);
      writeFileSync(join(folder, 'figures', 'yosys.json'), '{"schema":');
      expect(codeOf(() => readFigures(folder)).code).toBe(budgetCodes.damagedFigures.code);
      return Promise.resolve();
    }));

  it('leave nothing behind where they cannot be written', () =>
    withFolder((folder) => {
      mkdirSync(join(folder, 'figures', 'yosys.json'), { recursive: true });
      expect(codeOf(() => writeFigures(folder, 'yosys', measured, 'ab'.repeat(32))).code).toBe('TRG4003');
      expect(readdirSync(join(folder, 'figures'))).toEqual(['yosys.json']);
      return Promise.resolve();
    }));
});
