import { describe, expect, it } from 'vitest';
import { floatIntervals } from '../../../../src/evaluation/calibration/float-intervals.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import { floatEvaluator } from '../../../../src/model/evaluate-float.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../../../../src/model/kinds.js';
import { elementCount, perElement } from '../../../../src/model/kinds.js';
import type { RealFunctionName } from '../../../../src/model/real-functions.js';
import { codeRange, lsbExponent } from '../../../../src/numeric/fixed-point.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { randomModel } from '../../../support/random-model.js';

type Input = ModelNodeOf<'input'>;

function typeRanges(input: Input) {
  return Array.from({ length: elementCount(input.shape) }, (_, element) => {
    const type = perElement(input.types, element);
    const { low, high } = codeRange(type);
    return { low: Number(low) * 2 ** lsbExponent(type), high: Number(high) * 2 ** lsbExponent(type) };
  });
}

const provenance = { name: 'n', operator: 'N' };

/** x[1] → f: the interval of f for x in the given one. */
function through(add: (builder: ModelBuilder, x: ModelNodeId) => ModelNodeId, low: number, high: number) {
  const builder = new ModelBuilder('one');
  const x = builder.input({ name: 'x', types: [], rounding: 'RND', overflow: 'SAT' }, [1], provenance);
  const graph: ModelGraph = { ...builder.finish(), outputs: [] };
  const result = add(builder, x);
  const [range] = at(
    floatIntervals({ ...graph, nodes: builder.finish().nodes }, () => [{ low, high }]),
    result,
  );
  return range;
}

const func =
  (name: RealFunctionName, parameters: readonly number[] = [], scale = 1, offset = 0) =>
  (builder: ModelBuilder, operand: ModelNodeId): ModelNodeId =>
    builder.add('function', { operand, function: name, parameters, scale, offset, fitted: false }, provenance);

describe('intervals of a float graph', () => {
  it('hold every value that 200 random graphs compute', { timeout: 60_000 }, () => {
    let bounded = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(9000 + seed);
      const graph = randomModel(random, { promises: 'none' });
      const intervals = floatIntervals(graph, typeRanges);
      const evaluate = floatEvaluator(graph);
      const inputs = graph.nodes.filter((node): node is Input => node.kind === 'input').map(typeRanges);
      for (let event = 0; event < 20; event++) {
        const values = inputs.map((ranges) =>
          Float64Array.from(ranges, ({ low, high }) => {
            const end = random.integer(0, 4);
            return end === 0 ? low : end === 1 ? high : low + random.uniform() * (high - low);
          }),
        );
        evaluate(values).tensors.forEach((tensor, node) => {
          tensor.forEach((value, element) => {
            const { low, high } = at(at(intervals, node), element);
            const slack = 1e-9 * Math.max(Math.abs(low), Math.abs(high), 1);
            if (Number.isFinite(low) && Number.isFinite(high)) bounded++;
            if (!(value >= low - slack && value <= high + slack)) {
              expect.fail(`seed ${seed}, %${node} ${at(graph.nodes, node).kind}: ${value} outside ${low}…${high}`);
            }
          });
        });
      }
    }
    expect(bounded).toBeGreaterThan(100_000);
  });

  it('know that a ReLU, a square and a sigmoid are never negative', () => {
    expect(through((b, operand) => b.add('relu', { operand }, provenance), -3, 5)).toEqual({ low: 0, high: 5 });
    expect(through((b, x) => b.add('multiply', { left: x, right: x }, provenance), -3, 2)).toEqual({ low: 0, high: 9 });
    expect(through((b, operand) => b.add('absolute', { operand }, provenance), -3, 2)).toEqual({ low: 0, high: 3 });
    expect(through(func('sigmoid'), -Infinity, Infinity)).toEqual({ low: 0, high: 1 });
  });

  it('follow functions through their turning points, scale and offset', () => {
    expect(through(func('cosh'), -1, 2)).toEqual({ low: 1, high: Math.cosh(2) });
    expect(through(func('exp', [], -2, 1), 0, 1)).toEqual({ low: Math.exp(-1), high: Math.exp(1) });
    expect(through(func('sin'), 0, 10)).toEqual({ low: -1, high: 1 });
  });

  it('say nothing where a function has a pole, or is not defined', () => {
    const everything = { low: -Infinity, high: Infinity };
    expect(through(func('reciprocal'), -1, 1)).toEqual(everything);
    expect(through(func('log'), -1, 1)).toEqual(everything);
    expect(through(func('sin'), 0, Infinity)).toEqual(everything);
  });
});
