import type { MathNode } from 'mathjs';
import { parse } from 'mathjs';
import { expressionCodes } from '../../diagnostics/codes/expression.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag, failure } from '../../diagnostics/result.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph } from '../../model/kinds.js';
import type { ImportedModel, ImportOptions } from '../onnx/import.js';
import type { ModelSummary, PortSummary } from '../onnx/summary.js';
import { emptySummary } from '../onnx/summary.js';
import { FormulaBuilder, FormulaError } from './formula-builder.js';

/**
 * Formulas, as symbolic regression writes them, to a graph: one output for each line `name = expression`, in order, and
 * one scalar input for each free name, in order of appearance. A name that an earlier line defines stands for its
 * value. Comments begin with `#`; a line without a name is called `y`, `y1`, ….
 */
export function importExpressions(bytes: Uint8Array, options: ImportOptions): Result<ImportedModel> {
  const bag = new DiagnosticBag();
  const builder = new ModelBuilder(options.modelName);
  const formulas = new FormulaBuilder(builder);
  const names = new Set<string>();
  new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/u)
    .forEach((text, index) => {
      const line = text.replace(/#.*$/u, '').trim();
      if (line === '') return;
      const where = { model: options.modelPath, line: index + 1 };
      const [, given, body = line] = /^([A-Za-z_]\w*)\s*=(?!=)\s*(.*)$/u.exec(line) ?? [];
      const name = given ?? `y${names.size === 0 ? '' : names.size}`;
      if (names.has(name)) {
        bag.add(expressionCodes.syntax, `'${printable(name)}' is defined twice`, where);
        return;
      }
      names.add(name);
      const tree = parsed(body.replaceAll('**', '^'));
      if (typeof tree === 'string') {
        bag.add(expressionCodes.syntax, printable(tree), where);
        return;
      }
      try {
        formulas.define(name, tree);
      } catch (error) {
        if (!(error instanceof FormulaError)) throw error;
        bag.add(error.kind, error.message, where);
      }
    });
  if (names.size === 0) bag.add(expressionCodes.syntax, 'there is no formula', { model: options.modelPath });
  if (bag.hasErrors) return failure(bag.diagnostics);
  formulas.finish();
  const graph = builder.finish();
  return bag.finish({ graph, summary: summaryOf(graph) });
}

/** The tree of a formula, or what the parser has against it: it throws SyntaxError, and others on malformed numbers. */
function parsed(formula: string): MathNode | string {
  try {
    return parse(formula);
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

function summaryOf({ nodes, outputs }: ModelGraph): ModelSummary {
  const port = (name: string): PortSummary => ({ name, elementType: 'real', declared: [], shape: [] });
  const computed = nodes.filter(({ kind }) => kind !== 'input' && kind !== 'constant');
  const counts = new Map<string, number>();
  for (const { provenance } of computed) counts.set(provenance.operator, (counts.get(provenance.operator) ?? 0) + 1);
  return {
    ...emptySummary,
    exporter: { name: 'formula', version: '' },
    inputs: nodes.flatMap((node) => (node.kind === 'input' ? [port(node.name)] : [])),
    outputs: outputs.map(({ name }) => port(name)),
    nodes: computed.map(({ provenance: { name, operator }, shape }) => ({
      name,
      operator,
      domain: '',
      status: 'supported',
      outputs: [{ name, shape }],
      quantizer: undefined,
    })),
    operators: [...counts]
      .sort(([, left], [, right]) => right - left)
      .map(([operator, count]) => ({ operator, count })),
  };
}
