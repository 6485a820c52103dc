import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseXml } from '../support/xml.js';
import { manifestHash, writeFigures } from '../../src/cli/figure-folder.js';
import { smallModel } from '../support/small-model.js';
import { scratchFolder, trigc } from '../support/command-line.js';

const scratch = scratchFolder();
let folder = '';

/** Budgets in a file of their own, checked. */
async function check(budgets: readonly string[], ...options: readonly string[]): ReturnType<typeof trigc> {
  const file = scratch.write('budget.yaml', `budgets:\n${budgets.map((text) => `  - ${text}\n`).join('')}`);
  return trigc('check', folder, '--budget', file, ...options);
}

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number; readonly startColumn: number };
        };
        readonly logicalLocations?: readonly { readonly name: string }[];
      }[];
    }[];
  }[];
}

beforeAll(async () => {
  const model = scratch.write('net.onnx', smallModel().bytes());
  const config = scratch.write(
    'trigc.yaml',
    'target: { part: xcvu13p, clock: 240MHz }\nbudgets:\n  - { name: interval, check: ii == 1, comment: one event a clock }\n',
  );
  folder = scratch.path('out');
  const run = await trigc('compile', model, '-o', folder, '--config', config, '--effort', 'fast', '--no-cache');
  expect(run.stderr).not.toMatch(/error/u);
  expect(run.code).toBe(0);
  writeFigures(
    folder,
    'yosys',
    {
      command: 'trigc synth DIR',
      tool: { name: 'yosys', version: '0.55' },
      figures: { lut: { value: 100, unit: 'LUT', origin: 'yosys' } },
      layers: [{ layer: 'dense_1', figures: { lut: { value: 60, unit: 'LUT', origin: 'yosys' } } }],
    },
    manifestHash(folder),
  );
  writeFigures(
    folder,
    'verify',
    {
      command: 'trigc verify DIR',
      tool: { name: 'verilator', version: '5' },
      figures: { mismatches: { value: 2, unit: 'events', origin: 'simulation' } },
    },
    manifestHash(folder),
  );
});

