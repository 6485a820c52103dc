import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const filesBelow = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .toSorted();
const scripts = filesBelow('scripts', '.mjs');
const sources = filesBelow('src', '.ts');

function parsed(path: string): ts.SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const kind = path.endsWith('.ts') ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, kind);
}

/** Names that a module exports. */
function exportsOf(path: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of parsed(path).statements) {
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined) {
      if (ts.isNamedExports(statement.exportClause)) {
        for (const { name } of statement.exportClause.elements) names.add(name.text);
      }
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) if (ts.isIdentifier(name)) names.add(name.text);
    } else if (
      (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) &&
      statement.name !== undefined
    ) {
      names.add(statement.name.text);
    }
  }
  return names;
}

/** What a script takes from a module of ours: modules that it can mean, and names that one of them must export. */
interface Use {
  readonly module: string;
  readonly candidates: readonly string[];
  readonly names: readonly string[];
}

function usesOf(script: string): readonly Use[] {
  const uses: Use[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const module = node.moduleSpecifier.text;
      const bindings = node.importClause?.namedBindings;
      const names =
        bindings !== undefined && ts.isNamedImports(bindings)
          ? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
          : [];
      if (module.startsWith('.')) uses.push({ module, candidates: targetsOf(script, module), names });
    }
    if (ts.isCallExpression(node)) {
      const isLoad = ts.isIdentifier(node.expression) && node.expression.text === 'load';
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const module = isLoad || isImport ? lastText(node) : undefined;
      if (module !== undefined && /\.m?js$/u.test(module)) {
        uses.push({ module, candidates: targetsOf(script, module), names: destructured(node) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed(script));
  return uses;
}

/** The last text within the arguments of a call: `load('a/b.js')`, `import(join(folder, 'b.js'))`. */
function lastText(call: ts.CallExpression): string | undefined {
  let found: string | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) found = node.text;
    ts.forEachChild(node, visit);
  };
  for (const argument of call.arguments) visit(argument);
  return found;
}

/** The names in `const { a, b } = await <call>`. */
function destructured(call: ts.Node): readonly string[] {
  const declaration = ts.isAwaitExpression(call.parent) ? call.parent.parent : undefined;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return [];
  if (!ts.isObjectBindingPattern(declaration.name)) return [];
  return declaration.name.elements.flatMap(({ name, propertyName }) => {
    const taken = propertyName ?? name;
    return ts.isIdentifier(taken) ? [taken.text] : [];
  });
}

/** Scripts by their place; of the build, the sources whose path ends so. */
function targetsOf(script: string, module: string): readonly string[] {
  if (module.endsWith('.mjs')) {
    const path = join(dirname(script), module).replaceAll('\\', '/');
    return existsSync(join(root, path)) ? [path] : [];
  }
  const wanted = `/${module.replace(/^(?:\.\.\/)*(?:dist\/)?(?:src\/)?/u, '').replace(/\.js$/u, '.ts')}`;
  return sources.filter((source) => `/${source}`.endsWith(wanted));
}

describe('scripts', () => {
  it.each(scripts)('%s takes what the modules it names still export', (script) => {
    for (const { module, candidates, names } of usesOf(script)) {
      expect(candidates, module).not.toEqual([]);
      const complete = candidates.some((candidate) => {
        const exported = exportsOf(candidate);
        return names.every((name) => exported.has(name));
      });
      expect(complete, `${module} exports ${names.join(', ')}`).toBe(true);
    }
  });

  it('are looked through: most of what they use was found', () => {
    const names = scripts.flatMap((script) => usesOf(script).flatMap((use) => use.names));
    expect(names.length).toBeGreaterThan(40);
    expect(names).toEqual(expect.arrayContaining(['describeOperators', 'solveByGraph', 'flowNames']));
  });
});
