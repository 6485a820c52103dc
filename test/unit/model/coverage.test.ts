import { describe, expect, it } from 'vitest';
import { codeMatrix } from '../../../src/backends/emulator/code-matrix.js';
import { compileEmulator } from '../../../src/backends/emulator/emulator.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { Overflow, Rounding } from '../../../src/numeric/rounding.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { coveredNodes } from '../../../src/model/coverage.js';
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
  const emulator = compileEmulator(graph, { countBranches: true });
  const rows = events.map((event) => event.map(BigInt));
  const { branches } = emulator.run(codeMatrix(rows, emulator.inputTypes));
  return Object.fromEntries(branches.map(({ node, branch, count: times }) => [`${node} ${branch}`, times]));
}

describe('coverage of branches', () => {
  it('counts each element of each event by the branch that it takes', () => {
    // In sixteenths: 127 is far above, -128 far below; 5 is 1.25 steps, 7 is 1.75 steps, 8 is exact, 6 and 10 are ties.
    const events = [
      [127, -128],
      [5, 7],
      [8, 0],
      [6, 10],
    ] as const;
    expect(count(graphOf('RND_CONV', 'SAT'), events)).toEqual({
      'cut above the type': 1,
      'cut below the type': 1,
      'cut rounded up': 3,
      'cut rounded down': 2,
      'cut tie rounded up': 1,
      'cut tie rounded down': 1,
      'positive passed': 6,
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
    expect(coveredNodes(builder.finish())).toEqual([]);
  });
});
