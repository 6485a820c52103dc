// Few additions for constants and small matrices: the listed proven optima, and mean additions on random N×N matrices
// with entries uniform in 129..255 beside the published means of da4ml and Hcmvm.
// Usage: npm run build && node scripts/bench/constants.mjs [--matrices N] [--size N] [--effort NAME] [--seed N]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    matrices: { type: 'string', default: '20' },
    size: { type: 'string' },
    effort: { type: 'string' },
    seed: { type: 'string', default: '1' },
    objective: { type: 'string', default: 'adders' },
    library: { type: 'string' },
  },
});
const library = join(options.library ?? join(root, 'dist'), 'src');
const folder = join(library, 'passes/dataflow/distributed-arithmetic');
const { solve } = await import(join(folder, 'solve.js'));
const { denseProblem } = await import(join(folder, 'problem.js'));
const { adderStatistics } = await import(join(folder, 'cost.js'));
const { solveByGraph } = await import(join(folder, 'graph-search/solve-by-graph.js'));
const { Random } = await import(join(library, 'support/random.js'));

const seed = Number(options.seed);
const problemOf = (matrix) =>
  denseProblem(
    matrix.map((line) => line.map(BigInt)),
    matrix.map(() => ({ range: { low: -128n, high: 127n }, depth: 0 })),
  );
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

const optima = [
  [[3], 1],
  [[11], 2],
  [[43], 3],
  [[683], 4],
  [[14709], 5],
  [[5, 21, 107], 3],
  [[3, 11, 69], 4],
  [[43, 171, 1109], 5],
  [[9, 11, 13, 173], 5],
  [[105, 621, 815, 831], 6],
  [[9, 387, 745, 805], 6],
  [[3, 9, 11, 15, 43, 91, 101, 137, 171, 255], 10],
];
row(['constants', 'proven optimum', 'additions', 'greedy solver', 'CPU s']);
row(['---', '---:', '---:', '---:', '---:']);
for (const [constants, optimum] of optima) {
  const problem = problemOf([constants]);
  const greedy = adderStatistics(problem, solve(problem)).adders;
  const start = process.cpuUsage().user;
  const { adders } = adderStatistics(problem, solveByGraph(problem, { seed, work: 2e6 }));
  const seconds = (process.cpuUsage().user - start) / 1e6;
  row([constants.join(', '), optimum, adders, greedy, seconds.toFixed(2)]);
}

const published = { 4: [29.2, 27.6], 8: [98.1, 96.3], 16: [343.2, 338.3] };
/** Work by effort and size. */
const efforts = {
  fast: { 4: 2e5, 8: 4e5, 16: 1e6 },
  default: { 4: 5e5, 8: 2e6, 16: 6e6 },
  high: { 4: 1e7, 8: 3e7, 16: 5e7 },
};
console.log();
row(['N', 'effort', 'mean additions', 'mean LUT', 'CPU s each', 'greedy solver', 'da4ml', 'Hcmvm']);
row(['---:', '---', '---:', '---:', '---:', '---:', '---:', '---:']);
for (const [size, [peer, best]] of Object.entries(published)) {
  if (options.size !== undefined && options.size !== size) continue;
  for (const [effort, works] of Object.entries(efforts)) {
    if (options.effort !== undefined && options.effort !== effort) continue;
    const random = new Random(seed * 100 + Number(size));
    const count = Number(options.matrices);
    let [adders, luts, greedy, seconds] = [0, 0, 0, 0];
    for (let index = 0; index < count; index++) {
      const entry = () => random.integer(129, 255);
      const problem = problemOf(Array.from({ length: size }, () => Array.from({ length: size }, entry)));
      greedy += adderStatistics(problem, solve(problem)).adders / count;
      const start = process.cpuUsage().user;
      const { objective } = options;
      const graph = solveByGraph(problem, { seed: seed + index, work: works[size], objective });
      seconds += (process.cpuUsage().user - start) / 1e6 / count;
      const statistics = adderStatistics(problem, graph);
      adders += statistics.adders / count;
      luts += statistics.cost / count;
    }
    const cells = [adders.toFixed(2), luts.toFixed(1), seconds.toFixed(2), greedy.toFixed(1)];
    row([size, effort, ...cells, peer, best]);
  }
}
