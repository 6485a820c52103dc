import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hlsCodes } from '../../src/diagnostics/codes/hls.js';
import { apTypesAbsent, apTypesFolder } from '../support/ap-types.js';
import { precisionConfig } from '../support/precision-config.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

const shipped = 'models/axol1tl-like/model.onnx';
const simulates = apTypesFolder !== undefined;
const full = process.env['TRIGC_TEST_TIER'] === 'full';

/** Deployed networks and the columns of `outputs.csv.gz` that `model.onnx` computes, each in another build: between them every strategy and every transport, and reuse to the end. */
const networks = [
  { name: 'AXOL1TL_v5', columns: 1, form: 'flat', build: [] },
  { name: 'AXOL1TL_v3', columns: 8, form: 'flat', build: [] },
  { name: 'CICADA_v1', columns: 1, form: 'flat', build: [] },
  // Every product is cut by itself there: g++ takes two minutes.
  ...(full ? ([{ name: 'CICADA_v2', columns: 1, form: 'flat', build: [] }] as const) : []),
  { name: 'AXOL1TL_v3', columns: 8, form: 'looped', build: ['--hls-interface', 'parallel'] },
  { name: 'AXOL1TL_v5', columns: 1, form: 'looped', build: ['--hls-interface', 'stream'] },
  { name: 'AXOL1TL_v5', columns: 1, form: 'looped', build: ['--strategy', 'distributed_arithmetic'] },
  {
    name: 'CICADA_v1',
    columns: 1,
    form: 'looped',
    build: ['--strategy', 'resource', '--reuse-factor', '3', '--hls-interface', 'stream'],
  },
  { name: 'CICADA_v2', columns: 1, form: 'looped', build: [] },
  { name: 'TOoLLiP_v1', columns: 1, form: 'looped', build: ['--strategy', 'resource'] },
] as const;

/** Per layer, over what `precision.json` declares. */
const layerBuilds: Readonly<Record<string, string>> = {
  Conv_4: 'strategy: resource, reuse_factor: 3',
  Gemm_13: 'strategy: resource, reuse_factor: 2880',
  Gemm_20: 'strategy: latency, reuse_factor: 20',
};

function configOf(name: string): string {
  if (name === 'CICADA_v1') return 'outputs: { result: { type: "ap_fixed<11,5>" } }\n';
  if (name.startsWith('AXOL1TL')) return '{}\n';
  const { yaml } = precisionConfig(name);
  if (name !== 'CICADA_v2') return yaml;
  return Object.entries(layerBuilds).reduce(
    (text, [layer, build]) => text.replace(`  ${layer}: { `, `  ${layer}: { ${build}, `),
    yaml,
  );
}

