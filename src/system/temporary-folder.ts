import { existsSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePartialFolder, removeAbandonedPartials } from './partial.js';

export interface TemporaryFolder {
  readonly path: string;
  /** Deletes the folder; calling it again does nothing. */
  remove(): Promise<void>;
}

let cleaned = false;

/**
 * A new private folder under the system's temporary folder, also deleted if the process exits early. The first one of
 * a process takes those of killed processes away.
 */
export function createTemporaryFolder(): Promise<TemporaryFolder> {
  const place = join(tmpdir(), 'trigc');
  if (!cleaned) removeAbandonedPartials(place);
  cleaned = true;
  const path = makePartialFolder(place);
  const removeOnExit = (): void => {
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', removeOnExit);
  return Promise.resolve({
    path,
    async remove() {
      process.removeListener('exit', removeOnExit);
      await rm(path, { recursive: true, force: true });
    },
  });
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
