import { compileEmulator } from '../backends/emulator/emulator.js';
import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { ModelGraph, ModelNodeOf } from '../model/kinds.js';
import { elementCount, perElement } from '../model/kinds.js';
import { codeRange, lsbExponent } from '../numeric/fixed-point.js';
import { roundNumber } from '../numeric/quantize-number.js';
import { at, invariant } from '../support/invariant.js';

/** What a port takes in the place of a real value: value / step + zeroPoint. */
export interface InputUnit {
  readonly step: number;
  readonly zeroPoint: number;
}

export interface NetworkRun {
  /** Events × elements of all outputs, as real values. */
  readonly float: Float64Array;
  readonly fixed: Float64Array;
  /** Input values that are no value of their port, and among them those beyond its range. */
  readonly rounded: number;
  readonly saturated: number;
  /** Inputs that break a declared promise, and the first event with one. */
  readonly broken: number;
  readonly firstBroken: number | undefined;
}

/** A float model and the fixed-point model that was made of it, on the same real inputs. */
export interface EvaluatedNetwork {
  readonly inputWidth: number;
  readonly outputWidth: number;
  /** `values`: events × elements of all inputs. `progress`: told the events that are done. */
  readonly run: (values: Float64Array, progress?: (events: number) => void) => NetworkRun;
  /** Values in the units of their ports, not rounded. */
  readonly inPortUnits: (values: Float64Array) => Float64Array;
}

/** Events between which memory is used again. */
const CHUNK = 8192;

/**
 * The float model takes the real values as they are. The ports of the fixed-point one round them as they say and clip
 * them to their range, as a trigger clips what its hardware cannot express, whatever overflow the port declares.
 */
export function evaluatedNetwork(
  float: ModelGraph,
  typed: ModelGraph,
  units: ReadonlyMap<string, InputUnit>,
): EvaluatedNetwork {
  const reference = compileFloatEvaluator(float);
  const emulator = compileEmulator(typed);
  const columns = portColumns(typed, units);
  const outputUnits = emulator.outputTypes.map((type) => 2 ** lsbExponent(type));
  const { inputWidth, outputWidth } = reference;
  invariant(columns.length === inputWidth && outputUnits.length === outputWidth, 'both models have the same ports');
  const codes = new Float64Array(CHUNK * inputWidth);

  const run = (values: Float64Array, progress?: (events: number) => void): NetworkRun => {
    const events = values.length / inputWidth;
    const floatScores = new Float64Array(events * outputWidth);
    const fixedScores = new Float64Array(events * outputWidth);
    let [rounded, saturated, broken] = [0, 0, 0];
    let firstBroken: number | undefined;
    for (let start = 0; start < events; start += CHUNK) {
      const rows = Math.min(CHUNK, events - start);
      const chunk = values.subarray(start * inputWidth, (start + rows) * inputWidth);
      floatScores.set(reference.run(chunk), start * outputWidth);
      const data = codes.subarray(0, rows * inputWidth);
      const counts = toCodes(chunk, columns, data);
      rounded += counts.rounded;
      saturated += counts.saturated;
      const { output, violations } = emulator.run({ rows, columns: inputWidth, data });
      for (const { count, firstEvent } of violations) {
        broken += count;
        firstBroken = Math.min(firstBroken ?? Infinity, start + firstEvent);
      }
      for (let index = 0, column = 0; index < rows * outputWidth; index++) {
        fixedScores[start * outputWidth + index] = Number(output.data[index]) * at(outputUnits, column);
        column = column + 1 === outputWidth ? 0 : column + 1;
      }
      progress?.(start + rows);
    }
    return { float: floatScores, fixed: fixedScores, rounded, saturated, broken, firstBroken };
  };

  const inPortUnits = (values: Float64Array): Float64Array =>
    values.map((value, index) => {
      const { step, zeroPoint } = at(columns, index % inputWidth);
      return value / step + zeroPoint;
    });
  return { inputWidth, outputWidth, run, inPortUnits };
}

interface PortColumn extends InputUnit {
  /** 2^-lsb */
  readonly scale: number;
  readonly low: number;
  readonly high: number;
  readonly rounding: ModelNodeOf<'input'>['rounding'];
}

function portColumns(typed: ModelGraph, units: ReadonlyMap<string, InputUnit>): readonly PortColumn[] {
  const inputs = typed.nodes.filter((node): node is ModelNodeOf<'input'> => node.kind === 'input');
  return inputs.flatMap((node) =>
    Array.from({ length: elementCount(node.shape) }, (_, element): PortColumn => {
      const type = perElement(node.types, element);
      const { low, high } = codeRange(type);
      const { step, zeroPoint } = units.get(node.name) ?? { step: 1, zeroPoint: 0 };
      const scale = 2 ** -lsbExponent(type);
      return { step, zeroPoint, scale, low: Number(low), high: Number(high), rounding: node.rounding };
    }),
  );
}

function toCodes(
  values: Float64Array,
  columns: readonly PortColumn[],
  codes: Float64Array,
): { readonly rounded: number; readonly saturated: number } {
  const width = columns.length;
  let [rounded, saturated] = [0, 0];
  for (let column = 0; column < width; column++) {
    const { step, zeroPoint, scale, low, high, rounding } = at(columns, column);
    const plain = step === 1 && zeroPoint === 0;
    for (let index = column; index < values.length; index += width) {
      const value = values[index] ?? 0;
      const scaled = (plain ? value : value / step + zeroPoint) * scale;
      let code = scaled;
      if (!Number.isInteger(scaled)) code = roundNumber(scaled, rounding);
      if (code < low || code > high) {
        code = code < low ? low : high;
        saturated++;
      }
      if (code !== scaled) rounded++;
      // Not -0, which is no code.
      codes[index] = code + 0;
    }
  }
  return { rounded, saturated };
}