describe('trigc check', () => {
  it('passes at the limit, with the budgets of trigc.yaml and of the file', async () => {
    const run = await check(['lut <= 100', 'layer("dense_1").lut == 60', 'lut <= 0.1% of part']);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^ok {2}interval: ii == 1$/mu);
    expect(run.stdout).toMatch(/100 LUT, limit 100 LUT, 0 % left; lut = 100 LUT \(yosys, yosys 0\.55\)/u);
    expect(run.stdout).toMatch(/limit 1,728 LUT/u);
    expect(run.stdout).toMatch(/budgets of net: 4 ok$/u);
  });

  it.each([
    ['lut < 100', /FAILED {2}lut < 100\n.*100 LUT, limit 100 LUT.*lut = 100 LUT \(yosys, yosys 0\.55\)/u],
    ['mismatches == 0', /FAILED.*\n.*2 events, limit 0 events.*mismatches = 2 events \(simulation, verilator 5\)/u],
    ['latency <= 1 ns', /FAILED.*\n.* ns, limit 1 ns.*latency = \d+ clocks \(exact, Trigc /u],
    ['critical_segment <= 0.001 ns', /FAILED.*\n.* ns, limit 0\.001 ns.*\(estimate, Trigc /u],
    ['lut.estimate <= 1', /FAILED.*\n.*LUT, limit 1 LUT.*lut\.estimate = \d+ LUT \(estimate, /u],
    ['layer("dense_1").lut < 60', /FAILED.*\n.*60 LUT, limit 60 LUT/u],
    ['lut <= 0.001% of slr', /FAILED.*\n.*100 LUT, limit 4\.32 LUT.*the whole design is held against one region/u],
  ])('fails %s with figure, origin, value and limit', async (budget, sentence) => {
    const run = await check([budget]);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(sentence);
    expect(run.stderr).toMatch(/TRG5008.*budget\.yaml, line 2, column 5/u);
  });

  it('never passes what was not measured', async () => {
    const run = await check(['lut.impl <= 5000', 'lut <= 100']);
    expect(run.code).toBe(2);
    expect(run.stdout).toMatch(
      /NOT MEASURED {2}lut\.impl <= 5000\n.*to measure it: trigc import-reports DIR --vivado-utilization/u,
    );
    expect(run.stderr).toMatch(/TRG5009/u);
    expect((await check(['lut <= 100'], '--origin', 'synth')).code).toBe(2);
    // One that failed is certain, whatever is missing beside it.
    expect((await check(['lut.impl <= 5000', 'lut <= 99'])).code).toBe(1);
  });

  it.each([
    ['lutt <= 5', /TRG5005.*no figure 'lutt'\n.*did you mean 'lut'/u],
    ['lut < 5 ns', /TRG5006.*a count of LUT and a time/u],
    ['lut', /TRG5004/u],
    ['lut < (', /TRG5003/u],
  ])('refuses %s at its place', async (budget, sentence) => {
    const run = await check(['lut <= 1', budget]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/line 3, column 5/u);
    expect(run.stderr).toMatch(sentence);
  });

  it('records a baseline, compares with it, and shows both', async () => {
    const baseline = scratch.path('baseline.json');
    expect((await check(['lut <= baseline.lut'])).code).toBe(2);
    expect((await check(['lut <= baseline.lut'], '--baseline', baseline)).stderr).toMatch(/TRG5012/u);
    const recorded = await check(['lut <= baseline.lut'], '--baseline', baseline, '--update-baseline');
    expect(recorded.code).toBe(0);
    const first = readFileSync(baseline, 'utf8');
    expect((await check(['lut <= 1.02 * baseline.lut'], '--baseline', baseline)).code).toBe(0);
    writeFileSync(baseline, first.replace(/("name":"lut","origin":"yosys","value":)100/u, '$180'));
    const worse = await check(['lut <= 1.02 * baseline.lut'], '--baseline', baseline);
    expect(worse.code).toBe(1);
    expect(worse.stdout).toMatch(/100 LUT, limit 81\.6 LUT, 23 % beyond it/u);
    expect(worse.stdout).toMatch(/^lut +yosys +80 LUT +100 LUT +1\.250$/mu);
    expect((await check(['lut.estimate <= baseline.lut.yosys'], '--baseline', baseline)).stderr).toMatch(/TRG5007/u);
    expect((await check(['ii == 1'], '--baseline', baseline, '--update-baseline')).code).toBe(0);
    expect(readFileSync(baseline, 'utf8')).toBe(first);
    writeFileSync(baseline, first.replace('yosys 0.55', 'yosys 0.23').replace('"name": "net"', '"name": "other"'));
    const other = await check(['ii == 1'], '--baseline', baseline);
    expect(other.stderr).toMatch(/TRG5013/u);
    expect(other.stderr).toMatch(/TRG5014.*yosys 0\.23, now by yosys 0\.55/u);
  });

  it('writes what programs read', async () => {
    const [junit, sarif, summary] = ['junit.xml', 'out.sarif', 'summary.md'].map((name) => scratch.path(name));
    const options = ['--junit', junit ?? '', '--sarif', sarif ?? '', '--github-summary', summary ?? '', '--json'];
    const run = await check(['lut < 100', 'layer("dense_1").lut < 60', 'bram == 0', 'lutt < "a<b"'], ...options);
    expect(run.code).toBe(2);
    const json = JSON.parse(run.stdout) as { counts: object; budgets: readonly Record<string, unknown>[] };
    expect(json.counts).toEqual({ ok: 1, failed: 2, 'not measured': 1, refused: 1 });
    expect(json.budgets[1]).toMatchObject({
      expression: 'lut < 100',
      line: 2,
      status: 'failed',
      value: 100,
      limit: 100,
    });

    const xml = readFileSync(junit ?? '', 'utf8');
    const tree = parseXml(xml);
    expect(tree.name).toBe('testsuites');
    expect(tree.attributes).toMatchObject({ tests: '5', failures: '2', errors: '2' });
    const cases = tree.children[0]?.children ?? [];
    expect(cases.map(({ children }) => children[0]?.name)).toEqual([
      'system-out',
      'failure',
      'failure',
      'error',
      'error',
    ]);
    expect(cases[1]?.children[0]?.attributes['message']).toMatch(/100 LUT, limit 100 LUT/u);
    expect(cases[4]?.attributes['name']).toBe('lutt < "a<b"');

    const log = JSON.parse(readFileSync(sarif ?? '', 'utf8')) as Sarif;
    expect(log.version).toBe('2.1.0');
    const results = log.runs[0]?.results.filter(({ ruleId }) => ruleId.startsWith('TRG5')) ?? [];
    expect(results.map(({ ruleId }) => ruleId)).toEqual(['TRG5008', 'TRG5008', 'TRG5009', 'TRG5003']);
    expect(results[0]?.locations[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: expect.stringMatching(/^file:\/\/.*budget\.yaml$/u) as string },
      region: { startLine: 2, startColumn: 5 },
    });
    expect(results[1]?.locations[0]?.logicalLocations?.[0]?.name).toBe('dense_1');
    const rules = log.runs[0]?.tool.driver.rules.map(({ id }) => id) ?? [];
    for (const { ruleId } of log.runs[0]?.results ?? []) expect(rules).toContain(ruleId);

    const markdown = readFileSync(summary ?? '', 'utf8');
    expect(markdown).toMatch(/\| ❌ failed \| lut &lt; 100 \| 100 LUT \| 100 LUT \| lut = 100 LUT/u);
  });

  it('adds to the step summary of the job, and needs one', async () => {
    const before = process.env['GITHUB_STEP_SUMMARY'];
    const file = scratch.write('step.md', 'before\n');
    try {
      process.env['GITHUB_STEP_SUMMARY'] = file;
      expect((await check(['lut <= 100'], '--github-summary')).code).toBe(0);
      expect(readFileSync(file, 'utf8')).toMatch(/^before\n### Trigc: budgets of net: 2 ok/u);
      process.env['GITHUB_STEP_SUMMARY'] = '';
      expect((await check(['lut <= 100'], '--github-summary')).code).toBe(2);
    } finally {
      if (before === undefined) delete process.env['GITHUB_STEP_SUMMARY'];
      else process.env['GITHUB_STEP_SUMMARY'] = before;
    }
  });

  it('tells what is wrong with its files', async () => {
    expect((await trigc('check', folder, '--budget', scratch.path('none.yaml'))).stderr).toMatch(/TRG5011/u);
    expect((await trigc('check', scratch.path('none'))).stderr).toMatch(/TRG4004/u);
    expect((await trigc('check', folder, '--update-baseline')).stderr).toMatch(/TRG4001/u);
    const model = scratch.write('plain.onnx', smallModel().bytes());
    const plain = scratch.path('plain');
    expect((await trigc('compile', model, '-o', plain, '--effort', 'fast', '--no-cache')).code).toBe(0);
    expect((await trigc('check', plain)).stderr).toMatch(/TRG5010/u);
    const report = scratch.path('plain', 'report.json');
    writeFileSync(report, readFileSync(report, 'utf8').replace('"latency"', '"latency_"'));
    expect((await trigc('check', plain)).stderr).toMatch(/TRG4005.*changed/u);
  });

  it('has the budgets of trigc.yaml understood before anything is compiled', async () => {
    const config = scratch.write('bad.yaml', 'budgets:\n  - lut <= 5\n  - lut + 5\n  - { name: a }\n');
    const run = await trigc('compile', scratch.path('net.onnx'), '-o', scratch.path('bad'), '--config', config);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/needs a check/u);
    const other = scratch.write('bad.yaml', 'budgets:\n  - lut <= 5\n  - lut + 5\n');
    const late = await trigc('compile', scratch.path('net.onnx'), '-o', scratch.path('bad'), '--config', other);
    expect(late.stderr).toMatch(/TRG5004.*bad\.yaml, line 3, column 5/u);
    expect(existsSync(scratch.path('bad'))).toBe(false);
  });
});
