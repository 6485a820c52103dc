import type { Interval } from '../../numeric/interval.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { roundRatioInterval } from '../../numeric/ratio.js';
import type { Rounding } from '../../numeric/rounding.js';
import { invariant } from '../../support/invariant.js';
import type { Staircase } from './staircase.js';
import { asFloor, findStaircase } from './staircase.js';

/**
 * How a rounded ratio comes without a division, for every x between two bounds: it is the floor of a line; or the line
 * gives the floor of the ratio only, and the remainder says whether to go up; or it is the same for all x.
 */
export type RatioLine =
  { readonly kind: 'line' | 'floor'; readonly line: Staircase } | { readonly kind: 'constant'; readonly value: bigint };

export function ratioLine(ratio: AffineRatio, domain: Interval, rounding: Rounding): RatioLine {
  if (ratio.numerator < 0n) {
    const mirrored = { low: -domain.high, high: -domain.low };
    const found = ratioLine({ ...ratio, numerator: -ratio.numerator }, mirrored, rounding);
    if (found.kind === 'constant') return found;
    return { kind: found.kind, line: { ...found.line, multiplier: -found.line.multiplier } };
  }
  const image = roundRatioInterval(ratio, domain, rounding);
  if (image.low === image.high) return { kind: 'constant', value: image.low };
  const line = findStaircase(ratio, domain, image, rounding);
  if (line !== undefined) return { kind: 'line', line };
  const floor = asFloor(ratio, domain, 'TRN');
  invariant(floor !== undefined, 'a floor looks neither at signs nor at ties');
  const floors = roundRatioInterval(ratio, domain, 'TRN');
  // Where only the rounding changes, the floor is a line of no slope.
  if (floors.low === floors.high) return { kind: 'floor', line: { multiplier: 0n, addend: floors.low, shift: 0 } };
  const below = findStaircase(floor, domain, floors, 'TRN');
  invariant(below !== undefined, 'a floor that changes is the floor of a line');
  return { kind: 'floor', line: below };
}
