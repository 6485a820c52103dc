import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { importCodes } from '../../diagnostics/codes/import.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { attempt, DiagnosticError, fail } from '../../diagnostics/result.js';
import type { ReadExternal } from './tensor-data.js';
import { isInside } from './tensor-data.js';

export interface LoadedFile {
  readonly bytes: Uint8Array;
  /** Reads external data beside the model; throws DiagnosticError for anything outside the model's folder. */
  readonly readExternal: ReadExternal;
}

/** Trigger models are kilobytes to megabytes: a gigabyte is a mistake. */
const MAXIMUM_BYTES = 1024 ** 3;

/** Read a model file, and give access to the external data in its folder. */
export function loadModelFile(path: string): Result<LoadedFile> {
  return attempt(() => {
    const where = { model: path };
    let folder: string;
    let bytes: Uint8Array;
    try {
      folder = realpathSync(dirname(resolve(path)));
      bytes = readRegularFile(realpathSync(path), where);
    } catch (error) {
      if (error instanceof DiagnosticError) throw error;
      return fail(importCodes.unreadableFile, `the file cannot be read: ${reasonOf(error)}`, where);
    }
    return { bytes, readExternal: externalReader(folder, path) };
  });
}

function externalReader(folder: string, model: string): ReadExternal {
  const where = { model };
  const cache = new Map<string, Uint8Array>();
  return (location) => {
    const text = `external data '${printable(location)}'`;
    if (!isInside(location)) fail(importCodes.externalOutside, `${text} is not a path inside the folder`, where);
    const known = cache.get(location);
    if (known !== undefined) return known;
    let target: string;
    try {
      target = realpathSync(join(folder, location));
    } catch {
      return undefined;
    }
    // A link inside the folder may lead out of it: what counts is where the data really is.
    if (!target.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      fail(importCodes.externalOutside, `${text} is a link out of the folder`, where);
    }
    let bytes: Uint8Array;
    try {
      bytes = readRegularFile(target, where);
    } catch (error) {
      if (error instanceof DiagnosticError) throw error;
      return fail(importCodes.externalOutside, `${text} cannot be read: ${reasonOf(error)}`, where);
    }
    cache.set(location, bytes);
    return bytes;
  };
}

/** `path` is free of links. Devices, pipes and folders are refused, and opening never blocks. */
function readRegularFile(path: string, where: { readonly model: string }): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error('it is not a regular file');
    if (status.size > MAXIMUM_BYTES) {
      fail(importCodes.modelTooLarge, `${printable(path)} has ${status.size} bytes`, where);
    }
    const bytes = new Uint8Array(status.size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(descriptor, bytes, filled, bytes.length - filled, null);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const { code } = error as NodeJS.ErrnoException;
  return printable(code ?? error.message);
}
