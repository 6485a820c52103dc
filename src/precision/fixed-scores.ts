import { compileEmulator } from '../backends/emulator/emulator.js';
import type { PortUnit } from '../data/bring-to-ports.js';
import type { ModelGraph, ModelNodeOf } from '../model/kinds.js';
import { elementCount, perElement } from '../model/kinds.js';
import { codeRange, lsbExponent } from '../numeric/fixed-point.js';
import { roundNumber } from '../numeric/quantize-number.js';
import { at } from '../support/invariant.js';

/** Events that are emulated at a time. */
const CHUNK = 8192;

/** Evaluates events of real values: events × elements of all inputs, to events × elements of all outputs. */
export type RealEvaluator = (inputs: Float64Array) => Float64Array;

/**
 * The emulator of a typed graph on real values: inputs are rounded as their port says and clipped to its range, as a
 * trigger clips what its hardware cannot express; outputs are the real values of the codes. `units`: by name of a port that
 * takes the integers of a quantiser.
 */
export function fixedEvaluator(graph: ModelGraph, units: ReadonlyMap<string, PortUnit> = new Map()): RealEvaluator {
  const emulator = compileEmulator(graph);
  const inputs = graph.nodes.filter((node): node is ModelNodeOf<'input'> => node.kind === 'input');
  const columns = inputs.flatMap((node) =>
    Array.from({ length: elementCount(node.shape) }, (_, element) => {
      const type = perElement(node.types, element);
      const { low, high } = codeRange(type);
      const { step = 1, zeroPoint = 0 } = units.get(node.name) ?? {};
      const scale = 2 ** -lsbExponent(type);
      return { step, zeroPoint, scale, low: Number(low), high: Number(high), rounding: node.rounding };
    }),
  );
  const outputUnits = emulator.outputTypes.map((type) => 2 ** lsbExponent(type));
  return (values) => {
    const events = values.length / columns.length;
    const scores = new Float64Array(events * outputUnits.length);
    for (let start = 0; start < events; start += CHUNK) {
      const rows = Math.min(CHUNK, events - start);
      const data = new Float64Array(rows * columns.length);
      columns.forEach(({ step, zeroPoint, scale, low, high, rounding }, column) => {
        for (let row = 0; row < rows; row++) {
          const value = at(values, (start + row) * columns.length + column) / step + zeroPoint;
          const code = roundNumber(value * scale, rounding);
          data[row * columns.length + column] = code < low ? low : code > high ? high : code;
        }
      });
      const { data: codes } = emulator.run({ rows, columns: columns.length, data }).output;
      outputUnits.forEach((unit, column) => {
        for (let row = 0; row < rows; row++) {
          scores[(start + row) * outputUnits.length + column] = Number(codes[row * outputUnits.length + column]) * unit;
        }
      });
    }
    return scores;
  };
}

/** One column of a matrix of `width` columns. */
export function columnOf(values: Float64Array, width: number, column: number): Float64Array {
  return Float64Array.from({ length: values.length / width }, (_, row) => at(values, row * width + column));
}
