import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../system/content-cache.js';
import { isSystemError } from '../../system/system-error.js';

/** Below the user's cache; the number is that of the layout, so that an older compiler leaves a newer one alone. */
export const ARTEFACT_FOLDER = 'artefact-v1';

/** The files of the artefact. `verilated_std.sv` is read by every translation. */
export const ARTEFACT_FILES = ['verilator.cjs', 'verilator.wasm', 'verilated_std.sv', 'LICENSE'] as const;
export type ArtefactFile = (typeof ARTEFACT_FILES)[number];

/** `manifest.json`: written last, so that a folder with it is complete. */
export interface ArtefactManifest {
  readonly schema: 'trigc-verilator-wasm';
  readonly version: 1;
  /** Of Debian's source package, and of the compiler that built it. */
  readonly verilator: string;
  readonly emscripten: string;
  readonly sha256: Readonly<Record<ArtefactFile, string>>;
}

export interface Artefact {
  readonly folder: string;
  readonly manifest: ArtefactManifest;
}

export type ArtefactStatus =
  { readonly usable: true; readonly artefact: Artefact } | { readonly usable: false; readonly reason: string };

export const BUILD_COMMAND = 'npm run build:verilator-wasm';

/** The artefact of this user, without reading its large files; `checkArtefact` does that. */
export async function findArtefact(environment: NodeJS.ProcessEnv = process.env): Promise<ArtefactStatus> {
  const root = cacheFolder(environment);
  if (root === undefined) return { usable: false, reason: 'the user has no home folder, where it would be kept' };
  return readArtefact(join(root, 'verilator-wasm', ARTEFACT_FOLDER));
}

/** The artefact in a folder of its own. */
export async function readArtefact(folder: string): Promise<ArtefactStatus> {
  let text: string;
  try {
    text = await readFile(join(folder, 'manifest.json'), 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const reason =
      error.code === 'ENOENT' ? `not built; ${BUILD_COMMAND} builds it` : `its manifest cannot be read: ${error.code}`;
    return { usable: false, reason };
  }
  const manifest = parseManifest(text);
  return manifest === undefined
    ? { usable: false, reason: `its manifest is damaged; ${BUILD_COMMAND} -- --rebuild builds it again` }
    : { usable: true, artefact: { folder, manifest } };
}

/** Undefined where every file has the checksum of the manifest, otherwise what is wrong. */
export async function checkArtefact({ folder, manifest }: Artefact): Promise<string | undefined> {
  for (const name of ARTEFACT_FILES) {
    try {
      const hash = createHash('sha256').update(await readFile(join(folder, name)));
      if (hash.digest('hex') !== manifest.sha256[name]) return `${name} is not the file that was built`;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return `${name} cannot be read: ${error.code}`;
    }
  }
  return undefined;
}

function parseManifest(text: string): ArtefactManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const record = asRecord(value);
  const sums = asRecord(record?.['sha256']);
  const complete =
    record?.['schema'] === 'trigc-verilator-wasm' &&
    record['version'] === 1 &&
    typeof record['verilator'] === 'string' &&
    typeof record['emscripten'] === 'string' &&
    ARTEFACT_FILES.every((name) => /^[0-9a-f]{64}$/u.test(typeof sums?.[name] === 'string' ? sums[name] : ''));
  return complete ? (value as ArtefactManifest) : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
