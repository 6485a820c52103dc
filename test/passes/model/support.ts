import { expect } from 'vitest';
import { defaultQuantizer } from '../../../src/config/config.js';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { parseModel } from '../../../src/model/parse.js';
import { printModel } from '../../../src/model/print.js';
import { verifyModel } from '../../../src/model/verify.js';
import { parseQuantizer } from '../../../src/numeric/fixed-point.js';
import type { ElementDeclaration, TypingOptions } from '../../../src/passes/model/assign-types.js';
import { assignTypes, undeclared } from '../../../src/passes/model/assign-types.js';

/** A graph from lines of the text form; nodes without provenance are called `nK` after their number. */
export function graphOf(...lines: readonly string[]): ModelGraph {
  const complete = lines.map((line) => {
    const number = /^%(\d+)/u.exec(line)?.[1];
    return number === undefined || line.includes(' @ ') ? line : `${line} @ "n${number}" "Op"`;
  });
  return parseModel(`model 1 "test"\n${complete.join('\n')}\n`);
}

/** The nodes and outputs of a graph, without provenance and with repetitions written out. */
export function linesOf(graph: ModelGraph): readonly string[] {
  return printModel(graph)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) =>
      line
        .replace(/ @ ".*$/u, '')
        .replace(/(\[-?\d+, -?\d+\]|-?\d+|ap_u?fixed<\d+,-?\d+>) \* (\d+)/gu, (_, entry: string, count: string) =>
          new Array<string>(Number(count)).fill(entry).join(', '),
        ),
    );
}

/** An input that has no type yet. */
export const floatInput = (name: string, shape: string): string =>
  `input {name: "${name}", types: [], rounding: TRN, overflow: WRAP} : ${shape}`;

/** A quantiser with the given type and modes: `ap_fixed<8,4,AP_RND,AP_SAT>`. */
export function quantizeLine(operand: number, type: string, shape: string): string {
  const { type: parsed, rounding, overflow } = parseQuantizer(type);
  const word = `ap_${parsed.signed ? '' : 'u'}fixed<${parsed.width},${parsed.integer}>`;
  return `quantize(%${operand}) {types: [${word}], rounding: ${rounding}, overflow: ${overflow}} : ${shape}`;
}

export interface Declarations {
  /** By input, what is said of each element. */
  readonly inputs?: Readonly<Record<string, readonly ElementDeclaration[]>>;
  /** By output. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly default?: string;
  readonly weights?: string;
}

export function typingOptions(declarations: Declarations): TypingOptions {
  const { inputs = {}, outputs = {}, weights } = declarations;
  const base = undeclared(declarations.default === undefined ? defaultQuantizer : parseQuantizer(declarations.default));
  return {
    ...base,
    inputs: (name, count, bag) => inputs[name] ?? base.inputs(name, count, bag),
    outputs: new Map(Object.entries(outputs).map(([name, type]) => [name, parseQuantizer(type)])),
    ...(weights === undefined ? {} : { weights: parseQuantizer(weights) }),
  };
}

/** Type a graph that can be typed; the result keeps all rules of typed graphs. */
export function typed(
  graph: ModelGraph,
  declarations: Declarations = {},
): { readonly graph: ModelGraph; readonly lines: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const result = assignTypes(graph, typingOptions(declarations));
  const value = unwrap(result);
  verifyModel(value, { typed: true });
  return { graph: value, lines: linesOf(value), diagnostics: result.diagnostics };
}

/** The errors of a graph that cannot be typed. */
export function refused(graph: ModelGraph, declarations: Declarations = {}): readonly Diagnostic[] {
  const result = assignTypes(graph, typingOptions(declarations));
  expect(result.ok).toBe(false);
  return result.diagnostics.filter(({ severity }) => severity === 'error');
}
