import { importCodes } from '../../../diagnostics/codes/import.js';
import { ShapeError } from '../../../model/shapes.js';
import { at } from '../../../support/invariant.js';
import { exactScalar } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import type { Value } from '../session.js';
import { sameShape } from '../tensors.js';
import type { Activation } from './recurrent-activation.js';
import { recurrentActivations } from './recurrent-activation.js';

/** The state of one direction between two steps; undefined is all zeros. */
interface State {
  readonly hidden: Value | undefined;
  readonly cell: Value | undefined;
}
interface NextState extends State {
  readonly hidden: Value;
}

/** One direction of a recurrent node, unrolled. All parts are [batch, units] unless said otherwise. */
interface Cell {
  readonly context: NodeContext;
  readonly units: number;
  readonly activations: readonly Activation[];
  /** Gate g of a tensor with all gates side by side. */
  readonly gate: (gates: Value, gate: number) => Value;
  /** Previous hidden state times the recurrent weights of the gates [first, last]. */
  readonly recur: (state: Value, first: number, last: number) => Value;
  /** Recurrent bias of a gate, [units]. */
  readonly recurrentBias: (gate: number) => Value | undefined;
  /** Peephole weights by gate (input, output, forget), [units]. */
  readonly peephole: (gate: number) => Value | undefined;
}

interface Family {
  readonly operator: string;
  readonly gates: number;
  readonly activations: readonly string[];
  readonly attributes: readonly string[];
  readonly hasCell: boolean;
  /** `input`: input × W + bias of W for all gates of this step. */
  readonly step: (cell: Cell, input: Value, state: State) => NextState;
}

function plus(cell: Cell, left: Value, right: Value | undefined): Value {
  return right === undefined ? left : cell.context.tensors.binary('add', left, right);
}

function times(cell: Cell, left: Value, right: Value): Value {
  return cell.context.tensors.binary('multiply', left, right);
}

/** 1 - value */
function complement(cell: Cell, value: Value): Value {
  const { tensors } = cell.context;
  return tensors.binary('subtract', tensors.constant(exactScalar({ code: 1n, lsb: 0 })), value);
}

/** Ht = f(Xt·W + Ht-1·R + Wb + Rb) */
function rnnStep(cell: Cell, input: Value, { hidden }: State): NextState {
  const sum = plus(cell, input, cell.recurrentBias(0));
  const all = hidden === undefined ? sum : plus(cell, sum, cell.recur(hidden, 0, 0));
  return { hidden: at(cell.activations, 0)(all), cell: undefined };
}

/** Gates z (update), r (reset), h (new). Source: ONNX, operator GRU. */
function gruStep(cell: Cell, input: Value, { hidden }: State): NextState {
  const [gateActivation, newActivation] = [at(cell.activations, 0), at(cell.activations, 1)];
  const linearFirst = cell.context.integer('linear_before_reset', 0) !== 0;
  const both = hidden === undefined ? undefined : cell.recur(hidden, 0, 1);
  const sum = (gate: number): Value => {
    const own = plus(cell, cell.gate(input, gate), cell.recurrentBias(gate));
    return gateActivation(both === undefined ? own : plus(cell, own, cell.gate(both, gate)));
  };
  const update = sum(0);
  const fresh = cell.gate(input, 2);
  const bias = cell.recurrentBias(2);
  const renewed = ((): Value => {
    if (linearFirst) {
      const recurrent = hidden === undefined ? undefined : cell.recur(hidden, 2, 2);
      const inner = recurrent === undefined ? bias : plus(cell, recurrent, bias);
      return newActivation(inner === undefined ? fresh : plus(cell, fresh, times(cell, sum(1), inner)));
    }
    const own = plus(cell, fresh, bias);
    if (hidden === undefined) return newActivation(own);
    return newActivation(plus(cell, own, cell.recur(times(cell, sum(1), hidden), 2, 2)));
  })();
  const kept = times(cell, complement(cell, update), renewed);
  return { hidden: hidden === undefined ? kept : plus(cell, kept, times(cell, update, hidden)), cell: undefined };
}

