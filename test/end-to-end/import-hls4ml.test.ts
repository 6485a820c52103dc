import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { apTypesFolder } from '../support/ap-types.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { askPython, pythonOf } from '../support/python.js';

/** What hls4ml wrote, and what the C simulation of its project gives. */
interface Written {
  readonly project: string;
  readonly versions: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const missing = pythonOf('hls4ml') === undefined;
const networks = ['dense', 'conv', 'tables', 'row', 'image'];
/** In the ordinary tier each network in one way of transport. */
const projects = networks.flatMap((network, index) =>
  ['io_parallel', 'io_stream'].filter((_, way) => full || way === index % 2).map((way) => [network, way] as const),
);
/** Whose C++ of ours is run as well. */
const simulated = full ? networks : ['conv', 'row'];

describe.skipIf(missing)(
  'projects that hls4ml wrote (skipped without build/python/hls4ml)',
  { timeout: 600_000 },
  () => {
    const scratch = scratchFolder();
    let written: Readonly<Record<string, Written>> = {};

    beforeAll(async () => {
      const request = { folder: scratch.path('projects'), projects };
      written = (await askPython('hls4ml', 'test/support/python/write_hls4ml.py', request)) as typeof written;
    }, 600_000);

    it.for(projects)('%s, %s: every bit that the project gives', async ([network, way], { annotate }) => {
      const project = written[`${network} ${way}`];
      if (project === undefined) throw new Error(`${network} was not written`);
      await annotate(project.versions);
      const [folder, out] = [scratch.path(`${network}.${way}`), scratch.path(`${network}.${way}.out`)];
      const imported = await trigc('import-hls4ml', project.project, '-o', folder, '--json');
      expect(imported, imported.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(imported.stdout)).toMatchObject({ project: 'tagger', backend: 'Vitis', left: [] });

      const config = ['--config', `${folder}/trigc.yaml`];
      const compiled = await trigc('compile', `${folder}/model.onnx`, ...config, '-o', out, '--effort', 'fast');
      expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
      const header = (project.inputs[0] ?? []).map((_, index) => `x[${index}]`).join();
      const rows = project.inputs.map((event) => event.join()).join('\n');
      const events = scratch.write(`${network}.${way}.csv`, `${header}\n${rows}\n`);
      const output = scratch.path(`${network}.${way}.outputs.csv`);
      const emulated = await trigc('emulate', out, '--input', events, '--output', output, '--input-policy', 'quantise');
      expect(emulated, emulated.stderr).toMatchObject({ code: 0 });
      const lines = readFileSync(output, 'utf8').trim().split('\n');
      expect(lines.map((line) => line.split(',').map(Number))).toEqual(project.outputs);
      // Not a comparison of constants.
      expect(new Set(project.outputs.map((row) => row.join())).size).toBeGreaterThan(100);
    });

    it.skipIf(apTypesFolder === undefined).for(projects.filter(([network]) => simulated.includes(network)))(
      '%s, %s: the same as C++ of ours (skipped without headers of ap_fixed)',
      async ([network, way]) => {
        const out = scratch.path(`${network}.${way}.out`);
        const run = await trigc(
          'verify',
          out,
          '--engine',
          'hls',
          '--ap-types',
          apTypesFolder ?? '',
          '--vectors',
          '200',
        );
        expect(run, run.stderr).toMatchObject({ code: 0 });
        expect(run.stdout).toContain('verified 200 vectors, 0 mismatches');
      },
    );

    it('goes into Verilog', async () => {
      const [first] = projects;
      const out = scratch.path(`${first?.join('.') ?? ''}.out`);
      const run = await trigc('verify', out, '--engine', 'yosys', '--vectors', '100');
      expect(run.stdout).toMatch(/^verified 100 vectors, 0 mismatches, /mu);
    });
  },
);
