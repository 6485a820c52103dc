import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromDebian } from './packages.mjs';
import { run } from './run.mjs';

/** The version that figures and tests were made with; another one is used with a note. */
export const EXPECTED_VERSION = '5.006';

/**
 * Debian's source package of Verilator, downloaded and unpacked below `work`; apt checks its signature and its
 * checksums. Returns the folder of the sources and the package's version.
 */
export async function fetchSource(work, log) {
  const unpacked = join(work, 'source');
  const stamp = join(work, 'source-version');
  if (existsSync(stamp)) return { folder: unpacked, version: readFileSync(stamp, 'utf8') };
  const options = aptOptions(join(work, 'apt'));
  log('reading the index of source packages');
  await fromDebian('apt-get', ['-qq', ...options, 'update']);
  const download = join(work, 'download');
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  log('downloading the source package');
  await fromDebian('apt-get', ['-qq', ...options, 'source', '--download-only', 'verilator'], { cwd: download });
  const description = readdirSync(download).find((name) => name.endsWith('.dsc'));
  if (description === undefined) throw new Error('apt brought no source package of verilator');
  const version = /^Version: (\S+)$/mu.exec(readFileSync(join(download, description), 'utf8'))?.[1] ?? 'unknown';
  const fresh = `${unpacked}.partial`;
  for (const folder of [fresh, unpacked]) rmSync(folder, { recursive: true, force: true });
  // Compares the files with the checksums of the signed description.
  await run('dpkg-source', ['--extract', join(download, description), fresh]);
  renameSync(fresh, unpacked);
  writeFileSync(stamp, version);
  return { folder: unpacked, version };
}

/**
 * Sources of packages are not in apt's lists by default. The machine's own sources, with `deb` read as `deb-src`, go
 * into lists of our own, so that nothing of the system changes.
 */
function aptOptions(folder) {
  const parts = join(folder, 'parts');
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
  const system = '/etc/apt/sources.list.d';
  const files = [
    ...(existsSync('/etc/apt/sources.list') ? ['/etc/apt/sources.list'] : []),
    ...(existsSync(system) ? readdirSync(system).map((name) => join(system, name)) : []),
  ];
  for (const [index, file] of files.entries()) {
    if (!/\.(?:list|sources)$/u.test(file)) continue;
    const text = readFileSync(file, 'utf8');
    const [type, sources] = file.endsWith('.list')
      ? ['list', text.replace(/^deb(?=\s)/gmu, 'deb-src')]
      : ['sources', text.replace(/^Types:.*$/gmu, 'Types: deb-src')];
    writeFileSync(join(parts, `${index}.${type}`), sources);
  }
  return [
    ...['-o', 'Dir::Etc::sourcelist=/dev/null'],
    ...['-o', `Dir::Etc::sourceparts=${parts}`],
    ...['-o', `Dir::State::lists=${join(folder, 'lists')}`],
    // The download folder belongs to the caller, whom apt's own user cannot read after.
    ...['-o', 'APT::Sandbox::User=root'],
  ];
}
