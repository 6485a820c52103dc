import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ARTEFACT_FILES, checkArtefact, readArtefact } from '../../dist/src/simulation/verilator-wasm/artefact.js';
import { OUTPUT_FOLDER, translateWithWasm } from '../../dist/src/simulation/verilator-wasm/translate.js';
import {
  abandonedPartials,
  makePartialFolder,
  partialPath,
  removeAbandonedPartials,
} from '../../dist/src/system/partial.js';
import { run } from './run.mjs';

/** Writes the artefact beside its place, tries it, and puts it there. `files`: name in the artefact to a path. */
export async function install(files, versions, target) {
  await replace(target, (fresh) => {
    const sha256 = {};
    for (const name of ARTEFACT_FILES) {
      copyFileSync(files[name], join(fresh, name));
      sha256[name] = createHash('sha256').update(readFileSync(files[name])).digest('hex');
    }
    const manifest = { schema: 'trigc-verilator-wasm', version: 1, ...versions, sha256 };
    writeFileSync(join(fresh, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  });
}

/** The same bytes for the same artefact. */
export async function packInto(file, folder) {
  const plain = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rw,go+r'];
  const partial = partialPath(file);
  await run('tar', [...plain, '-C', folder, '-I', 'gzip -n', '-cf', partial, 'manifest.json', ...ARTEFACT_FILES]);
  renameSync(partial, file);
}

/** Only the files that belong there are taken out; their checksums are those of the manifest beside them. */
export async function unpackFrom(file, target) {
  await replace(target, (fresh) => run('tar', ['-C', fresh, '-xzf', file, 'manifest.json', ...ARTEFACT_FILES]));
}

/** What a run that was killed left: the artefact that it had moved aside stands again, the rest goes. */
export function recover(target) {
  const earlier = abandonedPartials(target)
    .map((partial) => join(partial, 'previous'))
    .findLast((path) => existsSync(path));
  if (earlier !== undefined && !existsSync(target)) renameSync(earlier, target);
  removeAbandonedPartials(target);
}

/** Fills a new folder, checks and tries what is in it, and only then replaces the old one. */
async function replace(target, fill) {
  mkdirSync(dirname(target), { recursive: true });
  const staging = makePartialFolder(target);
  try {
    const fresh = join(staging, 'new');
    mkdirSync(fresh);
    await fill(fresh);
    await tryOut(fresh);
    if (existsSync(target)) renameSync(target, join(staging, 'previous'));
    renameSync(fresh, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

const SAMPLE =
  "module sample(input wire clk, input wire [7:0] a, output reg [8:0] y);\n  always @(posedge clk) y <= a + 9'd1;\nendmodule\n";

async function tryOut(folder) {
  const status = await readArtefact(folder);
  if (!status.usable) throw new Error(`the artefact is not usable: ${status.reason}`);
  const damage = await checkArtefact(status.artefact);
  if (damage !== undefined) throw new Error(`the artefact is damaged: ${damage}`);
  const options = ['--cc', '--top-module', 'sample', '--prefix', 'VSample', '--Mdir', OUTPUT_FOLDER, 'sample.v'];
  const { files } = await translateWithWasm(status.artefact, [{ name: 'sample.v', text: SAMPLE }], options, 120_000);
  if (!files.some(({ name }) => name === 'VSample.h')) throw new Error('it translates nothing');
}
