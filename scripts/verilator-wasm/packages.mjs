import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.mjs';

/** What the build calls or reads, and the Debian package that has it. */
const NEEDS = [
  ['em++', 'emscripten'],
  ['flex', 'flex'],
  ['bison', 'bison'],
  ['autoconf', 'autoconf'],
  ['help2man', 'help2man'],
  ['g++', 'g++'],
  ['make', 'make'],
  ['python3', 'python3'],
  ['dpkg-source', 'dpkg-dev'],
  ['/usr/include/FlexLexer.h', 'libfl-dev'],
];

/** Installs what is missing where that is allowed; otherwise an error with the command that does. */
export async function requirePackages(mayInstall, log) {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  if (!mayInstall) throw missingTool(`not installed: ${missing.join(', ')}; as root: ${command.join(' ')}`);
  if (!exists('apt-get')) throw missingTool(`not installed: ${missing.join(', ')}, and there is no apt-get`);
  log(`installing ${missing.join(', ')}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  await fromDebian('apt-get', ['-qq', 'update'], { environment });
  await fromDebian(command[0], ['-qq', ...command.slice(1)], { environment });
  const left = missingPackages();
  if (left.length > 0) throw missingTool(`still not there after installation: ${left.join(', ')}`);
}

/** Runs a program that fetches from Debian; what it cannot get is missing, which is no fault of the build. */
export async function fromDebian(program, argumentList, options) {
  try {
    return await run(program, argumentList, options);
  } catch (error) {
    throw missingTool(error.message);
  }
}

function missingPackages() {
  return NEEDS.filter(([what]) => !exists(what)).map(([, name]) => name);
}

function exists(what) {
  if (what.startsWith('/')) return existsSync(what);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, what)));
}

function missingTool(message) {
  return Object.assign(new Error(message), { exitCode: 3 });
}
