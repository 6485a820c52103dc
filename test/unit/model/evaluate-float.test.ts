import { describe, expect, it } from 'vitest';
import { dyadicToNumber } from '../../../src/numeric/dyadic.js';
import { lsbExponent } from '../../../src/numeric/fixed-point.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import { floatEvaluator } from '../../../src/model/evaluate-float.js';
import { perElement } from '../../../src/model/kinds.js';
import { Random } from '../../../src/support/random.js';
import { InvariantError } from '../../../src/support/invariant.js';
import { randomInputs, randomModel } from '../../support/random-model.js';

describe('floatEvaluator', () => {
  it('equals the oracle in every node of random typed graphs whose words fit a double', () => {
    const random = new Random(41);
    const kinds = new Set<string>();
    for (let count = 0; count < 150; count++) {
      const graph = randomModel(random, { maximumWidth: 40, widths: random.pick(['narrow', 'medium']) });
      const exact = modelEvaluator(graph);
      const float = floatEvaluator(graph);
      const ports = graph.nodes.filter((node) => node.kind === 'input');
      for (const event of randomInputs(random, graph, 6)) {
        const values = event.map((codes, input) => {
          const types = ports[input]?.types ?? [];
          return Float64Array.from(codes, (code, element) =>
            dyadicToNumber({ code, lsb: lsbExponent(perElement(types, element)) }),
          );
        });
        const expected = exact(event).tensors;
        const computed = float(values).tensors;
        for (const node of graph.nodes) {
          kinds.add(node.kind);
          const codes = expected[node.id]?.codes ?? [];
          const lsb = expected[node.id]?.lsb ?? 0;
          const numbers = codes.map((code) => dyadicToNumber({ code, lsb }));
          expect(Array.from(computed[node.id] ?? [], (value) => value + 0)).toEqual(numbers);
        }
      }
    }
    expect(kinds.size).toBeGreaterThanOrEqual(19);
  });

  it('keeps float constants to the last bit, and takes inputs that have no type', () => {
    const builder = new ModelBuilder('float');
    const input = builder.input({ name: 'x', types: [], rounding: 'RND_CONV', overflow: 'SAT' }, [2]);
    const constant = builder.constant({ lsb: -149, codes: [1n, 3n << 140n], float: true }, [2]);
    builder.output('y', builder.add('multiply', { left: input, right: constant }));
    const [output] = floatEvaluator(builder.finish())([Float64Array.of(1, 0.1)]).outputs;
    expect(Array.from(output ?? [])).toEqual([2 ** -149, 0.1 * (3 * 2 ** -9)]);
  });

  it('refuses a wrong number of inputs or elements as a bug', () => {
    const builder = new ModelBuilder('float');
    builder.output('y', builder.input({ name: 'x', types: [], rounding: 'RND_CONV', overflow: 'SAT' }, [2]));
    const evaluate = floatEvaluator(builder.finish());
    expect(() => evaluate([])).toThrow(InvariantError);
    expect(() => evaluate([Float64Array.of(1)])).toThrow(InvariantError);
  });
});
