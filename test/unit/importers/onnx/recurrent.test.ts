import { describe, expect, it } from 'vitest';
import { floatEvaluator } from '../../../../src/model/evaluate-float.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import { float, int, OnnxBuilder, strings, text } from '../../../support/onnx-builder.js';
import { imported, noBatch, refusal } from './support.js';

type Matrix = readonly (readonly number[])[];
const units = 3;
const features = 2;
const steps = 4;

interface Setup {
  readonly operator: 'RNN' | 'GRU' | 'LSTM';
  readonly directions: 1 | 2;
  readonly attributes: Attributes;
  readonly lengths?: number;
  readonly initial: boolean;
  readonly peepholes?: boolean;
}

const gatesOf = { RNN: 1, GRU: 3, LSTM: 4 } as const;

function parametersOf(random: Random, { operator, directions, initial, peepholes }: Setup) {
  const gates = gatesOf[operator];
  const list = (count: number): number[] => Array.from({ length: count }, () => random.integer(-16, 16) / 16);
  return {
    x: list(steps * features),
    w: list(directions * gates * units * features),
    r: list(directions * gates * units * units),
    b: list(directions * 2 * gates * units),
    h: initial ? list(directions * units) : undefined,
    c: initial && operator === 'LSTM' ? list(directions * units) : undefined,
    p: peepholes === true ? list(directions * 3 * units) : undefined,
  };
}
type Parameters = ReturnType<typeof parametersOf>;

function model(setup: Setup, parameters: Parameters): OnnxBuilder {
  const { operator, directions, attributes, lengths } = setup;
  const gates = gatesOf[operator];
  const builder = new OnnxBuilder(14)
    .input('x', [steps, 1, features])
    .initializer('w', [directions, gates * units, features], parameters.w)
    .initializer('r', [directions, gates * units, units], parameters.r)
    .initializer('b', [directions, 2 * gates * units], parameters.b);
  const inputs = ['x', 'w', 'r', 'b', '', '', '', ''];
  const add = (index: number, name: string, shape: readonly number[], values: readonly number[] | undefined): void => {
    if (values === undefined) return;
    builder.initializer(name, shape, values, name === 'l' ? 'int32' : 'float32');
    inputs[index] = name;
  };
  add(4, 'l', [1], lengths === undefined ? undefined : [lengths]);
  add(5, 'h0', [directions, 1, units], parameters.h);
  add(6, 'c0', [directions, 1, units], parameters.c);
  add(7, 'p', [directions, 3 * units], parameters.p);
  while (inputs.at(-1) === '') inputs.pop();
  const outputs = operator === 'LSTM' ? ['y', 'yh', 'yc'] : ['y', 'yh'];
  builder.node(operator, inputs, outputs, { hidden_size: int(units), ...attributes }, { name: 'node' });
  for (const name of outputs) builder.output(name);
  return builder;
}

/** The equations of ONNX, element by element. */
function byDefinition(setup: Setup, q: Parameters): { y: number[]; h: number[]; c: number[] } {
  const { operator, directions, attributes } = setup;
  const gates = gatesOf[operator];
  const used = setup.lengths ?? steps;
  const clip = attributes['clip']?.f ?? Number.POSITIVE_INFINITY;
  const clipped = (value: number): number => Math.min(clip, Math.max(-clip, value));
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-clipped(value)));
  const tanh = (value: number): number => Math.tanh(clipped(value));
  const relu = (value: number): number => Math.max(0, clipped(value));
  const first = attributes['activations'] === undefined ? tanh : relu;
  const linearFirst = attributes['linear_before_reset']?.i === 1;
  const coupled = attributes['input_forget']?.i === 1;
  const reverse = (attributes['direction']?.s ?? new Uint8Array()).length === 'reverse'.length;
  const row = (list: readonly number[], start: number, count: number): number[] => list.slice(start, start + count);
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, k) => sum + v * at(b, k), 0);
  const y: number[] = new Array<number>(steps * directions * units).fill(0);
  const finals: { h: number[]; c: number[] } = { h: [], c: [] };
  for (let d = 0; d < directions; d++) {
    const w: Matrix = Array.from({ length: gates * units }, (_, k) =>
      row(q.w, (d * gates * units + k) * features, features),
    );
    const r: Matrix = Array.from({ length: gates * units }, (_, k) => row(q.r, (d * gates * units + k) * units, units));
    const wb = row(q.b, d * 2 * gates * units, gates * units);
    const rb = row(q.b, (d * 2 + 1) * gates * units, gates * units);
    const peephole = (gate: number, j: number): number => q.p?.[d * 3 * units + gate * units + j] ?? 0;
    let h = q.h === undefined ? [0, 0, 0] : row(q.h, d * units, units);
    let c = q.c === undefined ? [0, 0, 0] : row(q.c, d * units, units);
    for (let step = 0; step < used; step++) {
      const position = d === 1 || reverse ? used - 1 - step : step;
      const x = row(q.x, position * features, features);
      const inner = (gate: number, j: number): number => dot(x, at(w, gate * units + j)) + at(wb, gate * units + j);
      const recurrent = (gate: number, j: number, state: readonly number[]): number =>
        dot(state, at(r, gate * units + j)) + at(rb, gate * units + j);
      const each = (f: (j: number) => number): number[] => Array.from({ length: units }, (_, j) => f(j));
      const [oldH, oldC] = [h, c];
      if (operator === 'RNN') h = each((j) => first(inner(0, j) + recurrent(0, j, oldH)));
      else if (operator === 'GRU') {
        const z = each((j) => sigmoid(inner(0, j) + recurrent(0, j, oldH)));
        const reset = each((j) => sigmoid(inner(1, j) + recurrent(1, j, oldH)));
        const masked = oldH.map((value, j) => value * at(reset, j));
        const fresh = each((j) =>
          tanh(inner(2, j) + (linearFirst ? at(reset, j) * recurrent(2, j, oldH) : recurrent(2, j, masked))),
        );
        h = each((j) => (1 - at(z, j)) * at(fresh, j) + at(z, j) * at(oldH, j));
      } else {
        const gate = (g: number, p: number, j: number, state: readonly number[]): number =>
          sigmoid(inner(g, j) + recurrent(g, j, oldH) + peephole(p, j) * at(state, j));
        const i = each((j) => gate(0, 0, j, oldC));
        const f = each((j) => (coupled ? 1 - at(i, j) : gate(2, 2, j, oldC)));
        const newC = each((j) => at(f, j) * at(oldC, j) + at(i, j) * tanh(inner(3, j) + recurrent(3, j, oldH)));
        c = newC;
        h = each((j) => gate(1, 1, j, newC) * tanh(at(newC, j)));
      }
      h.forEach((value, j) => (y[(position * directions + d) * units + j] = value));
    }
    finals.h.push(...h);
    finals.c.push(...c);
  }
  return { y, ...finals };
}

