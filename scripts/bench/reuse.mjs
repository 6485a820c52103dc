// What an initiation interval saves: networks compiled at several intervals, verified with events exactly that far
// apart, and counted by Yosys. A Markdown table on stdout, everything in build/reuse.json.
// Usage: npm run build && node scripts/bench/reuse.mjs [--only TEXT] [--model FILE [--config FILE]] [--ii 1,6,9,12] [--dsp N] [--vectors N] [--no-synth]
// `--dsp`: multiplier blocks that matrices may be given beyond an interval of 1 (default none).
// `--model` and `--config`: a network beside those below, such as CICADA v2 with the types of its C++ declared.
// `--vectors`: events of each verification (default 200). Clocks: one event a bunch crossing of 25 ns at 240 MHz (6),
// 360 MHz (9) and 480 MHz (12); other intervals at 360 MHz.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, printTable, reference, root, runNode, temporaryFolder, trigc } from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    model: { type: 'string' },
    config: { type: 'string' },
    ii: { type: 'string', default: '1,6,9,12' },
    dsp: { type: 'string', default: '0' },
    vectors: { type: 'string', default: '200' },
    'no-synth': { type: 'boolean', default: false },
  },
});
const clocks = { 6: '240MHz', 12: '480MHz' };
const deployed = (name, config) => ({
  name: name.replaceAll('_', ' '),
  model: join(reference, 'deployed', name, 'model.onnx'),
  config,
});
const shipped = (name) => ({
  name,
  model: join(root, 'models', name, 'qat.onnx'),
  config: `models/${name}/trigc.yaml`,
});
const models = [
  deployed('AXOL1TL_v5'),
  deployed('CICADA_v1'),
  ...['jet-tagger', 'dense-autoencoder', 'deep-sets', 'calo-autoencoder'].map(shipped),
].filter(({ name, model }) => name.includes(options.only) && existsSync(model));
if (options.model !== undefined) {
  const config = options.config === undefined ? undefined : resolve(options.config);
  models.push({ name: basename(dirname(resolve(options.model))), model: resolve(options.model), config });
}

const folder = temporaryFolder();
const started = machine();
const results = [];
for (const { name, model, config } of models) {
  const configFile = config === undefined ? undefined : resolve(root, config);
  const configured = configFile !== undefined && existsSync(configFile) ? ['--config', configFile] : [];
  for (const interval of options.ii.split(',')) {
    const out = join(folder, `${results.length}`);
    const blocks = interval === '1' || options.dsp === '0' ? [] : ['--dsp', options.dsp];
    const words = ['--ii', interval, '--target', 'vu13p-360', '--clock', clocks[interval] ?? '360MHz'];
    const compiled = runNode(
      [trigc, 'compile', model, '-o', out, ...configured, ...words, ...blocks, '--language', 'verilog', '--json'],
      folder,
    );
    if (compiled.status !== 0) throw new Error(compiled.notes);
    const { figures } = JSON.parse(compiled.output);
    const checked = runNode([trigc, 'verify', out, '--vectors', options.vectors, '--json'], folder);
    const verified = JSON.parse(checked.output);
    if (checked.status !== 0 || verified.mismatches !== 0 || verified.ii !== Number(interval))
      throw new Error(checked.notes);
    let yosys;
    if (!options['no-synth']) {
      const synthesised = runNode([trigc, 'synth', out, '--json', ...(blocks.length > 0 ? [] : ['--no-dsp'])], folder);
      if (synthesised.status !== 0) throw new Error(synthesised.notes);
      yosys = JSON.parse(synthesised.output).figures;
    }
    results.push({
      name,
      interval: Number(interval),
      estimate: figures,
      yosys,
      engine: verified.engine,
      seconds: compiled.wall,
    });
    console.error(`${name} at II ${interval}: ${figures.lut.value} LUT estimated, ${yosys?.lut?.value ?? '-'} counted`);
  }
}

const one = (name) => results.find((row) => row.name === name && row.interval === 1);
const count = (row, figure) => (row.yosys ?? row.estimate)[figure]?.value;
console.log(
  `LUT and FF: ${options['no-synth'] ? 'estimates' : 'Yosys (trigc synth, --no-dsp where no blocks are allowed)'}; ${options.vectors} events verified at each interval.\n`,
);
printTable(
  [
    'network',
    'II',
    'clock (ns)',
    'latency (clocks)',
    'latency (ns)',
    'LUT',
    'of II 1',
    'LUT estimated',
    'FF',
    'DSP',
    'compiled in (s)',
  ],
  results.map((row) => {
    const base = one(row.name);
    const ratio = base === undefined ? '' : (count(row, 'lut') / count(base, 'lut')).toFixed(2);
    const { latency, latency_ns: time, clock_period: period, lut } = row.estimate;
    return [
      row.name,
      row.interval,
      period.value.toFixed(2),
      latency.value,
      time.value.toFixed(0),
      Math.round(count(row, 'lut')),
      ratio,
      Math.round(lut.value),
      Math.round(count(row, 'flip_flops')),
      count(row, 'dsp'),
      row.seconds.toFixed(1),
    ];
  }),
);
mkdirSync(join(root, 'build'), { recursive: true });
writeFileSync(join(root, 'build/reuse.json'), `${JSON.stringify({ machine: started, results }, null, 2)}\n`);
