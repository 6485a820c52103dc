import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const root = fileURLToPath(new URL('../../src', import.meta.url));

/**
 * JavaScript of a file of src and of all that it imports, below the folder `target`: for a thread, which cannot load
 * TypeScript, while an earlier build may be old.
 */
export function transpileSources(entry: string, target: string): void {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }\n');
  const wanted = new Set([entry.replace(/\.ts$/u, '.js')]);
  for (const path of wanted) {
    const source = readFileSync(join(root, path.replace(/\.js$/u, '.ts')), 'utf8');
    const { outputText } = transpileModule(source, {
      compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022, verbatimModuleSyntax: true },
    });
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), outputText);
    for (const [, imported] of outputText.matchAll(/ from '(\.[^']+)';/gu)) {
      wanted.add(join(dirname(path), imported ?? ''));
    }
  }
}
