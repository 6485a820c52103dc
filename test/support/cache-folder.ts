import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTEFACT_FOLDER } from '../../src/simulation/verilator-wasm/artefact.js';
import { cacheFolder } from '../../src/system/content-cache.js';

/**
 * Global setup: commands that tests run keep their solutions in a folder of this run, and never read the user's. Of the
 * user's cache the tests see one thing, a copy of Verilator as WebAssembly where it was built.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'trigc-test-cache-'));
  const built = join('verilator-wasm', ARTEFACT_FOLDER);
  const artefact = join(cacheFolder(process.env) ?? folder, built);
  if (existsSync(artefact)) cpSync(artefact, join(folder, 'trigc', built), { recursive: true });
  process.env['XDG_CACHE_HOME'] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}
