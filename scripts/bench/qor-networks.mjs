// Whole networks: compiled by Trigc and traced by its peers, mapped by the same flows, timed by the same model.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { reference, root, runNode, trigc } from './measure.mjs';
import { compiledNetworkJson } from './network-json.mjs';
import { flowNames, synthesise } from './qor-synthesis.mjs';

/** The types of the 57 hardware inputs of the Global Trigger; MET eta does not exist and is zero. */
const hardwareInputs = `inputs:
  input:
    types:
      - "ap_ufixed<12,11>"
      - "ap_fixed<8,8>"
      - "ap_ufixed<8,8>"
      - { types: ["ap_ufixed<9,8>", "ap_fixed<8,8>", "ap_ufixed<8,8>"], count: 4 }
      - { types: ["ap_ufixed<9,8>", "ap_fixed<9,9>", "ap_ufixed<10,10>"], count: 4 }
      - { types: ["ap_ufixed<11,10>", "ap_fixed<8,8>", "ap_ufixed<8,8>"], count: 10 }
    constants: { 1: 0 }
`;

/**
 * `deployed`: LUT1-6, flip-flops and CARRY4 of the firmware's own RTL in the flow `standard` of Yosys 0.23, and its
 * segments in ns, from the README of the reference set ("peers"); its RTL is not part of that set, so the segments are
 * its estimate with 0.45 ns per LUT hop and not this timing check's. `column`: of the deployed scores.
 */
export const networks = [
  {
    name: 'AXOL1TL v5, full path',
    model: 'AXOL1TL_v5/model_full.onnx',
    config: hardwareInputs,
    words: ['--target', 'ugt-run3'],
    deployed: { lut: 23_530, flipFlops: 545, carryBlocks: 4_228, segments: [23.9, 24.3, 29.9] },
    column: 1,
  },
  {
    name: 'AXOL1TL v3, full path',
    model: 'AXOL1TL_v3/model_full.onnx',
    config: hardwareInputs,
    words: ['--target', 'ugt-run3'],
    deployed: { lut: 31_033, flipFlops: 482, carryBlocks: 5_432, segments: [15.3, 13.8, 17.4] },
    column: 0,
  },
  {
    name: 'CICADA v1',
    model: 'CICADA_v1/model.onnx',
    config: 'outputs: { result: { type: "ap_fixed<11,5>" } }\n',
    words: ['--target', 'ctp7'],
  },
];

/** One network: a row for every contender and flow. `effort` undefined leaves the compiler's default. */
export async function runNetwork(network, { folder, peers, effort, flows = flowNames }) {
  const out = join(folder, 'trigc');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'trigc.yaml');
  writeFileSync(config, network.config);
  const model = join(reference, 'deployed', network.model);
  const words = ['compile', model, '-o', out, '--config', config, ...network.words];
  if (effort !== undefined) words.push('--effort', effort);
  // Solutions of earlier runs would make it look faster than it is.
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  const compiled = runNode([trigc, ...words], folder);
  if (compiled.status !== 0) throw new Error(compiled.notes);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  const kernels = report.kernels ?? [];
  const rows = [];
  const measure = (contender, source, figures) => {
    for (const flow of flows) {
      const mapped = synthesise({ ...source, folder: join(folder, `yosys-${contender}`), flow });
      const segments = mapped.segments.map(({ delay }) => delay.toFixed(1)).join(' / ');
      console.error(`${network.name}: ${contender}, ${flow}: ${mapped.lutSum} LUT, ${segments} ns`);
      rows.push({ network: network.name, contender, ...mapped, ...figures, yosysSeconds: mapped.seconds });
    }
  };
  const sources = readFileSync(join(out, 'rtl/files.f'), 'utf8').trim().split('\n');
  const total = (key) => kernels.reduce((sum, { figures }) => sum + (figures[key] ?? 0), 0);
  measure(
    'trigc',
    { top: topModule(out), sources, cwd: out },
    {
      adders: total('adders'),
      estimate: total('cost'),
      compileSeconds: compiled.cpu,
      megabytes: compiled.megabytes,
    },
  );
  const description = await compiledNetworkJson(out);
  const descriptionFile = join(folder, 'network.json');
  writeFileSync(descriptionFile, description);
  const events = network.column === undefined ? [] : [eventsFile(folder, description, network.column)];
  for (const [name, python] of Object.entries(peers)) {
    const traced = runPeer(python, [name, descriptionFile, join(folder, name), ...events]);
    if (traced.failure !== undefined) {
      rows.push({ network: network.name, contender: name, failure: traced.failure });
      continue;
    }
    const { seconds, megabytes, adders, estimate, events: count, right } = traced;
    const figures = { adders, estimate, compileSeconds: seconds, megabytes, events: count, right };
    measure(name, { top: traced.top, sources: traced.sources, cwd: folder }, figures);
  }
  return rows;
}

function topModule(out) {
  const manifest = JSON.parse(readFileSync(join(out, 'trigc.json'), 'utf8'));
  return manifest.top;
}

function runPeer(python, words) {
  const script = join(root, 'scripts/bench/peer_network.py');
  const env = { ...process.env, OMP_NUM_THREADS: '1', DA_DEFAULT_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const result = spawnSync(python, [script, ...words], { encoding: 'utf8', env, maxBuffer: 1 << 28 });
  if (result.status !== 0) return { failure: result.stderr.trim().split('\n').at(-1) };
  return JSON.parse(result.stdout.trim().split('\n').at(-1));
}

/** One orbit of hardware inputs as real values, with the scores of the deployed RTL. */
function eventsFile(folder, description, column) {
  const rows = (file) => {
    const path = join(reference, 'l1events', file);
    const bytes = readFileSync(path);
    const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
    return lines.map((line) => line.split(',')).filter((cells) => cells.every((cell) => /^-?\d+$/u.test(cell.trim())));
  };
  const { types } = JSON.parse(description).nodes[0];
  const fraction = types.map(({ width, integer }) => width - integer);
  const inputs = rows('events.csv.gz').map((cells) => cells.map((cell, index) => Number(cell) / 2 ** fraction[index]));
  // The score is ap_ufixed<18,14>: a sixteenth per code.
  const expected = rows('scores.csv').map((cells) => Number(cells[column]) / 16);
  const path = join(folder, 'events.json');
  writeFileSync(path, JSON.stringify({ inputs, expected }));
  return path;
}

export function hasReference() {
  return existsSync(join(reference, 'deployed'));
}
