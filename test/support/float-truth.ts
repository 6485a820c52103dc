import { compileFloatEvaluator } from '../../src/backends/emulator/float/compile.js';
import { floatEvaluator } from '../../src/model/evaluate-float.js';
import type { ModelGraph, ModelNodeOf } from '../../src/model/kinds.js';
import { elementCount } from '../../src/model/kinds.js';
import type { FloatTensors, OnnxRuntimeModel } from '../../src/simulation/onnx-runtime/model.js';
import { at } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';

/** Events of every kind that a trigger sees: as trained on, empty ones, ones with many zeros, and large ones. */
export const eventStyles = ['ordinary', 'zero', 'sparse', 'large', 'negative'] as const;
type EventStyle = (typeof eventStyles)[number];

function drawFloat(random: Random, style: EventStyle): number {
  // A sum of uniform values is near enough to normal.
  const normal = 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5);
  switch (style) {
    case 'zero':
      return 0;
    case 'ordinary':
      return Math.fround(normal);
    case 'sparse':
      return random.integer(0, 3) === 0 ? Math.fround(Math.abs(normal)) : 0;
    case 'large':
      return Math.fround(normal * 200);
    case 'negative':
      return Math.fround(-Math.abs(normal) * 8);
  }
}

const portsOf = (graph: ModelGraph): readonly ModelNodeOf<'input'>[] =>
  graph.nodes.filter((node) => node.kind === 'input');

/** Events × inputs, ports concatenated; styles take turns. Integer ports get small numbers of their type. */
export function truthEvents(random: Random, graph: ModelGraph, events: number): Float64Array {
  const rows = Array.from({ length: events }, (_, event) => {
    const style = at(eventStyles, event % eventStyles.length);
    return portsOf(graph).flatMap((port) => {
      const [type] = port.types;
      return Array.from({ length: elementCount(port.shape) }, () =>
        type === undefined ? drawFloat(random, style) : random.integer(type.signed ? -8 : 0, type.width === 1 ? 1 : 8),
      );
    });
  });
  return Float64Array.from(rows.flat());
}

/** What ONNX Runtime computes for the events, by output. */
export async function runtimeResults(
  model: OnnxRuntimeModel,
  graph: ModelGraph,
  data: Float64Array,
  events: number,
): Promise<FloatTensors> {
  const width = data.length / events;
  const inputs = new Map<string, Float64Array>();
  let column = 0;
  for (const port of portsOf(graph)) {
    const size = elementCount(port.shape);
    const from = column;
    const values = new Float64Array(events * size);
    for (let event = 0; event < events; event++) {
      values.set(data.subarray(event * width + from, event * width + from + size), event * size);
    }
    inputs.set(port.name, values);
    column += size;
  }
  return model.run(inputs, events);
}

export interface Comparison {
  readonly elements: number;
  /** Largest of |a - b| / (1e-6 + 1e-5 |b|), b being theirs: at most 1 where they agree. */
  readonly worst: number;
  /** Where the worst element is, in words. */
  readonly place: string;
  /** The same with the largest |b| of the event's output instead of |b|: what float32 can promise of a sum. */
  readonly worstOfTensor: number;
}

/** Our float reference, one event at a time and compiled, which have to be the same bits, against given results. */
export function compareWithTruth(
  graph: ModelGraph,
  data: Float64Array,
  events: number,
  truth: FloatTensors,
): Comparison {
  const compiled = compileFloatEvaluator(graph);
  const results = compiled.run(data);
  const evaluate = floatEvaluator(graph);
  const sizes = portsOf(graph).map((port) => elementCount(port.shape));
  let [elements, worst, worstOfTensor, place] = [0, 0, 0, ''];
  for (let event = 0; event < events; event++) {
    let next = event * compiled.inputWidth;
    const { outputs } = evaluate(sizes.map((size) => data.subarray(next, (next += size))));
    let column = event * compiled.outputWidth;
    for (const [index, output] of graph.outputs.entries()) {
      const own = at(outputs, index);
      const theirs = truth.get(output.name)?.subarray(event * own.length, (event + 1) * own.length);
      const largest = theirs?.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? 0;
      for (const [element, value] of own.entries()) {
        const where = `event ${event} (${at(eventStyles, event % eventStyles.length)}), ${output.name}[${element}]`;
        const batched = results[column++];
        if (!Object.is(batched, value)) throw new Error(`${where}: ${batched ?? 'nothing'} compiled, ${value} alone`);
        if (theirs === undefined) continue;
        const expected = at(theirs, element);
        elements++;
        const distance = Object.is(value + 0, expected + 0) ? 0 : Math.abs(value - expected);
        const error = distance / (1e-6 + 1e-5 * Math.abs(expected));
        worstOfTensor = Math.max(worstOfTensor, distance === 0 ? 0 : distance / (1e-6 + 1e-5 * largest));
        if (error <= worst) continue;
        if (Number.isNaN(error)) throw new Error(`${where}: ${value} instead of ${expected}`);
        [worst, place] = [error, `${where}: ${value} instead of ${expected}`];
      }
    }
  }
  return { elements, worst, place, worstOfTensor };
}
