import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { invariant } from '../support/invariant.js';
import { abandonedPartials, makePartialFolder, removeAbandonedPartials } from '../system/partial.js';
import { isSystemError } from '../system/system-error.js';

export interface OutputFile {
  /** Below the folder, with forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The file that marks a folder as ours. */
export const MANIFEST_FILE = 'trigc.json';

/** In a partial folder: what is to be the output folder, and what was it. */
const NEW = 'new';
const PREVIOUS = 'previous';

/**
 * Refuse a folder that we may not replace: one that is not empty and has no `marker`. Called early, so that a long
 * compilation does not end in a refusal. Takes away what a killed run left beside it.
 */
export function checkOutputFolder(folder: string, marker = MANIFEST_FILE): void {
  const shown = { model: printable(folder) };
  orFail(folder, () => {
    const path = resolve(folder);
    recover(path);
    if (!existsSync(path)) return;
    if (!statSync(path).isDirectory()) fail(commandCodes.outputNotOurs, 'it is not a folder', shown);
    if (readdirSync(path).length > 0 && !existsSync(join(path, marker))) {
      fail(commandCodes.outputNotOurs, `it is not empty and has no ${marker}`, shown);
    }
  });
}

/**
 * Write a folder complete or not at all: everything goes into a neighbour first, which then takes its place. An
 * earlier folder of ours is replaced whole, and stands again where its replacement fails.
 */
export function writeOutputFolder(folder: string, files: readonly OutputFile[], marker = MANIFEST_FILE): void {
  checkOutputFolder(folder, marker);
  orFail(folder, () => {
    const named = resolve(folder);
    // Through a link: the folder is replaced, not the link.
    const path = existsSync(named) ? realpathSync(named) : named;
    mkdirSync(dirname(path), { recursive: true });
    const staging = makePartialFolder(path);
    try {
      // Inside the temporary folder, which only its owner may read; this one has the usual permissions.
      const fresh = join(staging, NEW);
      mkdirSync(fresh);
      for (const { path: relative, content } of files) {
        const target = resolve(fresh, relative);
        invariant(target.startsWith(`${fresh}${sep}`), `'${relative}' leaves the output folder`);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content);
      }
      replaceFolder(path, fresh, join(staging, PREVIOUS));
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  });
}

/** A run killed between its two renames left the earlier folder under its partial name: that one stands again. */
function recover(named: string): void {
  const path = existsSync(named) ? realpathSync(named) : named;
  const earlier = abandonedPartials(path)
    .map((partial) => join(partial, PREVIOUS))
    .findLast((partial) => existsSync(partial));
  if (earlier !== undefined && !existsSync(path)) renameSync(earlier, path);
  removeAbandonedPartials(path);
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
