import type { NodeContext } from './node-context.js';
import type { Value } from './session.js';

/** One supported operator: an entry of the registry. */
export interface OperatorEntry {
  readonly operator: string;
  /** Oldest operator set whose meaning the handler implements. */
  readonly since: number;
  /** Fewest and most inputs, empty optional ones included. */
  readonly inputs: readonly [number, number];
  /** Attributes with a meaning; any other draws a warning. */
  readonly attributes: readonly string[];
  /** Outputs that hold labels or other things that are no numbers: dropped, with whatever reads them. */
  readonly labels?: readonly number[];
  /** One value per output; undefined for outputs that are not supported. Throws DiagnosticError, ShapeError, FoldError. */
  readonly handler: (context: NodeContext) => readonly (Value | undefined)[];
}

export const ANY_NUMBER = Number.POSITIVE_INFINITY;

/** Entry of an operator with one output. */
export function operator(
  name: string,
  inputs: number | readonly [number, number],
  attributes: readonly string[],
  handler: (context: NodeContext) => Value,
  since = 6,
): OperatorEntry {
  return {
    operator: name,
    since,
    inputs: typeof inputs === 'number' ? [inputs, inputs] : inputs,
    attributes,
    handler: (context) => [handler(context)],
  };
}
