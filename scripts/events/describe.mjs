// The distributions of the generated events: the tables of docs/events.md, between its marks, and docs/events/*.svg.
// Usage: node scripts/events/describe.mjs [--events N] [--seed N] [--print]   (20000 and 1; --print writes no file)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { detectorRandom, makeTruth, streams } from './event.mjs';
import { writeRegions } from './calorimeter.mjs';
import { featureNames, writeFeatures } from './jet-features.mjs';
import { jetClasses, makeJet } from './jets.mjs';
import { writeObjects } from './objects.mjs';
import { figure, images } from './plot.mjs';
import { processes } from './processes.mjs';

const PILEUP = 60;
const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    print: { type: 'boolean', default: false },
  },
});
const events = Number(options.events);
const seed = Number(options.seed);
if (!Number.isSafeInteger(events) || events < 100 || !Number.isSafeInteger(seed) || seed < 0) {
  process.stderr.write('error: --events takes an integer of at least 100, --seed one of at least 0\n');
  process.exit(2);
}

const names = Object.keys(processes);
const rate = (what, count, started) => {
  const speed = Math.round((count / (performance.now() - started)) * 1000);
  process.stderr.write(`${what}: ${count} events, ${speed} a second\n`);
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const quantile = (values, share) => Float64Array.from(values).sort()[Math.floor(share * (values.length - 1))];
const percent = (share) => {
  if (share === 0) return '0 %';
  return `${share >= 0.0995 ? Math.round(share * 100) : Number((share * 100).toPrecision(2))} %`;
};
const fixed = (value, digits) => value.toFixed(digits);

/** A Markdown table with padded columns, numbers to the right. */
function table(header, rows) {
  const lines = [header, ...rows].map((cells) => cells.map(String));
  const widths = header.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(lines[0]), rule, ...lines.slice(1).map(line)].join('\n');
}

/** Everything that the tables and the figures need of one process, a list a quantity. */
function observe(name) {
  const seen = { collisions: [], met: [], photon: [], muon: [], muons: [], photons: [], jet: [], jets: [] };
  const row = new Int16Array(57);
  const started = performance.now();
  for (let index = 0; index < events; index++) {
    const truth = makeTruth(name, seed, index, PILEUP);
    writeObjects(detectorRandom(name, seed, index, streams.objects), truth, row, 0);
    const count = (from, slots) => {
      let found = 0;
      for (let slot = 0; slot < slots; slot++) if (row[from + 3 * slot] > 0) found++;
      return found;
    };
    seen.collisions.push(truth.pileup);
    seen.met.push(row[0] / 2);
    seen.photon.push(row[3] / 2);
    seen.muon.push(row[15] / 2);
    seen.jet.push(row[27] / 2);
    seen.photons.push(count(3, 4));
    seen.muons.push(count(15, 4));
    seen.jets.push(count(27, 10));
  }
  rate(`objects, ${name}`, events, started);
  return seen;
}

const share = (values, passes) => mean(values.map((value) => (passes(value) ? 1 : 0)));
const observed = new Map(names.map((name) => [name, observe(name)]));
const objectTable = table(
  [
    'process',
    'pile-up',
    'e/γ',
    'e/γ > 30',
    'μ',
    '2 μ',
    'μ > 22',
    'jets',
    'leading jet',
    'jet > 100',
    'MET',
    'MET > 100',
  ],
  names.map((name) => {
    const { collisions, met, photon, muon, muons, photons, jet, jets } = observed.get(name);
    return [
      `\`${name}\``,
      fixed(mean(collisions), 1),
      percent(share(photons, (count) => count > 0)),
      percent(share(photon, (pt) => pt > 30)),
      percent(share(muons, (count) => count > 0)),
      percent(share(muons, (count) => count > 1)),
      percent(share(muon, (pt) => pt > 22)),
      fixed(mean(jets), 1),
      fixed(quantile(jet, 0.5), 1),
      percent(share(jet, (pt) => pt > 100)),
      fixed(quantile(met, 0.5), 1),
      percent(share(met, (pt) => pt > 100)),
    ];
  }),
);

const imageEvents = Math.ceil(events / 10);
const regionsOf = (name, index, row) =>
  writeRegions(detectorRandom(name, seed, index, streams.calorimeter), makeTruth(name, seed, index, PILEUP), row, 0);
const imageTable = table(
  ['process', 'mean region', 'regions at 0', 'sum of ET', 'hottest region'],
  names.map((name) => {
    const row = new Uint16Array(252);
    const [sums, zeros, hottest] = [[], [], []];
    const started = performance.now();
    for (let index = 0; index < imageEvents; index++) {
      regionsOf(name, index, row);
      sums.push(row.reduce((sum, code) => sum + code, 0));
      zeros.push(row.reduce((count, code) => count + (code === 0 ? 1 : 0), 0) / 252);
      hottest.push(Math.max(...row));
    }
    rate(`calorimeter, ${name}`, imageEvents, started);
    const total = mean(sums);
    return [
      `\`${name}\``,
      fixed(total / 252, 2),
      percent(mean(zeros)),
      fixed(total / 2, 0),
      fixed(quantile(hottest, 0.5) / 2, 1),
    ];
  }),
);

