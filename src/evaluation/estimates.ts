import type { Difference, Estimate, Overlap } from './result.js';

/**
 * A binomial proportion with Wilson's score interval at one standard deviation (E. B. Wilson, J. Am. Stat. Assoc. 22,
 * 1927): never empty, never outside 0 to 1.
 */
export function proportion(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: 0, low: 0, high: 1 };
  const value = successes / trials;
  const centre = (value + 1 / (2 * trials)) / (1 + 1 / trials);
  const half = Math.sqrt((value * (1 - value)) / trials + 1 / (4 * trials * trials)) / (1 + 1 / trials);
  return { value, low: Math.max(0, Math.min(value, centre - half)), high: Math.min(1, Math.max(value, centre + half)) };
}

export function scaledEstimate({ value, low, high }: Estimate, factor: number): Estimate {
  return { value: value * factor, low: low * factor, high: high * factor };
}

/**
 * Relative loss of efficiency 1 - fixed/float of two selections on the same events. The error is that of a ratio of
 * multinomial counts (delta method): events that both accept or both reject hardly count. Half an event is added to
 * both kinds of disagreement, so that none seen is not none possible (Agresti and Min, Stat. Med. 24, 2005). Undefined
 * where the float selection is empty.
 */
export function relativeLoss({ events, both, floatOnly, fixedOnly }: Overlap): Difference | undefined {
  const float = both + floatOnly;
  if (float === 0) return undefined;
  const value = (floatOnly - fixedOnly) / float;
  const total = events + 1;
  const [lost, gained] = [(floatOnly + 0.5) / total, (fixedOnly + 0.5) / total];
  const kept = both / total;
  const accepted = kept + lost;
  const difference = lost - gained;
  const slopes = [1 / accepted - difference / accepted ** 2, -1 / accepted, -difference / accepted ** 2] as const;
  const shares = [lost, gained, kept] as const;
  const mean = slopes[0] * shares[0] + slopes[1] * shares[1] + slopes[2] * shares[2];
  const square = slopes[0] ** 2 * shares[0] + slopes[1] ** 2 * shares[1] + slopes[2] ** 2 * shares[2];
  return { value, error: Math.sqrt(Math.max(0, square - mean ** 2) / total) };
}

/** Difference of two proportions, first minus second, on the same events, from the counts that only one of them has. */
export function pairedDifference(firstOnly: number, secondOnly: number, events: number): Difference {
  const total = events + 1;
  const [first, second] = [(firstOnly + 0.5) / total, (secondOnly + 0.5) / total];
  const variance = first + second - (first - second) ** 2;
  return { value: (firstOnly - secondOnly) / events, error: Math.sqrt(variance / total) };
}

/** Mean and variance of a list. */
export function meanAndVariance(values: Float64Array): { readonly mean: number; readonly variance: number } {
  const count = values.length;
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index] ?? 0;
  const mean = sum / count;
  let squares = 0;
  for (let index = 0; index < count; index++) squares += ((values[index] ?? 0) - mean) ** 2;
  return { mean, variance: count > 1 ? squares / (count - 1) : 0 };
}
