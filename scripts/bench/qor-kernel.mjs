// Solve one integer matrix and print one line of JSON: adders, depth, CPU seconds, and LUTs by three formulas.
// Usage: node qor-kernel.mjs kernels.json NAME [--effort fast|default|high|SECONDSs] [--slack N]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from './measure.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { effort: { type: 'string', default: 'default' }, slack: { type: 'string' } },
});
const [path, name] = positionals;
const kernel = JSON.parse(readFileSync(path, 'utf8')).kernels[name];
const [low, high, step] = kernel.inq;
const range = { low: BigInt(low / step), high: BigInt(high / step) };
const matrix = kernel.matrix.map((line) => line.map((entry) => BigInt(entry)));

const folder = 'passes/dataflow/distributed-arithmetic';
const { denseProblem, summandsOf } = await load(`${folder}/problem.js`);
const { adderStatistics, overlapZeros, valueFacts } = await load(`${folder}/cost.js`);
const { defaultSolveOptions } = await load(`${folder}/options.js`);
const { countDigits } = await load(`${folder}/count-digits.js`);
const { SolutionSource } = await load('passes/dataflow/solution-source.js');

const problem = denseProblem(
  matrix,
  matrix.map(() => ({ range, depth: 0 })),
);
const seconds = /^(\d+(?:\.\d+)?)s$/u.exec(options.effort)?.[1];
const solving = {
  ...defaultSolveOptions,
  effort: seconds === undefined ? options.effort : { seconds: Number(seconds) },
  ...(options.slack === undefined ? {} : { depthSlack: Number(options.slack), mostDepthSlack: Number(options.slack) }),
};
const before = process.cpuUsage();
const services = { now: () => performance.now() };
const [graph] = new SolutionSource(solving, services, countDigits(problem)).solveAll([problem]);
const { user, system } = process.cpuUsage(before);

const byResult = adderStatistics(problem, graph, 'interval');
console.log(
  JSON.stringify({
    adders: byResult.adders,
    depth: byResult.depth,
    lut: byResult.cost,
    lutByOperands: costByOperands(),
    lutExact: adderStatistics(problem, graph, 'exact').cost,
    seconds: (user + system) / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }),
);

/** da4ml's own estimate, for which see peer_tools.py: the widest operand in place of the result. */
function costByOperands() {
  const facts = valueFacts(problem, graph, 'interval');
  const ceilLog2 = (value) => (value <= 0n ? 0 : (value - 1n).toString(2).length - (value === 1n ? 1 : 0));
  const bits = ({ range, zeros }, shift, negative) => {
    const unit = 1n << BigInt(zeros);
    const [from, to] = negative ? [-range.high, -range.low] : [range.low, range.high];
    const [below, above] = [from < 0n ? -from : from, to + unit < 0n ? -(to + unit) : to + unit];
    return ceilLog2(below > above ? below : above) + shift;
  };
  let total = 0;
  graph.operations.forEach((operation, index) => {
    if (operation.kind === 'constant') return;
    const summands = summandsOf(operation);
    const widest = Math.max(...summands.map(({ value, shift, negative }) => bits(facts[value], shift, negative)));
    const sign = facts[graph.inputs + index].range.low < 0n ? 1 : 0;
    total += Math.max(0, widest + sign - overlapZeros(facts, summands));
  });
  for (const { value, negated } of graph.outputs) {
    if (!negated) continue;
    const fact = facts[value];
    total += Math.max(0, bits(fact, 0, true) + (fact.range.high > 0n ? 1 : 0) - fact.zeros);
  }
  return total;
}
