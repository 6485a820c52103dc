import { trailingZeros } from '../../../../support/bits.js';
import { at } from '../../../../support/invariant.js';
import type { ValueFacts } from '../cost.js';
import { additionCost } from '../cost.js';
import type { AdderGraph } from '../problem.js';
import { summandsOf } from '../problem.js';

/** An adder graph as arrays: summand k of value v stands at 3v + k. Inputs and constants have no summands. */
export interface Additions {
  readonly values: number;
  /** Summands of each value that a result needs: 0, 2 or 3; 0 of those that none does. */
  readonly arity: Uint8Array;
  readonly isConstant: Uint8Array;
  readonly operand: Int32Array;
  readonly shift: Int32Array;
  readonly negative: Uint8Array;
  /** Low bits known to be zero. */
  readonly zeros: Int32Array;
  /** LUTs of the value from bit 0 up, at 2v as it is and at 2v + 1 negated. */
  readonly top: Int32Array;
  /** Additions that read value v: reader[readerStart[v]] … reader[readerStart[v + 1] - 1], one entry for each summand. */
  readonly readerStart: Int32Array;
  readonly reader: Int32Array;
  /** LUTs that negating costs the results which read the value, at 2v if it is made as it is, at 2v + 1 if negated. */
  readonly negation: Int32Array;
  readonly results: Int32Array;
}

export function additionsOf(graph: AdderGraph, facts: readonly ValueFacts[]): Additions {
  const values = graph.inputs + graph.operations.length;
  const additions: { -readonly [K in keyof Additions]: Additions[K] } = {
    values,
    arity: new Uint8Array(values),
    isConstant: new Uint8Array(values),
    operand: new Int32Array(3 * values),
    shift: new Int32Array(3 * values),
    negative: new Uint8Array(3 * values),
    zeros: Int32Array.from(facts, ({ zeros }) => zeros),
    top: new Int32Array(2 * values),
    readerStart: new Int32Array(values + 1),
    reader: new Int32Array(0),
    negation: new Int32Array(2 * values),
    results: new Int32Array(values),
  };
  const live = liveValues(graph);
  graph.operations.forEach((operation, index) => {
    const value = graph.inputs + index;
    if (operation.kind === 'constant') {
      additions.isConstant[value] = 1;
      additions.zeros[value] = trailingZeros(operation.value);
    }
    if (live[value] !== 1) return;
    const summands = summandsOf(operation);
    additions.arity[value] = summands.length;
    summands.forEach((summand, position) => {
      additions.operand[3 * value + position] = summand.value;
      additions.shift[3 * value + position] = summand.shift;
      additions.negative[3 * value + position] = summand.negative ? 1 : 0;
    });
    const { range, ...rest } = at(facts, value);
    additions.top[2 * value] = additionCost({ ...rest, range }, 0);
    additions.top[2 * value + 1] = additionCost({ ...rest, range: { low: -range.high, high: -range.low } }, 0);
  });
  for (const { value, negated } of graph.outputs) {
    additions.results[value] = (additions.results[value] ?? 0) + 1;
    const [made, wanted] = [2 * value + (negated ? 0 : 1), 2 * value + (negated ? 1 : 0)];
    const cost = Math.max(0, (additions.top[wanted] ?? 0) - (additions.zeros[value] ?? 0));
    additions.negation[made] = (additions.negation[made] ?? 0) + cost;
  }
  additions.reader = fillReaders(additions);
  return additions;
}

function liveValues(graph: AdderGraph): Uint8Array {
  const live = new Uint8Array(graph.inputs + graph.operations.length);
  for (const { value } of graph.outputs) live[value] = 1;
  for (let index = graph.operations.length - 1; index >= 0; index--) {
    if (live[graph.inputs + index] !== 1) continue;
    for (const { value } of summandsOf(at(graph.operations, index))) live[value] = 1;
  }
  return live;
}

function fillReaders({ values, arity, operand, readerStart }: Additions): Int32Array {
  const each = (visit: (value: number, reader: number) => void): void => {
    for (let value = 0; value < values; value++) {
      for (let position = 0; position < (arity[value] ?? 0); position++)
        visit(operand[3 * value + position] ?? 0, value);
    }
  };
  each((value) => (readerStart[value + 1] = (readerStart[value + 1] ?? 0) + 1));
  for (let value = 0; value < values; value++) {
    readerStart[value + 1] = (readerStart[value + 1] ?? 0) + (readerStart[value] ?? 0);
  }
  const next = readerStart.slice();
  const reader = new Int32Array(readerStart[values] ?? 0);
  each((value, by) => {
    const place = next[value] ?? 0;
    reader[place] = by;
    next[value] = place + 1;
  });
  return reader;
}
