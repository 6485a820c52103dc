// What the benchmarks share: where the build and the model are, and a child process with its time and memory.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const load = (path) => import(join(root, 'dist/src', path));
export const reference = process.env.TRIGC_REFERENCE ?? join(root, '../shared/reference');
export const trigc = join(root, 'bin/trigc.js');

/** The deployed network where the reference set is at hand, else the model in this repository. */
export function benchmarkModel() {
  const deployed = join(reference, 'deployed/AXOL1TL_v5');
  if (existsSync(join(deployed, 'model.onnx'))) {
    return { name: 'AXOL1TL v5', model: join(deployed, 'model.onnx'), codes: join(deployed, 'inputs.csv.gz') };
  }
  return { name: 'axol1tl-like (no reference set found)', model: join(root, 'models/axol1tl-like/model.onnx') };
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'trigc-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Loaded before the measured program: its own peak memory, written when it ends.
const reporter = `data:text/javascript,${encodeURIComponent(
  `import { writeFileSync } from 'node:fs';
   process.on('exit', () => writeFileSync(process.env.TRIGC_BENCH_MEMORY, String(process.resourceUsage().maxRSS)));`,
)}`;

/**
 * Run node with the given words. Seconds of the whole process: wall, and processor (user + system) with all of its
 * children, by the shell; peak memory in MB of the node process alone.
 */
export function runNode(words, folder, flags = []) {
  const memory = join(folder, 'memory');
  rmSync(memory, { force: true });
  const command = ['node', '--import', reporter, ...flags, ...words];
  const result = spawnSync('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" 2>&3', 'bash', ...command], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TRIGC_BENCH_MEMORY: memory },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const [wall, user, system] = result.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  const megabytes = existsSync(memory) ? Number(readFileSync(memory, 'utf8')) / 1024 : undefined;
  const notes = String(result.output[3] ?? '');
  return { status: result.status, wall, cpu: user + system, megabytes, output: result.stdout, notes };
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export function machine() {
  const [processor] = cpus();
  return {
    processor: processor?.model ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    load: loadavg().map((value) => Number(value.toFixed(1))),
  };
}

export function printTable(header, rows) {
  const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
  line(header);
  line(header.map((_, index) => (index === 0 ? '---' : '---:')));
  for (const row of rows) line(row);
}
