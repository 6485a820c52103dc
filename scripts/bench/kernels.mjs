// Constant matrix × vector: adders, LUTs by da4ml's formula, depth and seconds, beside da4ml's own figures.
// With --exact, ranges of linear forms instead of plain intervals, as the emitted kernels have them.
// At high effort the best of as many runs as a compilation makes.
// Usage: npm run build && node scripts/bench/kernels.mjs [--effort E] [--slack N] [--only REGULAR_EXPRESSION] [--exact]
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: {
    effort: { type: 'string', default: 'default' },
    slack: { type: 'string' },
    only: { type: 'string' },
    exact: { type: 'boolean' },
    library: { type: 'string' },
  },
});
const library = join(options.library ?? join(root, 'dist'), 'src/passes/dataflow/distributed-arithmetic');
const { cheapestSolution, restartJobs, restartsOf, runJob } = await import(join(library, 'restarts.js'));
const { defaultSolveOptions } = await import(join(library, 'solve.js'));
const { denseProblem } = await import(join(library, 'problem.js'));
const { adderStatistics } = await import(join(library, 'cost.js'));

const reference = process.env.TRIGC_REFERENCE ?? join(root, '../shared/reference');
const { kernels } = JSON.parse(readFileSync(join(reference, 'peers/kernels.json'), 'utf8'));
const { depthSlack, mostDepthSlack } =
  options.slack === undefined
    ? defaultSolveOptions
    : { depthSlack: Number(options.slack), mostDepthSlack: Number(options.slack) };

const keys = ['-1', '0', '2'];
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
row([
  'kernel',
  'adders',
  'LUT',
  'depth',
  'CPU s',
  ...keys.map((key) => `da4ml ${key}: adders/LUT/depth`),
  'LUT / da4ml -1',
]);
row(['---', '---:', '---:', '---:', '---:', ...keys.map(() => '---:'), '---:']);
const logarithms = { '-1': 0, 0: 0, 2: 0 };
let count = 0;
let seconds = 0;
for (const [name, kernel] of Object.entries(kernels)) {
  if (options.only !== undefined && !new RegExp(options.only).test(name)) continue;
  const [low, high, step] = kernel.inq;
  const range = { low: BigInt(low / step), high: BigInt(high / step) };
  const matrix = kernel.matrix.map((line) => line.map((entry) => BigInt(entry)));
  const problem = denseProblem(
    matrix,
    matrix.map(() => ({ range, depth: 0 })),
  );
  const start = process.cpuUsage().user;
  const job = { problem, options: { ...defaultSolveOptions, effort: options.effort, depthSlack, mostDepthSlack } };
  const runs = restartJobs(job, restartsOf(options.effort, 1));
  const graph = cheapestSolution(
    problem,
    runs.map((run) => runJob(run, {})),
  );
  const time = (process.cpuUsage().user - start) / 1e6;
  const { adders, cost, depth } = adderStatistics(problem, graph, options.exact ? 'exact' : 'interval');
  const peers = keys.map((key) => kernel.da4ml[key]);
  row([
    name,
    adders,
    cost,
    depth,
    time.toFixed(2),
    ...peers.map((peer) => `${peer.adders}/${peer.cost_traced}/${peer.depth}`),
    (cost / peers[0].cost_traced).toFixed(3),
  ]);
  keys.forEach((key, index) => (logarithms[key] += Math.log(cost / peers[index].cost_traced)));
  count++;
  seconds += time;
}
const means = keys.map((key) => `${key}: ${Math.exp(logarithms[key] / count).toFixed(4)}`).join(', ');
console.log(
  `\ngeometric mean of LUT ratios to da4ml ${means}; ${seconds.toFixed(1)} CPU s, depth slack ${depthSlack} to ${mostDepthSlack}`,
);
