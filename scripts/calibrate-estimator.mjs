// Measures the estimator of src/lowering/estimate against Yosys: seeded designs of every class of operation and small
// networks, many to a run. Prints the distribution of estimate over synthesis; --write stores the error band in
// src/lowering/estimate/calibration.ts.
// Usage: npm run build && node scripts/calibrate-estimator.mjs [--write] [--only CLASS] [--seed N] [--list] [COMPILED_FOLDER …]
// Compiled folders (with design.trigc and rtl/) are a class of their own, which the band does not include.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { load } from './bench/measure.mjs';

const { KernelBuilder } = await load('dataflow/builder.js');
const { parseDesign } = await load('design/parse.js');
const { buildNetlist } = await load('lowering/rtl/netlist.js');
const { lowerModel } = await load('lowering/model/lower-model.js');
const { scheduleProgram } = await load('lowering/schedule/schedule-program.js');
const { estimateDesign } = await load('lowering/estimate/estimate-design.js');
const { printModule } = await load('backends/verilog/print-module.js');
const { ModelBuilder } = await load('model/builder.js');
const { exactType, inferFormats } = await load('model/formats.js');
const { fixedPointType } = await load('numeric/fixed-point.js');
const { dataflowPipeline } = await load('passes/dataflow/pipelines.js');
const { modelPipeline } = await load('passes/model/pipelines.js');
const { runPipeline } = await load('passes/pass.js');
const { unwrap } = await load('diagnostics/result.js');
const { Random } = await load('support/random.js');
const { delayModels } = await load('targets/delay-model.js');

const FLOW = 'synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp';
const options = { family: '7-series', dsp: false, threeOperandAdders: false, mergedSums: true };
const words = process.argv.slice(2);
const flag = (name) => words.includes(name) && words.splice(words.indexOf(name), 1).length > 0;
const value = (name) => (words.includes(name) ? words.splice(words.indexOf(name), 2)[1] : undefined);
const [write, list, only, seed] = [flag('--write'), flag('--list'), value('--only'), Number(value('--seed') ?? 1)];

/** A word of `low` to `high` bits, signed or not, now and then of an odd range. */
function range(random, low, high) {
  const bits = BigInt(random.integer(low, high));
  const span = (1n << bits) - 1n - (random.integer(0, 2) === 0 ? random.bigint(0n, 1n << (bits - 1n)) : 0n);
  const from = random.integer(0, 2) > 0 ? -(span + 1n) / 2n : 0n;
  return { low: from, high: from + span };
}

/** One kernel without registers, its inputs and outputs the ports. */
function kernelDesign(name, build) {
  const builder = new KernelBuilder(name);
  build(builder);
  const kernel = builder.finish();
  const type = ({ low, high }) => exactType({ lsb: 0, ranges: [{ low, high }] });
  const inputs = kernel.inputs.map((id) => type(kernel.nodes[id].range));
  const outputs = kernel.outputs.map((id) => type(kernel.nodes[id].range));
  const positions = [kernel.inputs.map((_, index) => ({ instance: -1, index }))];
  const program = {
    name,
    inputs: [{ name: 'x', types: inputs }],
    kernels: [kernel],
    instances: [{ name: 'k', kernel: 0, positions, origin: { name, operator: 'Test' } }],
    outputs: [{ name: 'y', types: outputs, elements: outputs.map((_, index) => ({ instance: 0, index })) }],
  };
  return designOf(name, program, { latency: 0 });
}

function designOf(name, program, { latency, valid = false, registers = 'none' }) {
  const model = delayModels['7-series'];
  const { schedule } = unwrap(
    scheduleProgram(program, {
      model,
      clockPeriod: 1000,
      ...(latency === undefined ? {} : { latency }),
      registers,
      inputDelay: 0,
      outputDelay: 0,
    }),
  );
  const ports = { ports: 'packed', registers, valid };
  return { name, program, schedule, interface: ports, initiationInterval: 1 };
}

