import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { ModelGraph } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import type { PrecisionSite } from '../passes/model/precision/sites.js';
import { at } from '../support/invariant.js';

/** Events that are evaluated at a time: what inner tensors take in memory stays small. */
const CHUNK = 4096;

/** A sample of events × elements of all inputs, and what its file is called. */
export interface NamedSample {
  readonly name: string;
  readonly events: Float64Array;
}

/**
 * Least and largest value of every tensor site, by group, over all events. NaN or infinity in a tensor or an output is an
 * error (`TRG1722`) with the sample, the event (from 1), and the first tensor of the graph that has it.
 */
export function siteRanges(
  graph: ModelGraph,
  sites: readonly PrecisionSite[],
  samples: readonly NamedSample[],
): Map<string, { readonly low: Float64Array; readonly high: Float64Array }> {
  const evaluator = compileFloatEvaluator(graph);
  const tensors = sites.filter((site) => site.kind === 'tensor');
  const found = tensors.map(({ size }) => ({
    low: new Float64Array(size).fill(Infinity),
    high: new Float64Array(size).fill(-Infinity),
  }));
  const outputs = graph.outputs.map(({ name, node }) => ({
    name,
    node,
    size: elementCount(at(graph.nodes, node).shape),
  }));
  const observedTensors = [...tensors, ...outputs].toSorted((left, right) => left.node - right.node);
  const nodes = observedTensors.map(({ node }) => node);
  const step = CHUNK * evaluator.inputWidth;
  for (const { name, events } of samples) {
    for (let start = 0; start < events.length; start += step) {
      const observed = evaluator.observe(events.subarray(start, start + step), nodes);
      observedTensors.forEach((tensor, index) => {
        const values = at(observed, index);
        const range = found[tensors.findIndex((each) => each === tensor)];
        const bad = range === undefined ? firstNotFinite(values) : widen(values, tensor.size, range.low, range.high);
        if (bad < 0) return;
        const event = start / evaluator.inputWidth + Math.floor(bad / tensor.size) + 1;
        const place = `event ${event}, element ${bad % tensor.size} of '${printable(tensor.name)}'`;
        return fail(precisionCodes.notFiniteTensor, `${place} is ${String(at(values, bad))}`, {
          model: printable(name),
        });
      });
    }
  }
  return new Map(
    tensors.map(({ name, groups, groupCount }, index) => [name, byGroup(at(found, index), groups, groupCount)]),
  );
}

/** The place of the first NaN or infinity, or -1. */
function firstNotFinite(values: Float64Array): number {
  return values.findIndex((value) => !Number.isFinite(value));
}

/** Takes events of `size` elements into the ranges of the elements; the place of the first NaN or infinity, or -1. */
function widen(values: Float64Array, size: number, low: Float64Array, high: Float64Array): number {
  // One pass over hundreds of millions of values: plain loops over typed arrays, in the order of memory.
  let check = 0;
  for (let start = 0; start < values.length; start += size) {
    for (let element = 0; element < size; element++) {
      const value = values[start + element] ?? NaN;
      if (value < (low[element] ?? NaN)) low[element] = value;
      if (value > (high[element] ?? NaN)) high[element] = value;
      // Stays 0 unless a value is NaN or infinite.
      check += value - value;
    }
  }
  return check === 0 ? -1 : firstNotFinite(values);
}

function byGroup(
  range: { readonly low: Float64Array; readonly high: Float64Array },
  groups: Int32Array,
  groupCount: number,
): { readonly low: Float64Array; readonly high: Float64Array } {
  const low = new Float64Array(groupCount).fill(Infinity);
  const high = new Float64Array(groupCount).fill(-Infinity);
  groups.forEach((group, element) => {
    low[group] = Math.min(at(low, group), at(range.low, element));
    high[group] = Math.max(at(high, group), at(range.high, element));
  });
  return { low, high };
}
