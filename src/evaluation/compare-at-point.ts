import type { PairedScores } from './agreement.js';
import { allowedEvents, cutFor, describeCut, FEWEST_ACCEPTED, interpolatedEfficiency } from './cut.js';
import { proportion, relativeLoss } from './estimates.js';
import type { OperatingPoint } from './operating-point.js';
import { targetFraction, totalRate } from './operating-point.js';
import type { Cut, Difference, Estimate, Overlap, PointResult, SignalAtPoint } from './result.js';
import { countAbove } from './sorted-scores.js';

export interface NamedScores extends PairedScores {
  readonly name: string;
}

/** Float and fixed selections at one operating point, each with its own threshold from the background. */
export function compareAtPoint(
  point: OperatingPoint,
  background: PairedScores,
  signals: readonly NamedScores[],
  bunches: number,
): PointResult {
  const events = background.float.length;
  const target = targetFraction(point, bunches);
  const targetKilohertz = target * totalRate(bunches);
  const allowed = allowedEvents(target, events);
  if (allowed < FEWEST_ACCEPTED) {
    return { resolvable: false, point, target, targetKilohertz, needed: Math.ceil(FEWEST_ACCEPTED / target) };
  }
  const float = describeCut(background.sortedFloat, allowed, totalRate(bunches));
  const fixed = describeCut(background.sortedFixed, allowed, totalRate(bunches));
  return {
    resolvable: true,
    point,
    target,
    targetKilohertz,
    float,
    fixed,
    overlap: overlapOf(background, float.above, fixed.above),
    exchange: exchangeAt(background, fixed),
    sameCut: overlapOf(background, float.above, float.above),
    signals: signals.map((signal) => signalAtPoint(background, signal, { float, fixed, wanted: target * events })),
  };
}

/** Events above their cuts: `score > cut` in both. */
export function overlapOf({ float, fixed }: PairedScores, floatCut: number, fixedCut: number): Overlap {
  let [both, floatOnly, fixedOnly] = [0, 0, 0];
  for (let event = 0; event < float.length; event++) {
    const inFloat = (float[event] ?? 0) > floatCut;
    const inFixed = (fixed[event] ?? 0) > fixedCut;
    if (inFloat && inFixed) both++;
    else if (inFloat) floatOnly++;
    else if (inFixed) fixedOnly++;
  }
  return { events: float.length, both, floatOnly, fixedOnly };
}

function exchangeAt(background: PairedScores, fixed: Cut): Estimate | null {
  const { both, floatOnly, fixedOnly } = overlapOf(
    background,
    cutFor(background.sortedFloat, fixed.accepted),
    fixed.above,
  );
  const union = both + floatOnly + fixedOnly;
  return union === 0 ? null : proportion(floatOnly + fixedOnly, union);
}

interface Cuts {
  readonly float: Cut;
  readonly fixed: Cut;
  /** Background events at the target, not rounded. */
  readonly wanted: number;
}

function signalAtPoint(background: PairedScores, signal: NamedScores, cuts: Cuts): SignalAtPoint {
  const { float, fixed, wanted } = cuts;
  const overlap = overlapOf(signal, float.above, fixed.above);
  const { events, both, floatOnly, fixedOnly } = overlap;
  const range = (sortedBackground: Float64Array, sortedSignal: Float64Array, cut: Cut): readonly [number, number] => {
    const count = (fraction: number): number => Math.round(fraction * sortedBackground.length);
    const efficiency = (allowed: number): number =>
      countAbove(sortedSignal, cutFor(sortedBackground, allowed)) / events;
    return [efficiency(count(cut.fraction.low)), efficiency(count(cut.fraction.high))];
  };
  const floatThresholdRange = range(background.sortedFloat, signal.sortedFloat, float);
  return {
    name: signal.name,
    float: proportion(both + floatOnly, events),
    fixed: proportion(both + fixedOnly, events),
    floatThresholdRange,
    fixedThresholdRange: range(background.sortedFixed, signal.sortedFixed, fixed),
    floatInterpolated: interpolatedEfficiency(background.sortedFloat, signal.sortedFloat, wanted),
    fixedInterpolated: interpolatedEfficiency(background.sortedFixed, signal.sortedFixed, wanted),
    loss: withThresholdError(relativeLoss(overlap), background, cuts, floatThresholdRange),
    overlap,
  };
}

/**
 * Both thresholds come from one background sample and move together; what does not is due to background events that
 * only one of the cuts accepts. Their fluctuation, times the slope of the ROC curve, is added in quadrature.
 */
function withThresholdError(
  loss: Difference | undefined,
  background: PairedScores,
  { float, fixed }: Cuts,
  [low, high]: readonly [number, number],
): Difference | null {
  if (loss === undefined) return null;
  const { floatOnly, fixedOnly } = overlapOf(background, float.above, fixed.above);
  const spread = (float.fraction.high - float.fraction.low) * background.float.length;
  const middle = (low + high) / 2;
  const slope = spread === 0 || middle === 0 ? 0 : (high - low) / spread / middle;
  return { value: loss.value, error: Math.hypot(loss.error, slope * Math.sqrt(floatOnly + fixedOnly)) };
}
