import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { ModelGraph } from '../model/kinds.js';
import type { PrecisionSite } from '../passes/model/precision/sites.js';
import { at } from '../support/invariant.js';

/** Events that are evaluated at a time: what inner tensors take in memory stays small. */
const CHUNK = 4096;

/**
 * Least and largest value of every tensor site, by group, over all events: `inputs` are any number of samples of events ×
 * elements of all inputs.
 */
export function siteRanges(
  graph: ModelGraph,
  sites: readonly PrecisionSite[],
  inputs: readonly Float64Array[],
): Map<string, { readonly low: Float64Array; readonly high: Float64Array }> {
  const evaluator = compileFloatEvaluator(graph);
  const tensors = sites.filter((site) => site.kind === 'tensor');
  const found = tensors.map(({ groupCount }) => ({
    low: new Float64Array(groupCount).fill(Infinity),
    high: new Float64Array(groupCount).fill(-Infinity),
  }));
  const nodes = tensors.map(({ node }) => node);
  const step = CHUNK * evaluator.inputWidth;
  for (const sample of inputs) {
    for (let start = 0; start < sample.length; start += step) {
      const observed = evaluator.observe(sample.subarray(start, start + step), nodes);
      tensors.forEach(({ groups, size }, index) => {
        const { low, high } = at(found, index);
        at(observed, index).forEach((value, entry) => {
          const group = at(groups, entry % size);
          if (value < at(low, group)) low[group] = value;
          if (value > at(high, group)) high[group] = value;
        });
      });
    }
  }
  return new Map(tensors.map(({ name }, index) => [name, at(found, index)]));
}