/** Gates i (input), o (output), f (forget), c (cell). Source: ONNX, operator LSTM. */
function lstmStep(cell: Cell, input: Value, { hidden, cell: previous }: State): NextState {
  const [gated, cellActivation, outputActivation] = [
    at(cell.activations, 0),
    at(cell.activations, 1),
    at(cell.activations, 2),
  ];
  const recurrent = hidden === undefined ? undefined : cell.recur(hidden, 0, 3);
  const sum = (gate: number): Value => {
    const own = plus(cell, cell.gate(input, gate), cell.recurrentBias(gate));
    return recurrent === undefined ? own : plus(cell, own, cell.gate(recurrent, gate));
  };
  const peeped = (gate: number, state: Value | undefined): Value => {
    const weights = cell.peephole(gate);
    const own = sum(gate);
    return weights === undefined || state === undefined ? own : plus(cell, own, times(cell, state, weights));
  };
  const entering = gated(peeped(0, previous));
  const coupled = cell.context.integer('input_forget', 0) !== 0;
  const candidate = times(cell, entering, cellActivation(sum(3)));
  const forget = (): Value => (coupled ? complement(cell, entering) : gated(peeped(2, previous)));
  const next = previous === undefined ? candidate : plus(cell, times(cell, forget(), previous), candidate);
  const leaving = gated(peeped(1, next));
  return { hidden: times(cell, leaving, outputActivation(next)), cell: next };
}

const families: readonly Family[] = [
  { operator: 'RNN', gates: 1, activations: ['Tanh'], attributes: [], hasCell: false, step: rnnStep },
  {
    operator: 'GRU',
    gates: 3,
    activations: ['Sigmoid', 'Tanh'],
    attributes: ['linear_before_reset'],
    hasCell: false,
    step: gruStep,
  },
  {
    operator: 'LSTM',
    gates: 4,
    activations: ['Sigmoid', 'Tanh', 'Tanh'],
    attributes: ['input_forget'],
    hasCell: true,
    step: lstmStep,
  },
];

/**
 * A recurrent layer over a fixed sequence, unrolled: the input products of all steps are one matrix product, each step
 * adds the product of the state before it. Outputs: all hidden states, the last ones, the last cells.
 */
function recurrent(context: NodeContext, family: Family): readonly (Value | undefined)[] {
  const { tensors } = context;
  const batchFirst = context.integer('layout', 0) !== 0;
  const given = context.input(0);
  if (given.shape.length !== 3) throw new ShapeError(`a sequence of shape [${given.shape.join(', ')}]`);
  const sequence = batchFirst ? tensors.transpose(given, [1, 0, 2]) : given;
  const [length = 1, batch = 1] = sequence.shape;
  const direction = context.string('direction', 'forward');
  if (!['forward', 'reverse', 'bidirectional'].includes(direction)) context.refuse(`direction '${direction}'`);
  const directions = direction === 'bidirectional' ? 2 : 1;
  const weights = context.input(1);
  const units = (weights.shape[1] ?? 0) / family.gates;
  const features = at(sequence.shape, 2);
  if (
    !Number.isInteger(units) ||
    !sameShape(weights.shape, [directions, family.gates * units, features]) ||
    !sameShape(context.input(2).shape, [directions, family.gates * units, units])
  ) {
    throw new ShapeError(
      `weights of [${weights.shape.join(', ')}] and [${context.input(2).shape.join(', ')}] for ${features} features`,
    );
  }
  const steps = usedSteps(context, length);
  const names = Array.from({ length: directions }, () => family.activations).flat();
  const activations = recurrentActivations(context, names);
  const rows = tensors.reshape(sequence, [length * batch, features]);
  const results = Array.from({ length: directions }, (_, index) => {
    const own = activations.slice(index * family.activations.length, (index + 1) * family.activations.length);
    const cell = cellOf(context, family, index, units, own);
    const part = (input: number): Value => slice(context, context.input(input), index);
    let inputs = tensors.matmul(rows, tensors.transpose(part(1), [1, 0]));
    if (context.has(3)) {
      const bias = tensors.gather(part(3), 0, range(0, family.gates * units));
      inputs = tensors.binary('add', inputs, bias);
    }
    const perStep = tensors.reshape(inputs, [length, batch, family.gates * units]);
    const initial = (input: number): Value | undefined => {
      if (!context.has(input)) return undefined;
      const state = context.input(input);
      return slice(context, batchFirst ? tensors.transpose(state, [1, 0, 2]) : state, index);
    };
    let state: State = { hidden: initial(5), cell: family.hasCell ? initial(6) : undefined };
    const hidden: Value[] = [];
    const backwards = direction === 'reverse' || index === 1;
    for (let step = 0; step < steps; step++) {
      const position = backwards ? steps - 1 - step : step;
      const next = family.step(cell, slice(context, perStep, position), state);
      hidden[position] = next.hidden;
      state = next;
    }
    return { hidden, state };
  });
  const zeros = (): Value => tensors.expand(tensors.constant(exactScalar({ code: 0n, lsb: 0 })), [batch, units]);
  const stacked = (list: readonly Value[]): Value =>
    tensors.concat(
      list.map((value) => tensors.reshape(value, [1, ...value.shape])),
      0,
    );
  const all = stacked(
    Array.from({ length }, (_, step) => stacked(results.map(({ hidden }) => hidden[step] ?? zeros()))),
  );
  const last = (pick: (state: State) => Value | undefined): Value => {
    const states = stacked(results.map(({ state }) => pick(state) ?? zeros()));
    return batchFirst ? tensors.transpose(states, [1, 0, 2]) : states;
  };
  return [
    batchFirst ? tensors.transpose(all, [2, 0, 1, 3]) : all,
    last(({ hidden }) => hidden),
    ...(family.hasCell ? [last(({ cell }) => cell)] : []),
  ];
}

