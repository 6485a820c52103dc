// Batched evaluator on one core: events per second, warm, and agreement with the given outputs where they are integers
// of the graph's own output.
// Usage: npm run build && node scripts/bench/emulator.mjs [MODEL_FOLDER] (model.onnx, inputs.csv.gz, outputs.csv.gz)
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const load = (path) => import(join(root, 'dist/src', path));
const { importOnnx } = await load('importers/onnx/import.js');
const { undeclared } = await load('passes/model/assign-types.js');
const { runPipeline } = await load('passes/pass.js');
const { modelPipeline, typingPipeline } = await load('passes/model/pipelines.js');
const { parseQuantizer } = await load('numeric/fixed-point.js');
const { unwrap } = await load('diagnostics/result.js');
const { compileEmulator } = await load('backends/emulator/emulator.js');
const { codeMatrix, codeRow } = await load('backends/emulator/code-matrix.js');

const reference = process.env.TRIGC_REFERENCE ?? join(root, '../shared/reference');
const folder = process.argv[2] ?? join(reference, 'deployed/AXOL1TL_v5');
const rows = (name) =>
  gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .split('\n')
    .filter((line) => /^-?\d/u.test(line))
    .map((line) => line.split(',').map(BigInt));
const inputs = rows('inputs.csv.gz');
const outputs = rows('outputs.csv.gz');

const bytes = readFileSync(join(folder, 'model.onnx'));
const { graph } = unwrap(importOnnx(bytes, { modelName: 'bench', modelPath: 'model.onnx' }));
const typing = undeclared(parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>'));
const typed = unwrap(runPipeline(graph, [...typingPipeline(typing), ...modelPipeline], {}));

const start = performance.now();
const emulator = compileEmulator(typed);
console.log(`compiled in ${(performance.now() - start).toFixed(0)} ms`);
const check = emulator.run(codeMatrix(inputs, emulator.inputTypes)).output;
const width = check.columns;
const equal = outputs.filter((row, index) => codeRow(check, index).join() === row.slice(0, width).join()).length;
console.log(`${equal} of ${outputs.length} given vectors equal`);

const repeats = 100;
const many = codeMatrix(
  Array.from({ length: inputs.length * repeats }, (_, index) => inputs[index % inputs.length]),
  emulator.inputTypes,
);
for (let round = 0; round < 5; round++) {
  const [wall, used] = [performance.now(), process.cpuUsage()];
  emulator.run(many);
  const seconds = (performance.now() - wall) / 1000;
  const { user, system } = process.cpuUsage(used);
  const rate = (time) => Math.round(many.rows / time).toLocaleString('en');
  console.log(`${many.rows} events: ${rate(seconds)} events/s, ${rate((user + system) / 1e6)} per second of processor`);
}
