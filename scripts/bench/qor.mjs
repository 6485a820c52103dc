// Quality of results, one run: constant matrices and whole networks, beside da4ml and alkaid run here where
// scripts/bench/peers.mjs has installed them, and beside the recorded and deployed figures of the reference set.
// Tables on stdout, everything in --json OUT (build/qor.json).
// Usage: npm run bench -- qor [--only TEXT] [--effort fast|default|high|30s] [--slack N] [--networks] [--flow standard|keep-adders]
//                             [--slow] [--no-kernels] [--peers FOLDER] [--json OUT]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, printTable, reference, root, runNode, temporaryFolder } from './measure.mjs';
import { packageVersion, peerFolder, peerPython, peers as peerVersions } from './peers.mjs';
import { hasReference, networks, runNetwork } from './qor-networks.mjs';
import { yosysVersion } from './qor-synthesis.mjs';

/** Where da4ml took longer than this, its recorded time stands unless --slow is given. */
const PATIENCE = 10;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    effort: { type: 'string' },
    slack: { type: 'string' },
    networks: { type: 'boolean', default: false },
    flow: { type: 'string' },
    slow: { type: 'boolean', default: false },
    'no-kernels': { type: 'boolean', default: false },
    peers: { type: 'string', default: peerFolder },
    json: { type: 'string', default: join(root, 'build/qor.json') },
  },
});
if (!hasReference()) {
  console.error('the reference set is absent: see TRIGC_REFERENCE in docs/benchmarks.md');
  process.exit(3);
}
const folder = temporaryFolder();
const python = peerPython(options.peers);
const installed = Object.keys(peerVersions).filter(
  (name) => python !== undefined && packageVersion(python, name) !== undefined,
);
for (const name of Object.keys(peerVersions)) {
  const found = installed.includes(name) ? packageVersion(python, name) : undefined;
  console.error(found === undefined ? `${name}: skipped, not installed (scripts/bench/peers.mjs)` : `${name} ${found}`);
}
const wanted = (name) => options.only === undefined || name.toLowerCase().includes(options.only.toLowerCase());
const result = { machine: machine(), effort: options.effort ?? 'default', kernels: [], networks: [] };

if (!options['no-kernels']) kernelTable();
if (options.networks) await networkTable();
save();
const { processor, cores, system, node, load } = result.machine;
console.log(`\n${processor}, ${cores} cores, ${system}, Node ${node}; load average at start ${load.join(' ')}`);

