import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { escapeHtml, formatNumber } from '../../../../src/report/html/escape.js';
import { tickLabel, ticks } from '../../../../src/report/html/plot.js';
import { typeRange } from '../../../../src/report/html/ranges.js';
import { runCommand, withFolder } from '../../../support/run-command.js';
import { smallModel } from '../../../support/small-model.js';

const HOSTILE = '<script>alert(1)</script>"\'&';

describe('report.html', () => {
  it('has every section, says how to get what is missing, and lets no name become markup', async () => {
    await withFolder(async (folder) => {
      const model = join(folder, 'm.onnx');
      const output = join(folder, 'out');
      writeFileSync(model, smallModel().node('Relu', ['m2'], ['unread'], {}, { name: 'unread' }).bytes());
      expect((await runCommand('compile', model, '--output', output)).code).toBe(0);
      const compiled = readFileSync(join(output, 'report.html'), 'utf8');
      const ids = [...compiled.matchAll(/<section id="([a-z]+)">/gu)].map(([, id]) => id);
      expect(ids).toEqual(['network', 'latency', 'resources', 'budgets', 'ranges', 'physics', 'loss', 'provenance']);
      expect(compiled).toContain('trigc evaluate DIR');
      expect(compiled).toContain('trigc compile MODEL --data EVENTS');
      expect(compiled).toContain('dense_1');
      expect(compiled).not.toMatch(/<script|src=|url\(http|<link/u);
      const { code, stderr } = await runCommand('report', output);
      expect(code).toBe(0);
      expect(stderr).toContain('LUT by layer');
      expect(existsSync(join(output, 'report.html'))).toBe(true);
    });
  });
});

describe('text and figures of the report', () => {
  it('escapes foreign text', () => {
    expect(escapeHtml(HOSTILE)).toBe('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    expect(escapeHtml('a\u202eb\u0000c')).toBe('a b c');
  });
  it('prints figures with few digits', () => {
    expect([0, 12345.6, 0.012345, 3e-7, -2.5].map((value) => formatNumber(value))).toEqual([
      '0',
      '12,346',
      '0.01235',
      '3.00e-7',
      '-2.5',
    ]);
  });
  it('puts ticks at round numbers', () => {
    expect(ticks({ label: '', low: 0, high: 1 })).toHaveLength(6);
    const axis = { label: '', low: 1e-3, high: 1, logarithmic: true };
    expect(ticks(axis).map((value) => tickLabel(value, axis))).toEqual(['10⁻³', '10⁻²', '10⁻¹', '10⁰']);
  });
  it('reads the range of a type', () => {
    expect(typeRange(['ap_fixed<8,4>'])).toEqual({ low: -8, high: 7.9375 });
    expect(typeRange([])).toBeUndefined();
  });
});
