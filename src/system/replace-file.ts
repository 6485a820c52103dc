import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { partialPath, removeAbandonedPartials } from './partial.js';

/**
 * Write a file whole or not at all: whoever reads it meanwhile finds the old text or the new one. Makes the folder
 * where it is missing, and removes what a killed run left of the same file. Throws what the system refuses.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  removeAbandonedPartials(path);
  const temporary = partialPath(path);
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
