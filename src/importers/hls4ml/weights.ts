import { hls4mlCodes } from '../../diagnostics/codes/hls4ml.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { fail } from '../../diagnostics/result.js';
import { dyadicFromNumber, dyadicToNumber } from '../../numeric/dyadic.js';
import type { Quantizer } from '../../numeric/fixed-point.js';
import { lsbExponent } from '../../numeric/fixed-point.js';
import { quantizeCode } from '../../numeric/rounding.js';
import type { Hls4mlProject } from './project.js';

/** An array of constants, as the firmware has it: every value is one of its type. */
export interface WeightArray {
  readonly type: Quantizer;
  /** Row-major. */
  readonly values: readonly number[];
}

/**
 * The array `name` with `shape` of `type`. hls4ml writes decimals with a few digits, and C++ casts them to the type when it
 * reads them, from a double, with the type's own rounding and overflow: so do we. The shape in the comments of a header is
 * that before hls4ml transposes the array for strategy resource, and says nothing of its order.
 *
 * Throws DiagnosticError where the file is missing, or holds anything but as many numbers.
 */
export function readWeights(
  project: Hls4mlProject,
  name: string,
  shape: readonly number[],
  type: Quantizer,
): WeightArray {
  const header = `firmware/weights/${name}.h`;
  const listed = `firmware/weights/${project.top.weights.get(name)?.file ?? `${name}.txt`}`;
  const headerText = project.read(header);
  const listText = project.read(listed);
  const file = listText === undefined ? header : listed;
  const location = { model: printable(file) };
  const text = listText ?? /=\s*\{([^{}]*)\}/u.exec(headerText ?? '')?.[1];
  if (text === undefined) return fail(hls4mlCodes.notProject, `there are no values of '${printable(name)}'`, location);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const words = text.split(',').map((word) => word.trim());
  if (words.at(-1) === '') words.pop();
  if (words.length !== size) {
    const message = `'${printable(name)}' has ${words.length} values, its layer needs ${size}`;
    return fail(hls4mlCodes.wrongWeights, message, location);
  }
  return { type, values: words.map((word, index) => castWord(word, type, index, location)) };
}

function castWord(word: string, { type, rounding, overflow }: Quantizer, index: number, location: object): number {
  const value = Number(word);
  if (word === '' || !Number.isFinite(value)) {
    return fail(hls4mlCodes.wrongWeights, `value ${index} is '${printable(word)}'`, location);
  }
  const { code, lsb } = dyadicFromNumber(value);
  const cast = { code: quantizeCode(code, lsb, type, rounding, overflow), lsb: lsbExponent(type) };
  const number = dyadicToNumber(cast);
  // A type of more than 53 bits, filled from a decimal that is a double: the double fits, and so does what it is cast to.
  const back = dyadicFromNumber(number);
  const same =
    back.code * 2n ** BigInt(Math.max(0, back.lsb - cast.lsb)) ===
    cast.code * 2n ** BigInt(Math.max(0, cast.lsb - back.lsb));
  if (!same) return fail(hls4mlCodes.wrongWeights, `value ${index} needs more than the 53 bits of a double`, location);
  return number;
}
