// Float reference for many events on one core: events per second, warm, on normally distributed events, one at a time
// and compiled; ONNX Runtime beside it where it is installed.
// Usage: npm run build && node scripts/bench/float.mjs [--json] [MODEL.onnx …]
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarkModel, load, median, printTable } from './measure.mjs';

const { values: options, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const { importOnnx } = await load('importers/onnx/import.js');
const { unwrap } = await load('diagnostics/result.js');
const { Random } = await load('support/random.js');
const { floatEvaluator } = await load('model/evaluate-float.js');
const { compileFloatEvaluator } = await load('backends/emulator/float/compile.js');

/** Events per second of processor: median of five runs after one to warm up. */
function speed(events, run) {
  run();
  const rates = [];
  for (let round = 0; round < 5; round++) {
    const used = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(used);
    rates.push((events * 1e6) / (user + system));
  }
  return median(rates);
}

const paths = positionals.length > 0 ? positionals : [benchmarkModel().model];
const results = paths.map((path) => {
  const { graph } = unwrap(importOnnx(readFileSync(path), { modelName: 'bench', modelPath: path }));
  const compiled = compileFloatEvaluator(graph);
  const random = new Random(1);
  const events = Math.max(64, Math.min(200_000, Math.floor(2e9 / (graph.nodes.length * 1e3 + compiled.inputWidth))));
  const draw = () => 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5);
  const data = Float64Array.from({ length: events * compiled.inputWidth }, draw);
  const few = Math.min(events, 200);
  const evaluate = floatEvaluator(graph);
  const sizes = graph.nodes
    .filter((node) => node.kind === 'input')
    .map((node) => node.shape.reduce((a, b) => a * b, 1));
  const single = speed(few, () => {
    let next = 0;
    for (let event = 0; event < few; event++) evaluate(sizes.map((size) => data.subarray(next, (next += size))));
  });
  const batch = speed(events, () => compiled.run(data));
  return { model: join(basename(dirname(path)), basename(path)), events, single, batch };
});
if (options.json === true) console.log(JSON.stringify(results));
else {
  const whole = (value) => Math.round(value).toLocaleString('en');
  printTable(
    ['model', 'one at a time', 'compiled'],
    results.map(({ model, single, batch }) => [model, `${whole(single)} events/s`, `${whole(batch)} events/s`]),
  );
}
