// Install the compilers that the benchmarks run beside Trigc in a throw-away virtual environment, build/peers.
// Both are LGPL and stay out of the project: they are run, never read from or linked.
// Usage: node scripts/bench/peers.mjs [--python python3] [FOLDER]; needs Python 3.10 with venv, and a package index.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from './measure.mjs';

/** The versions that figures are quoted for. */
export const peers = { da4ml: '0.6.0', alkaid: '0.8.1' };
export const peerFolder = join(root, 'build/peers');

/** The Python of the environment, or undefined where it has not been made. */
export function peerPython(folder = peerFolder) {
  const python = join(folder, 'bin/python');
  return existsSync(python) ? python : undefined;
}

/** Version of a package in an environment; undefined where it is not installed. */
export function packageVersion(python, name) {
  const text = 'import importlib.metadata as m, sys; print(m.version(sys.argv[1]))';
  const result = spawnSync(python, ['-c', text, name], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function install() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { python: { type: 'string', default: 'python3' } },
  });
  const [folder = peerFolder] = positionals;
  const run = (program, words) => spawnSync(program, words, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
  if (peerPython(folder) === undefined && !run(values.python, ['-m', 'venv', folder])) process.exit(3);
  const python = join(folder, 'bin/python');
  let missing = 0;
  // One by one: where an index lacks one of them, the other is still measured.
  for (const [name, version] of Object.entries(peers)) {
    if (!run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}==${version}`]))
      missing++;
    console.log(`${name} ${packageVersion(python, name) ?? 'is not available'}`);
  }
  process.exit(missing > 0 ? 3 : 0);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) install();
