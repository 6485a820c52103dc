import { at } from '../support/invariant.js';

/** Share of the events, on either side of an event, over which the slope of the rank is taken; at least so many events. */
const WINDOW = 0.02;
const FEWEST = 8;
/** Logits per central range of the scores that a slope may have: where scores crowd, no threshold tells them apart. */
const STEEPEST = 12;
/** The central range leaves out this share at either end. */
const OUTER = 0.05;

/**
 * How much a shift of a score matters, event by event: the squared slope of the logit of the event's rank. A shift d of
 * the score moves the event's log odds of being accepted, over all thresholds, by about slope × d; so an error counts
 * by what it does to background fractions, in the tail as in the bulk, and not by its size in units of the score.
 *
 * `scores`: one per event, finite. Events among ties take the slope across the ties; where all scores are equal there
 * is no slope, and importances are zero. Slopes are limited, or a score that saturates would ask for endless precision
 * at its ends.
 */
export function scoreImportance(scores: Float64Array): Float64Array {
  const count = scores.length;
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
    (left, right) => at(scores, left) - at(scores, right) || left - right,
  );
  const logit = (rank: number): number => Math.log((rank + 0.5) / (count - rank - 0.5));
  const reach = Math.max(FEWEST, Math.round(count * WINDOW));
  const importance = new Float64Array(count);
  const ranked = (rank: number): number => at(scores, at(order, Math.max(0, Math.min(count - 1, rank))));
  const central = ranked(Math.round(count * (1 - OUTER))) - ranked(Math.round(count * OUTER));
  const range = central > 0 ? central : ranked(count - 1) - ranked(0);
  const steepest = STEEPEST / range;
  for (let rank = 0; rank < count; rank++) {
    // In the tail the window shrinks with the events that are left, down to the fewest.
    const tail = Math.max(FEWEST, Math.round(Math.min(rank, count - 1 - rank) / 2));
    let [low, high] = [rank - Math.min(reach, tail), rank + Math.min(reach, tail)];
    low = Math.max(low, 0);
    high = Math.min(high, count - 1);
    while (at(scores, at(order, low)) === at(scores, at(order, high)) && (low > 0 || high < count - 1)) {
      low = Math.max(0, low - FEWEST);
      high = Math.min(count - 1, high + FEWEST);
    }
    const run = at(scores, at(order, high)) - at(scores, at(order, low));
    if (run <= 0) continue;
    const slope = Math.min(steepest, (logit(high) - logit(low)) / run);
    importance[at(order, rank)] = slope * slope;
  }
  return importance;
}
