import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { legalReuseFactors } from '../../src/backends/vitis-hls/looped/dense.js';
import { apTypesAbsent, apTypesFolder } from '../support/ap-types.js';
import { precisionConfig } from '../support/precision-config.js';
import { hasReference, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

/** A network, and where its types and events come from. */
interface Network {
  readonly name: string;
  readonly model: string;
  readonly config: () => string;
  /** Options of `verify` that give it the events. */
  readonly events: readonly string[];
}

const full = process.env['TRIGC_TEST_TIER'] === 'full';

function shipped(name: string, file = 'qat.onnx'): Network {
  const folder = join('models', name);
  return {
    name,
    model: join(folder, file),
    config: () => readFileSync(join(folder, 'trigc.yaml'), 'utf8'),
    events: ['--input', join(folder, 'sample.csv.gz')],
  };
}

function deployed(name: string): Network {
  return {
    name,
    model: referenceFile('deployed', name, 'model.onnx'),
    config: () => (name === 'CICADA_v2' ? precisionConfig(name).yaml : '{}'),
    events: ['--codes', '--input', referenceFile('deployed', name, 'inputs.csv.gz')],
  };
}

const networks: readonly Network[] = [
  shipped('axol1tl-like', 'model.onnx'),
  ...['dense-autoencoder', 'jet-tagger', 'deep-sets', 'vae', 'calo-student', 'calo-autoencoder'].map((name) =>
    shipped(name),
  ),
  ...(hasReference ? ['AXOL1TL_v3', 'AXOL1TL_v5', 'CICADA_v1', 'CICADA_v2'].map(deployed) : []),
];

/** Strategy and the reuse factor that every layer comes closest to from below; `most` is the largest legal one. */
const builds = [
  ['latency', 1],
  ['resource', 2],
  ['distributed_arithmetic', 1],
  ['resource', 'most'],
  ['latency', 2],
  ['resource', 4],
  ['resource', 1],
  ['latency', 4],
  ['latency', 'most'],
] as const;
const interfaces = ['parallel', 'stream'] as const;

/** In the ordinary tier one build of each shipped network, all different, with the interface in turn. */
const ordinary = networks.slice(0, 7).map((network, index) => ({
  network,
  build: builds[index % builds.length] ?? builds[0],
  way: interfaces[index % 2] ?? 'parallel',
}));
const all = networks.flatMap((network) =>
  builds.flatMap((build) => interfaces.map((way) => ({ network, build, way }))),
);
const cases = (full ? all : ordinary).map((one) => {
  const [strategy, reuse] = one.build;
  return { ...one, title: `${one.network.name}: ${strategy}, reuse ${reuse}, ${one.way}` };
});

const title = `C++ of networks in every build (${apTypesAbsent}; full tier: all pairs, and deployed networks)`;
describe.skipIf(apTypesFolder === undefined)(title, { timeout: 900_000 }, () => {
  it.for(cases)('$title', async ({ network, build: [strategy, reuse], way }, context) => {
    await withFolder(async (folder) => {
      const [compiled, config] = [join(folder, 'compiled'), join(folder, 'trigc.yaml')];
      expect(existsSync(network.model)).toBe(true);
      writeFileSync(config, network.config());
      const options = ['--config', config, '--effort', 'fast', '--language', 'verilog', '--hls', 'looped'];
      const form = [...options, '--hls-interface', way, '--strategy', strategy];
      const compile = (words: readonly string[]) => runCommand('compile', network.model, '-o', compiled, ...words);

      // A factor that no layer has brings the sizes of all of them.
      const refused = await compile([...options, '--strategy', 'resource', '--reuse-factor', '1000000']);
      const sizes = [...refused.stderr.matchAll(/the (\d+) × (\d+) products of '([^']+)'/gu)];
      expect(sizes.length).toBeGreaterThan(0);
      const own = parse(network.config()) as { readonly layers?: Readonly<Record<string, object>> } | null;
      const layers: Record<string, object> = { ...own?.layers };
      for (const [, inputs, outputs, name = ''] of sizes) {
        const legal = legalReuseFactors(Number(inputs), Number(outputs));
        const factor = legal.findLast((value) => reuse === 'most' || value <= reuse) ?? 1;
        layers[name] = { ...layers[name], reuse_factor: factor };
      }
      writeFileSync(config, stringify({ ...own, layers }));
      const built = await compile(form);
      // What the HLS tool would not build, or the strategy cannot, is said before anything is written.
      const limit = /TRG19(?:02|10|11|12)/u.exec(built.stderr)?.[0];
      if (limit !== undefined) {
        expect(built.code).toBe(2);
        context.skip(`refused with ${limit}`);
      }
      expect(built, built.stderr).toMatchObject({ code: 0 });
      const simulation = ['--engine', 'hls', '--ap-types', apTypesFolder ?? ''];
      const verified = await runCommand('verify', compiled, ...simulation, ...network.events);
      expect(verified, verified.stderr).toMatchObject({ code: 0 });
      expect(verified.stdout).toMatch(/^verified \d{3,} vectors, 0 mismatches /mu);
    });
  });
});
