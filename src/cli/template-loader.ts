import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = 'templates';

/** The package's `templates` folder: the nearest one above this file, from the sources as well as from the build. */
function templateFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, FOLDER);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`the installation lacks its ${FOLDER} folder`);
    folder = parent;
  }
}

/** Text of a template by its file name, such as `vivado-ooc.tcl.hbs`. Throws where the installation lacks it. */
export function loadTemplate(name: string): string {
  return readFileSync(join(templateFolder(), name), 'utf8');
}
