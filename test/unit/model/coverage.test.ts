import { describe, expect, it } from 'vitest';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { Overflow, Rounding } from '../../../src/numeric/rounding.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { CoverageCounter } from '../../../src/model/coverage.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import type { ModelGraph } from '../../../src/model/kinds.js';

const wide = fixedPointType(true, 8, 4);
const narrow = fixedPointType(true, 4, 2);

/** Two elements of ap_fixed<8,4> (LSB 1/16) to ap_fixed<4,2> (LSB 1/4), then a ReLU, then the larger of the two. */
function graphOf(rounding: Rounding, overflow: Overflow): ModelGraph {
  const builder = new ModelBuilder('covered');
  const input = builder.input({ name: 'x', types: [wide], rounding: 'TRN', overflow: 'WRAP' }, [2]);
  const layer = (name: string, operator: string) => ({ name, operator });
  const cut = builder.add('quantize', { operand: input, types: [narrow], rounding, overflow }, layer('cut', 'Quant'));
  const positive = builder.add('relu', { operand: cut }, layer('positive', 'Relu'));
  const larger = builder.add('maximum', { left: positive, right: cut }, layer('larger', 'Max'));
  builder.output('y', larger, [fixedPointType(true, 5, 3)]);
  return builder.finish();
}

function count(graph: ModelGraph, events: readonly (readonly [number, number])[]): Record<string, number> {
  const counter = new CoverageCounter(graph);
  const evaluate = modelEvaluator(graph);
  for (const event of events) counter.add(evaluate([event.map(BigInt)]).tensors);
  return Object.fromEntries(counter.result().map(({ node, branch, count: times }) => [`${node} ${branch}`, times]));
}

describe('coverage of branches', () => {
  it('counts each element of each event by the branch that it takes', () => {
    // In sixteenths: 127 is far above, -128 far below; 5 is 1.25 steps, 7 is 1.75 steps, 8 is exact.
    const events = [
      [127, -128],
      [5, 7],
      [8, 0],
    ] as const;
    expect(count(graphOf('RND_CONV', 'SAT'), events)).toEqual({
      'cut above the type': 1,
      'cut below the type': 1,
      'cut rounded up': 2,
      'cut rounded down': 1,
      'positive passed': 4,
      'positive cut to zero': 1,
      'larger left is larger': 1,
      'larger right is larger': 0,
    });
  });

  it('shows vectors that never leave the type', () => {
    const quiet = count(graphOf('RND_CONV', 'SAT'), [
      [1, -1],
      [6, 3],
    ]);
    expect([quiet['cut above the type'], quiet['cut below the type']]).toEqual([0, 0]);
    expect(quiet['cut rounded down']).toBeGreaterThan(0);
  });

  it('does not ask for what no value can take', () => {
    // Truncation never rounds up; a product of wraps that are wanted is no overflow.
    expect(count(graphOf('TRN', 'SAT'), [])).not.toHaveProperty('cut rounded up');
    expect(count(graphOf('TRN', 'MODULO'), [])).not.toHaveProperty('cut above the type');
    expect(count(graphOf('CEIL', 'SAT'), [])).not.toHaveProperty('cut rounded down');
    const builder = new ModelBuilder('fits');
    const input = builder.input({ name: 'x', types: [narrow], rounding: 'TRN', overflow: 'WRAP' }, [1]);
    builder.output('y', builder.add('quantize', { operand: input, types: [wide], rounding: 'RND', overflow: 'SAT' }), [
      wide,
    ]);
    expect(new CoverageCounter(builder.finish()).result()).toEqual([]);
  });
});
