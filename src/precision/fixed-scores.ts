import { compileEmulator } from '../backends/emulator/emulator.js';
import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { PortUnit } from '../data/bring-to-ports.js';
import type { ModelGraph, ModelNode, ModelNodeOf } from '../model/kinds.js';
import { elementCount, perElement } from '../model/kinds.js';
import { codeRange, lsbExponent } from '../numeric/fixed-point.js';
import type { Rounding } from '../numeric/rounding.js';
import { roundNumber } from '../numeric/quantize-number.js';
import { at, invariant, unreachable } from '../support/invariant.js';

/** Events that are evaluated at a time. */
const CHUNK = 8192;
/** Events of each sample on which exact doubles are held against the emulator. */
const CHECKED = 512;

/** Evaluates events of real values: events × elements of all inputs, to events × elements of all outputs. */
export type RealEvaluator = (inputs: Float64Array) => Float64Array;

/**
 * The emulator of a typed graph on real values: inputs are rounded as their port says and clipped to its range, as a
 * trigger clips what its hardware cannot express; outputs are the real values of the codes. `units`: by name of a port that
 * takes the integers of a quantiser.
 *
 * Where every value on the way fits a double exactly, the float evaluator of the typed graph, which is several times
 * faster, gives the same numbers: it is taken then, and held against the emulator on the first events of each sample.
 */
export function fixedEvaluator(graph: ModelGraph, units: ReadonlyMap<string, PortUnit> = new Map()): RealEvaluator {
  const emulator = compileEmulator(graph);
  const inputs = graph.nodes.filter((node): node is ModelNodeOf<'input'> => node.kind === 'input');
  const columns = inputs.flatMap((node): PortColumn[] =>
    Array.from({ length: elementCount(node.shape) }, (_, element) => {
      const type = perElement(node.types, element);
      const { low, high } = codeRange(type);
      const { step = 1, zeroPoint = 0 } = units.get(node.name) ?? {};
      const scale = 2 ** -lsbExponent(type);
      const exact = { low, high };
      return { step, zeroPoint, scale, low: Number(low), high: Number(high), exact, rounding: node.rounding };
    }),
  );
  const outputUnits = emulator.outputTypes.map((type) => 2 ** lsbExponent(type));
  const width = columns.length;
  const brought = (values: Float64Array, start: number, rows: number, asCodes: boolean): Float64Array =>
    bringToPorts(values.subarray(start * width, (start + rows) * width), columns, asCodes);
  const emulated = (codes: Float64Array): Float64Array => {
    const data = emulator.needsBigint ? exactCodes(codes, columns) : codes;
    const { output } = emulator.run({ rows: codes.length / width, columns: width, data });
    const scores = new Float64Array(output.data.length);
    outputUnits.forEach((unit, column) => {
      for (let index = column; index < scores.length; index += outputUnits.length) {
        scores[index] = Number(output.data[index]) * unit;
      }
    });
    return scores;
  };
  const doubles =
    !emulator.needsBigint && graph.nodes.every(isExactInDoubles) ? compileFloatEvaluator(graph) : undefined;
  return (values) => {
    const events = values.length / width;
    const scores = new Float64Array(events * outputUnits.length);
    for (let start = 0; start < events; start += CHUNK) {
      const rows = Math.min(CHUNK, events - start);
      const found = doubles?.run(brought(values, start, rows, false)) ?? emulated(brought(values, start, rows, true));
      scores.set(found, start * outputUnits.length);
      if (doubles === undefined || start > 0) continue;
      const checked = emulated(brought(values, 0, Math.min(CHECKED, events), true));
      const same = checked.every((score, index) => score === found[index]);
      invariant(same, 'exact doubles and the emulator differ');
    }
    return scores;
  };
}

/**
 * Does the node, on operands that are exact, compute exactly in doubles while no result has more than 53 bits? That
 * leaves out divisions by what is no power of two, and functions of real numbers.
 */
function isExactInDoubles(node: ModelNode): boolean {
  switch (node.kind) {
    case 'requantize':
    case 'bits':
    case 'function':
      return false;
    case 'input':
    case 'assume':
    case 'constant':
    case 'quantize':
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'minimum':
    case 'maximum':
    case 'lessThan':
    case 'equal':
    case 'select':
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'bipolar':
    case 'round':
    case 'quantizeDefault':
    case 'table':
    case 'matmul':
    case 'reshape':
    case 'transpose':
    case 'concat':
    case 'gather':
    case 'reduce':
      return true;
    default:
      return unreachable(node);
  }
}

interface PortColumn {
  /** What the integer of a quantiser stands for; 1 and 0 of a port without one. */
  readonly step: number;
  readonly zeroPoint: number;
  /** Codes per unit. */
  readonly scale: number;
  readonly low: number;
  readonly high: number;
  /** The same, which doubles need not be: 2^63 - 1 is 2^63 there, one beyond the type. */
  readonly exact: { readonly low: bigint; readonly high: bigint };
  readonly rounding: Rounding;
}

/** Codes that were clipped in doubles, brought to the ends of types that doubles do not hold. */
function exactCodes(codes: Float64Array, columns: readonly PortColumn[]): readonly bigint[] {
  return Array.from(codes, (code, index) => {
    const { low, high } = at(columns, index % columns.length).exact;
    const exact = BigInt(code);
    return exact < low ? low : exact > high ? high : exact;
  });
}

/** Real values as codes of their ports, or as the values of those codes in the units of the ports. */
function bringToPorts(values: Float64Array, columns: readonly PortColumn[], asCodes: boolean): Float64Array {
  const width = columns.length;
  const steps = Float64Array.from(columns, ({ step }) => step);
  const zeros = Float64Array.from(columns, ({ zeroPoint }) => zeroPoint);
  const scales = Float64Array.from(columns, ({ scale }) => scale);
  const lows = Float64Array.from(columns, ({ low }) => low);
  const highs = Float64Array.from(columns, ({ high }) => high);
  const units = Float64Array.from(columns, ({ scale }) => (asCodes ? 1 : 1 / scale));
  const result = new Float64Array(values.length);
  // All events of every candidate pass here: plain loops over typed arrays, in the order of memory.
  for (let start = 0; start < values.length; start += width) {
    for (let column = 0; column < width; column++) {
      const value =
        ((values[start + column] ?? 0) / (steps[column] ?? 1) + (zeros[column] ?? 0)) * (scales[column] ?? 1);
      const low = lows[column] ?? 0;
      const high = highs[column] ?? 0;
      // Most inputs lie on the grid of their port.
      const code = value === Math.trunc(value) ? value : roundNumber(value, at(columns, column).rounding);
      result[start + column] = (code < low ? low : code > high ? high : code) * (units[column] ?? 1);
    }
  }
  return result;
}

/** One column of a matrix of `width` columns. */
export function columnOf(values: Float64Array, width: number, column: number): Float64Array {
  return Float64Array.from({ length: values.length / width }, (_, row) => at(values, row * width + column));
}
