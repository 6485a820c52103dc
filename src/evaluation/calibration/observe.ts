import { compileFloatEvaluator } from '../../backends/emulator/float/compile.js';
import type { ModelGraph, ModelNodeId } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import { at, invariant } from '../../support/invariant.js';
import { TensorStatistics } from './tensor-statistics.js';

/** Values of all observed tensors that are held at once. */
const VALUES_PER_BLOCK = 1 << 21;

/**
 * Evaluate the float graph on events (events × inputs, one event a row) and collect what the chosen tensors hold.
 * `progress` is told the share of the events that is done, from 0 to 1.
 */
export function observeTensors(
  graph: ModelGraph,
  nodes: readonly ModelNodeId[],
  events: Float64Array,
  progress: (share: number) => void = () => undefined,
): ReadonlyMap<ModelNodeId, TensorStatistics> {
  const evaluator = compileFloatEvaluator(graph);
  const statistics = nodes.map((id) => new TensorStatistics(elementCount(at(graph.nodes, id).shape)));
  const { inputWidth } = evaluator;
  invariant(inputWidth > 0 && events.length % inputWidth === 0, `${events.length} values for events of ${inputWidth}`);
  const width = nodes.reduce((sum, id) => sum + elementCount(at(graph.nodes, id).shape), inputWidth);
  const step = Math.max(1, Math.floor(VALUES_PER_BLOCK / width)) * inputWidth;
  for (let start = 0; start < events.length; start += step) {
    const observed = evaluator.observe(events.subarray(start, start + step), nodes);
    observed.forEach((block, index) => {
      at(statistics, index).add(block);
    });
    progress(Math.min(1, (start + step) / events.length));
  }
  return new Map(nodes.map((id, index) => [id, at(statistics, index)]));
}
