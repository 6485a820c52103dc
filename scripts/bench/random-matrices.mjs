// Dense matrices of one sign: mean additions of random N × N matrices of entries 129 to 255, N = 4, 8 and 16, beside the means
// that are published for da4ml and for Hcmvm. Inputs are 8 bits, signed. Not their matrices, but as many of the same kind: at
// 20 of them the standard error of a mean is about half a per cent, and the second figure.
// Usage: npm run build && node scripts/bench/random-matrices.mjs [--effort E] [--slack N] [--count N] [--sizes 4,8,16] [--seed N]
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: {
    effort: { type: 'string', default: 'default' },
    slack: { type: 'string' },
    count: { type: 'string', default: '20' },
    sizes: { type: 'string', default: '4,8,16' },
    seed: { type: 'string', default: '1' },
    library: { type: 'string' },
  },
});
const built = join(options.library ?? join(root, 'dist'), 'src');
const library = join(built, 'passes/dataflow/distributed-arithmetic');
const { cheapestSolution, restartJobs, restartsOf, runJob } = await import(join(library, 'restarts.js'));
const { defaultSolveOptions } = await import(join(library, 'solve.js'));
const { denseProblem } = await import(join(library, 'problem.js'));
const { adderStatistics } = await import(join(library, 'cost.js'));
const { Random } = await import(join(built, 'support/random.js'));

/** As published: additions on average. */
const peers = { 4: { da4ml: 29.2, hcmvm: 27.6 }, 8: { da4ml: 98.1, hcmvm: 96.3 }, 16: { da4ml: 343.2, hcmvm: 338.3 } };
const input = { range: { low: -128n, high: 127n }, depth: 0 };
const count = Number(options.count);
const { depthSlack, mostDepthSlack } =
  options.slack === undefined
    ? defaultSolveOptions
    : { depthSlack: Number(options.slack), mostDepthSlack: Number(options.slack) };
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

row(['N', 'additions', '± of the mean', 'LUT', 'depth', 'CPU s', 'da4ml', 'Hcmvm']);
row(['---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:']);
for (const size of options.sizes.split(',').map(Number)) {
  const random = new Random(Number(options.seed) * 1_000 + size);
  const found = [];
  const start = process.cpuUsage().user;
  for (let index = 0; index < count; index++) {
    const matrix = Array.from({ length: size }, () =>
      Array.from({ length: size }, () => BigInt(129 + Math.floor(random.uniform() * 127))),
    );
    const problem = denseProblem(matrix, Array(size).fill(input));
    const job = { problem, options: { ...defaultSolveOptions, effort: options.effort, depthSlack, mostDepthSlack } };
    const runs = restartJobs(job, restartsOf(options.effort, 1));
    const graph = cheapestSolution(
      problem,
      runs.map((run) => runJob(run, {})),
    );
    found.push(adderStatistics(problem, graph));
  }
  const time = (process.cpuUsage().user - start) / 1e6;
  const mean = (figure) => found.reduce((sum, each) => sum + figure(each), 0) / count;
  const average = mean(({ adders }) => adders);
  const deviation = Math.sqrt(mean(({ adders }) => (adders - average) ** 2) / Math.max(1, count - 1));
  const { da4ml, hcmvm } = peers[size] ?? { da4ml: '', hcmvm: '' };
  row([
    size,
    average.toFixed(1),
    deviation.toFixed(1),
    mean(({ cost }) => cost).toFixed(0),
    mean(({ depth }) => depth).toFixed(2),
    time.toFixed(1),
    da4ml,
    hcmvm,
  ]);
}
