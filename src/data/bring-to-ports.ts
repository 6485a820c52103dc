import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { dyadicFromNumber } from '../numeric/dyadic.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import { applyOverflow, quantizedRange, roundShift } from '../numeric/rounding.js';
import type { PortScale } from '../passes/model/scaled-inputs.js';
import { at } from '../support/invariant.js';
import type { EventPort } from './event-port.js';
import { eventColumn } from './event-port.js';
import { roundNumber } from './event-sink.js';
import { CodeMatrixBuilder } from './matrix-builder.js';
import type { RealMatrix } from './real-sink.js';

/** What the type of one column did to its values. */
export interface ColumnOverflow {
  readonly column: number;
  /** Events whose value lies above and below the type, after rounding. */
  readonly above: number;
  readonly below: number;
  /** The value farthest beyond the type, and the first event that has it. Events from 0. */
  readonly worst: { readonly value: number; readonly event: number };
  readonly firstEvent: number;
}

/** What a port takes in the place of a real value: value / step + zeroPoint. */
export interface PortUnit {
  readonly step: number;
  readonly zeroPoint: number;
}

/** Units of the ports that take the integers of a quantiser, by name. */
export function portUnits(scales: ReadonlyMap<string, PortScale>): ReadonlyMap<string, PortUnit> {
  return new Map([...scales].map(([name, { step, zeroPoint }]) => [name, { step, zeroPoint: rational(zeroPoint) }]));
}

/** `3/4`, or `3`, or nothing for zero. */
function rational(text: string | undefined): number {
  const [numerator = '0', denominator = '1'] = (text ?? '0').split('/');
  return Number(numerator) / Number(denominator);
}

/**
 * Round real values to the types of their ports, and bring them into range as the ports say. Promises are not looked at.
 * `units`: by name of a port that takes the integers of a quantiser.
 */
export function bringToPorts(
  matrix: RealMatrix,
  ports: readonly EventPort[],
  units: ReadonlyMap<string, PortUnit> = new Map(),
): { readonly codes: CodeMatrix; readonly overflows: readonly ColumnOverflow[] } {
  const columns = ports.map((port) => {
    const { low, high } = quantizedRange(port.type, port.overflow);
    const { step = 1, zeroPoint = 0 } = units.get(port.name) ?? {};
    const { fast, scale } = eventColumn(port);
    return { fast, scale, step, zeroPoint, low: Number(low), high: Number(high), rounding: port.rounding };
  });
  const tallies = ports.map(() => ({ above: 0, below: 0, value: 0, distance: -1, event: 0, firstEvent: -1 }));
  const builder = new CodeMatrixBuilder(
    ports.map(({ type }) => type),
    matrix.rows,
  );
  const width = matrix.columns;
  for (let row = 0; row < matrix.rows; row++) {
    builder.beginRow();
    for (let column = 0; column < width; column++) {
      const { fast, scale, step, zeroPoint, low, high, rounding } = at(columns, column);
      const real = matrix.data[row * width + column] ?? 0;
      const value = step === 1 && zeroPoint === 0 ? real : real / step + zeroPoint;
      const code = fast ? roundNumber(value * scale, rounding) : NaN;
      if (code >= low && code <= high) builder.setNumber(column, code);
      else {
        const placed = placeExactly(value, at(ports, column));
        builder.setBigint(column, placed.code);
        if (placed.beyond !== 0) note(at(tallies, column), placed.beyond, placed.rounded, row);
      }
    }
  }
  const overflows = tallies.flatMap(({ above, below, value, event, firstEvent }, column): readonly ColumnOverflow[] =>
    above + below === 0 ? [] : [{ column, above, below, worst: { value, event }, firstEvent }],
  );
  return { codes: builder.finish(), overflows };
}

/** `beyond`: how far the rounded value lies outside the type, positive above it, as a real number. */
function placeExactly(
  value: number,
  { type, rounding, overflow }: EventPort,
): { readonly code: bigint; readonly rounded: number; readonly beyond: number } {
  const { code, lsb } = dyadicFromNumber(value);
  const to = lsbExponent(type);
  const rounded = roundShift(code, to - lsb, rounding);
  const { low, high } = quantizedRange(type, overflow);
  const beyond = rounded > high ? rounded - high : rounded < low ? rounded - low : 0n;
  const unit = 2 ** to;
  return {
    code: applyOverflow(rounded, type, overflow),
    rounded: Number(rounded) * unit,
    beyond: Number(beyond) * unit,
  };
}

function note(
  tally: { above: number; below: number; value: number; distance: number; event: number; firstEvent: number },
  beyond: number,
  value: number,
  event: number,
): void {
  if (beyond > 0) tally.above++;
  else tally.below++;
  if (tally.firstEvent < 0) tally.firstEvent = event;
  if (Math.abs(beyond) <= tally.distance) return;
  [tally.distance, tally.value, tally.event] = [Math.abs(beyond), value, event];
}
