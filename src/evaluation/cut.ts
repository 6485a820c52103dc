import { proportion, scaledEstimate } from './estimates.js';
import type { Cut } from './result.js';
import { countAbove, countBelow, countUpTo } from './sorted-scores.js';

/**
 * Background events that a target has to accept before it counts as resolved: the threshold is then known to a third of
 * its rate.
 */
export const FEWEST_ACCEPTED = 10;

/** Whole events that the target leaves; what rounding of the product takes away is given back. */
export function allowedEvents(target: number, events: number): number {
  return Math.min(events, Math.floor(target * events * (1 + 1e-12)));
}

/**
 * The score that accepted events have to exceed so that as many background events as possible pass, but no more than
 * `allowed`. Events with one score are accepted together, or not at all.
 */
export function cutFor(sortedBackground: Float64Array, allowed: number): number {
  const events = sortedBackground.length;
  return allowed >= events ? Number.NEGATIVE_INFINITY : (sortedBackground[events - allowed - 1] ?? 0);
}

export function describeCut(sortedBackground: Float64Array, allowed: number, totalKilohertz: number): Cut {
  const above = cutFor(sortedBackground, allowed);
  const accepted = countAbove(sortedBackground, above);
  const fraction = proportion(accepted, sortedBackground.length);
  const ties = countUpTo(sortedBackground, above) - countBelow(sortedBackground, above);
  return { above, accepted, ties, fraction, kilohertz: scaledEstimate(fraction, totalKilohertz) };
}

/**
 * Efficiency at exactly `wanted` background events, which need not be a whole number: events at the cut are accepted in
 * the proportion that is missing. These are the straight lines of the ROC curve whose area counts ties half.
 */
export function interpolatedEfficiency(
  sortedBackground: Float64Array,
  sortedSignal: Float64Array,
  wanted: number,
): number {
  const above = cutFor(sortedBackground, Math.floor(wanted));
  const accepted = countAbove(sortedBackground, above);
  const ties = countUpTo(sortedBackground, above) - countBelow(sortedBackground, above);
  const share = ties === 0 ? 0 : Math.min(1, (wanted - accepted) / ties);
  const signalTies = countUpTo(sortedSignal, above) - countBelow(sortedSignal, above);
  return (countAbove(sortedSignal, above) + share * signalTies) / sortedSignal.length;
}