function save() {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

function kernelTable() {
  const path = join(reference, 'peers/kernels.json');
  const { kernels } = JSON.parse(readFileSync(path, 'utf8'));
  for (const [name, kernel] of Object.entries(kernels)) {
    if (!wanted(name)) continue;
    const words = [join(root, 'scripts/bench/qor-kernel.mjs'), path, name];
    for (const option of ['effort', 'slack']) {
      if (options[option] !== undefined) words.push(`--${option}`, options[option]);
    }
    const own = json(runNode(words, folder));
    const recorded = kernel.da4ml['-1'];
    const row = { name, size: [kernel.matrix.length, kernel.matrix[0].length], own, recorded, peers: {} };
    for (const peer of installed) {
      if (recorded.runtime_s > PATIENCE && !options.slow) continue;
      row.peers[peer] = runPeerKernel(peer, path, name);
    }
    result.kernels.push(row);
    console.error(`${name}: ${own.lut} LUT in ${own.seconds.toFixed(2)} s`);
  }
  printKernels(result.kernels);
}

function json({ status, output, notes }) {
  if (status !== 0) throw new Error(notes);
  return JSON.parse(output.trim().split('\n').at(-1));
}

function runPeerKernel(peer, path, name) {
  const script = join(root, 'scripts/bench/peer_kernels.py');
  const env = { ...process.env, OMP_NUM_THREADS: '1', DA_DEFAULT_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const run = spawnSync(python, [script, peer, path, name], { encoding: 'utf8', env });
  if (run.status !== 0) throw new Error(run.stderr);
  const { megabytes, ...solved } = JSON.parse(run.stdout);
  return { ...solved['-1'], megabytes };
}

/**
 * Two formulas, each with both sides: `LUT` is the formula of the reference set's README on the range of each sum;
 * `by operands` is what da4ml itself estimates and what the set records for it.
 */
function printKernels(rows) {
  const figures = ({ adders, lut, depth, seconds }) => `${adders} / ${lut} / ${depth} / ${seconds.toFixed(2)}`;
  const peerCells = (row) => installed.map((peer) => (row.peers[peer] === undefined ? '' : figures(row.peers[peer])));
  console.log(`Constant matrices, effort ${result.effort}: adders / LUT / depth / CPU s\n`);
  printTable(
    [
      'matrix',
      'Trigc',
      ...installed,
      ...installed.map((peer) => `LUT, to ${peer}`),
      'LUT by operands',
      'to da4ml as recorded',
      'with exact ranges',
      'MB',
    ],
    rows.map((row) => [
      row.name,
      figures(row.own),
      ...peerCells(row),
      ...installed.map((peer) => ratio(row.own.lut, row.peers[peer]?.lut)),
      row.own.lutByOperands,
      ratio(row.own.lutByOperands, row.recorded.cost_traced),
      row.own.lutExact,
      Math.round(row.own.megabytes),
    ]),
  );
  const mean = (pairs) => {
    const known = pairs.filter(([, of]) => of !== undefined);
    const sum = known.reduce((total, [own, of]) => total + Math.log(own / of), 0);
    return known.length === 0 ? '-' : `${Math.exp(sum / known.length).toFixed(4)} (${known.length} matrices)`;
  };
  console.log('\nGeometric means of the ratios of LUTs:');
  for (const peer of installed) {
    console.log(
      `- to ${peer}, same formula, this run: ${mean(rows.map((row) => [row.own.lut, row.peers[peer]?.lut]))}`,
    );
  }
  console.log(
    `- by operands, to da4ml as recorded: ${mean(rows.map((row) => [row.own.lutByOperands, row.recorded.cost_traced]))}`,
  );
  console.log(
    `- on the range of the sum, to da4ml as recorded by operands (mixed): ${mean(rows.map((row) => [row.own.lut, row.recorded.cost_traced]))}`,
  );
  const large = rows.filter(({ size }) => size[0] * size[1] >= 1024);
  const sum = (of) => large.reduce((total, row) => total + of(row), 0).toFixed(1);
  const ran = large.filter((row) => row.peers.da4ml !== undefined);
  console.log(
    `\nMatrices of 32×32 entries and more: ${sum((row) => row.own.seconds)} CPU s; da4ml as recorded ` +
      `${sum((row) => row.recorded.runtime_s)} s, in this run ${ran.length < large.length ? 'not all run, see --slow' : `${sum((row) => row.peers.da4ml.seconds)} s`}`,
  );
}

function ratio(own, of) {
  return of === undefined ? '' : (own / of).toFixed(3);
}

async function networkTable() {
  const version = yosysVersion();
  if (version === undefined) {
    console.error('networks: skipped, yosys is not on the PATH');
    return;
  }
  const peers = Object.fromEntries(installed.map((name) => [name, python]));
  for (const [index, network] of networks.entries()) {
    if (!wanted(network.name)) continue;
    const own = join(folder, `network-${index}`);
    const flows = options.flow === undefined ? {} : { flows: [options.flow] };
    for (const row of await runNetwork(network, { folder: own, peers, effort: options.effort, ...flows })) {
      result.networks.push(row);
    }
    // What has taken minutes is kept, whatever happens to the next one.
    save();
  }
  console.log(`\nNetworks, Yosys ${version}, xc7, effort ${result.effort}\n`);
  const rows = [];
  for (const network of networks) {
    const { deployed, name } = network;
    if (!result.networks.some((row) => row.network === name)) continue;
    if (deployed !== undefined) {
      rows.push([
        name,
        'deployed (recorded)',
        'standard',
        deployed.lut,
        '',
        deployed.flipFlops,
        deployed.carryBlocks,
        ...segmentCells(deployed.segments),
        '1.000',
        '',
        '',
        '',
      ]);
    }
    for (const row of result.networks.filter((each) => each.network === name)) rows.push(networkCells(row, deployed));
  }
  printTable(
    [
      'network',
      'contender',
      'flow',
      'LUT1-6',
      'LUT sites',
      'FF',
      'CARRY4',
      'segments, ns',
      'total, ns',
      'LUT, to deployed',
      'to Verilog, CPU s',
      'MB',
      'events right',
    ],
    rows,
  );
}

function segmentCells(segments) {
  const total = segments.reduce((sum, delay) => sum + delay, 0);
  return [segments.map((delay) => delay.toFixed(1)).join(' / '), total.toFixed(1)];
}

function networkCells(row, deployed) {
  if (row.failure !== undefined) return [row.network, row.contender, row.failure, ...Array(10).fill('')];
  return [
    row.network,
    row.contender,
    row.flow,
    row.lutSum,
    row.lutSites,
    row.flipFlops + row.shiftRegisters,
    row.carryBlocks,
    ...segmentCells(row.segments.map(({ delay }) => delay)),
    row.flow === 'standard' ? ratio(row.lutSum, deployed?.lut) : '',
    row.compileSeconds.toFixed(2),
    Math.round(row.megabytes),
    row.events === undefined ? '' : `${row.right} of ${row.events}`,
  ];
}
