import { invariant } from '../support/invariant.js';
import type { Estimate, Threshold } from './statistics.js';
import { acceptedShare, agreement, areaUnderCurve, exchange, sortedScores, thresholdAt } from './statistics.js';

/** The same events scored by the float model and by the fixed-point one, in the same order. */
export interface ScorePair {
  readonly float: Float64Array;
  readonly fixed: Float64Array;
}

/** Orbits per second times one bunch: what one colliding bunch accepts at most, kHz (LHC revolution frequency). */
export const REVOLUTION_KILOHERTZ = 11.2455;
/** Colliding bunches of a full machine. */
export const DEFAULT_BUNCHES = 2340;

/** Share of the bunch crossings that gives a trigger rate. */
export function fractionOfRate(kilohertz: number, bunches: number): number {
  return kilohertz / (REVOLUTION_KILOHERTZ * bunches);
}

/** What quantisation did at one background fraction; thresholds are derived anew on the quantised score. */
export interface WorkingPoint {
  readonly float: Threshold;
  readonly fixed: Threshold;
}

/** A signal at a working point. */
export interface EfficiencyPair {
  readonly float: Estimate;
  readonly fixed: Estimate;
}

/** Scores of a background and of any number of signals, sorted once; larger scores are accepted. */
export class ScoreSamples {
  private readonly sorted: { readonly background: ScorePair; readonly signals: ReadonlyMap<string, ScorePair> };

  public constructor(
    public readonly background: ScorePair,
    public readonly signals: ReadonlyMap<string, ScorePair>,
  ) {
    const sort = ({ float, fixed }: ScorePair): ScorePair => ({
      float: sortedScores(float),
      fixed: sortedScores(fixed),
    });
    const sortedSignals = new Map([...signals].map(([name, pair]) => [name, sort(pair)]));
    this.sorted = { background: sort(background), signals: sortedSignals };
  }

  /** Undefined where the background has too few events to tell. */
  public workingPoint(fraction: number): WorkingPoint | undefined {
    const float = thresholdAt(this.sorted.background.float, fraction);
    const fixed = thresholdAt(this.sorted.background.fixed, fraction);
    return float === undefined || fixed === undefined ? undefined : { float, fixed };
  }

  public areas(): ReadonlyMap<string, EfficiencyPair> {
    const { background, signals } = this.sorted;
    return new Map(
      [...signals].map(([name, { float, fixed }]) => [
        name,
        { float: areaUnderCurve(float, background.float), fixed: areaUnderCurve(fixed, background.fixed) },
      ]),
    );
  }

  public efficiencies(point: WorkingPoint): ReadonlyMap<string, EfficiencyPair> {
    return new Map(
      [...this.sorted.signals].map(([name, { float, fixed }]) => [
        name,
        { float: acceptedShare(float, point.float.threshold), fixed: acceptedShare(fixed, point.fixed.threshold) },
      ]),
    );
  }

  /** Of the background, at equal background fraction. */
  public exchange({ float, fixed }: WorkingPoint): Estimate {
    return exchange(this.background.float, float.threshold, this.background.fixed, fixed.threshold);
  }

  public agreement(): ReturnType<typeof agreement> {
    return agreement(this.background.float, this.background.fixed);
  }
}

/** Why a figure of a goal cannot be had from these samples. */
export interface Unresolved {
  readonly reason: string;
}

/**
 * A figure that goals and budgets name, over all signals the worst: `auc_loss` (float minus fixed), `efficiency_loss(…)`
 * (relative to float), `exchange(…)`, `rank_correlation`, `score_rms`, `score_max`. The place in parentheses is a share of
 * the background, or a trigger rate such as `1 kHz`. Undefined for a figure that is not one of these.
 */
export function scoreFigure(samples: ScoreSamples, name: string, bunches: number): number | Unresolved | undefined {
  const [, base = name, place] = /^(\w+)\((.+)\)$/u.exec(name) ?? [];
  if (place === undefined) return plainFigure(samples, base);
  if (base !== 'efficiency_loss' && base !== 'exchange') return undefined;
  const rate = /^(\S+) kHz$/u.exec(place)?.[1];
  const fraction = rate === undefined ? Number(place) : fractionOfRate(Number(rate), bunches);
  invariant(fraction > 0, 'a place is a positive share or rate');
  const point = samples.workingPoint(fraction);
  if (point === undefined) {
    const events = samples.background.float.length;
    const reason = `${place} is a share of ${fraction.toPrecision(3)} of the background, which ${events} events do not resolve`;
    return { reason };
  }
  if (base === 'exchange') return samples.exchange(point).value;
  if (samples.signals.size === 0) return { reason: 'there is no signal' };
  const losses = [...samples.efficiencies(point).values()].map(({ float, fixed }) =>
    float.value === 0 ? 0 : (float.value - fixed.value) / float.value,
  );
  return Math.max(...losses);
}

function plainFigure(samples: ScoreSamples, name: string): number | Unresolved | undefined {
  switch (name) {
    case 'auc_loss': {
      const areas = [...samples.areas().values()];
      if (areas.length === 0) return { reason: 'there is no signal' };
      return Math.max(...areas.map(({ float, fixed }) => float.value - fixed.value));
    }
    case 'rank_correlation':
      return samples.agreement().rankCorrelation;
    case 'score_rms':
      return samples.agreement().rms;
    case 'score_max':
      return samples.agreement().maximum;
    default:
      return undefined;
  }
}
