import { floorShiftClocks, WIDEST_LOGIC_DIGIT } from '../../design/digits.js';
import type { DataflowNode, Kernel } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';
import { operands } from '../../dataflow/semantics.js';
import type { Result } from '../../diagnostics/result.js';
import { success } from '../../diagnostics/result.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { fixedPointType } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { DelayModel } from '../../targets/delay-model.js';
import { blockDelay, carryDelay, lutDelay, registerDelay } from '../../targets/delay-model.js';
import { scheduleProgram } from '../schedule/schedule-program.js';
import type { Folding } from './folding.js';
import { foldedDelay } from './folding.js';
import type { Gathering } from './gathering.js';

/** What the clocks of a kernel follow from. */
export interface TimingOptions {
  readonly model: DelayModel;
  /** ns */
  readonly clockPeriod: number;
}

/** The clocks of one kernel after the begin of a slot. */
export interface UnitTiming {
  /** By node: the clock of its word, or of its lowest digit. */
  readonly cycles: Int32Array;
  /** By output: the clock in which its word stands. */
  readonly outputs: readonly number[];
  /** Estimated ns of the longest path of each clock. */
  readonly segments: readonly number[];
}

/**
 * A kernel on whole words, as early as the clock allows. Its operands come from registers through `levels` tables that
 * choose among slots; its results go through one more, which chooses what is held.
 */
export function wordTiming(kernel: Kernel, { model, clockPeriod }: TimingOptions, levels: number): Result<UnitTiming> {
  const scheduled = scheduleProgram(alone(kernel), {
    model,
    clockPeriod,
    registers: 'none',
    inputDelay: registerDelay(model) + lutDelay(model, levels),
    outputDelay: lutDelay(model, 1),
  });
  if (!scheduled.ok) return scheduled;
  const { schedule, segments } = scheduled.value;
  const cycles = at(at(schedule.cycles, 0), 0);
  const outputs = kernel.outputs.map((id) => (isPoint(at(kernel.nodes, id).range) ? 0 : at(cycles, id)));
  return success({ cycles, outputs, segments });
}

/** A program of one kernel. */
function alone(kernel: Kernel): Program {
  const typeOf = (range: Interval): FixedPointType => {
    const width = intervalWidth(range);
    return fixedPointType(range.low < 0n, width, width);
  };
  const types = kernel.inputs.map((id) => typeOf(at(kernel.nodes, id).range));
  const results = kernel.outputs.map((id) => typeOf(at(kernel.nodes, id).range));
  return {
    name: kernel.name,
    inputs: [{ name: 'in', types: types }],
    kernels: [kernel],
    instances: [
      {
        name: kernel.name,
        kernel: 0,
        positions: [types.map((_, index) => ({ instance: -1, index }))],
        origin: { name: '', operator: '' },
      },
    ],
    outputs: [
      {
        name: 'out',
        types: results,
        elements: results.map((_, index) => ({ instance: 0, index })),
      },
    ],
  };
}

/** ns of an adder of one digit, with the net that leads to it. */
function digitDelay(model: DelayModel, bits: number): number {
  return bits > WIDEST_LOGIC_DIGIT ? carryDelay(model, bits + 2) : lutDelay(model, 1);
}

/**
 * Sums digit by digit: a node's lowest digit comes as early as those of its operands and the clock allow; all its
 * digits follow, one a clock. Cutting low bits off is a delay by the digits they are in. The words stand in shift
 * registers once their last digit is in.
 */
export function serialTiming(
  kernel: Kernel,
  { model, clockPeriod }: TimingOptions,
  digitBits: number,
  digits: number,
): UnitTiming {
  const cycles = new Int32Array(kernel.nodes.length);
  const arrival = new Float64Array(kernel.nodes.length);
  const budget = clockPeriod - registerDelay(model);
  const segments: number[] = [];
  for (const node of kernel.nodes) {
    if (isPoint(node.range)) continue;
    let [clock, time] = [0, 0];
    for (const id of operands(node)) {
      if (isPoint(at(kernel.nodes, id).range)) continue;
      const own = at(cycles, id) + (node.kind === 'floorShiftRight' ? floorShiftClocks(node.amount, digitBits) : 0);
      if (own > clock) [clock, time] = [own, at(arrival, id)];
      else if (own === clock) time = Math.max(time, at(arrival, id));
    }
    const delay = digitDelayOf(node, model, digitBits);
    if (time > 0 && delay > 0 && time + delay > budget) [clock, time] = [clock + 1, 0];
    cycles[node.id] = clock;
    arrival[node.id] = time + delay;
    segments[clock] = Math.max(segments[clock] ?? 0, time + delay + registerDelay(model));
  }
  const outputs = kernel.outputs.map((id) => (isPoint(at(kernel.nodes, id).range) ? 0 : at(cycles, id) + digits));
  return { cycles, outputs, segments };
}

function digitDelayOf({ kind }: DataflowNode, model: DelayModel, bits: number): number {
  if (kind === 'addThree') return 2 * digitDelay(model, bits);
  if (kind === 'floorShiftRight') return lutDelay(model, 1);
  return kind === 'add' || kind === 'subtract' || kind === 'negate' ? digitDelay(model, bits) : 0;
}

/** Chains of multipliers: operands stand one after another, results come one a clock from each chain. */
export function foldedTiming(kernel: Kernel, { model }: TimingOptions, { stages, chains }: Folding): UnitTiming {
  const outputs = kernel.outputs.map(() => 0);
  let last = 0;
  for (const { outputs: results } of chains.flatMap(({ parts }) => parts)) {
    results.forEach((output, turn) => {
      outputs[output] = foldedDelay(stages.length) + turn;
      last = Math.max(last, foldedDelay(stages.length) + turn);
    });
  }
  const cycles = new Int32Array(kernel.nodes.length).fill(last);
  kernel.inputs.forEach((id) => (cycles[id] = 0));
  stages.forEach((operand, stage) => (cycles[at(kernel.inputs, operand)] = stage));
  return { cycles, outputs, segments: Array.from({ length: last + 1 }, () => blockDelay(model)) };
}

/** Sums of values that come in turn: one adder between registers, on each level and in the total. */
export function gatheredTiming(
  kernel: Kernel,
  { model }: TimingOptions,
  { turns, levels, sums }: Gathering,
): UnitTiming {
  const last = turns + levels;
  const gathered = new Set(sums.map(({ output }) => output));
  const outputs = kernel.outputs.map((_, output) => (gathered.has(output) ? last : 0));
  const cycles = new Int32Array(kernel.nodes.length).fill(last);
  for (const id of kernel.inputs) cycles[id] = 0;
  const widest = sums.reduce((most, { width }) => Math.max(most, width), 1);
  // The first turn is told from the others, or a wire from zero, in front of the adder.
  const length = registerDelay(model) + lutDelay(model, 1) + carryDelay(model, widest);
  return { cycles, outputs, segments: Array.from({ length: last + 1 }, () => length) };
}
