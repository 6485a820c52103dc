import { describe, expect, it } from 'vitest';
import { compileFloatEvaluator } from '../../src/backends/emulator/float/compile.js';
import { floatEvaluator } from '../../src/model/evaluate-float.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { elementCount } from '../../src/model/kinds.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { randomMlp } from '../support/random-mlp.js';
import { randomModel } from '../support/random-model.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const GRAPHS = full ? 5000 : 600;
const BASE_SEED = 61_000;

/** Values near the numbers of the graph, on its grids and between them; zeros of both signs; large and tiny ones. */
function drawValue(random: Random): number {
  const sign = random.integer(0, 1) === 0 ? -1 : 1;
  switch (random.integer(0, 9)) {
    case 0:
      return sign * 0;
    case 1:
      return sign * random.uniform() * 2 ** random.integer(-60, 60);
    case 2:
    case 3:
      return random.integer(-64, 64) / 2 ** random.integer(0, 8);
    default:
      return sign * random.uniform() * 2 ** random.integer(-4, 8);
  }
}

function inputsOf(graph: ModelGraph): readonly number[] {
  return graph.nodes.filter((node) => node.kind === 'input').map((node) => elementCount(node.shape));
}

/** The first element of the first tensor of the first event that is not the same number, in words. */
function firstDifference(graph: ModelGraph, random: Random, events: number): string | undefined {
  const sizes = inputsOf(graph);
  const width = sizes.reduce((sum, size) => sum + size, 0);
  const data = Float64Array.from({ length: events * width }, () => drawValue(random));
  const compiled = compileFloatEvaluator(graph);
  const nodes = graph.nodes.map((node) => node.id);
  const observed = compiled.observe(data, nodes);
  const outputs = compiled.run(data);
  const evaluate = floatEvaluator(graph);
  for (let event = 0; event < events; event++) {
    let next = event * width;
    const one = evaluate(sizes.map((size) => data.subarray(next, (next += size))));
    for (const [index, tensor] of one.tensors.entries()) {
      for (const [element, expected] of tensor.entries()) {
        const value = at(at(observed, index), event * tensor.length + element);
        if (!Object.is(value, expected)) {
          return `event ${event} of ${events}, %${index} ${at(graph.nodes, index).kind}, element ${element}: ${value} instead of ${expected}`;
        }
      }
    }
    const expected = one.outputs.flatMap((output) => [...output]);
    const own = outputs.subarray(event * compiled.outputWidth, (event + 1) * compiled.outputWidth);
    if (expected.length !== own.length || expected.some((value, index) => !Object.is(value, own[index]))) {
      return `event ${event} of ${events}: outputs ${own.join()} instead of ${expected.join()}`;
    }
  }
  return undefined;
}

describe('compiled float evaluator', () => {
  it(`gives every bit of the float reference, all tensors of ${GRAPHS} random graphs`, () => {
    const kinds = new Set<string>();
    for (let seed = BASE_SEED; seed < BASE_SEED + GRAPHS; seed++) {
      const random = new Random(seed);
      const graph = seed % 3 === 0 ? randomMlp(random) : randomModel(random, { promises: 'none' });
      for (const node of graph.nodes) kinds.add(node.kind);
      // Around the sizes of blocks and of the groups of four events.
      const events = random.pick([1, 2, 3, 4, 5, 63, 64, 65, 130]);
      expect(firstDifference(graph, random, events), `seed ${seed}`).toBeUndefined();
    }
    expect([...kinds].toSorted()).toEqual([
      'absolute',
      'add',
      'bipolar',
      'bits',
      'concat',
      'constant',
      'equal',
      'gather',
      'input',
      'lessThan',
      'matmul',
      'maximum',
      'minimum',
      'multiply',
      'negate',
      'quantize',
      'reduce',
      'relu',
      'requantize',
      'reshape',
      'round',
      'select',
      'subtract',
      'table',
      'transpose',
    ]);
  });
});
