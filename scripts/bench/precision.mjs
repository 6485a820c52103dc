// What fixed point costs a shipped model, and what a search, uniform types and training with quantisers make of it: the
// Markdown table of docs/benchmarks.md ("From float to fixed point"). Usage:
//   npm run build && node scripts/bench/precision.mjs MODEL_DIR [--search 150s] [--cache DIR] [--only REGULAR_EXPRESSION]
// MODEL_DIR holds float.onnx, trigc.yaml and, where there is one, the twin qat.onnx. Events are drawn once and kept in
// --cache (default: ~/.cache/trigc-bench): seed 2 to choose with, seed 9 to measure on. Designs go there as well.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { search: { type: 'string', default: '150s' }, cache: { type: 'string' }, only: { type: 'string' } },
});
const folder = resolve(positionals[0] ?? join(root, 'models/dense-autoencoder'));
const name = basename(folder);
const cache = resolve(options.cache ?? join(homedir(), '.cache/trigc-bench'));
const wanted = new RegExp(options.only ?? '', 'u');

/** What each model is shown, and asked to keep. */
const scores = {
  kind: 'objects',
  background: 'zero-bias',
  signals: ['a-4l', 'lq-btau', 'h0-tautau', 'hpm-taunu'],
  goals: ['efficiency_loss(1e-3) < 1%', 'efficiency_loss(1e-3) < 5%', 'exchange(1e-3) < 20%'],
};
const tasks = { 'dense-autoencoder': scores };
const task = tasks[name];
if (task === undefined) throw new Error(`no events are known for '${name}': add it to tasks`);
const seeds = { choose: 2, measure: 9 };
const events = { choose: { background: 400_000, signal: 20_000 }, measure: { background: 200_000, signal: 20_000 } };

function run(program, words) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, program), ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}\n${stderr}`);
  return { stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

/** A file of events, drawn where it is missing; it appears whole. */
function drawn(process, use, count) {
  const path = join(cache, `${task.kind}-${process}-${count}-seed${seeds[use]}.npy`);
  if (existsSync(path)) return path;
  const partial = `${path.slice(0, -4)}.partial.npy`;
  console.error(`drawing ${count} events of ${process}, seed ${seeds[use]}`);
  const words = ['--kind', task.kind, '--process', process, '--events', String(count), '--seed', String(seeds[use])];
  run('scripts/events/generate.mjs', [...words, '--output', partial]);
  renameSync(partial, path);
  return path;
}

/** The configuration of the model with other types; returns its path. */
function configured(label, change) {
  const config = { ...parse(readFileSync(join(folder, 'trigc.yaml'), 'utf8')), ...change };
  const path = join(cache, `${name}-${label}.yaml`);
  writeFileSync(path, stringify(config));
  return path;
}

/** Names of the nodes that sum products, and integer bits of a signed type that holds all weights. */
async function facts() {
  const load = (path) => import(join(root, 'dist/src', path));
  const { importOnnx } = await load('importers/onnx/import.js');
  const { findSites } = await load('passes/model/precision/sites.js');
  const bytes = readFileSync(join(folder, 'float.onnx'));
  const { value } = importOnnx(bytes, { modelName: name, modelPath: join(folder, 'float.onnx') });
  const weights = findSites(value.graph).filter((site) => site.kind === 'constant' && site.product !== undefined);
  let largest = 0;
  for (const { node } of weights) {
    const { codes, lsb } = value.graph.nodes[node];
    for (const code of codes) largest = Math.max(largest, Math.abs(Number(code)) * 2 ** lsb);
  }
  return { layers: weights.map(({ product }) => product.provenance.name), integer: Math.ceil(Math.log2(largest)) + 1 };
}

mkdirSync(cache, { recursive: true });
const samples = (use) => [
  drawn(task.background, use, events[use].background),
  ...task.signals.map((signal) => drawn(signal, use, events[use].signal)),
];
const [chooseBackground, ...chooseSignals] = samples('choose');
const [measureBackground, ...measureSignals] = samples('measure');
const signalWords = (paths) => task.signals.flatMap((signal, index) => ['--signal', `${signal}=${paths[index]}`]);

const { layers, integer } = await facts();
const sixteen = 'ap_fixed<16,6>';
const eight = 'ap_fixed<8,4,AP_RND_CONV,AP_SAT>';
const declared = Object.fromEntries(layers.map((layer) => [layer, { accumulator: sixteen, result: sixteen }]));
const hls4ml = configured('16', { default: sixteen, layers: declared });
const narrow = configured('8', { default: eight, weights: { type: `ap_fixed<8,${integer},AP_RND_CONV,AP_SAT>` } });
const own = join(folder, 'trigc.yaml');
const search = (goal) => ({
  label: `search, \`${goal}\``,
  words: ['--config', own, '--data', chooseBackground, ...signalWords(chooseSignals)].concat([
    ...['--goal', goal, '--search', options.search, '--no-cache'],
  ]),
});
const rows = [
  { label: 'uniform `ap_fixed<16,6>`, also the accumulators: truncated, wrapping', words: ['--config', hls4ml] },
  {
    label: `uniform 8 bits, integer bits from the data, weights \`ap_fixed<8,${integer}>\`: rounded, saturating`,
    words: ['--config', narrow, '--data', chooseBackground],
  },
  ...task.goals.map(search),
  ...(existsSync(join(folder, 'qat.onnx'))
    ? [{ label: 'quantisation-aware twin', model: 'qat.onnx', words: ['--config', own], other: true }]
    : []),
];

