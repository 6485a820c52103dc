import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { invariant } from '../support/invariant.js';
import { isSystemError } from '../system/system-error.js';

export interface OutputFile {
  /** Below the folder, with forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The file that marks a folder as ours. */
export const MANIFEST_FILE = 'trigc.json';

/** Refuse a folder that we may not replace. Called early, so that a long compilation does not end in a refusal. */
export function checkOutputFolder(folder: string): void {
  const shown = { model: printable(folder) };
  orFail(folder, () => {
    const path = resolve(folder);
    if (!existsSync(path)) return;
    if (!statSync(path).isDirectory()) fail(commandCodes.outputNotOurs, 'it is not a folder', shown);
    if (readdirSync(path).length > 0 && !existsSync(join(path, MANIFEST_FILE))) {
      fail(commandCodes.outputNotOurs, `it is not empty and has no ${MANIFEST_FILE}`, shown);
    }
  });
}

/**
 * Write a folder complete or not at all: everything goes into a neighbour first, which then takes its place. An
 * earlier folder of ours is replaced whole, and stands again where its replacement fails.
 */
export function writeOutputFolder(folder: string, files: readonly OutputFile[]): void {
  checkOutputFolder(folder);
  orFail(folder, () => {
    const named = resolve(folder);
    // Through a link: the folder is replaced, not the link.
    const path = existsSync(named) ? realpathSync(named) : named;
    mkdirSync(dirname(path), { recursive: true });
    const staging = mkdtempSync(join(dirname(path), `.${basename(path)}.partial-`));
    try {
      // Inside the temporary folder, which only its owner may read; this one has the usual permissions.
      const fresh = join(staging, 'new');
      mkdirSync(fresh);
      for (const { path: relative, content } of files) {
        const target = resolve(fresh, relative);
        invariant(target.startsWith(`${fresh}${sep}`), `'${relative}' leaves the output folder`);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content);
      }
      replaceFolder(path, fresh, join(staging, 'previous'));
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  });
}

/** Put `fresh` at `path`; what was there goes to `aside`, or stays when that fails. */
function replaceFolder(path: string, fresh: string, aside: string): void {
  if (!existsSync(path)) {
    renameSync(fresh, path);
    return;
  }
  renameSync(path, aside);
  try {
    renameSync(fresh, path);
  } catch (error) {
    renameSync(aside, path);
    throw error;
  }
}

/** What the system refuses, in the user's terms. */
function orFail(folder: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, `${error.code}: ${printable(error.message)}`, { model: printable(folder) });
  }
}
