import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import type { Program, ValueReference } from '../../src/dataflow/program.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import { laneOrder } from '../../src/passes/dataflow/folding/lanes.js';
import { splitKernels } from '../../src/passes/dataflow/folding/split-kernels.js';
import { runPipeline } from '../../src/passes/pass.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { buildSequenced, runSequenced } from '../support/sequenced-run.js';
import { portPatterns } from '../support/verilog-bundle.js';

const ROWS = 6;
const COLUMNS = 4;

const element = (index: number): ValueReference => ({ instance: -1, index });

/** An image that is scaled and rounded value by value, and windows of two by two over what that gives, two rows apart. */
function image(): Program {
  const scale = new KernelBuilder('scale');
  for (let index = 0; index < ROWS * COLUMNS; index++) {
    const x = scale.input({ low: 0n, high: 255n });
    const tripled = scale.add(x, scale.shiftLeft(x, 1));
    scale.output(scale.clamp(scale.floorShiftRight(scale.add(tripled, scale.constant(2n)), 2), { low: 0n, high: 63n }));
  }
  const window = new KernelBuilder('window');
  const [a, b, c, d] = [0, 1, 2, 3].map(() => window.input({ low: 0n, high: 63n }));
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four inputs');
  const difference = window.subtract(window.add(a, d), window.add(b, window.shiftLeft(c, 1)));
  window.output(window.clamp(difference, { low: 0n, high: 31n }));
  const positions: ValueReference[][] = [];
  for (let row = 0; row < ROWS; row += 2) {
    for (let column = 0; column + 1 < COLUMNS; column++) {
      const corner = row * COLUMNS + column;
      positions.push([0, 1, COLUMNS, COLUMNS + 1].map((step) => ({ instance: 0, index: corner + step })));
    }
  }
  return {
    name: 'image',
    inputs: [{ name: 'in', types: Array.from({ length: ROWS * COLUMNS }, () => fixedPointType(false, 8, 8)) }],
    kernels: [scale.finish(), window.finish()],
    instances: [
      {
        name: 'scale',
        kernel: 0,
        positions: [Array.from({ length: ROWS * COLUMNS }, (_, index) => element(index))],
        origin: { name: 'scale', operator: 'Mul' },
      },
      { name: 'window', kernel: 1, positions, origin: { name: 'window', operator: 'Conv' } },
    ],
    outputs: [
      {
        name: 'out',
        types: positions.map(() => fixedPointType(false, 5, 5)),
        elements: positions.map((_, index) => ({ instance: 1, index })),
      },
    ],
  };
}

describe('positions in the order of lanes', () => {
  const turnOf = ({ index }: ValueReference) => ({ lane: `column ${index % 3}`, clock: Math.floor(index / 3) });

  it('are those of one column, from row to row', () => {
    const values = Array.from({ length: 12 }, (_, index) => [element(index)]);
    const found = laneOrder(values, turnOf);
    expect(found).toEqual({ order: [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11], turns: 4, step: 1 });
    const windows = [0, 1, 6, 7].map((corner) => [0, 1, 3, 4].map((step) => element(corner + step)));
    expect(laneOrder(windows, turnOf)).toEqual({ order: [0, 2, 1, 3], turns: 2, step: 2 });
  });

  it('are none where lanes are not equally long, nor evenly spaced, nor all that is read comes in turn', () => {
    const of = (indices: readonly number[]) =>
      laneOrder(
        indices.map((index) => [element(index)]),
        turnOf,
      );
    expect(of([0, 3, 1])).toBeUndefined();
    expect(of([0, 3, 9])).toBeUndefined();
    expect(of([0, 1, 2])).toBeUndefined();
    expect(laneOrder([[element(0)], [element(3)]], () => undefined)).toBeUndefined();
  });
});

describe('an image that comes row by row', () => {
  const inputClocks = [ROWS];
  const program = unwrap(
    runPipeline(image(), [splitKernels({ interval: ROWS, inputClocks })], {}, { verify: verifyProgram }),
  );

  it('is taken value by value and window by window, a lane for each column, without multiplexers', () => {
    const built = buildSequenced(program, { interval: ROWS, inputClocks, forms: ['shared'] });
    const { units = [] } = built.design.sequencing ?? {};
    expect(units.map(({ form, lanes, slots, spacing }) => [form, lanes, slots, spacing])).toEqual([
      ['shared', COLUMNS, ROWS, 1],
      ['shared', COLUMNS - 1, ROWS / 2, 2],
    ]);
    // A line buffer for each column: what a window still needs, and no register that holds an event.
    const registers = at(built.modules.modules, 0).items.flatMap((item) =>
      item.kind === 'register' ? [item.signal.name] : [],
    );
    expect(registers.filter((name) => name.includes('_held_')).every((name) => name.includes('window'))).toBe(true);
    expect(registers.filter((name) => name.includes('_late_')).length).toBeLessThanOrEqual(3 * COLUMNS);
  });

  it('gives the bits of the whole image, whatever comes between events', () => {
    const random = new Random(3);
    const events = Array.from({ length: 20 }, () =>
      Array.from({ length: ROWS * COLUMNS }, () => BigInt(random.integer(0, 255))),
    );
    const expected = events.map((event) => evaluateProgram(image(), event).outputs);
    for (const interval of [ROWS, ROWS + 3, 3 * ROWS]) {
      const split = unwrap(runPipeline(image(), [splitKernels({ interval, inputClocks })], {}));
      const built = buildSequenced(split, { interval, inputClocks });
      const run = runSequenced(built, events, random, interval === ROWS);
      expect(run.rows, `interval ${interval}`).toEqual(
        expected.map((codes) => portPatterns(built.modules.outputs, codes)),
      );
    }
  });
});
