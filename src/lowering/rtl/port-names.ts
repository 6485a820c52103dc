/** Names of the control ports of every top module. */
export const CLOCK = 'clk';
export const RESET = 'rst';
export const VALID_IN = 'valid_in';
export const VALID_OUT = 'valid_out';
/** High from the clock after an event that came too early, until reset; on designs that reuse hardware. */
export const II_VIOLATION = 'ii_violation';
