import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Global setup: commands that tests run keep their solutions in a folder of this run, and never read the user's. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'trigc-test-cache-'));
  process.env['XDG_CACHE_HOME'] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}
