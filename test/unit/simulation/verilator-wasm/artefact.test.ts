import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  ARTEFACT_FILES,
  checkArtefact,
  findArtefact,
  readArtefact,
} from '../../../../src/simulation/verilator-wasm/artefact.js';
import { translateWithWasm } from '../../../../src/simulation/verilator-wasm/translate.js';
import { scratchFolder } from '../../../support/command-line.js';

const scratch = scratchFolder();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function writeArtefact(folder: string, change: (manifest: Record<string, unknown>) => void = () => undefined): string {
  for (const name of ARTEFACT_FILES) scratch.write(`${folder}/${name}`, name);
  const manifest: Record<string, unknown> = {
    schema: 'trigc-verilator-wasm',
    version: 1,
    verilator: '5.006-3',
    emscripten: '3.1.6',
    sha256: Object.fromEntries(ARTEFACT_FILES.map((name) => [name, sha256(name)])),
  };
  change(manifest);
  scratch.write(`${folder}/manifest.json`, JSON.stringify(manifest));
  return scratch.path(folder);
}

describe('the artefact of Verilator as WebAssembly', () => {
  it('is found below the cache, with its versions, and its checksums hold', async () => {
    const folder = writeArtefact('home/trigc/verilator-wasm/artefact-v1');
    const status = await findArtefact({ XDG_CACHE_HOME: scratch.path('home') });
    expect(status).toMatchObject({ usable: true, artefact: { folder, manifest: { verilator: '5.006-3' } } });
    expect(status.usable ? await checkArtefact(status.artefact) : 'unusable').toBeUndefined();
  });

  it('that was not built names the command that builds it', async () => {
    const status = await findArtefact({ XDG_CACHE_HOME: scratch.path('empty') });
    expect(status).toEqual({ usable: false, reason: 'not built; npm run build:verilator-wasm builds it' });
  });

  it.each([
    ['schema', (manifest: Record<string, unknown>) => (manifest['schema'] = 'another')],
    ['version', (manifest: Record<string, unknown>) => (manifest['version'] = 2)],
    ['sums', (manifest: Record<string, unknown>) => (manifest['sha256'] = { 'verilator.wasm': 'x' })],
  ])('whose manifest has a wrong %s is not used', async (name, change) => {
    const folder = writeArtefact(`wrong-${name}`, change);
    expect(await readArtefact(folder)).toMatchObject({
      usable: false,
      reason: expect.stringMatching(/damaged/u) as unknown,
    });
  });

  it('with a changed file is refused, by the check and before it runs', async () => {
    const folder = writeArtefact('changed');
    scratch.write('changed/verilator.wasm', 'something else');
    const status = await readArtefact(folder);
    if (!status.usable) throw new Error(status.reason);
    expect(await checkArtefact(status.artefact)).toBe('verilator.wasm is not the file that was built');
    await expect(translateWithWasm(status.artefact, [], [], 1000)).rejects.toThrow(
      /artefact is damaged: verilator.wasm/u,
    );
  });
});