/** Four times the same operation on words of its own. */
function repeated(make) {
  return (random, name) =>
    kernelDesign(name, (builder) => {
      const input = (low, high) => builder.input(range(random, low, high));
      for (let count = 0; count < 4; count++) builder.output(make(builder, random, input));
    });
}

const roundings = ['TRN', 'RND', 'RND_CONV', 'RND_CONV', 'RND_INF', 'TRN_ZERO', 'RND_ZERO', 'RND_MIN_INF'];
const overflows = ['WRAP', 'SAT', 'SAT', 'SAT', 'SAT_SYM'];

function network(random, name, { layers, score, latency, registers, valid }) {
  const builder = new ModelBuilder(name);
  const origin = (operator) => ({ name: `${operator}_${builder.nodes?.length ?? 0}`, operator });
  const rounding = random.pick(roundings);
  const overflow = random.pick(overflows);
  const bits = random.integer(4, 10);
  const signed = random.integer(0, 1) === 1;
  const types = [fixedPointType(signed, bits, random.integer(2, bits))];
  const input = { name: 'x', types, rounding: 'RND', overflow: 'SAT' };
  let tensor = builder.input(input, [layers[0]], origin('Input'));
  const quantize = (operand, width, integer) => {
    const type = fixedPointType(true, width, integer);
    return builder.add('quantize', { operand, types: [type], rounding, overflow }, origin('Quant'));
  };
  const weightBits = random.integer(3, 8);
  layers.slice(1).forEach((size, index) => {
    const half = 1n << BigInt(weightBits - 1);
    const weight = () => (random.integer(0, 4) === 0 ? 0n : random.bigint(-half, half - 1n));
    const constant = (shape) => {
      const codes = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, weight);
      return builder.constant({ lsb: 1 - weightBits, codes, float: false }, shape, origin('Constant'));
    };
    tensor = builder.add('matmul', { left: tensor, right: constant([layers[index], size]) }, origin('MatMul'));
    tensor = builder.add('add', { left: tensor, right: constant([size]) }, origin('Add'));
    const last = index === layers.length - 2;
    if (!last && random.integer(0, 2) > 0) tensor = builder.add('relu', { operand: tensor }, origin('Relu'));
    tensor = quantize(tensor, bits, random.integer(2, Math.min(bits, 5)));
  });
  if (score) {
    tensor = builder.add('multiply', { left: tensor, right: tensor }, origin('Mul'));
    const fields = { operand: tensor, operation: 'sum', axes: [0], keepDimensions: true };
    tensor = builder.add('reduce', fields, origin('ReduceSum'));
  }
  const format = inferFormats(builder.finish())[tensor];
  builder.output('y', tensor, [exactType(format)]);
  const graph = unwrap(runPipeline(builder.finish(), modelPipeline, {}));
  const program = unwrap(dataflowPipeline(lowerModel(graph)));
  return designOf(name, program, { latency, registers, valid });
}

const layerSizes = (random, count, low, high) => Array.from({ length: count }, () => random.integer(low, high));

