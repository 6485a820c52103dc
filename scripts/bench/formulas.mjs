// Five formulas of the size that symbolic regression finds for jet taggers, beside a network of 16-64-32-32-5: latency and
// estimated look-up tables. Formulas: five inputs of ap_fixed<8,3>, trigonometric and polynomial, about 20 nodes each.
// usage: node scripts/bench/formulas.mjs (after npm run build)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mlp } from './networks.mjs';

const formulas = [
  'sin(1.7*x0 - 0.4) * (x1 - 0.35*x2) + 0.21*x3^2 - 0.8*cos(x4)',
  '0.12*x0*x1 - 0.5*sin(x2)^2 + 0.31*(x3 - x4)*cos(0.9*x0) + 0.07',
  'cos(x0 + 0.6) * sin(x1) - 0.4*x2*(x3 + 1.2*x4) + 0.05*x0^3',
  '0.9*sin(0.5*x0)*x1 + 0.25*(x2 - 0.3)^2 - 0.66*cos(1.3*x3) + 0.1*x4*x1',
  '(x0 - 0.2*x1)*(x2 + 0.7) - sin(2.1*x3)*cos(x4) + 0.33*sin(x1)^2',
];
const folder = mkdtempSync(join(tmpdir(), 'trigc-formulas-'));
const cli = new URL('../../bin/trigc.js', import.meta.url).pathname;
const types = [0, 1, 2, 3, 4].map((index) => `  x${index}: { type: "ap_fixed<8,3,AP_RND_CONV,AP_SAT>" }`);
const config = join(folder, 'trigc.yaml');
writeFileSync(config, `inputs:\n${types.join('\n')}\ndefault: ap_fixed<12,6,AP_RND_CONV,AP_SAT>\n`);

function compile(model, options) {
  const arguments_ = [
    cli,
    'compile',
    model,
    '-o',
    `${model}.out`,
    '--target',
    'vu13p-240',
    '--effort',
    'fast',
    '--json',
  ];
  const text = execFileSync(process.execPath, [...arguments_, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(text.toString());
}

function row(name, { figures }) {
  const luts = figures.lut.value;
  console.log(`| ${name} | ${figures.latency.value} | ${luts} |`);
}

try {
  console.log('| model | latency, cycles | LUT |\n| --- | --- | --- |');
  formulas.forEach((formula, index) => {
    const path = join(folder, `formula${index + 1}.expr`);
    writeFileSync(path, `y = ${formula}\n`);
    row(`\`${formula}\``, compile(path, ['--config', config]));
  });
  const network = join(folder, 'network.onnx');
  writeFileSync(network, mlp([16, 64, 32, 32, 5]));
  row('16-64-32-32-5, 6-bit weights', compile(network, []));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
