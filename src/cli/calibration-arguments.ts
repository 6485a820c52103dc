import type { CalibrationOptions } from '../precision/calibration/choose-types.js';
import type { IntegerBitsPolicy } from '../report/calibration-details.js';
import { wholeNumber } from './whole-number.js';

/** A sample does not show the tails of its distribution: twice the range seen is the least that it takes. */
export const DEFAULT_MARGIN = 1;
const MAXIMUM_MARGIN = 64;
const MAXIMUM_FRACTION_BITS = 64;

/** `--data` and what goes with it. */
export function calibrationArguments(
  path: string,
  given: {
    readonly integerBits?: IntegerBitsPolicy | undefined;
    readonly margin?: string | undefined;
    readonly fractionBits?: string | undefined;
  },
): { readonly path: string; readonly options: CalibrationOptions } {
  const { integerBits = 'data', margin, fractionBits } = given;
  const options = {
    integerBits,
    margin: margin === undefined ? DEFAULT_MARGIN : wholeNumber('--margin', margin, MAXIMUM_MARGIN),
  };
  if (fractionBits === undefined) return { path, options };
  const bits = wholeNumber('--fraction-bits', fractionBits, MAXIMUM_FRACTION_BITS);
  return { path, options: { ...options, fractionBits: bits } };
}
