// Events/s on one core of the emulator package, beside the Verilated RTL of the same folder and, for the deployed
// network, beside a naive build with the vendor's ap_types; all of them checked for the same sum of output codes.
// Usage: npm run build && node scripts/bench/emulator-package.mjs [--runs N] [--repeat N] [--ap-types FOLDER]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { apTypesNetwork } from './ap-types-network.mjs';
import { benchmarkModel, machine, median, printTable, runNode, temporaryFolder, trigc } from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    repeat: { type: 'string', default: '200' },
    'ap-types': { type: 'string' },
  },
});
const folder = temporaryFolder();
const { name, model, codes } = benchmarkModel();
const [runs, repeat] = [Number(options.runs), Number(options.repeat)];
const started = machine();

/** A compiled folder; `more`: further words of the command. */
function compile(out, more) {
  const run = runNode([trigc, 'compile', model, '-o', out, '--emulator-package', ...more], folder);
  if (run.status !== 0) throw new Error(run.notes);
  return JSON.parse(readFileSync(join(out, 'trigc.json'), 'utf8'));
}

/** Standard output of a program in a folder. */
function run(program, words, cwd) {
  return execFileSync(program, words, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

const out = join(folder, 'out');
const manifest = compile(out, []);
const sources = join(out, 'emulator');
const inputText =
  codes === undefined ? readFileSync(join(sources, 'vectors.in'), 'utf8') : gunzipSync(readFileSync(codes)).toString();
writeFileSync(join(folder, 'events.txt'), inputText);
const events = inputText
  .trim()
  .split('\n')
  .map((line) => line.split(',').map(BigInt));
const widths = (ports) =>
  ports.flatMap(({ elements }) => elements.map(({ type }) => Number(/<(\d+)/u.exec(type)?.[1])));
const [inputWidths, outputWidths] = [widths(manifest.inputs), widths(manifest.outputs)];
if (manifest.inputs.length !== 1 || outputWidths.length !== 1) throw new Error('one input port and one output element');

/** The package as a shell would run it: events/s by its own clock, and the sum of the patterns of its codes. */
function packageSpeed(arch) {
  run('make', ['emulate', `ARCH=${arch}`], sources);
  return () => {
    const command = `./emulate --repeat ${repeat * 10} < ${join(folder, 'events.txt')}`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], {
      cwd: sources,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const sum = stdout
      .trim()
      .split('\n')
      .reduce((total, code) => total + BigInt.asUintN(outputWidths[0], BigInt(code)), 0n);
    return { speed: Number.parseFloat(stderr), sum };
  };
}

/** Verilator's C++ of a folder, with inputs that are packed beforehand. */
function verilatedSpeed(compiled, { top, latency, clock, inputs, outputs }) {
  const words = Math.ceil(inputWidths.reduce((sum, width) => sum + width, 0) / 32);
  const packed = new Uint32Array(words * events.length);
  events.forEach((event, row) => {
    let pattern = 0n;
    let low = 0n;
    event.forEach((code, element) => {
      pattern |= BigInt.asUintN(inputWidths[element], code) << low;
      low += BigInt(inputWidths[element]);
    });
    for (let word = 0; word < words; word++) {
      packed[row * words + word] = Number((pattern >> BigInt(32 * word)) & 0xffffffffn);
    }
  });
  writeFileSync(join(compiled, 'packed.bin'), packed);
  const [inputPort, outputPort] = [inputs[0].elements[0].port, outputs[0].elements[0].port];
  const pulse =
    clock.port === null ? 'top.eval();' : `top.${clock.port} = 0; top.eval(); top.${clock.port} = 1; top.eval();`;
  writeFileSync(
    join(compiled, 'bench.cc'),
    `#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>
#include "V${top}.h"
int main() {
  V${top} top;
  std::vector<unsigned> words(${packed.length});
  std::FILE *file = std::fopen("packed.bin", "rb");
  if (std::fread(words.data(), 4, words.size(), file) != words.size()) return 1;
  std::vector<unsigned> results(${events.length + latency});
  const std::clock_t start = std::clock();
  for (int round = 0; round < ${repeat}; round++)
    for (int event = 0; event < ${events.length + latency}; event++) {
      if (event < ${events.length}) std::memcpy(&top.${inputPort}, &words[event * ${words}], ${words * 4});
      ${pulse}
      results[event] = top.${outputPort};
    }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  unsigned long long sum = 0;
  for (int event = 0; event < ${events.length}; event++) sum += results[event + ${latency === 0 ? 0 : `${latency} - 1`}];
  std::printf("%.0f %llu\\n", ${events.length}.0 * ${repeat} / seconds, sum);
}
`,
  );
  const files = readFileSync(join(compiled, 'rtl/files.f'), 'utf8').trim().split('\n');
  const flags = [
    '--cc',
    '--exe',
    '--build',
    '-O3',
    '--x-assign',
    'fast',
    '--noassert',
    '-Wno-fatal',
    '-MAKEFLAGS',
    'OPT_FAST=-O3',
  ];
  run('verilator', [...flags, '--top-module', top, 'bench.cc', ...files], compiled);
  return () => measured(join(compiled, `obj_dir/V${top}`), [], compiled);
}

function apTypesSpeed(headers) {
  writeFileSync(join(folder, 'network.cc'), apTypesNetwork(dirname(model)));
  run('g++', ['-std=c++17', '-O3', '-w', '-isystem', headers, '-o', 'network', 'network.cc'], folder);
  writeFileSync(join(folder, 'codes.bin'), BigInt64Array.from(events.flat()));
  return () => measured(join(folder, 'network'), ['codes.bin', String(events.length), '5'], folder);
}

function measured(program, words, cwd) {
  const [speed, sum] = run(program, words, cwd).trim().split(' ');
  return { speed: Number(speed), sum: BigInt(sum) };
}

const entries = [
  { label: 'emulator package (AVX2 where there is)', speed: packageSpeed('') },
  { label: `Verilated RTL, ${manifest.latency} ranks`, speed: verilatedSpeed(out, manifest) },
];
const combinational = join(folder, 'combinational');
writeFileSync(join(folder, 'trigc.yaml'), 'interface: { registers: none }\n');
const flat = compile(combinational, ['--config', join(folder, 'trigc.yaml'), '--latency', '0', '--clock', '1000ns']);
entries.push({ label: 'Verilated RTL, combinational', speed: verilatedSpeed(combinational, flat) });
if (options['ap-types'] !== undefined && existsSync(join(dirname(model), 'weights.txt'))) {
  entries.push({ label: 'naive layers with ap_types', speed: apTypesSpeed(options['ap-types']) });
}
// In turns, so that what else the machine does meets all of them.
const figures = entries.map(() => []);
for (let turn = 0; turn < runs; turn++) {
  entries.forEach(({ label, speed }, index) => {
    const { speed: value, sum } = speed();
    figures[index].push(value);
    entries[index].sum = sum;
    if (sum !== entries[0].sum) throw new Error(`${label}: the sum of codes is ${sum}, not ${entries[0].sum}`);
  });
}
const generic = packageSpeed('-march=x86-64');
entries.push({ label: 'emulator package, without AVX2', speed: generic });
figures.push(Array.from({ length: runs }, () => generic().speed));

console.log(
  `${name}, ${events.length} events, medians of ${runs} (lowest to highest), CPU time, load ${started.load[0]}\n`,
);
const [best] = figures.map(median);
printTable(
  ['', 'events/s', 'package : this'],
  entries.map(({ label }, index) => {
    const list = figures[index];
    const shown = [median(list), Math.min(...list), Math.max(...list)].map((value) => `${(value / 1e6).toFixed(3)} M`);
    return [label, `${shown[0]} (${shown[1]} to ${shown[2]})`, (best / median(list)).toFixed(1)];
  }),
);
