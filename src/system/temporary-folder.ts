import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TemporaryFolder {
  readonly path: string;
  /** Deletes the folder; calling it again does nothing. */
  remove(): Promise<void>;
}

/** A new private folder under the system's temporary folder, also deleted if the process exits early. */
export async function createTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'trigc-simulation-'));
  const removeOnExit = (): void => {
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', removeOnExit);
  return {
    path,
    async remove() {
      process.removeListener('exit', removeOnExit);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** The path of a file of the package's `firmware-sim` folder, from the sources as well as from the build. */
export function firmwareSimulationFile(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'firmware-sim', name);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`the installation lacks firmware-sim/${name}`);
    folder = parent;
  }
}
