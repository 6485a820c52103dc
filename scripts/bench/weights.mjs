// Rounding of weights: squared error of the outputs, signed digits, and LUTs as the solver (effort fast) realises them,
// for each method, on dense layers of the reference exporters and on random matrices. Inputs are drawn.
// Usage: npm run build && node scripts/bench/weights.mjs [--bits N] [--only REGULAR_EXPRESSION] [--library DIR]
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: { bits: { type: 'string', default: '6' }, only: { type: 'string' }, library: { type: 'string' } },
});
const library = join(options.library ?? join(root, 'dist'), 'src');
const load = (path) => import(join(library, path));
const { makeCurvature } = await load('precision/weights/curvature.js');
const { assessCodes, roundMatrix } = await load('precision/weights/round-matrix.js');
const { compileFloatEvaluator } = await load('backends/emulator/float/compile.js');
const { importOnnx } = await load('importers/onnx/import.js');
const { foldingPipeline } = await load('passes/model/pipelines.js');
const { runPipeline } = await load('passes/pass.js');
const { solve, defaultSolveOptions } = await load('passes/dataflow/distributed-arithmetic/solve.js');
const { denseProblem } = await load('passes/dataflow/distributed-arithmetic/problem.js');
const { adderStatistics } = await load('passes/dataflow/distributed-arithmetic/cost.js');
const { Random } = await load('support/random.js');

const reference = process.env.TRIGC_REFERENCE ?? join(root, '../shared/reference');
const EVENTS = 1500;
const INPUT_BITS = 8;
const random = new Random(1);
const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

/** Rounds the data to 8 bits of the width of their largest value; says that LSB's exponent. */
function quantised(data) {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const lsb = Math.ceil(Math.log2(largest)) - (INPUT_BITS - 1);
  return { data: data.map((value) => Math.round(value / 2 ** lsb) * 2 ** lsb), lsb };
}

function gramOf(data, size) {
  const gram = new Float64Array(size * size);
  for (let event = 0; event < data.length / size; event++) {
    for (let row = 0; row < size; row++) {
      const left = data[event * size + row] / (data.length / size);
      if (left !== 0) for (let k = 0; k < size; k++) gram[row * size + k] += left * data[event * size + k];
    }
  }
  return gram;
}

function* exporterLayers() {
  for (const name of ['three_layer_keras', 'three_layer_bn_pytorch', 'three_layer_pytorch', 'two_layer_keras']) {
    const file = join(reference, 'exporters', `${name}.onnx`);
    if (!existsSync(file)) throw new Error(`${file} is not there: set TRIGC_REFERENCE`);
    const imported = importOnnx(readFileSync(file), {});
    if (!imported.ok) throw new Error(JSON.stringify(imported.diagnostics));
    const folded = runPipeline(imported.value.graph, foldingPipeline({}), {});
    if (!folded.ok) throw new Error(JSON.stringify(folded.diagnostics));
    const graph = folded.value;
    const products = graph.nodes.filter(
      ({ kind, right }) => kind === 'matmul' && graph.nodes[right].kind === 'constant',
    );
    const evaluator = compileFloatEvaluator(graph);
    const inputs = Float64Array.from({ length: EVENTS * evaluator.inputWidth }, normal);
    const observed = evaluator.observe(
      inputs,
      products.map(({ left }) => left),
    );
    for (const [index, product] of products.entries()) {
      const constant = graph.nodes[product.right];
      const [rows, columns] = constant.shape;
      const weights = Float64Array.from(constant.codes, (code) => Number(code) * 2 ** constant.lsb);
      yield { name: `${name} ${rows}×${columns}`, rows, columns, weights, ...quantised(observed[index]) };
    }
  }
}

function* randomLayers() {
  for (const [rows, columns] of [
    [16, 32],
    [57, 32],
    [128, 16],
  ]) {
    const weights = Float64Array.from({ length: rows * columns }, () => normal() / Math.sqrt(rows));
    const mixing = Float64Array.from({ length: rows * rows }, normal);
    const data = new Float64Array(EVENTS * rows);
    for (let event = 0; event < EVENTS; event++) {
      const source = Float64Array.from({ length: rows }, (_, k) => normal() / (1 + k / 4));
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let k = 0; k < rows; k++) sum += mixing[row * rows + k] * source[k];
        data[event * rows + row] = Math.max(0, sum);
      }
    }
    yield { name: `random ${rows}×${columns}`, rows, columns, weights, ...quantised(data) };
  }
}

/** LUTs of the solved matrix. */
function luts({ rows, columns, data, lsb }, codes) {
  const inputs = Array.from({ length: rows }, (_, row) => {
    let [low, high] = [0, 0];
    for (let index = row; index < data.length; index += rows) {
      low = Math.min(low, data[index] / 2 ** lsb);
      high = Math.max(high, data[index] / 2 ** lsb);
    }
    return { range: { low: BigInt(low), high: BigInt(high) }, depth: 0 };
  });
  const matrix = inputs.map((_, row) => Array.from(codes.subarray(row * columns, (row + 1) * columns), BigInt));
  const problem = denseProblem(matrix, inputs);
  return adderStatistics(problem, solve(problem, { ...defaultSolveOptions, effort: 'fast' })).cost;
}

const print = (cells) => console.log(`| ${cells.join(' | ')} |`);
print(['layer', 'method', 'lambda', 'output error, relative', 'signed digits', 'LUT, solved', 's']);
print(['---', '---', '---:', '---:', '---:', '---:', '---:']);
for (const layer of [...exporterLayers(), ...randomLayers()]) {
  if (options.only !== undefined && !new RegExp(options.only).test(layer.name)) continue;
  const { rows, columns, weights, data } = layer;
  const gram = gramOf(data, rows);
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const bits = Number(options.bits);
  const lsb = Math.ceil(Math.log2(largest)) - (bits - 1);
  const base = {
    rows,
    columns,
    weights,
    curvature: makeCurvature(gram, rows),
    range: { low: -(2 ** 20), high: 2 ** 20 },
  };
  const coarse = { ...base, lsb: Int32Array.of(lsb), lambda: 0 };
  const fine = { ...base, lsb: Int32Array.of(lsb - 4) };
  const power = assessCodes(coarse, new Int32Array(rows * columns)).damage.reduce((sum, value) => sum + value, 0);
  const report = (method, lambda, problem, settings) => {
    const start = performance.now();
    const result = roundMatrix(problem, settings);
    const seconds = (performance.now() - start) / 1000;
    const damage = result.damage.reduce((sum, value) => sum + value, 0);
    print([
      layer.name,
      method,
      lambda,
      (damage / power).toExponential(2),
      result.digits,
      luts(layer, result.codes),
      seconds.toFixed(2),
    ]);
    return { ...result, damage };
  };
  const nearest = report('nearest', 0, coarse, { method: 'nearest' });
  report('fixed order (GPTQ)', 0, coarse, { method: 'fixed' });
  report('greedy (OBQ)', 0, coarse, { method: 'greedy' });
  report('search', 0, coarse, {});
  // The price at which the damage is that of nearest rounding, by bisection.
  let [low, high] = [-40, 10];
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    const { damage } = roundMatrix({ ...fine, lambda: nearest.damage * 2 ** middle }, { beam: 4, pairs: false });
    if (damage.reduce((sum, value) => sum + value, 0) > nearest.damage) high = middle;
    else low = middle;
  }
  const lambda = nearest.damage * 2 ** low;
  report('search, digits priced', lambda.toExponential(1), { ...fine, lambda }, {});
}
