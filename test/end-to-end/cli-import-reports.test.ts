import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesisCodes } from '../../src/diagnostics/codes/synthesis.js';
import { parseFigureFile } from '../../src/report/figure-file.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';
import { csynth, timing, utilisation } from '../unit/report/vendor/reports.js';

const scratch = scratchFolder();
let folder: string;

beforeAll(async () => {
  folder = scratch.path('out');
  const model = scratch.write('net.onnx', smallModel().bytes());
  const run = await trigc('compile', model, '-o', folder, '--name', 'network', '--effort', 'fast');
  expect(run.code).toBe(0);
}, 120_000);

describe('trigc import-reports', () => {
  it('writes one file of figures for each origin', async () => {
    const run = await trigc(
      'import-reports',
      folder,
      '--vivado-utilization',
      scratch.write('utilization_route.rpt', utilisation({ state: 'Routed' })),
      '--vivado-timing',
      // Older versions do not give the state here: it is that of the report beside it.
      scratch.write('timing_route.rpt', timing({})),
      '--csynth',
      scratch.write('csynth.xml', csynth()),
    );
    expect(run.stderr).not.toContain('error');
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^lut +4745 LUT \(impl, Vivado v\.2023\.2\) = 0\.27 % of the part$/mu);
    const read = (name: string): unknown =>
      parseFigureFile(readFileSync(join(folder, `figures/${name}.json`), 'utf8')).figures;
    expect(read('impl')).toMatchObject({ lut: { value: 4745, origin: 'impl' }, wns: { value: -0.25, origin: 'impl' } });
    expect(read('csynth')).toMatchObject({ latency: { value: 5, origin: 'csynth' } });
    expect(existsSync(join(folder, 'figures/synth.json'))).toBe(false);
  });

  it('stand beside the estimate in trigc report', async () => {
    const run = await trigc('report', folder);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^\| figure \| exact \| estimate \| csynth \| impl \|$/mu);
    expect(run.stdout).toMatch(/^\| lut \| {2}\| [\d,]+ LUT \| [^|]*\| 4,745 LUT \|$/mu);
    const { figures } = JSON.parse((await trigc('report', folder, '--json')).stdout) as { readonly figures: unknown };
    expect(figures).toContainEqual(expect.objectContaining({ name: 'lut', value: 4745, origin: 'impl' }));
    expect((await trigc('report', scratch.path('nowhere'))).code).toBe(2);
  });

  it.each([
    [
      'of another design',
      '--vivado-utilization',
      utilisation({ state: 'Synthesized', design: 'other' }),
      synthesisCodes.reportOfOther,
    ],
    [
      'without a figure',
      '--vivado-utilization',
      utilisation().replace(/^\| DSPs.*\n/mu, ''),
      synthesisCodes.reportLacksFigure,
    ],
    ['without a state, alone', '--vivado-timing', timing({}), synthesisCodes.reportLacksFigure],
    ['of another kind', '--csynth', utilisation(), synthesisCodes.reportUnreadable],
  ])('refuses a report %s, and writes nothing', async (_, option, text, { code }) => {
    const run = await trigc('import-reports', folder, option, scratch.write('bad.rpt', text));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(code);
    expect(existsSync(join(folder, 'figures/synth.json'))).toBe(false);
  });

  it('refuses reports of two versions, a file that is not there, and none at all', async () => {
    const first = scratch.write('first.rpt', utilisation());
    const second = scratch.write('second.rpt', timing({ state: 'Synthesized' }).replace('v.2023.2', 'v.2022.1'));
    const run = await trigc('import-reports', folder, '--vivado-utilization', first, '--vivado-timing', second);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(synthesisCodes.reportOfOther.code);
    const missing = await trigc('import-reports', folder, '--csynth', scratch.path('none.xml'));
    expect(missing.stderr).toContain(synthesisCodes.reportUnreadable.code);
    expect((await trigc('import-reports', folder)).code).toBe(2);
    expect(existsSync(join(folder, 'figures/synth.json'))).toBe(false);
  });
});
