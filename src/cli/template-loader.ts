import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder of the package: the nearest one of that name above this file, from the sources as well as from the build. */
function packageFolder(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`the installation lacks its ${path} folder`);
    folder = parent;
  }
}

/** Text of a template by its file name, such as `vivado-ooc.tcl.hbs`. Throws where the installation lacks it. */
export function loadTemplate(name: string): string {
  return readFileSync(join(packageFolder('templates'), name), 'utf8');
}

/** Text of a header of the library for Vitis HLS, such as `dense.h`. Throws where the installation lacks it. */
export function loadHeader(name: string): string {
  return readFileSync(join(packageFolder(join('hls', 'trigc')), name), 'utf8');
}
