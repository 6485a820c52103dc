// What the project promises about speed, measured: ONNX to Verilog, to verified RTL by engine, emulator, memory, size.
// A Markdown table on stdout, everything in build/bench.json.
// With `qor` as its first word, quality of results instead: see qor.mjs.
// Usage: npm run bench -- [--runs N] [--vectors N] [--icarus-vectors N] [--peers PYTHON] (a Python that has da4ml)
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarkModel, machine, median, printTable, root, runNode, temporaryFolder, trigc } from './measure.mjs';
import { networkJson } from './network-json.mjs';

if (process.argv[2] === 'qor') {
  process.argv.splice(2, 1);
  await import('./qor.mjs');
  process.exit();
}

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    vectors: { type: 'string', default: '2000' },
    'icarus-vectors': { type: 'string', default: '500' },
    peers: { type: 'string' },
  },
});
const folder = temporaryFolder();
const { name, model, codes } = benchmarkModel();
const started = machine();
console.error(`model: ${name}`);

const compile = (out) => {
  const run = runNode([trigc, 'compile', model, '-o', out], folder);
  if (run.status !== 0) throw new Error(run.notes);
  return run;
};
const out = join(folder, 'out');
const runs = Array.from({ length: Number(options.runs) }, () => compile(out));
const toVerilog = {
  wall: median(runs.map((run) => run.wall)),
  cpu: median(runs.map((run) => run.cpu)),
  megabytes: Math.max(...runs.map((run) => run.megabytes)),
};
console.error('compiled');

const stages = JSON.parse(runNode([join(root, 'scripts/bench/stages.mjs'), model], folder).output);

const engines = {};
for (const engine of ['yosys', 'verilator', 'icarus']) {
  const vectors = engine === 'icarus' ? options['icarus-vectors'] : options.vectors;
  const given = codes === undefined || engine === 'icarus' ? ['--vectors', vectors] : ['--input', codes, '--codes'];
  const run = runNode([trigc, 'verify', out, '--engine', engine, ...given], folder);
  if (run.status === 3) continue;
  const line = run.output.trim();
  if (run.status !== 0 || !line.includes(' 0 mismatches')) throw new Error(`${line}\n${run.notes}`);
  engines[engine] = {
    vectors: Number(/^verified (\d+)/u.exec(line)?.[1]),
    wall: toVerilog.wall + run.wall,
    cpu: toVerilog.cpu + run.cpu,
    megabytes: run.megabytes,
  };
  console.error(line);
}

const emulator = JSON.parse(runNode([join(root, 'scripts/bench/emulator.mjs'), '--json', model], folder).output);
const size = installedSize();
const peers = options.peers === undefined ? {} : { da4ml: await da4ml(options.peers) };
const result = { model: name, machine: started, toVerilog, ...stages, engines, emulator, size, peers };
mkdirSync(join(root, 'build'), { recursive: true });
writeFileSync(join(root, 'build/bench.json'), `${JSON.stringify(result, null, 2)}\n`);

const seconds = (value) => `${value.toFixed(2)} s`;
const whole = (value) => Math.round(value).toLocaleString('en');
console.log(`## ${name}\n`);
printTable(
  ['figure', 'wall', 'CPU', 'peak memory'],
  [
    [
      'ONNX to Verilog, whole process',
      seconds(toVerilog.wall),
      seconds(toVerilog.cpu),
      `${whole(toVerilog.megabytes)} MB`,
    ],
    ...Object.entries(engines).map(([engine, run]) => [
      `ONNX to verified RTL, ${engine}, ${whole(run.vectors)} vectors`,
      seconds(run.wall),
      seconds(run.cpu),
      run.megabytes === undefined ? '' : `${whole(run.megabytes)} MB`,
    ]),
  ],
);
console.log(`\nEmulator: ${whole(emulator.perSecond)} events/s, ${whole(emulator.perCpuSecond)} per CPU second.`);
console.log(
  `Installed: ${size.dependencies} MB of dependencies (${size.yosys} MB of it Yosys), ${size.own} MB of its own.\n`,
);
printTable(
  ['stage', 'CPU ms'],
  Object.entries(stages.stages).map(([stage, value]) => [stage, value.toFixed(0)]),
);
if (peers.da4ml !== undefined) {
  const { solveSeconds, eventsPerSecond } = peers.da4ml;
  const { import: importing, typing, lowering, passes, schedule, print } = stages.stages;
  const own = (importing + typing + lowering + passes + schedule + print) / 1000;
  console.log(`\nBeside da4ml ${peers.da4ml.version}, same network, same run: ONNX to Verilog text takes`);
  console.log(`${(own / solveSeconds).toFixed(2)} of the CPU time of its trace and solve;`);
  console.log(
    `the emulator runs ${(emulator.perCpuSecond / eventsPerSecond).toFixed(1)} times as many events a second.`,
  );
}
const { processor, cores, memoryGB, system, node, load } = started;
console.log(
  `\n${processor}, ${cores} cores, ${memoryGB} GB, ${system}, Node ${node}; load average at start ${load.join(' ')}`,
);

/** MB on disk: production dependencies as npm resolves them, and what the package itself ships. */
function installedSize() {
  const megabytes = (paths) => {
    const found = paths.filter((path) => existsSync(path));
    const total = execFileSync('du', ['-sckD', ...found], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1);
    return Number((parseInt(total ?? '0', 10) / 1024).toFixed(1));
  };
  const listed = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  const dependencies = [...new Set(listed.stdout.trim().split('\n').slice(1))];
  const own = ['bin', 'dist/src', 'templates', 'models', 'docs', 'package.json'].map((path) => join(root, path));
  const yosys = dependencies.filter((path) => path.includes('@yowasp'));
  return { dependencies: megabytes(dependencies), yosys: megabytes(yosys), own: megabytes(own) };
}

async function da4ml(python) {
  const network = join(folder, 'network.json');
  writeFileSync(network, await networkJson(model));
  const version = execFileSync(python, ['-c', 'import importlib.metadata as m; print(m.version("da4ml"))'], {
    encoding: 'utf8',
  });
  const script = join(root, 'scripts/bench/peer_da4ml.py');
  const threads = { OMP_NUM_THREADS: '1', DA_DEFAULT_THREADS: '1' };
  const output = execFileSync(python, [script, network], { encoding: 'utf8', env: { ...process.env, ...threads } });
  return { version: version.trim(), ...JSON.parse(output.trim().split('\n').at(-1)) };
}
