// Simulation engines on the deployed networks and the shipped model: seconds of `trigc verify` on all vectors of the
// model, cold (no compiled simulation in the cache) and again, and vectors/s of the simulation by itself.
// A Markdown table on stdout, everything in build/engines.json.
// Usage: npm run build && node scripts/bench/engines.mjs [--only TEXT] [--engine NAME] [--rows N] [--slow-vectors N]
// `--rows`: cycles of the rate; Icarus and GHDL verify `--slow-vectors` vectors, and have no rate of their own.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, machine, printTable, reference, root, runNode, temporaryFolder, trigc } from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    engine: { type: 'string' },
    rows: { type: 'string', default: '200000' },
    'slow-vectors': { type: 'string', default: '500' },
  },
});
const ENGINES = ['yosys', 'icarus', 'ghdl', 'verilator', 'verilator-wasm'].filter(
  (name) => options.engine === undefined || name === options.engine,
);
const SLOW = new Set(['icarus', 'ghdl']);

const deployed = (name, ...flags) => ({
  name: name.replaceAll('_', ' '),
  model: join(reference, 'deployed', name, 'model.onnx'),
  codes: join(reference, 'deployed', name, 'inputs.csv.gz'),
  flags,
});
const models = [
  deployed('AXOL1TL_v3'),
  deployed('AXOL1TL_v5'),
  deployed('CICADA_v1'),
  { name: 'axol1tl-like', model: join(root, 'models/axol1tl-like/model.onnx'), flags: [] },
].filter(({ name, model }) => name.includes(options.only) && existsSync(model));

const folder = temporaryFolder();
const started = machine();
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const ownCache = join(folder, 'cache');

/** A cache of this run: empty but for Verilator's artefact. */
function emptyCache() {
  rmSync(ownCache, { recursive: true, force: true });
  mkdirSync(join(ownCache, 'trigc'), { recursive: true });
  const artefact = join(cache, 'trigc/verilator-wasm');
  if (existsSync(artefact)) symlinkSync(artefact, join(ownCache, 'trigc/verilator-wasm'));
  process.env.XDG_CACHE_HOME = ownCache;
}

function verify(out, engine, codes) {
  const given =
    SLOW.has(engine) || codes === undefined ? ['--vectors', vectorsOf(engine)] : ['--input', codes, '--codes'];
  const run = runNode([trigc, 'verify', out, '--engine', engine, ...given], folder);
  if (run.status === 3) return undefined;
  const line = run.output.trim();
  if (run.status !== 0 || !line.includes(' 0 mismatches')) throw new Error(`${line}\n${run.notes}`);
  console.error(`${line}: ${run.wall.toFixed(1)} s`);
  return { vectors: Number(/verified (\d+)/u.exec(line)?.[1]), wall: run.wall, cpu: run.cpu };
}
const vectorsOf = (engine) => (SLOW.has(engine) ? options['slow-vectors'] : '2000');

/** Cycles a second of a prepared simulation on packed rows, the best of three runs after one that warms up. */
async function rate(out, engine) {
  const { SIMULATION_ENGINES } = await load('simulation/choose-engine.js');
  const { openCompiledFolder } = await load('cli/compiled-folder.js');
  const { simulationDesign } = await load('cli/simulation-design.js');
  const { packedSimulation } = await load('simulation/packed-adapter.js');
  const design = simulationDesign(openCompiledFolder(out));
  const prepared = await SIMULATION_ENGINES[engine].prepare(design);
  // An engine without a packed way is a hundred times slower: fewer cycles say as much.
  const cycles = prepared.packed === undefined ? Math.ceil(Number(options.rows) / 20) : Number(options.rows);
  try {
    const { simulation } = packedSimulation(prepared, design);
    const { stimulusLimbs, inputs } = simulation.layout;
    const rows = new Int32Array(new SharedArrayBuffer(4 * cycles * stimulusLimbs));
    for (let row = 0; row < cycles; row += 1) {
      for (const { port, limb, limbs } of inputs) {
        for (let index = 0; index < limbs; index += 1) {
          const unused = Math.max(0, 32 * (index + 1) - port.width);
          rows[row * stimulusLimbs + limb + index] = Math.imul(row * 64 + index + 1, 0x9e3779b1) >>> unused;
        }
      }
    }
    const seconds = [];
    for (let run = 0; run < 4; run += 1) {
      const start = performance.now();
      await simulation.run({ rows });
      seconds.push((performance.now() - start) / 1000);
    }
    return cycles / Math.min(...seconds.slice(1));
  } finally {
    await prepared.close();
  }
}

const results = [];
for (const { name, model, codes, flags } of models) {
  const out = join(folder, 'out');
  rmSync(out, { recursive: true, force: true });
  const compiled = runNode([trigc, 'compile', model, '-o', out, '--language', 'both', ...flags], folder);
  if (compiled.status !== 0) throw new Error(compiled.notes);
  for (const engine of ENGINES) {
    emptyCache();
    const cold = verify(out, engine, codes);
    if (cold === undefined) continue;
    const warm = verify(out, engine, codes);
    results.push({ name, engine, cold, warm, perSecond: SLOW.has(engine) ? undefined : await rate(out, engine) });
    console.error(JSON.stringify(results.at(-1)));
  }
}

mkdirSync(join(root, 'build'), { recursive: true });
writeFileSync(join(root, 'build/engines.json'), `${JSON.stringify({ machine: started, results }, null, 2)}\n`);
const seconds = ({ wall, cpu }) => `${wall.toFixed(1)} (${cpu.toFixed(1)})`;
const whole = (value) => Math.round(value).toLocaleString('en');
printTable(
  ['model', 'engine', 'vectors', 'cold, s (CPU)', 'again, s (CPU)', 'cycles/s of the simulation'],
  results.map(({ name, engine, cold, warm, perSecond }) => [
    ...[name, engine, whole(cold.vectors), seconds(cold), seconds(warm)],
    perSecond === undefined ? '' : whole(perSecond),
  ]),
);
const { processor, cores, node, load: average } = started;
console.log(`\n${processor}, ${cores} cores, Node ${node}; load average at start ${average.join(' ')}`);