const percent = (value) => `${(100 * value).toFixed(value < 0.1 ? 3 : 1)} %`;
const header = ['precision', 'LUT', 'latency', 'rank correlation', ...task.signals, 'exchange at 1e-3', 'at 1e-4', 's'];
console.log(`| ${header.join(' | ')} |\n|${header.map(() => ' --- ').join('|')}|`);
let floatShown = false;
for (const [index, { label, words, model = 'float.onnx', other = false }] of rows.entries()) {
  if (!wanted.test(label)) continue;
  const design = join(cache, `${name}-${index}`);
  console.error(label);
  const compiled = run('bin/trigc.js', ['compile', join(folder, model), '-o', design, '--json', ...words]);
  const { figures } = JSON.parse(compiled.stdout);
  console.error(
    compiled.stderr
      .split('\n')
      .filter((line) => line.startsWith('precision found'))
      .join('\n'),
  );
  const evaluate = ['evaluate', design, '--background', measureBackground, ...signalWords(measureSignals)];
  const evaluated = run('bin/trigc.js', [...evaluate, '--layer-events', '0', '--json']);
  const { result } = JSON.parse(evaluated.stdout);
  const at = (fraction) => result.points.find(({ point }) => point.kind === 'fraction' && point.fraction === fraction);
  const efficiencies = (which) => at(1e-3).signals.map((signal) => percent(signal[which].value));
  const exchange = (fraction) => {
    const found = at(fraction)?.exchange;
    return found ? percent(found.value) : 'not resolved';
  };
  const correlations = [result.background, ...result.signals].map(({ agreement }) => agreement.rankCorrelation ?? 0);
  if (!floatShown && !other) {
    console.log(`| float |  |  | 1 | ${efficiencies('float').join(' | ')} | 0 | 0 |  |`);
    floatShown = true;
  }
  const agreement = other
    ? ['(own network)', ...efficiencies('fixed'), '(own network)', '(own network)']
    : [Math.min(...correlations).toFixed(5), ...efficiencies('fixed'), exchange(1e-3), exchange(1e-4)];
  const cells = [label, figures.lut.value.toLocaleString('en'), figures.latency.value, ...agreement];
  console.log(`| ${[...cells, Math.round(compiled.seconds)].join(' | ')} |`);
}
