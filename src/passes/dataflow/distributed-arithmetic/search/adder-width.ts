/** LUTs that an addition counts beyond its width: of two networks of equal cost the one with fewer additions is better. */
export const ADDER_WEIGHT = 2;

/** Position above the highest bit of a value in [low, high] on a grid of 2^zeros, its sign bit included. */
export function reach(low: number, high: number, zeros: number): number {
  const above = Math.abs(high + 2 ** zeros);
  const below = Math.abs(low);
  const magnitude = above > below ? above : below;
  return ceilingLog2(magnitude) + (low < 0 ? 1 : 0);
}

/** ceil(log2 x), 0 for x < 1 */
function ceilingLog2(x: number): number {
  if (x <= 1) return 0;
  return x <= 0x7fffffff ? 32 - Math.clz32(x - 1) : Math.ceil(Math.log2(x));
}
