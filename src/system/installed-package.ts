import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isSystemError } from './system-error.js';

/** The version of an npm package that imports of this one would find; undefined where there is none. */
export function installedPackageVersion(name: string): string | undefined {
  // Read rather than required: most packages do not export their package.json.
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version?: unknown };
      return typeof manifest.version === 'string' ? manifest.version : 'unknown';
    } catch (error) {
      if (!isSystemError(error)) return 'unknown';
    }
  }
  return undefined;
}
