/** One signed digit: ±2^shift. */
export interface Digit {
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * Canonical signed digits, lowest first: no two adjacent digits are non-zero, and no other signed-digit form of the
 * value has fewer (Reitwiesner, "Binary Arithmetic", Advances in Computers 1, 1960).
 */
export function canonicalSignedDigits(value: bigint): readonly Digit[] {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  // 3m xor m has a one above each position where the form of m has a digit; 3m tells its sign.
  const triple = 3n * magnitude;
  const positive = (triple & ~magnitude) >> 1n;
  const subtracted = (magnitude & ~triple) >> 1n;
  const digits: Digit[] = [];
  const [plus, minus] = [positive.toString(2), subtracted.toString(2)];
  const length = Math.max(plus.length, minus.length);
  for (let shift = 0; shift < length; shift++) {
    if (plus.charAt(plus.length - 1 - shift) === '1') digits.push({ shift, negative });
    else if (minus.charAt(minus.length - 1 - shift) === '1') digits.push({ shift, negative: !negative });
  }
  return digits;
}
