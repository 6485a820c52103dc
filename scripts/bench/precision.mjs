// What fixed point costs a shipped model, and what a search, uniform types and training with quantisers make of it: the
// Markdown table of docs/benchmarks.md ("From float to fixed point"). Usage:
//   npm run build && node scripts/bench/precision.mjs MODEL_DIR [--search TIME] [--cache DIR] [--only REGULAR_EXPRESSION]
// MODEL_DIR holds float.onnx, trigc.yaml and, where there are any, the twins qat.onnx and hgq.onnx. Events are drawn once and kept in
// --cache (default: ~/.cache/trigc-bench): seed 2 to choose with, seed 9 to measure on. Designs go there as well. Goals that
// follow a first table are given with --goal, instead of those of the model.
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
  options: {
    search: { type: 'string', default: 'default' },
    cache: { type: 'string' },
    only: { type: 'string' },
    goal: { type: 'string', multiple: true },
  },
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
const jets = {
  kind: 'jets-features',
  classes: ['g', 'q', 'w', 'z', 't'],
  goals: ['auc_loss < 0.002', 'auc_loss < 0.005', 'argmax_disagreement < 5%'],
};
const images = { ...scores, kind: 'calorimeter', signals: [...scores.signals, 'ttbar'] };
const constituents = { ...jets, kind: 'jets-constituents' };
const tasks = {
  'dense-autoencoder': scores,
  vae: scores,
  'jet-tagger': jets,
  'deep-sets': constituents,
  'calo-autoencoder': images,
  'calo-student': images,
};
const task = tasks[name];
if (task === undefined) throw new Error(`no events are known for '${name}': add it to tasks`);
const goals = options.goal ?? task.goals;
const seeds = { choose: 2, measure: 9 };
const events = {
  choose: { background: 400_000, signal: 20_000, class: 20_000 },
  measure: { background: 200_000, signal: 20_000, class: 20_000 },
};

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
/** The samples of one use: what `--data` takes to choose types by, and the words that a search and an evaluation take. */
function samples(use) {
  const named = (option, processes) =>
    processes.flatMap((process) => [`--${option}`, `${process}=${drawn(process, use, events[use][option])}`]);
  if (task.classes !== undefined) {
    const words = named('class', task.classes);
    const all = use === 'choose' ? drawn('all', use, task.classes.length * events[use].class) : undefined;
    return { data: all, search: words, evaluate: words };
  }
  const background = drawn(task.background, use, events[use].background);
  const signals = named('signal', task.signals);
  return {
    data: background,
    search: ['--data', background, ...signals],
    evaluate: ['--background', background, ...signals],
  };
}
const choose = samples('choose');
const measure = samples('measure');

const { layers, integer } = await facts();
const sixteen = 'ap_fixed<16,6>';
const eight = 'ap_fixed<8,4,AP_RND_CONV,AP_SAT>';
const declared = Object.fromEntries(layers.map((layer) => [layer, { accumulator: sixteen, result: sixteen }]));
const hls4ml = configured('16', { default: sixteen, layers: declared });
const narrow = configured('8', { default: eight, weights: { type: `ap_fixed<8,${integer},AP_RND_CONV,AP_SAT>` } });
const own = join(folder, 'trigc.yaml');
const search = (goal, ...more) => ({
  label: `search${more.length > 0 ? ' with retraining' : ''}, \`${goal}\``,
  words: ['--config', own, ...choose.search, '--goal', goal, '--search', options.search, '--no-cache', ...more],
});
const rows = [
  { label: 'uniform `ap_fixed<16,6>`, also the accumulators: truncated, wrapping', words: ['--config', hls4ml] },
  {
    label: `uniform 8 bits, integer bits from the data, weights \`ap_fixed<8,${integer}>\`: rounded, saturating`,
    words: ['--config', narrow, '--data', choose.data],
  },
  ...goals.map((goal) => search(goal)),
  ...goals.map((goal) => search(goal, '--retrain')),
  ...[
    { label: 'quantisation-aware twin (Brevitas, 6-bit weights)', model: 'qat.onnx' },
    { label: 'quantisation-aware twin (HGQ2, trained widths)', model: 'hgq.onnx' },
  ]
    .filter(({ model }) => existsSync(join(folder, model)))
    .map((twin) => ({ ...twin, words: ['--config', own], other: true })),
];

const percent = (value) => `${(100 * value).toFixed(value < 0.1 ? 3 : 1)} %`;
/** Columns of the table that the events give, and their cells: of the float model, of a compiled one, of another network. */
const tables = {
  score: {
    header: ['rank correlation', ...(task.signals ?? []), 'exchange at 1e-3', 'at 1e-4'],
    float: (result) => ['1', ...efficiencies(result, 'float'), '0', '0'],
    fixed: (result) => [
      leastCorrelation([result.background, ...result.signals]),
      ...efficiencies(result, 'fixed'),
      exchange(result, 1e-3),
      exchange(result, 1e-4),
    ],
    other: (result) => [OWN, ...efficiencies(result, 'fixed'), OWN, OWN],
  },
  classes: {
    header: [
      'rank correlation',
      ...(task.classes ?? []).map((name) => `AUC ${name}`),
      'mean',
      'accuracy',
      'same class',
    ],
    float: (result) => ['1', ...areas(result, 'Float'), percent(result.accuracyFloat.value), '100 %'],
    fixed: (result) => [
      leastCorrelation(result.classes),
      ...areas(result, 'Fixed'),
      percent(result.accuracyFixed.value),
      percent(result.argmaxAgreement.value),
    ],
    other: (result) => [OWN, ...areas(result, 'Fixed'), percent(result.accuracyFixed.value), OWN],
  },
};
const OWN = '(own network)';
const at = ({ points }, fraction) =>
  points.find(({ point }) => point.kind === 'fraction' && point.fraction === fraction);
const efficiencies = (result, which) => at(result, 1e-3).signals.map((signal) => percent(signal[which].value));
const exchange = (result, fraction) => {
  const found = at(result, fraction)?.exchange;
  return found ? percent(found.value) : 'not resolved';
};
const areas = (result, which) =>
  [...result.classes.map((one) => one[`auc${which}`].value), result[`macroAuc${which}`]].map((area) => area.toFixed(4));
const leastCorrelation = (parts) =>
  Math.min(...parts.map(({ agreement }) => agreement.rankCorrelation ?? 0)).toFixed(5);

const table = tables[task.classes === undefined ? 'score' : 'classes'];
const header = ['precision', 'LUT', 'latency', ...table.header, 's'];
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
  const evaluated = run('bin/trigc.js', ['evaluate', design, ...measure.evaluate, '--layer-events', '0', '--json']);
  const { result } = JSON.parse(evaluated.stdout);
  if (!floatShown && !other) {
    console.log(`| float |  |  | ${table.float(result).join(' | ')} |  |`);
    floatShown = true;
  }
  const cells = [label, figures.lut.value.toLocaleString('en'), figures.latency.value];
  console.log(
    `| ${[...cells, ...table[other ? 'other' : 'fixed'](result), Math.round(compiled.seconds)].join(' | ')} |`,
  );
}