/** Lists of the 16 features of a class, and the momentum and number of its constituents. */
function observeJets(name) {
  const count = Math.ceil(events / 4);
  const features = Object.fromEntries(featureNames.map((feature) => [feature, []]));
  const [momenta, hardest] = [[], []];
  const row = new Float64Array(16);
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    const constituents = makeJet(name, seed, index);
    writeFeatures(constituents, row, 0);
    for (const [at, feature] of featureNames.entries()) features[feature].push(row[at]);
    const pt = constituents.reduce((sum, particle) => sum + particle.pt, 0);
    momenta.push(pt);
    hardest.push(constituents[0].pt / pt);
  }
  rate(`jets, ${name}`, count, started);
  return { ...features, momenta, hardest };
}

const jets = new Map(jetClasses.map((name) => [name, observeJets(name)]));
const jetTable = table(
  [
    'class',
    'pt',
    'mass: 10 %',
    'median',
    '90 %',
    'multiplicity',
    'C1(β=1)',
    'D2(β=1)',
    'N2(β=1)',
    'hardest constituent',
  ],
  jetClasses.map((name) => {
    const seen = jets.get(name);
    return [
      `\`${name}\``,
      fixed(mean(seen.momenta), 0),
      ...[0.1, 0.5, 0.9].map((part) => fixed(quantile(seen.mass_mmdt, part), 0)),
      `${fixed(mean(seen.multiplicity), 1)}`,
      fixed(mean(seen.c1_b1_mmdt), 3),
      fixed(mean(seen.d2_b1_mmdt), 2),
      fixed(mean(seen.n2_b1_mmdt), 3),
      percent(mean(seen.hardest)),
    ];
  }),
);

const of = (quantity) => names.map((name) => observed.get(name)[quantity]);
const pt = { low: 0, bins: 40, logarithmic: true, axis: 'GeV' };
const objectFigure = figure('Level-1 objects by process, each normalised to its events', names, [
  { ...pt, title: 'MET', high: 200, samples: of('met') },
  { ...pt, title: 'leading jet pt', high: 240, samples: of('jet') },
  { ...pt, title: 'leading e/γ pt', high: 120, samples: of('photon') },
  { ...pt, title: 'leading muon pt (0: none)', high: 120, samples: of('muon') },
  { title: 'jets', axis: 'per event, at most 10', low: 0, high: 11, bins: 11, samples: of('jets') },
  { title: 'collisions in the crossing', axis: '', low: 30, high: 90, bins: 30, samples: of('collisions') },
]);

const picture = (name, index) => {
  const row = new Uint16Array(252);
  regionsOf(name, index, row);
  return {
    title: name,
    rows: Array.from({ length: 18 }, (_, phi) => Array.from(row.subarray(14 * phi, 14 * phi + 14))),
  };
};
const imageFigure = images(
  'Region ET of one event each, darkest from 50 GeV',
  ['zero-bias', 'ttbar', 'h0-tautau'].map((name) => picture(name, 1)),
  { most: 100 },
);

const feature = (name) => jetClasses.map((jet) => jets.get(jet)[name]);
const jetFigure = figure('Jets by class, each normalised to its jets', jetClasses, [
  { title: 'mass (mMDT)', axis: 'GeV', low: 0, high: 250, bins: 50, samples: feature('mass_mmdt') },
  { title: 'multiplicity', axis: 'constituents', low: 0, high: 70, bins: 35, samples: feature('multiplicity') },
  { title: 'D2, β = 1', axis: '', low: 0, high: 4, bins: 40, samples: feature('d2_b1_mmdt') },
  { title: 'Σ z log z', axis: '', low: -4, high: 0, bins: 40, samples: feature('zlogz') },
]);

const tables = { objects: objectTable, calorimeter: imageTable, jets: jetTable };
if (options.print) process.stdout.write(`${Object.values(tables).join('\n\n')}\n`);
else {
  const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
  let page = readFileSync(`${docs}events.md`, 'utf8');
  for (const [name, content] of Object.entries(tables)) {
    const marks = new RegExp(`(<!-- ${name}: [^\\n]*-->)[^]*?(<!-- end -->)`, 'u');
    if (!marks.test(page)) throw new Error(`docs/events.md has no marks for the table '${name}'`);
    page = page.replace(marks, (_match, begin, end) => `${begin}\n\n${content}\n\n${end}`);
  }
  writeFileSync(`${docs}events.md`, page);
  mkdirSync(`${docs}events`, { recursive: true });
  for (const [name, content] of Object.entries({ objects: objectFigure, calorimeter: imageFigure, jets: jetFigure })) {
    writeFileSync(`${docs}events/${name}.svg`, content);
  }
}
