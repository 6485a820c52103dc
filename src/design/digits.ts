/**
 * Costs of arithmetic that takes a few bits of each word a clock, lowest first: the carry from one digit to the next
 * waits in a flip-flop. Look-up tables are counted as synthesis for a 6-input fabric does, without packing.
 */

/** Bits that a word of `width` bits must give each clock so that it is through within `interval` clocks. */
export function digitBits(width: number, interval: number): number {
  return Math.max(1, Math.ceil(width / interval));
}

/** Clocks that a word of `width` bits takes at `bits` a clock. */
export function digitCount(width: number, bits: number): number {
  return Math.max(1, Math.ceil(width / bits));
}

/**
 * Up to here the carry of a digit is written as logic: the sum and the carry of three signals, a table each.
 * Wider digits take a carry chain, with one position below for the carry from the flip-flop and one above for the next.
 */
export const WIDEST_LOGIC_DIGIT = 1;

/**
 * Tables of an adder of one digit: two of one bit as logic; of more, on a chain, one for each bit and none for the carry,
 * which leaves the chain by itself. (As logic, two bits take three tables: one level, but more of them.)
 */
export function digitAdderLuts(bits: number): number {
  return bits > WIDEST_LOGIC_DIGIT ? bits : bits + 1;
}

/**
 * Clocks that floor(x / 2^amount) comes after x, digit by digit: its lowest digit is there once the highest digit of x that
 * it takes bits of is.
 */
export function floorShiftClocks(amount: number, bits: number): number {
  return Math.ceil(amount / bits);
}

/** Tables that choose one of `ways` bits, by a number: four ways a table, and no more for the tree of what is left. */
export function multiplexerLuts(ways: number): number {
  return Math.ceil((ways - 1) / 3);
}
