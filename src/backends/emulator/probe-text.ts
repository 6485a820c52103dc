import type { CoverageBranch } from '../../model/coverage.js';
import type { Expression } from './quantize-text.js';
import { INT32, literal, representationOf } from './representation.js';

/** What the text of a probe needs from the function around it. */
export interface ProbeContext {
  /** A name or literal for the value of a scalar. */
  readonly operand: (id: number) => Expression;
  /** Gives an expression a name, since texts are repeated. */
  readonly name: (expression: Expression) => string;
  readonly emit: (statement: string) => void;
  /** The local variable that counts for a counter of the run. */
  readonly counter: (index: number) => string;
}

/** What is counted of one element, and where. */
export interface Count {
  /** The open ones. */
  readonly branches: ReadonlySet<CoverageBranch>;
  readonly counterOf: (branch: CoverageBranch) => number;
}

/**
 * Counts where a value is `bound` or more, or where it is less. The text of the value is repeated. In 32 bits by the sign
 * of a difference, without a jump: half of all values may go either way, which no processor predicts.
 */
export function compare(value: Expression, sign: '>=' | '<', bound: bigint): string {
  const { text, representation, range } = value;
  // A bound beyond the range may be no number of the representation.
  if (bound <= range.low) return sign === '<' ? '0' : '1';
  if (bound > range.high) return sign === '<' ? '1' : '0';
  const signBit = (first: bigint, second: bigint, difference: string): string | undefined =>
    representation === INT32 && representationOf({ low: first, high: second }) === INT32
      ? `(${difference} >>> 31)`
      : undefined;
  const free =
    sign === '<'
      ? signBit(range.low - bound, range.high - bound, `(${text} - ${literal(bound, INT32)})`)
      : signBit(bound - 1n - range.high, bound - 1n - range.low, `(${literal(bound - 1n, INT32)} - ${text})`);
  return free ?? `(${text} ${sign} ${literal(bound, representation)} ? 1 : 0)`;
}

/** Adds a number to the counter of a branch, where it is open. */
export function adder(
  { branches, counterOf }: Count,
  context: ProbeContext,
): (branch: CoverageBranch, text: string) => void {
  return (branch, text) => {
    if (branches.has(branch)) addTo(counterOf(branch), text, context);
  };
}

export function addTo(counter: number, text: string, context: ProbeContext): void {
  if (text !== '0') context.emit(`${context.counter(counter)} += ${text};`);
}