const title = `deployed networks as C++ (skipped without the reference set; ${apTypesAbsent})`;
describe.skipIf(!hasReference || !simulates)(title, { timeout: 600_000 }, () => {
  it.each(networks)('$name, $form: all 2,000 deployed outputs', async ({ name, columns, form, build }) => {
    await withFolder(async (folder) => {
      const [compiled, config] = [join(folder, 'compiled'), join(folder, 'trigc.yaml')];
      writeFileSync(config, configOf(name));
      const model = referenceFile('deployed', name, 'model.onnx');
      const options = ['--config', config, '--effort', 'fast', '--language', 'verilog', '--hls', form, ...build];
      const compile = await runCommand('compile', model, '-o', compiled, ...options);
      expect(compile, compile.stderr).toMatchObject({ code: 0 });
      const events = ['--codes', '--input', referenceFile('deployed', name, 'inputs.csv.gz')];
      const outputs = join(folder, 'outputs.csv');
      const rows = readCodes(referenceFile('deployed', name, 'outputs.csv.gz'));
      writeFileSync(outputs, `${rows.map((row) => row.slice(0, columns).join()).join('\n')}\n`);
      const expected = ['--expect', outputs];
      const headers = ['--ap-types', apTypesFolder ?? ''];
      const verify = await runCommand('verify', compiled, '--engine', 'hls', ...headers, ...events, ...expected);
      expect(verify.stdout, verify.stderr).toMatch(/^verified 2000 vectors, 0 mismatches \(engine hls: /u);
      expect(verify.code).toBe(0);
    });
  });
});

describe('C++ for Vitis HLS', { timeout: 300_000 }, () => {
  it('is the golden text of the shipped model, and wrong C++ is found', async () => {
    await withFolder(async (folder) => {
      const compiled = join(folder, 'compiled');
      const options = ['--config', 'models/axol1tl-like/trigc.yaml', '--hls', 'looped', '--effort', 'fast'];
      const compile = await runCommand('compile', shipped, '-o', compiled, ...options);
      expect(compile, compile.stderr).toMatchObject({ code: 0 });
      const manifest = readFileSync(join(compiled, 'trigc.json'), 'utf8');
      const { top } = JSON.parse(manifest) as { readonly top: string };
      for (const [from, to] of [
        [`${top}.cpp`, 'axol1tl_like.cpp'],
        [`${top}.h`, 'axol1tl_like.h'],
        [`${top}_types.h`, 'axol1tl_like_types.h'],
      ] as const) {
        const text = readFileSync(join(compiled, 'hls', from), 'utf8').replace(/SHA-256: \w+/gu, 'SHA-256: …');
        await expect(text).toMatchFileSnapshot(`../golden/hls/${to}`);
      }
      expect(compile.stderr).toContain('estimate of the C++, not seen by an HLS tool: latency ');
      const budgets = join(folder, 'budget.yaml');
      const checked = async (check: string) => {
        writeFileSync(budgets, `budgets:\n  - ${check}\n`);
        return runCommand('check', compiled, '--budget', budgets);
      };
      expect(await checked('hls_ii == 1')).toMatchObject({ code: 0 });
      expect(await checked('hls_latency_ns < hls_latency')).toMatchObject({ code: 1 });
      expect(await checked('hls_multipliers <= 10')).toMatchObject({ code: 1 });
      expect((await checked('hls_mismatches == 0')).stdout).toContain('trigc verify DIR --engine hls');
      if (!simulates) return;
      const path = join(compiled, 'hls', `${top}.cpp`);
      const text = readFileSync(path, 'utf8');
      const wrong = text.replace('trigc::relu<', 'trigc::absolute<');
      expect(wrong).not.toBe(text);
      writeFileSync(path, wrong);
      const verify = await runCommand('verify', compiled, '--engine', 'hls', '--ap-types', apTypesFolder ?? '');
      expect(verify.stdout).not.toContain(' 0 mismatches');
      expect(verify.code).not.toBe(0);
      const again = await runCommand('verify', compiled, '--engine', 'hls', '--ap-types', apTypesFolder ?? '');
      expect([again.stdout, again.code]).toEqual([verify.stdout, verify.code]);
      expect(verify.stderr).not.toContain('by an earlier run');
      expect(again.stderr).toContain('compiled by an earlier run');
      expect(await checked('hls_vectors > 0')).toMatchObject({ code: 0 });
      expect(await checked('hls_mismatches == 0')).toMatchObject({ code: 1 });
    });
  });

  it('errors: a reuse factor, headers that are not there, a folder without C++', async () => {
    await withFolder(async (folder) => {
      const compiled = join(folder, 'compiled');
      const illegal = await runCommand('compile', shipped, '-o', compiled, '--hls', 'looped', '--reuse-factor', '5');
      expect(illegal.stderr).toContain(hlsCodes.illegalReuse.code);
      expect(illegal.code).toBe(2);
      const without = await runCommand('compile', shipped, '-o', compiled, '--reuse-factor', '2');
      expect(without.stderr).toContain(hlsCodes.optionWithoutForm.code);
      const config = join(folder, 'trigc.yaml');
      writeFileSync(config, 'layers: { /encoder/encoder.1/Relu: { strategy: resource } }\n');
      const unknown = await runCommand('compile', shipped, '-o', compiled, '--hls', 'looped', '--config', config);
      expect(unknown.stderr).toContain(hlsCodes.unknownLayer.code);

      const options = ['--effort', 'fast', '--hls'];
      await runCommand('compile', shipped, '-o', compiled, ...options, 'none');
      const none = await runCommand('verify', compiled, '--engine', 'hls');
      expect(none.stderr).toContain(hlsCodes.noCpp.code);
      await runCommand('compile', shipped, '-o', compiled, ...options, 'looped');
      const missing = await runCommand('verify', compiled, '--engine', 'hls', '--ap-types', folder);
      expect(missing.stderr).toContain(hlsCodes.headersMissing.code);
      expect(missing.code).not.toBe(0);
    });
  });
});
