import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { escapeHtml, formatNumber } from '../../../../src/report/html/escape.js';
import { tickLabel, ticks } from '../../../../src/report/html/plot.js';
import type { ReuseRow } from '../../../../src/report/reuse-table.js';
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

describe('C++ for Vitis HLS in the report', () => {
  it('has its estimates by layer where it was written, says that they are estimates, and nothing where it was not', async () => {
    await withFolder(async (folder) => {
      const [model, output] = [join(folder, 'm.onnx'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      expect((await runCommand('compile', model, '-o', output, '--hls', 'looped')).code).toBe(0);
      const section = (): string => {
        const html = readFileSync(join(output, 'report.html'), 'utf8');
        return /<section id="hls">[^]*?<\/section>/u.exec(html)?.[0] ?? '';
      };
      const compiled = section();
      const { figures, layers } = JSON.parse(readFileSync(join(output, 'figures/hls-estimate.json'), 'utf8')) as {
        readonly figures: Readonly<Record<string, { readonly value: number }>>;
        readonly layers: readonly { readonly layer: string }[];
      };
      expect(compiled).toContain(`Latency ${figures['hls_latency']?.value ?? NaN} clocks`);
      expect(compiled).toContain('not seen by an HLS tool; origin estimate');
      expect(layers.length).toBeGreaterThan(0);
      for (const { layer } of layers) expect(compiled).toContain(escapeHtml(layer));
      expect(compiled.match(/<tr>/gu)).toHaveLength(layers.length + 2);
      expect(compiled).toContain('trigc verify DIR --engine hls');
      expect((await runCommand('report', output)).code).toBe(0);
      expect(section()).toBe(compiled);
    });
  });
});

describe('reuse of hardware in the report', () => {
  const PARTS = 'What each part of a layer became';

  it('says what every part became, at work how long and for how many LUTs, and has the curve once it was explored', async () => {
    await withFolder(async (folder) => {
      const [model, output] = [join(folder, 'm.onnx'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      expect((await runCommand('compile', model, '-o', output, '--ii', '1 BX', '--clock', '240MHz')).code).toBe(0);
      const section = (): string => {
        const html = readFileSync(join(output, 'report.html'), 'utf8');
        return /<section id="reuse">[^]*?<\/section>/u.exec(html)?.[0] ?? '';
      };
      const compiled = section();
      const { latency } = JSON.parse(readFileSync(join(output, 'trigc.json'), 'utf8')) as { readonly latency: number };
      const { reuse } = JSON.parse(readFileSync(join(output, 'report.json'), 'utf8')) as {
        readonly reuse: readonly ReuseRow[];
      };
      expect(compiled).toContain('A new event every 6 clocks: 6 clocks = <strong>25 ns = 1 BX</strong>');
      expect(compiled).toContain(`Latency ${latency} clocks = <strong>${formatNumber((latency * 25) / 6)} ns`);
      expect(compiled).toContain('trigc explore MODEL --ii 1..54 -o DIR');
      expect(compiled).not.toContain('<polyline');
      const table = compiled.slice(compiled.indexOf(PARTS));
      expect(table.match(/<tr>/gu)).toHaveLength(reuse.length + 1);
      const serial = reuse.find(({ form }) => form === 'serial');
      expect(serial?.parallelLut).toBeGreaterThan(serial?.lut ?? Infinity);
      expect(table).toContain(`<td class="number">${serial?.digits} of ${serial?.digitBits} bits</td>`);

      const explored = await runCommand('explore', model, '--ii', '1..6', '--clock', '240MHz', '-o', output);
      expect(explored, explored.stderr).toMatchObject({ code: 0 });
      expect((await runCommand('report', output)).code).toBe(0);
      const renewed = section();
      expect(renewed.slice(0, renewed.indexOf(PARTS))).toBe(compiled.slice(0, compiled.indexOf(PARTS)));
      expect(renewed).not.toContain('trigc explore');
      expect(renewed.match(/<circle class="dot fixed"/gu)).toHaveLength(6);
      expect(renewed).toContain('6 (this design)');

      const path = join(output, 'intervals.json');
      const text = readFileSync(path, 'utf8');
      const refused = async (changed: string): Promise<string> => {
        writeFileSync(path, changed);
        const { code, stderr } = await runCommand('report', output);
        expect(code).toBe(2);
        return stderr;
      };
      expect(await refused(text.replace(/"sha256": "./u, '"sha256": "?'))).toMatch(/TRG5001.*another model/u);
      expect(await refused(text.replace('"config": null', '"config": "0"'))).toMatch(/TRG5001.*another model/u);
      expect(await refused(text.replace('"lut": ', '"lot": '))).toMatch(/TRG5002.*points\[0\]\.lut/u);
      expect(await refused('{')).toContain('TRG5002');
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
  it('puts more of them where a logarithmic axis has few decades', () => {
    const axis = { label: '', low: 0.9, high: 60, logarithmic: true };
    expect(ticks(axis).map((value) => tickLabel(value, axis))).toEqual(['1', '2', '5', '10', '20', '50']);
    const luts = { label: '', low: 3800, high: 16_000, logarithmic: true };
    expect(ticks(luts).map((value) => tickLabel(value, luts))).toEqual(['5,000', '10,000']);
  });
  it('reads the range of a type', () => {
    expect(typeRange(['ap_fixed<8,4>'])).toEqual({ low: -8, high: 7.9375 });
    expect(typeRange([])).toBeUndefined();
  });
});
