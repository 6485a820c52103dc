// Batched evaluator on one core: events per second, warm, on seeded events uniform over the types of the inputs.
// Usage: npm run build && node scripts/bench/emulator.mjs [--json] [MODEL.onnx]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchmarkModel, load, median } from './measure.mjs';

const { values: options, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const { importOnnx } = await load('importers/onnx/import.js');
const { undeclared } = await load('passes/model/assign-types.js');
const { runPipeline } = await load('passes/pass.js');
const { modelPipeline, typingPipeline } = await load('passes/model/pipelines.js');
const { emptyConfig } = await load('config/config.js');
const { codeRange } = await load('numeric/fixed-point.js');
const { Random } = await load('support/random.js');
const { unwrap } = await load('diagnostics/result.js');
const { compileEmulator } = await load('backends/emulator/emulator.js');
const { codeMatrix } = await load('backends/emulator/code-matrix.js');

const path = positionals[0] ?? benchmarkModel().model;
const { graph } = unwrap(importOnnx(readFileSync(path), { modelName: 'bench', modelPath: path }));
const passes = [...typingPipeline(undeclared(emptyConfig.default)), ...modelPipeline];
const emulator = compileEmulator(unwrap(runPipeline(graph, passes, {})));

const random = new Random(1);
const ranges = emulator.inputTypes.map(codeRange);
const rows = Array.from({ length: 2000 }, () => ranges.map(({ low, high }) => random.bigint(low, high)));
const repeats = 100;
const many = codeMatrix(
  Array.from({ length: rows.length * repeats }, (_, index) => rows[index % rows.length]),
  emulator.inputTypes,
);

const perSecond = [];
const perCpuSecond = [];
for (let round = 0; round < 5; round++) {
  const [wall, used] = [performance.now(), process.cpuUsage()];
  emulator.run(many);
  const seconds = (performance.now() - wall) / 1000;
  const { user, system } = process.cpuUsage(used);
  perSecond.push(many.rows / seconds);
  perCpuSecond.push((many.rows * 1e6) / (user + system));
}
const result = { events: many.rows, perSecond: median(perSecond), perCpuSecond: median(perCpuSecond) };
const whole = (value) => Math.round(value).toLocaleString('en');
if (options.json === true) console.log(JSON.stringify(result));
else console.log(`${whole(result.perSecond)} events/s, ${whole(result.perCpuSecond)} per second of processor`);
