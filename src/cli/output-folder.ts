import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { invariant } from '../support/invariant.js';

export interface OutputFile {
  /** Below the folder, with forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The file that marks a folder as ours. */
export const MANIFEST_FILE = 'trigc.json';

/** Refuse a folder that we may not replace. Called early, so that a long compilation does not end in a refusal. */
export function checkOutputFolder(folder: string): void {
  const path = resolve(folder);
  const shown = { model: printable(folder) };
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) fail(commandCodes.outputNotOurs, 'it is not a folder', shown);
    if (readdirSync(path).length > 0 && !existsSync(join(path, MANIFEST_FILE))) {
      fail(commandCodes.outputNotOurs, `it is not empty and has no ${MANIFEST_FILE}`, shown);
    }
  }
}

/**
 * Write a folder complete or not at all: everything goes into a neighbour first, which then takes its place. An
 * earlier folder of ours is replaced whole.
 */
export function writeOutputFolder(folder: string, files: readonly OutputFile[]): void {
  checkOutputFolder(folder);
  const path = resolve(folder);
  let staging: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    staging = mkdtempSync(join(dirname(path), `.${basename(path)}.partial-`));
    for (const { path: relative, content } of files) {
      const target = resolve(staging, relative);
      invariant(target.startsWith(`${staging}/`), `'${relative}' leaves the output folder`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    const ready = staging;
    if (existsSync(path)) {
      const old = mkdtempSync(join(dirname(path), `.${basename(path)}.old-`));
      renameSync(path, join(old, 'previous'));
      renameSync(ready, path);
      rmSync(old, { recursive: true, force: true });
    } else {
      renameSync(ready, path);
    }
    staging = undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, `${error.code}: ${printable(error.message)}`, { model: printable(folder) });
  } finally {
    if (staging !== undefined) rmSync(staging, { recursive: true, force: true });
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
