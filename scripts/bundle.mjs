// Bundles the command line into dist/bundle: node takes 0.3 s to find, read and link some 450 small modules, and 0.1 s for a
// few large ones. Packages stay where npm has put them, and so do the modules of dist/src, which are the library, what
// worker threads load, and what a bundled module takes its own place for.
import { rmSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'dist/bundle');

/** Every module finds its neighbours, templates and packages from where it was before. */
const ownPlace = {
  name: 'own-place',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const place = JSON.stringify(relative(folder, id).replaceAll('\\', '/'));
    return { code: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), map: null };
  },
};

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  input: { trigc: join(root, 'dist/src/cli/main.js') },
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  plugins: [ownPlace],
});
await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
await bundle.close();
