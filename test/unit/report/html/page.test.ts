import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { escapeHtml, formatNumber } from '../../../../src/report/html/escape.js';
import { tickLabel, ticks } from '../../../../src/report/html/plot.js';
import { typeRange } from '../../../../src/report/html/ranges.js';
import { runCommand, withFolder } from '../../../support/run-command.js';
import { OnnxBuilder } from '../../../support/onnx-builder.js';
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

describe('the drawing of a network', () => {
  it('leads an edge that passes boxes by around them, and prints each edge once with its type', async () => {
    await withFolder(async (folder) => {
      const model = new OnnxBuilder(13)
        .input('x', ['N', 3])
        .initializer('w', [3, 3], [1, 0, 2, 0, 1, 1, -1, 0, 3])
        .node('Relu', ['x'], ['r'], {}, { name: 'first' })
        .node('MatMul', ['r', 'w'], ['m'], {}, { name: 'product' })
        .node('MatMul', ['m', 'w'], ['n'], {}, { name: 'second' })
        .node('Add', ['n', 'r'], ['y'], {}, { name: 'residual' })
        .output('y', ['N', 3]);
      const [path, output] = [join(folder, 'm.onnx'), join(folder, 'out')];
      writeFileSync(path, model.bytes());
      expect((await runCommand('compile', path, '--output', output)).code).toBe(0);
      const html = readFileSync(join(output, 'report.html'), 'utf8');
      const network = html.slice(html.indexOf('<svg class="network"'), html.indexOf('</svg>'));
      // x → first → product → second → residual → y, and first → residual.
      expect(network.match(/<path class="edge"/gu)).toHaveLength(6);
      expect(network.match(/class="type label"/gu)).toHaveLength(6);
      const drawn = [...network.matchAll(/<path class="edge" d="([^"]+)"/gu)].map(([, shape = '']) => shape);
      expect(new Set(drawn).size).toBe(6);
      expect(drawn.filter((shape) => shape.includes('H'))).toHaveLength(1);
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
