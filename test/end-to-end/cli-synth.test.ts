import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesisCodes } from '../../src/diagnostics/codes/synthesis.js';
import type { FigureFile } from '../../src/report/figure-file.js';
import { parseFigureFile } from '../../src/report/figure-file.js';
import { findExecutable } from '../../src/system/process.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';

const scratch = scratchFolder();
const native = (await findExecutable('yosys')) !== undefined;
const TIMEOUT = 300_000;

let folder: string;
const figures = (): FigureFile => parseFigureFile(readFileSync(join(folder, 'figures/yosys.json'), 'utf8'));

beforeAll(async () => {
  folder = scratch.path('synth', 'out');
  const model = scratch.write('synth/net.onnx', smallModel().bytes());
  const run = await trigc('compile', model, '-o', folder, '--target', 'vu13p-240', '--effort', 'fast');
  expect(run.code).toBe(0);
}, TIMEOUT);

describe('trigc synth', () => {
  it('counts with the pinned Yosys and keeps the result', { timeout: TIMEOUT }, async () => {
    const first = await trigc('synth', folder, '--no-dsp');
    expect(first.stderr).not.toContain('error TRG');
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/Yosys 0\.55\.\d+ \(wasm\), flow keep-adders 2, ultrascale\+, no DSP/u);
    expect(first.stderr).toMatch(/design \d+ s: .*SYNTH_XILINX/u);
    expect(first.stdout).toMatch(/^lut +\d+ LUT \(yosys\) = \S+ % of the part, estimate \d+/mu);
    const measured = figures();
    expect(measured.figures['lut']?.value).toBeGreaterThan(20);
    expect(measured.figures['dsp']?.value).toBe(0);
    expect(measured.figures['critical_segment']?.value).toBeGreaterThan(0.3);
    expect(measured.figures['logic_levels']?.value).toBeGreaterThan(0);
    // Four regions of the VU13P: the share of one is four times that of the whole.
    const [region] = measured.slr ?? [];
    expect(region?.figures['lut']?.share).toBeCloseTo(4 * (measured.figures['lut']?.share ?? 0), 12);

    const again = await trigc('synth', folder, '--no-dsp');
    expect(again.stderr).toContain('kept from an earlier run');
    expect(figures()).toEqual(measured);
  });

  const missing = native ? '' : ' (skipped: no native yosys on PATH)';
  it.runIf(native)(`counts the same with a native Yosys, by layer too${missing}`, { timeout: TIMEOUT }, async () => {
    await trigc('synth', folder, '--no-dsp');
    const measured = figures();
    const other = await trigc('synth', folder, '--no-dsp', '--engine', 'native', '--no-cache', '--layers', '--json');
    expect(other.code).toBe(0);
    // Counts in the flow that keeps adders are alike in 0.23 and 0.55; no tolerance.
    expect(figures().figures).toEqual(measured.figures);
    const layers = figures().layers ?? [];
    expect(layers.map(({ layer }) => layer)).toContain('dense_1');
    const sum = layers.reduce((total, { figures: own }) => total + (own['flip_flops']?.value ?? 0), 0);
    expect((figures().details?.['layerSum'] as FigureFile['figures'])['flip_flops']?.value).toBe(sum);
  });

  it.runIf(native)(
    `names what Yosys refuses, and leaves the figures alone${missing}`,
    { timeout: TIMEOUT },
    async () => {
      const broken = scratch.path('broken', 'out');
      const model = scratch.write('broken/net.onnx', smallModel().bytes());
      await trigc('compile', model, '-o', broken, '--effort', 'fast');
      const manifest = JSON.parse(readFileSync(join(broken, 'trigc.json'), 'utf8')) as { readonly top: string };
      writeFileSync(join(broken, 'rtl', `${manifest.top}.v`), 'module nothing; endmodulee\n');
      const run = await trigc('synth', broken, '--engine', 'native');
      expect(run.code).toBe(2);
      expect(run.stderr).toContain(synthesisCodes.failed.code);
      expect(run.stderr).toContain('ERROR');
      const slow = await trigc('synth', folder, '--engine', 'native', '--no-cache', '--timeout', '1');
      expect(slow.code).toBe(2);
      expect(slow.stderr).toContain(synthesisCodes.timedOut.code);
    },
  );

  it('says that the tool is missing, or that memory ran out', { timeout: TIMEOUT }, async () => {
    const path = process.env['PATH'];
    const fake = scratch.write('tools/yosys', '#!/bin/sh\n[ "$1" = -V ] && echo "Yosys 9.9" && exit 0\nkill -9 $$\n');
    try {
      process.env['PATH'] = scratch.path('nothing');
      const absent = await trigc('synth', folder, '--engine', 'native');
      expect(absent.code).toBe(3);
      expect(absent.stderr).toContain(synthesisCodes.toolMissing.code);
      chmodSync(fake, 0o755);
      process.env['PATH'] = dirname(fake);
      const killed = await trigc('synth', folder, '--engine', 'native', '--no-cache');
      expect(killed.code).toBe(2);
      expect(killed.stderr).toContain(synthesisCodes.outOfMemory.code);
    } finally {
      process.env['PATH'] = path;
    }
  });
});