/** Designs by class: [designs, maker]. */
const classes = {
  add: [
    20,
    repeated((b, r, input) =>
      b.add(b.shiftLeft(input(1, 14), r.integer(0, 4)), b.shiftLeft(input(1, 14), r.integer(0, 4))),
    ),
  ],
  subtract: [
    20,
    repeated((b, r, input) =>
      b.subtract(b.shiftLeft(input(1, 14), r.integer(0, 4)), b.shiftLeft(input(1, 14), r.integer(0, 4))),
    ),
  ],
  'add chain': [
    20,
    repeated((b, r, input) => {
      let sum = input(4, 10);
      for (let i = 0; i < 4; i++)
        sum = b[r.integer(0, 1) ? 'add' : 'subtract'](sum, b.shiftLeft(input(4, 10), r.integer(0, 4)));
      return sum;
    }),
  ],
  'add constant': [12, repeated((b, r, input) => b.add(input(4, 14), b.constant(r.bigint(-2000n, 2000n) || 1n)))],
  negate: [6, repeated((b, r, input) => b.negate(input(2, 14)))],
  'three operands': [
    10,
    repeated((b, r, input) =>
      b.addThree(
        input(4, 12),
        b.shiftLeft(input(4, 12), r.integer(0, 3)),
        b.shiftLeft(input(4, 12), r.integer(0, 3)),
        r.integer(0, 1) === 1,
      ),
    ),
  ],
  compare: [12, repeated((b, r, input) => b.lessThan(input(2, 14), input(2, 14)))],
  'compare constant': [
    12,
    repeated((b, r, input) => {
      const x = input(4, 16);
      const { low, high } = b.rangeOf(x);
      return b.lessThan(x, b.constant(r.bigint(low + 1n, high)));
    }),
  ],
  equal: [
    8,
    repeated((b, r, input) => {
      const x = input(3, 12);
      return r.integer(0, 1) ? b.equal(x, input(3, 12)) : b.equal(x, b.constant(b.rangeOf(x).high));
    }),
  ],
  'minimum and maximum': [
    10,
    repeated((b, r, input) => b[r.integer(0, 1) ? 'minimum' : 'maximum'](input(3, 12), input(3, 12))),
  ],
  rectifier: [8, repeated((b, r, input) => b.maximum(input(3, 14), b.constant(0n)))],
  'saturation by high bits': [
    14,
    repeated((b, r, input) => {
      const x = input(8, 16);
      const top = 1n << BigInt(r.integer(3, 7));
      return b.clamp(x, { low: r.integer(0, 1) ? 0n : -top, high: top - 1n });
    }),
  ],
  'saturation by comparison': [
    10,
    repeated((b, r, input) => {
      const bound = r.bigint(5n, 60n);
      return b.clamp(input(8, 14), { low: -bound, high: bound });
    }),
  ],
  'half-even rounding': [
    14,
    repeated((b, r, input) => {
      const shift = r.integer(2, 6);
      const sum = b.add(b.add(input(9, 12), input(9, 12)), b.constant(1n << BigInt(shift - 1)));
      const tie = b.equal(b.slice(sum, 0, shift), b.constant(0n));
      const lowest = b.select(tie, b.constant(0n), b.slice(sum, shift, 1));
      return b.concat(b.floorShiftRight(sum, shift + 1), lowest, 1);
    }),
  ],
  'select and logic': [
    10,
    repeated((b, r, input) => {
      const [x, y, z] = [input(4, 10), input(4, 10), input(4, 10)];
      const some = b[r.pick(['and', 'or', 'xor'])](x, y);
      return b.select(b.lessThan(z, b.constant(0n)), some, z);
    }),
  ],
  multiply: [10, repeated((b, r, input) => b.multiply(input(2, 10), input(2, 10)))],
  square: [8, repeated((b, r, input) => b.square(input(3, 14)))],
  table: [
    8,
    repeated((b, r) => {
      const bits = r.integer(3, 7);
      const x = b.input({ low: 0n, high: (1n << BigInt(bits)) - 1n });
      const scale = Number(r.integer(2, 40));
      const values = Array.from({ length: 1 << bits }, (_, i) =>
        BigInt(Math.round(127 / (1 + Math.exp((i - (1 << bits) / 2) / scale)))),
      );
      return b.table(x, 0n, values);
    }),
  ],
  'dense layers': [
    24,
    (random, name) =>
      network(random, name, {
        layers: layerSizes(random, random.integer(2, 4), 3, 9),
        score: false,
        latency: random.integer(0, 6),
        registers: random.integer(0, 1) ? 'none' : 'in',
        valid: random.integer(0, 1) === 1,
      }),
  ],
  'scored networks': [
    12,
    (random, name) =>
      network(random, name, {
        layers: layerSizes(random, 3, 3, 7),
        score: true,
        latency: random.integer(0, 4),
        registers: 'none',
      }),
  ],
  // As large as what runs in triggers: a thousand tables and more, most of them of the search over the matrices.
  'large networks': [
    8,
    (random, name) =>
      network(random, name, {
        layers: [random.integer(24, 40), random.integer(10, 16), random.integer(4, 10)],
        score: random.integer(0, 1) === 1,
        latency: random.integer(1, 6),
        registers: random.integer(0, 1) ? 'none' : 'in',
        valid: false,
      }),
  ],
};
/** The classes that the stored band is made of: whole networks, which is what estimates are printed for. */
const banded = ['dense layers', 'scored networks', 'large networks'];

