import { configCodes } from '../diagnostics/codes/config.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { DiagnosticBag, failure } from '../diagnostics/result.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import { budgetFileKeys, budgetKeys } from './keys.js';
import { ConfigReader } from './reader.js';
import type { ConfigNode } from './yaml-tree.js';
import { parseYamlTree } from './yaml-tree.js';

/** More are no budget that a person keeps. */
const MAXIMUM_BUDGETS = 1000;

/** The text of a budget.yaml: its budgets in order, or everything that is wrong with the file at once. */
export function parseBudgetFile(text: string, path: string): Result<readonly DeclaredBudget[]> {
  const bag = new DiagnosticBag();
  const tree = parseYamlTree(text, path, bag);
  if (tree === undefined) return failure(bag.diagnostics);
  const reader = new ConfigReader(path, bag);
  let budgets: readonly DeclaredBudget[] = [];
  reader.object(tree, '', budgetFileKeys, {
    budgets: (node, at) => {
      budgets = readBudgets(reader, node, at, path);
    },
  });
  return bag.finish(budgets);
}

/** A list of expressions, each alone or as `{ name, check, comment }`. Expressions are kept as text. */
export function readBudgets(
  reader: ConfigReader,
  node: ConfigNode,
  path: string,
  file: string,
): readonly DeclaredBudget[] {
  const items = reader.list(node, path) ?? [];
  if (items.length > MAXIMUM_BUDGETS) {
    reader.report(
      configCodes.tooLarge,
      `${items.length} budgets are more than ${MAXIMUM_BUDGETS}`,
      node.position,
      path,
    );
    return [];
  }
  const names = new Set<string>();
  return items.flatMap((item, index) => {
    const at = `${path}.${index}`;
    if (item.kind !== 'map') {
      const scalar = reader.scalar(item, at);
      return scalar === undefined ? [] : [{ expression: scalar.text, file, ...scalar.position }];
    }
    const texts: { name?: string; check?: string; comment?: string } = {};
    let position = item.position;
    const keep = (key: keyof typeof texts) => (value: ConfigNode, inner: string) => {
      const scalar = reader.scalar(value, inner);
      if (scalar === undefined) return;
      texts[key] = scalar.text;
      if (key === 'check') position = scalar.position;
    };
    reader.object(item, at, budgetKeys, { name: keep('name'), check: keep('check'), comment: keep('comment') });
    const { name, check, comment } = texts;
    if (check === undefined) {
      reader.report(configCodes.wrongShape, `'${at}' needs a check`, item.position, at);
      return [];
    }
    if (name !== undefined && names.has(name)) {
      reader.report(configCodes.conflictingKeys, `two budgets are called '${printable(name)}'`, item.position, at);
    }
    if (name !== undefined) names.add(name);
    const budget: DeclaredBudget = {
      expression: check,
      ...(name === undefined ? {} : { name }),
      ...(comment === undefined ? {} : { comment }),
      file,
      ...position,
    };
    return [budget];
  });
}
