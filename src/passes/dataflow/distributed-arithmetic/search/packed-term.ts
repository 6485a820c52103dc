/**
 * A summand ± value × 2^shift as one small integer, so that a list of summands is a plain array of numbers:
 * value × 256 + shift × 2 + sign.
 */
export const MAXIMUM_SHIFT = 127;
export const MAXIMUM_VALUES = 1 << 22;

export function packTerm(value: number, shift: number, sign: number): number {
  return (value << 8) | (shift << 1) | sign;
}

export function valueOf(term: number): number {
  return term >> 8;
}

export function shiftOf(term: number): number {
  return (term >> 1) & 127;
}

/** 1 where the term is subtracted. */
export function signOf(term: number): number {
  return term & 1;
}

/** The term shifted further by the shift of `outer` and negated where `outer` is. */
export function scaleTerm(term: number, outer: number): number {
  return (term + (outer & 0xfe)) ^ (outer & 1);
}