function yosys(members) {
  const folder = mkdtempSync(join(tmpdir(), 'trigc-calibrate-'));
  try {
    const text = [];
    const declared = [];
    const instances = [];
    members.forEach(({ design, modules }, index) => {
      for (const [which, module] of modules.entries()) {
        text.push(`${which === 0 ? '(* keep_hierarchy *)\n' : ''}${printModule(module)}`);
      }
      const ports = [
        ...(modules[0].clock === undefined ? [] : [{ name: 'clk', direction: 'input', width: 1 }]),
        ...modules[0].ports,
      ];
      for (const { name, direction, width } of ports)
        declared.push(`${direction} wire [${width - 1}:0] p${index}_${name}`);
      instances.push(
        `${design.name} i${index} (${ports.map(({ name }) => `.${name}(p${index}_${name})`).join(', ')});`,
      );
    });
    text.push(`module calibration_bundle (\n${declared.join(',\n')}\n);\n${instances.join('\n')}\nendmodule\n`);
    const source = join(folder, 'bundle.v');
    const result = join(folder, 'stat.txt');
    writeFileSync(source, text.join('\n'));
    const script = `read_verilog ${source}; ${FLOW.replace('synth_xilinx', 'synth_xilinx -top calibration_bundle')}; tee -o ${result} stat`;
    const run = spawnSync('nice', ['-n', '10', 'yosys', '-q', '-p', script], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (run.status !== 0)
      throw new Error(run.stderr || run.error?.message || `yosys ended with ${run.status ?? run.signal}`);
    return readStatistics(readFileSync(result, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Cells by module from the text of `stat`. */
function readStatistics(text) {
  const modules = new Map();
  let cells;
  for (const line of text.split('\n')) {
    const header = /^=== (.+) ===$/u.exec(line);
    if (header !== null) modules.set(header[1], (cells = new Map()));
    const row = /^ {5}(\S+) +(\d+)$/u.exec(line);
    if (row !== null) cells?.set(row[1], Number(row[2]));
  }
  return modules;
}

function figures(cells) {
  const sum = (pattern) => [...cells].reduce((total, [type, count]) => (pattern.test(type) ? total + count : total), 0);
  return {
    lut: sum(/^LUT[1-6]$/u),
    flipFlops: sum(/^FD[RSCP]E/u),
    carryBlocks: sum(/^CARRY4$/u),
    shiftRegisters: sum(/^SRL/u),
  };
}

function distribution(pairs) {
  const ratios = pairs.filter(([, real]) => real > 0).map(([estimate, real]) => estimate / real);
  if (ratios.length === 0) return undefined;
  ratios.sort((a, b) => a - b);
  // Linear between the two nearest ranks.
  const quantile = (q) => {
    const position = q * (ratios.length - 1);
    const below = Math.floor(position);
    return ratios[below] + (position - below) * ((ratios[below + 1] ?? ratios[below]) - ratios[below]);
  };
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  const total = (side) => pairs.reduce((sum, pair) => sum + pair[side], 0);
  return { count: ratios.length, mean, low: quantile(0.05), high: quantile(0.95), total: total(0) / total(1) };
}

const show = (d) =>
  d === undefined
    ? ''
    : `${d.count} designs: mean ${d.mean.toFixed(3)}, 5 % ${d.low.toFixed(3)}, 95 % ${d.high.toFixed(3)}, sum ${d.total.toFixed(3)}`;

const version = spawnSync('yosys', ['-V'], { encoding: 'utf8' });
if (version.status !== 0) throw new Error('yosys is not on the PATH');
const tool = /^Yosys \S+/u.exec(version.stdout)?.[0] ?? version.stdout.trim();
const kinds = ['lut', 'carryBlocks', 'flipFlops', 'shiftRegisters'];
const measured = Object.fromEntries(kinds.map((kind) => [kind, []]));
const started = performance.now();

function report(name, rows, inBand) {
  for (const kind of kinds) {
    const pairs = rows.map(({ estimate, real }) => [estimate[kind], real[kind]]);
    if (inBand) measured[kind].push(...pairs);
    const found = distribution(pairs);
    if (found !== undefined) console.log(`${name.padEnd(26)} ${kind.padEnd(14)} ${show(found)}`);
  }
  if (!list) return;
  for (const { name: own, estimate, real } of rows) {
    console.log(`    ${own.padEnd(10)} ${kinds.map((kind) => `${kind} ${estimate[kind]}/${real[kind]}`).join('  ')}`);
  }
}

const all = new Map();
for (const [name, [count, make]] of Object.entries(classes)) {
  if (only !== undefined && !new RegExp(only, 'u').test(name)) continue;
  const members = Array.from({ length: count }, (_, index) => {
    const random = new Random(seed * 1000 + index);
    const design = make(random, `${name.replace(/\W/gu, '_')}_${index}`);
    const { modules } = buildNetlist(design, { model: name, modelHash: 'none', configHash: 'none', version: '0' });
    return { design, modules, estimate: estimateDesign(design, options).total };
  });
  all.set(name, members);
}
// One run for all: reading the cell library takes Yosys longer than most designs.
if (all.size > 0) {
  const real = yosys([...all.values()].flat());
  for (const [name, members] of all) {
    const rows = members.map(({ design, estimate }) => ({
      name: design.name,
      estimate,
      real: figures(real.get(design.name)),
    }));
    report(name, rows, banded.includes(name));
  }
}

for (const folder of words) {
  const design = parseDesign(readFileSync(join(folder, 'design.trigc'), 'utf8'));
  const { total } = estimateDesign(design, options);
  const files = readFileSync(join(folder, 'rtl', 'files.f'), 'utf8')
    .trim()
    .split('\n')
    .map((file) => join(folder, file));
  if (!files.every(existsSync)) throw new Error(`${folder}: a file of rtl/files.f is missing`);
  const result = join(mkdtempSync(join(tmpdir(), 'trigc-calibrate-')), 'stat.txt');
  const script = `read_verilog ${files.join(' ')}; ${FLOW.replace('synth_xilinx', `synth_xilinx -top ${design.name}`)}; tee -o ${result} stat`;
  const run = spawnSync('nice', ['-n', '10', 'yosys', '-q', '-p', script], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr);
  const real = figures(readStatistics(readFileSync(result, 'utf8')).get(design.name));
  rmSync(join(result, '..'), { recursive: true });
  report(basename(folder), [{ name: design.name, estimate: total, real }], false);
}

console.log(`whole networks, ${tool}, seed ${seed}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
const bands = Object.fromEntries(kinds.map((kind) => [kind, distribution(measured[kind])]));
for (const kind of kinds) console.log(`  ${kind.padEnd(14)} ${show(bands[kind])}`);

if (write) {
  const path = new URL('../src/lowering/estimate/calibration.ts', import.meta.url);
  const text = readFileSync(path, 'utf8');
  const band = (found) =>
    `{ designs: ${found.count}, mean: ${found.mean.toFixed(3)}, low: ${found.low.toFixed(3)}, high: ${found.high.toFixed(3)} }`;
  const lines = ['lut', 'carryBlocks', 'flipFlops'].map((kind) => `  ${kind}: ${band(bands[kind])},`);
  const data = `export const calibration: Calibration = {\n  tool: '${tool}',\n  command: '${FLOW}',\n  seed: ${seed},\n${lines.join('\n')}\n};\n`;
  writeFileSync(path, text.replace(/export const calibration[\s\S]*$/u, data));
  console.log('written to src/lowering/estimate/calibration.ts');
}
