import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import { ModelBuilder } from '../model/builder.js';
import type { ModelGraph, ModelNodeId } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import { copyNode } from '../passes/model/copy-node.js';
import { at } from '../support/invariant.js';
import { Random } from '../support/random.js';
import { scoreImportance } from './importance.js';

/** A tensor to disturb: elements of one group are disturbed together, each by itself. */
export interface NoisePoint {
  readonly node: ModelNodeId;
  readonly groups: Int32Array;
  readonly groupCount: number;
}

/** What noise on a tensor does to the outputs. */
export interface Sensitivity {
  /** By group: damage per unit of variance on each of its elements. */
  readonly damage: Float64Array;
  /** By group: standard deviation of its elements over the events. */
  readonly deviation: Float64Array;
}

/** Noise as a share of a tensor's own deviation: small enough that most ReLUs stay on their side. */
const NOISE_SHARE = 1 / 16;
/** Event evaluations that all points together may cost. */
const EVALUATIONS = 600_000;
const FEWEST_EVENTS = 64;
const MOST_EVENTS = 1024;

/**
 * Damage is the mean over events and outputs of the squared shift in rank (`scoreImportance`). Each group of each point
 * gets independent noise in turn, and what comes out is compared with what came out without. Deterministic for a seed.
 *
 * `inputs`: events × elements of all inputs.
 */
export function measureSensitivity(
  graph: ModelGraph,
  points: readonly NoisePoint[],
  inputs: Float64Array,
  seed: number,
): readonly Sensitivity[] {
  const groups = points.reduce((sum, point) => sum + point.groupCount, 0);
  const plain = compileFloatEvaluator(graph);
  const available = inputs.length / plain.inputWidth;
  const wanted = Math.min(MOST_EVENTS, Math.max(FEWEST_EVENTS, Math.floor(EVALUATIONS / Math.max(groups, 1))));
  const events = Math.min(available, wanted);
  const sample = everyNth(inputs, plain.inputWidth, available, events);
  const reference = plain.run(sample);
  const importance = outputImportance(plain.run(inputs), available, plain.outputWidth, events);
  const observed = plain.observe(
    sample,
    points.map((point) => point.node),
  );

  const noisy = withNoiseInputs(graph, points);
  const evaluator = compileFloatEvaluator(noisy.graph);
  const width = evaluator.inputWidth;
  const rows = new Float64Array(events * width);
  for (const { from, to, size } of noisy.own) {
    for (let event = 0; event < events; event++) {
      const start = event * plain.inputWidth + from;
      rows.set(sample.subarray(start, start + size), event * width + to);
    }
  }
  const random = new Random(seed);
  return points.map((point, index) => {
    const size = point.groups.length;
    const first = at(noisy.offsets, index);
    const deviation = deviations(at(observed, index), size, point);
    const typical = Math.max(...deviation);
    const damage = new Float64Array(point.groupCount);
    const members = membersOf(point);
    for (let group = 0; group < point.groupCount; group++) {
      // A dead neuron has no deviation of its own, and yet a rounding error on it would be passed on.
      const amplitude = NOISE_SHARE * Math.max(at(deviation, group), typical / 64) || 1;
      const disturb = (value: (event: number) => number): void => {
        for (let event = 0; event < events; event++)
          for (const element of at(members, group)) rows[event * width + first + element] = value(event);
      };
      disturb(() => (random.next() % 2 === 0 ? amplitude : -amplitude));
      const result = evaluator.run(rows);
      disturb(() => 0);
      let sum = 0;
      for (let entry = 0; entry < result.length; entry++) {
        const shift = at(result, entry) - at(reference, entry);
        sum += at(importance, entry) * shift * shift;
      }
      damage[group] = sum / events / (amplitude * amplitude);
    }
    return { damage, deviation };
  });
}

/** Evenly spread events, in order. */
export function everyNth(inputs: Float64Array, width: number, available: number, events: number): Float64Array {
  const chosen = new Float64Array(events * width);
  for (let event = 0; event < events; event++) {
    const source = Math.floor((event * available) / events) * width;
    chosen.set(inputs.subarray(source, source + width), event * width);
  }
  return chosen;
}

/** Importances found on all events, for the chosen ones; averaged over the outputs. */
function outputImportance(outputs: Float64Array, available: number, width: number, events: number): Float64Array {
  const chosen = new Float64Array(events * width);
  for (let output = 0; output < width; output++) {
    const scores = Float64Array.from({ length: available }, (_, event) => at(outputs, event * width + output));
    const importance = scoreImportance(scores);
    for (let event = 0; event < events; event++) {
      chosen[event * width + output] = at(importance, Math.floor((event * available) / events)) / width;
    }
  }
  return chosen;
}

function deviations(values: Float64Array, size: number, point: NoisePoint): Float64Array {
  const [count, sum, squares] = [0, 1, 2].map(() => new Float64Array(point.groupCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  values.forEach((value, index) => {
    const group = at(point.groups, index % size);
    count[group] = at(count, group) + 1;
    sum[group] = at(sum, group) + value;
    squares[group] = at(squares, group) + value * value;
  });
  return count.map((n, group) => Math.sqrt(Math.max(0, at(squares, group) / n - (at(sum, group) / n) ** 2)));
}

function membersOf(point: NoisePoint): readonly (readonly number[])[] {
  const members: number[][] = Array.from({ length: point.groupCount }, () => []);
  point.groups.forEach((group, element) => at(members, group).push(element));
  return members;
}

interface NoisyGraph {
  readonly graph: ModelGraph;
  /** By point: where its noise begins in an event. */
  readonly offsets: readonly number[];
  /** The inputs of the graph itself: where they were, and where they are now. */
  readonly own: readonly { readonly from: number; readonly to: number; readonly size: number }[];
}

/** Every point becomes itself plus an input of its own. */
function withNoiseInputs(graph: ModelGraph, points: readonly NoisePoint[]): NoisyGraph {
  const indexOf = new Map(points.map((point, index) => [point.node, index]));
  const builder = new ModelBuilder(graph.name);
  const mapped: ModelNodeId[] = [];
  const offsets = new Array<number>(points.length).fill(0);
  const own: { from: number; to: number; size: number }[] = [];
  let [from, to] = [0, 0];
  for (const node of graph.nodes) {
    let made = copyNode(builder, node, (id) => at(mapped, id));
    const size = elementCount(node.shape);
    if (node.kind === 'input') {
      own.push({ from, to, size });
      from += size;
      to += size;
    }
    const index = indexOf.get(node.id);
    if (index !== undefined) {
      const fields = { name: `noise ${index}`, types: [], rounding: 'TRN', overflow: 'WRAP' } as const;
      const noise = builder.input(fields, node.shape);
      offsets[index] = to;
      to += size;
      made = builder.add('add', { left: made, right: noise }, node.provenance);
    }
    mapped.push(made);
  }
  for (const output of graph.outputs) builder.output(output.name, at(mapped, output.node), output.types);
  return { graph: builder.finish(), offsets, own };
}
