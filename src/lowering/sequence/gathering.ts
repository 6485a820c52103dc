import { affineMap } from '../../dataflow/affine-map.js';
import type { Instance, Program, ValueReference } from '../../dataflow/program.js';
import { kernelOf } from '../../dataflow/program.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Arrivals } from './wires.js';
import { inRegister } from './wires.js';

/** A wire, and the clocks after the first in which it carries a value of a sum. */
export interface GatheredWire {
  /** One of the values, which tells the wire, and the clock of that one. */
  readonly reference: ValueReference;
  readonly referenceClock: number;
  readonly turns: ReadonlySet<number>;
  readonly width: number;
}

/** constant + 2^shift · Σ of all values that come on some wires. */
export interface GatheredSum {
  readonly output: number;
  readonly shift: number;
  readonly constant: bigint;
  readonly wires: readonly GatheredWire[];
  readonly width: number;
  readonly signed: boolean;
}

/** Sums of values that come in turn: an adder for each wire instead of each value. */
export interface Gathering {
  /** Clock in which the first values stand. */
  readonly start: number;
  /** Clocks in which values come. */
  readonly turns: number;
  /** Levels of adders between wires, each with a register behind it. */
  readonly levels: number;
  readonly sums: readonly GatheredSum[];
}

/** Fewer values a wire are not worth a unit that waits for the last. */
const FEWEST_TURNS = 3;

/**
 * How an instance of one position would gather its sums, where each of them adds values by one power of two, and these come
 * on few wires; undefined for any other. `arrivals`: with the units of the instances before it.
 */
export function gathering(
  program: Program,
  arrivals: Arrivals,
  instance: Instance,
  interval: number,
): Gathering | undefined {
  const kernel = kernelOf(program, instance);
  const [position] = instance.positions;
  const rows = instance.positions.length === 1 ? affineMap(kernel) : undefined;
  if (position === undefined || rows === undefined) return undefined;
  const sums: { readonly sum: GatheredSum; readonly clocks: readonly number[] }[] = [];
  for (const [output, id] of kernel.outputs.entries()) {
    const { range } = at(kernel.nodes, id);
    if (isPoint(range)) continue;
    const { coefficients, constant } = at(rows, output);
    const factors = new Set(coefficients.values());
    const [factor = 0n] = factors;
    const shift = factor.toString(2).length - 1;
    const whole = constant % (1n << BigInt(shift)) === 0n && intervalWidth(range) > shift;
    if (factors.size !== 1 || factor !== 1n << BigInt(shift) || !whole) return undefined;
    const wires = new Map<string, { reference: ValueReference; clocks: number[]; width: number }>();
    for (const operand of coefficients.keys()) {
      const reference = at(position, operand);
      const found = inRegister(program, arrivals, reference);
      if (found === undefined) return undefined;
      const wire = wires.get(found.wire) ?? { reference, clocks: [], width: 1 };
      wires.set(found.wire, wire);
      // A value that is added twice comes once.
      if (wire.clocks.includes(found.clock)) return undefined;
      wire.clocks.push(found.clock);
      wire.width = Math.max(wire.width, intervalWidth(at(kernel.nodes, at(kernel.inputs, operand)).range));
    }
    if (coefficients.size < FEWEST_TURNS * wires.size) return undefined;
    const found = [...wires.values()];
    sums.push({
      sum: {
        output,
        shift,
        constant,
        wires: found.map(({ reference, clocks, width }) => ({
          reference,
          referenceClock: at(clocks, 0),
          turns: new Set(clocks),
          width,
        })),
        width: intervalWidth(range),
        signed: range.low < 0n,
      },
      clocks: found.flatMap(({ clocks }) => clocks),
    });
  }
  if (sums.length === 0) return undefined;
  const all = sums.flatMap(({ clocks }) => clocks);
  const start = all.reduce((least, clock) => Math.min(least, clock), Infinity);
  const turns = all.reduce((most, clock) => Math.max(most, clock), 0) - start + 1;
  if (turns > interval) return undefined;
  const widest = sums.reduce((most, { sum }) => Math.max(most, sum.wires.length), 1);
  return {
    start,
    turns,
    levels: Math.ceil(Math.log2(widest)),
    sums: sums.map(({ sum }) => ({
      ...sum,
      wires: sum.wires.map((wire) => ({
        ...wire,
        turns: new Set([...wire.turns].map((clock) => clock - start)),
      })),
    })),
  };
}

/** Look-up tables of a gathering, about: an adder for each wire, and what keeps off values of other clocks. */
export function gatheringLuts({ sums, turns }: Gathering): number {
  let luts = 0;
  for (const { wires, width } of sums) {
    luts += width * wires.length;
    for (const wire of wires) if (wire.turns.size < turns) luts += wire.width;
  }
  return luts;
}
