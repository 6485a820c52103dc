import { describe, expect, it } from 'vitest';
import type { DataflowFields, DataflowKind, NodeId, NodeOf } from '../../../src/dataflow/kinds.js';
import { dataflowKinds, layoutOf } from '../../../src/dataflow/schema.js';
import { semantics, semanticsOf } from '../../../src/dataflow/semantics.js';
import type { Interval } from '../../../src/numeric/interval.js';
import { intervalWidth } from '../../../src/numeric/interval.js';
import type { Definition, Parameters } from './definitions.js';
import { definitions } from './definitions.js';

const kinds = Object.keys(definitions) as (keyof typeof definitions)[];

/** The fields of a node whose operands are nodes 0, 1, … */
function fieldsOf(kind: DataflowKind, parameters: Parameters): DataflowFields[DataflowKind] {
  const fields: Record<string, unknown> = {};
  layoutOf(kind)?.operands.forEach((name, index) => (fields[name] = index));
  for (const [name, value] of Object.entries(parameters)) {
    if (name === 'bounds') {
      const [low = 0, high = 0] = value as readonly number[];
      fields[name] = { low: BigInt(low), high: BigInt(high) };
    } else if (name === 'values') fields[name] = (value as readonly number[]).map(BigInt);
    else fields[name] = name === 'first' ? BigInt(value as number) : value;
  }
  return fields as unknown as DataflowFields[DataflowKind];
}

function tuples<T>(choices: readonly T[], arity: number): readonly (readonly T[])[] {
  if (arity === 0) return [[]];
  return tuples(choices, arity - 1).flatMap((tuple) => choices.map((choice) => [...tuple, choice]));
}

/** Three operands are tried on a smaller span: a condition needs no more. */
function spanOf(definition: Definition): number {
  return definition.arity === 3 ? 2 : 5;
}

interface Span {
  readonly low: number;
  readonly high: number;
}

function everySpan(limit: number): readonly Span[] {
  const spans: Span[] = [];
  for (let low = -limit; low <= limit; low++) for (let high = low; high <= limit; high++) spans.push({ low, high });
  return spans;
}

/** The smallest and largest value over all operands in the spans, by dynamic lookup of single values. */
function hull(spans: readonly Span[], value: (operands: readonly number[]) => number): Span {
  let [low, high] = [Infinity, -Infinity];
  const operands: number[] = [];
  const visit = (depth: number): void => {
    const span = spans[depth];
    if (span === undefined) {
      const result = value(operands);
      low = Math.min(low, result);
      high = Math.max(high, result);
      return;
    }
    for (let operand = span.low; operand <= span.high; operand++) {
      operands[depth] = operand;
      visit(depth + 1);
    }
  };
  visit(0);
  return { low, high };
}

describe('the semantics table', () => {
  it('is defined a second time here for every kind that computes', () => {
    const rest = dataflowKinds.filter((kind) => !(kind in definitions));
    expect(rest).toStrictEqual(['input', 'constant', 'assume']);
  });

  it.each(kinds)('%s: the value is the definition’s for all operands from -9 to 9', (kind) => {
    const definition: Definition = definitions[kind];
    const limit = definition.arity === 3 ? 3 : 9;
    const operands = Array.from({ length: 2 * limit + 1 }, (_, index) => index - limit);
    for (const parameters of definition.parameters) {
      const fields = fieldsOf(kind, parameters);
      for (const tuple of tuples(operands, definition.arity)) {
        const value = semanticsOf(kind).evaluate(fields, tuple.map(BigInt));
        const expected = definition.value(tuple, parameters);
        if (value === BigInt(expected)) continue;
        expect.fail(`${kind}(${tuple.join(', ')}) ${JSON.stringify(parameters)} is ${value}, not ${expected}`);
      }
    }
  });

  it.each(kinds)('%s: the range holds every value, and no more where it promises so', (kind) => {
    const definition: Definition = definitions[kind];
    const spans = everySpan(spanOf(definition));
    for (const parameters of definition.parameters) {
      const fields = fieldsOf(kind, parameters);
      const known = new Map<string, number>();
      const value = (operands: readonly number[]): number => {
        const key = operands.join();
        let result = known.get(key);
        if (result === undefined) known.set(key, (result = definition.value(operands, parameters)));
        return result;
      };
      for (const tuple of tuples(spans, definition.arity)) {
        const ranges = tuple.map(({ low, high }): Interval => ({ low: BigInt(low), high: BigInt(high) }));
        const range = semanticsOf(kind).range(fields, ranges);
        const exact = hull(tuple, value);
        const [low, high] = [Number(range.low), Number(range.high)];
        const sound = low <= exact.low && exact.high <= high;
        if (sound && (!definition.tight || (low === exact.low && high === exact.high))) continue;
        const where = `${kind} ${JSON.stringify(parameters)} of ${tuple.map((s) => `[${s.low}, ${s.high}]`).join()}`;
        expect.fail(`${where} is [${exact.low}, ${exact.high}], not [${low}, ${high}]`);
      }
    }
  });

  it.each(['and', 'or', 'xor'] as const)('%s: the range needs no more bits than the wider operand', (kind) => {
    for (const [left, right] of tuples(everySpan(5), 2)) {
      if (left === undefined || right === undefined) continue;
      const ranges = [left, right].map(({ low, high }) => ({ low: BigInt(low), high: BigInt(high) }));
      const range = semantics[kind].range({ left: 0 as NodeId, right: 1 as NodeId }, ranges);
      const signedBits = (span: Interval): number => intervalWidth(span) + (span.low < 0n ? 0 : 1);
      expect(signedBits(range)).toBeLessThanOrEqual(Math.max(...ranges.map(signedBits)));
    }
  });

  it('takes an assumption at its word for the range, and passes the value', () => {
    const fields = { operand: 0 as NodeId, bounds: { low: -1n, high: 3n } };
    expect(semantics.assume.evaluate(fields, [9n])).toBe(9n);
    expect(semantics.assume.range(fields, [{ low: -5n, high: 2n }])).toStrictEqual({ low: -1n, high: 2n });
    expect(() => semantics.assume.range(fields, [{ low: 4n, high: 5n }])).toThrow('no value meets');
    expect(semantics.input.range({ index: 0, bounds: { low: 1n, high: 2n } }, [])).toStrictEqual({ low: 1n, high: 2n });
    expect(semantics.constant.evaluate({ value: -7n }, [])).toBe(-7n);
    expect(semantics.constant.range({ value: -7n }, [])).toStrictEqual({ low: -7n, high: -7n });
  });

  it.each(dataflowKinds)('%s: operands are those of the text form, and are replaced one by one', (kind) => {
    const parameters = kind in definitions ? (definitions[kind as keyof typeof definitions].parameters[0] ?? {}) : {};
    const own: Parameters = kind === 'assume' ? { bounds: [0, 1] } : parameters;
    const fields = fieldsOf(kind, own);
    const names = layoutOf(kind)?.operands ?? [];
    expect(semanticsOf(kind).operands(fields)).toStrictEqual(names.map((_, index) => index));
    const node = { id: 9, kind, range: { low: 0n, high: 0n }, origin: 0, ...fields } as unknown as NodeOf<DataflowKind>;
    const replaced = semanticsOf(kind).withOperands(node, (id) => (id + 100) as NodeId);
    const expected: Record<string, unknown> = { ...fields };
    names.forEach((name, index) => (expected[name] = index + 100));
    if (kind === 'input') Object.assign(expected, { index: undefined, bounds: undefined });
    if (kind === 'constant') Object.assign(expected, { value: undefined });
    expect(replaced).toStrictEqual(expected);
  });
});