/** The steps that take part: all, or the constant length that every sequence of the batch has. */
function usedSteps(context: NodeContext, length: number): number {
  const lengths = context.optionalWholeInput(4, 'list of sequence lengths');
  if (lengths === undefined || lengths.length === 0) return length;
  const [first = length] = lengths;
  if (lengths.some((other) => other !== first)) return context.refuse('sequences of different lengths');
  if (first < 1 || first > length) {
    return context.fail(importCodes.operandValue, `a sequence length of ${first} for ${length} steps`);
  }
  return first;
}

function cellOf(
  context: NodeContext,
  family: Family,
  direction: number,
  units: number,
  activations: readonly Activation[],
): Cell {
  const { tensors } = context;
  const { gates } = family;
  const own = (input: number): Value => slice(context, context.input(input), direction);
  const weights = own(2);
  const parts = new Map<string, Value>();
  const columns = (first: number, last: number): Value => {
    const key = `${first} ${last}`;
    const known =
      parts.get(key) ??
      tensors.transpose(tensors.gather(weights, 0, range(first * units, (last + 1 - first) * units)), [1, 0]);
    parts.set(key, known);
    return known;
  };
  return {
    context,
    units,
    activations,
    gate: (all, gate) => (gates === 1 ? all : tensors.gather(all, 1, range(gate * units, units))),
    recur: (state, first, last) => tensors.matmul(state, columns(first, last)),
    recurrentBias: (gate) =>
      context.has(3) ? tensors.gather(own(3), 0, range((gates + gate) * units, units)) : undefined,
    peephole: (gate) =>
      family.hasCell && context.has(7) ? tensors.gather(own(7), 0, range(gate * units, units)) : undefined,
  };
}

function slice(context: NodeContext, value: Value, index: number): Value {
  const picked = context.tensors.gather(value, 0, [index]);
  return context.tensors.reshape(picked, value.shape.slice(1));
}

function range(start: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

const shared = ['activations', 'activation_alpha', 'activation_beta', 'clip', 'direction', 'hidden_size', 'layout'];

export const recurrentOperators: readonly OperatorEntry[] = families.map((family) => ({
  operator: family.operator,
  since: 7,
  inputs: [3, family.hasCell ? 8 : 6],
  attributes: [...shared, ...family.attributes],
  handler: (context) => recurrent(context, family),
}));
