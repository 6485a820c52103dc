import { dspBlocks } from '../../../lowering/estimate/dsp-blocks.js';
import { at } from '../../../support/invariant.js';
import type { DelayModel, Family } from '../../../targets/delay-model.js';
import { carryDelay, lutDelay, registerDelay } from '../../../targets/delay-model.js';
import type { DenseConfig } from './dense.js';
import type { Transport } from './print-files.js';
import type { StageFunction } from './print-stage.js';
import type { TensorArray } from './tensors.js';

/** The device and clock that the C++ is estimated for. */
export interface EstimateTarget {
  readonly family: Family;
  readonly delays: DelayModel;
  /** ns */
  readonly clockPeriod: number;
}

/** What one product with a constant matrix comes to. */
export interface LayerEstimate {
  readonly layer: string;
  readonly multipliers: number;
  /** At most: the tool makes narrow products, and many by constants, of look-up tables. */
  readonly dsp: number;
  /** Clocks between two events in this layer, and from its input to its output. */
  readonly interval: number;
  readonly latency: number;
}

/** Estimates, none of them seen by an HLS tool. */
export interface LoopedEstimate {
  readonly layers: readonly LayerEstimate[];
  readonly multipliers: number;
  readonly dsp: number;
  readonly interval: number;
  readonly latency: number;
}

/**
 * The tool keeps this part of the clock period for what it does not know: 27 %, its default in the Vivado flow (UG1399,
 * `set_clock_uncertainty`).
 */
const CLOCK_UNCERTAINTY = 0.27;

/** What the estimate reads of the form. */
export interface EstimatedForm {
  readonly functions: readonly StageFunction[];
  readonly transport: Transport;
}

/**
 * Latency, interval, multipliers and DSP blocks of the looped form. A layer has rows × inputs × outputs / reuse multipliers.
 * A turn makes one product and adds up what it holds: a tree of adders, or a chain of them where a declared accumulator
 * changes partial sums. Delays are those of the schedule of the Verilog; a turn takes as many clocks as its delay fills,
 * of which the uncertainty is taken. Functions of one pipeline share clocks; processes round up for themselves, and
 * streams add a clock for every row that they read and write.
 */
export function estimateLooped(form: EstimatedForm, target: EstimateTarget): LoopedEstimate {
  const { functions, transport } = form;
  const pipelined = transport === 'parallel' && functions.every(({ dense }) => dense?.strategy !== 'resource');
  const usable = Math.max(
    target.clockPeriod * (1 - CLOCK_UNCERTAINTY) - registerDelay(target.delays),
    target.delays.lut,
  );
  const clocks = (delay: number): number => Math.max(1, Math.ceil(delay / usable));
  const costs = functions.map((stage) => {
    const delay = stageDelay(stage, target);
    const turns = (stage.dense?.reuse ?? 1) - 1;
    const streamed = transport === 'stream' ? Math.max(0, ...stage.reads.map(rowsOf)) + rowsOf(stage.writes) : 0;
    return { delay, turns, latency: turns + clocks(delay) + streamed };
  });
  const layers = functions.flatMap(({ dense }, index) => {
    if (dense === undefined) return [];
    const { latency } = at(costs, index);
    const interval = pipelined ? dense.reuse : latency;
    const multipliers = multipliersOf(dense);
    return [{ layer: dense.layer, multipliers, dsp: dspOf(dense, target.family), interval, latency }];
  });
  const total = (of: (layer: LayerEstimate) => number): number => layers.reduce((sum, layer) => sum + of(layer), 0);
  const whole = { layers, multipliers: total(({ multipliers }) => multipliers), dsp: total(({ dsp }) => dsp) };
  if (pipelined) {
    const delay = longestPath(functions, (index) => at(costs, index).delay);
    const turns = longestPath(functions, (index) => at(costs, index).turns);
    return {
      ...whole,
      interval: Math.max(1, ...layers.map(({ interval }) => interval)),
      latency: turns + clocks(delay),
    };
  }
  const latencies = costs.map(({ latency }) => latency);
  if (transport === 'parallel' && hasSharedArrays(functions)) {
    // No dataflow region: functions take turns, and the next event waits for the last.
    const latency = latencies.reduce((sum, each) => sum + each, 0);
    return { ...whole, interval: latency, latency };
  }
  const latency = longestPath(functions, (index) => at(latencies, index));
  return { ...whole, interval: Math.max(1, ...latencies), latency };
}

/** An array with several readers cannot be handed from process to process. */
export function hasSharedArrays(functions: readonly StageFunction[]): boolean {
  const reads = functions.flatMap((stage) => stage.reads);
  return new Set(reads).size !== reads.length;
}

function multipliersOf({ rows, inputs, outputs, reuse, strategy }: DenseConfig): number {
  if (strategy === 'distributed_arithmetic') return 0;
  return (rows * inputs * outputs) / reuse;
}

/**
 * One multiplier serves one product where nothing is reused, and its weight is a constant: none for zero or a power of two.
 * Elsewhere it takes the operands' full types.
 */
function dspOf(config: DenseConfig, family: Family): number {
  const { operand, weights, weightWidth, strategy, reuse, rows } = config;
  if (strategy === 'latency' && reuse === 1) {
    const each = weights.reduce((sum, code) => {
      const magnitude = code < 0n ? -code : code;
      if ((magnitude & (magnitude - 1n)) === 0n) return sum;
      return sum + dspBlocks(operand, { width: magnitude.toString(2).length + 1, signed: true }, family);
    }, 0);
    return rows * each;
  }
  return multipliersOf(config) * dspBlocks(operand, { width: weightWidth, signed: true }, family);
}

/** ns from the operands of a function to its result, in one turn. */
function stageDelay({ dense, reads, writes }: StageFunction, { delays }: EstimateTarget): number {
  const result = carryDelay(delays, writes.type.width) + lutDelay(delays, 1);
  if (dense === undefined) {
    // Sums, largest elements and the like: a tree over what is read for one result; a quantiser rounds and saturates.
    const terms = Math.max(1, ...reads.map(({ size }) => Math.ceil(size / writes.size)));
    return levels(terms) * carryDelay(delays, writes.type.width) + result;
  }
  const { inputs, outputs, reuse, operand, weightWidth, accumulatorWidth, declared } = dense;
  const product = levels(Math.min(operand.width, weightWidth)) * carryDelay(delays, operand.width + weightWidth);
  const terms = Math.max(1, Math.ceil((inputs * outputs) / reuse / outputs)) + 1;
  const additions = declared ? terms - 1 : levels(terms);
  return product + additions * carryDelay(delays, accumulatorWidth);
}

function levels(count: number): number {
  return Math.ceil(Math.log2(Math.max(1, count)));
}

function rowsOf({ size, row }: TensorArray): number {
  return size / row;
}

/** The largest sum along arrays from an input to an output; functions are in order. */
function longestPath(functions: readonly StageFunction[], weight: (index: number) => number): number {
  const made = new Map<TensorArray, number>();
  for (const [index, { reads, writes }] of functions.entries()) {
    made.set(writes, weight(index) + Math.max(0, ...reads.map((array) => made.get(array) ?? 0)));
  }
  return Math.max(0, ...made.values());
}