const none = {} as const;
const setups: readonly (readonly [string, Setup])[] = [
  ['RNN', { operator: 'RNN', directions: 1, attributes: none, initial: false }],
  [
    'RNN with Relu, backwards',
    {
      operator: 'RNN',
      directions: 1,
      attributes: { activations: strings(['Relu']), direction: text('reverse') },
      initial: true,
    },
  ],
  ['GRU', { operator: 'GRU', directions: 1, attributes: none, initial: false }],
  [
    'GRU, reset after the product, both directions, shorter sequence',
    {
      operator: 'GRU',
      directions: 2,
      attributes: { linear_before_reset: int(1), direction: text('bidirectional') },
      initial: false,
      lengths: 3,
    },
  ],
  ['GRU with a state', { operator: 'GRU', directions: 1, attributes: none, initial: true }],
  [
    'GRU, reset after the product, with a state',
    { operator: 'GRU', directions: 1, attributes: { linear_before_reset: int(1) }, initial: true },
  ],
  ['LSTM', { operator: 'LSTM', directions: 1, attributes: none, initial: false }],
  [
    'LSTM with everything',
    {
      operator: 'LSTM',
      directions: 2,
      attributes: { direction: text('bidirectional'), clip: float(0.75) },
      initial: true,
      peepholes: true,
      lengths: 2,
    },
  ],
  ['LSTM with coupled gates', { operator: 'LSTM', directions: 1, attributes: { input_forget: int(1) }, initial: true }],
];

describe('recurrent layers', () => {
  it.each(setups)('%s is its equations', (_, setup) => {
    const parameters = parametersOf(new Random(3), setup);
    const { graph } = imported(model(setup, parameters), noBatch);
    const { outputs } = floatEvaluator(graph)([Float64Array.from(parameters.x)]);
    const expected = byDefinition(setup, parameters);
    [expected.y, expected.h, expected.c].forEach((values, index) => {
      if (index === 2 && setup.operator !== 'LSTM') return;
      const found = at(outputs, index);
      expect(found).toHaveLength(values.length);
      values.forEach((value, element) => {
        expect(at(found, element)).toBeCloseTo(value, 9);
      });
    });
  });

  it('with the batch first gives the same in another order', () => {
    const setup: Setup = { operator: 'GRU', directions: 1, attributes: none, initial: false };
    const parameters = parametersOf(new Random(4), setup);
    const builder = new OnnxBuilder(14)
      .input('x', [1, steps, features])
      .initializer('w', [1, 3 * units, features], parameters.w)
      .initializer('r', [1, 3 * units, units], parameters.r)
      .node('GRU', ['x', 'w', 'r'], ['y', 'yh'], { hidden_size: int(units), layout: int(1) })
      .output('y')
      .output('yh');
    const { graph } = imported(builder, noBatch);
    expect(graph.outputs.map(({ node }) => graph.nodes[node]?.shape)).toEqual([
      [1, steps, 1, units],
      [1, 1, units],
    ]);
    const { outputs } = floatEvaluator(graph)([Float64Array.from(parameters.x)]);
    const expected = byDefinition(setup, { ...parameters, b: parameters.b.map(() => 0) });
    expected.y.forEach((value, index) => {
      expect(at(at(outputs, 0), index)).toBeCloseTo(value, 9);
    });
  });

  it('refuse what has no meaning', () => {
    const setup: Setup = { operator: 'RNN', directions: 1, attributes: none, initial: false };
    const parameters = parametersOf(new Random(5), setup);
    const refused = (attributes: Attributes): readonly string[] =>
      refusal(model({ ...setup, attributes }, parameters), noBatch);
    expect(refused({ direction: text('sideways') })).toEqual(['TRG1044']);
    expect(refused({ activations: strings(['Cosh']) })).toEqual(['TRG1044']);
    expect(refused({ activations: strings(['Relu', 'Relu']) })).toEqual(['TRG1044']);
    expect(refusal(model({ ...setup, lengths: 9 }, parameters), noBatch)).toEqual(['TRG1050']);
  });
});
