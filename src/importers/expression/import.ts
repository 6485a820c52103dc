import { parse } from 'mathjs';
import { expressionCodes } from '../../diagnostics/codes/expression.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag, failure } from '../../diagnostics/result.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ImportedModel, ImportOptions } from '../onnx/import.js';
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
      try {
        formulas.define(name, parse(body.replaceAll('**', '^')));
      } catch (error) {
        if (error instanceof FormulaError) bag.add(error.kind, error.message, where);
        // The parser throws SyntaxError, and TypeError or Error on some malformed numbers.
        else if (error instanceof SyntaxError || (error instanceof Error && error.name !== 'InvariantError')) {
          bag.add(expressionCodes.syntax, printable(error.message), where);
        } else throw error;
      }
    });
  if (names.size === 0) bag.add(expressionCodes.syntax, 'there is no formula', { model: options.modelPath });
  if (bag.hasErrors) return failure(bag.diagnostics);
  formulas.finish();
  return bag.finish({
    graph: builder.finish(),
    summary: { ...emptySummary, exporter: { name: 'formula', version: '' } },
  });
}
