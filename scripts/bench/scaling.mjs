// Seconds from ONNX to a complete output folder for networks of growing size: dense layers and element-wise chains.
// Usage: npm run build && node scripts/bench/scaling.mjs [--only TEXT]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, printTable, root, runNode, temporaryFolder } from './measure.mjs';
import { chain, mlp } from './networks.mjs';

const { values: options } = parseArgs({ options: { only: { type: 'string' } } });
/** Register ranks: pinned, so that the depth of a chain does not set the number of registers. */
const latency = '20';

const networks = {
  'dense, 2.5 k weights': mlp([50, 32, 25, 5]),
  'dense, 10 k weights': mlp([100, 64, 48, 10]),
  'dense, 40 k weights': mlp([200, 128, 100, 10]),
  'dense, 98 k weights': mlp([320, 200, 160, 10]),
  'wide chain, 500 × 5': chain(500, 5),
  'wide chain, 1,000 × 5': chain(1000, 5),
  'wide chain, 2,000 × 5': chain(2000, 5),
  'deep chain, 5 × 500': chain(5, 500),
  'deep chain, 5 × 1,000': chain(5, 1000),
  'deep chain, 5 × 2,000': chain(5, 2000),
};

const folder = temporaryFolder();
const rows = [];
for (const [name, bytes] of Object.entries(networks)) {
  if (options.only !== undefined && !name.includes(options.only)) continue;
  const model = join(folder, 'network.onnx');
  writeFileSync(model, bytes);
  const { status, output, notes } = runNode([join(root, 'scripts/bench/stages.mjs'), model, latency], folder);
  if (status !== 0) throw new Error(`${name}: ${notes}`);
  const { stages, nodes, lines } = JSON.parse(output);
  const out = join(folder, 'out');
  const compiled = runNode([join(root, 'bin/trigc.js'), 'compile', model, '-o', out, '--latency', latency], folder);
  if (compiled.status !== 0) throw new Error(`${name}: ${compiled.notes}`);
  const work = Object.entries(stages).filter(
    ([stage]) => !['start of node', 'load of modules', 'emulator'].includes(stage),
  );
  const seconds = work.reduce((sum, [, milliseconds]) => sum + milliseconds, 0) / 1000;
  rows.push([
    name,
    nodes.toLocaleString('en'),
    lines.toLocaleString('en'),
    seconds.toFixed(2),
    ((seconds * 1e6) / nodes).toFixed(0),
    compiled.cpu.toFixed(1),
    compiled.megabytes.toFixed(0),
  ]);
  console.error(rows.at(-1).join('  '));
}
printTable(
  [
    'network',
    'Dataflow nodes',
    'lines of Verilog',
    'ONNX to Verilog text, CPU s',
    'µs a node',
    'whole process with testbench, CPU s',
    'peak MB',
  ],
  rows,
);
const { processor, cores, node, load } = machine();
console.log(`\n${processor}, ${cores} cores, Node ${node}, load average ${load.join(' ')}`);
