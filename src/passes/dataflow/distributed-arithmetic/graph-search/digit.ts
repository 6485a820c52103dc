/** One summand of a row, packed: ± value × 2^shift. */
export type Digit = number;

const valueLimit = 1 << 12;
export const maximumValues = valueLimit;

export function digit(value: number, shift: number, negative: number): Digit {
  return (value << 7) | (shift << 1) | negative;
}

export function valueOf(packed: Digit): number {
  return packed >> 7;
}

export function shiftOf(packed: Digit): number {
  return (packed >> 1) & 63;
}

/** 1 for a digit that is subtracted. */
export function signOf(packed: Digit): number {
  return packed & 1;
}

/** The digit times ± 2^shift. */
export function scaled(packed: Digit, shift: number, negative: number): Digit {
  return (packed + (shift << 1)) ^ negative;
}

/** Whether the first comes before the second in the name of their pattern. */
export function precedes(one: Digit, other: Digit): boolean {
  return one >> 1 < other >> 1;
}

/** The two values, the distance and the relative sign of a pair of digits: equal for ± shifted copies of a pair. */
export function patternOf(one: Digit, other: Digit): number {
  const [low, high] = precedes(one, other) ? [one, other] : [other, one];
  const distance = shiftOf(high) - shiftOf(low);
  return ((low >> 7) << 19) | ((high >> 7) << 7) | ((distance + 32) << 1) | ((low ^ high) & 1);
}
