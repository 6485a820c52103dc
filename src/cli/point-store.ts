import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompileRequest } from '../compiler.js';
import type { Settings } from '../config/settings.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { PointStore } from '../precision/point-record.js';
import { parsePoint, printPoint } from '../precision/point-record.js';
import { cacheFolder, ContentCache } from '../system/content-cache.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { sha256 } from './compiled-folder.js';
import { fileHash } from './evaluate-samples.js';
import type { SearchArguments } from './search-setup.js';
import { codeHash } from './solution-store.js';

/**
 * Names everything that the points of a search follow from, by content: the model, what is asked of the compiler, the
 * events, the figures that are measured, and the code itself. `figures`: names of the figures.
 */
export async function searchIdentity(
  request: CompileRequest,
  settings: Settings,
  { data, signals, classes, scoreElement, bunches, seed, retrain }: SearchArguments,
  figures: readonly string[],
): Promise<string> {
  const samples = [...(data === undefined ? [] : [`background=${data}`]), ...signals, ...classes];
  const events: string[] = [];
  for (const sample of samples) {
    const path = sample.slice(sample.indexOf('=') + 1);
    events.push(`${sample.slice(0, sample.indexOf('='))} ${await fileHash(path)}`);
  }
  const { bytes, importer: _importer, ...rest } = request;
  const parts = {
    code: codeHash(['.']),
    model: sha256(bytes),
    rest,
    settings,
    events,
    scoreElement,
    bunches,
    seed,
    retrain,
    figures,
  };
  return sha256(JSON.stringify(parts, plainly));
}

/** What JSON has no form for: big integers, maps and sets. */
function plainly(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)];
  return value;
}

/** Points in the user's cache: what a search that was interrupted had finished is there when it is started again. */
export function cachedPoints(identity: string, model: string, environment: NodeJS.ProcessEnv): PointStore {
  const cache = new ContentCache(cacheFolder(environment), () => `points-${codeHash(['.'])}`);
  return {
    get: (key) => {
      const content = cache.get(sha256(`${identity} ${key}`));
      return content === undefined ? undefined : parsePoint(model, Buffer.from(content).toString('utf8'));
    },
    put: (key, record) => {
      cache.put(sha256(`${identity} ${key}`), Buffer.from(printPoint(model, record), 'utf8'));
    },
  };
}

/** Points in a folder of the user's, one file each, whole or not there. What cannot be written there is an error. */
export function folderPoints(identity: string, model: string, folder: string): PointStore {
  const pathOf = (key: string): string => join(folder, `${sha256(`${identity} ${key}`).slice(0, 16)}.json`);
  return {
    get: (key) => {
      try {
        return parsePoint(model, readFileSync(pathOf(key), 'utf8'));
      } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return undefined;
        return refuse(error, folder);
      }
    },
    put: (key, record) => {
      try {
        replaceFile(pathOf(key), printPoint(model, record));
      } catch (error) {
        refuse(error, folder);
      }
    },
  };
}

function refuse(error: unknown, folder: string): never {
  if (!isSystemError(error)) throw error;
  return fail(commandCodes.outputNotWritable, `${error.code}: ${printable(error.message)}`, {
    model: printable(folder),
  });
}
