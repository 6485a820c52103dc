import type { Budget } from '../budget/parse.js';
import type { UnitContext } from '../budget/quantity.js';
import type { PrecisionPlan } from '../passes/model/precision/plan.js';
import type { PlanBuilder, PriceOf } from './build-plan.js';
import type { GoalFigures, GoalOutcome } from './goals.js';
import { checkGoals, limitsResources } from './goals.js';
import type { PointRecord, PointStore } from './point-record.js';

/** One compiled and measured plan. */
export interface Candidate {
  /** Binary logarithm of the price, and of what single sites pay in relation to it. */
  readonly price: number;
  readonly offsets: ReadonlyMap<string, number>;
  readonly plan: PrecisionPlan;
  readonly figures: GoalFigures;
  readonly outcome: GoalOutcome;
}

/** How long a search may go on: in candidates, which is the same on every machine, or until told to stop. */
export interface SearchLimit {
  readonly candidates: number;
  /** Asked between candidates. `met`: is there one that meets all goals? */
  readonly stop?: (met: boolean) => boolean;
  /** Begin where networks usually meet goals of a percent, in small steps: for when there is time for a few candidates only. */
  readonly short?: boolean;
  /** How long `stop` lets it go on, for a line of progress. */
  readonly seconds?: number;
}

export const searchLimits: Readonly<Record<'fast' | 'default' | 'high', SearchLimit>> = {
  fast: { candidates: 8 },
  default: { candidates: 48 },
  high: { candidates: 200 },
};

/** With training every candidate takes several times as long. */
export const retrainingLimits: typeof searchLimits = {
  fast: { candidates: 6 },
  default: { candidates: 20 },
  high: { candidates: 100 },
};

/** What a search works with. */
export interface SearchSetup {
  readonly builder: PlanBuilder;
  /** Names of the sites whose price may differ. */
  readonly sites: readonly string[];
  readonly goals: readonly Budget[];
  readonly units: UnitContext;
  /** Compile and measure a plan. */
  readonly measure: (plan: PrecisionPlan) => GoalFigures;
  /** Where finished candidates are kept, if anywhere. */
  readonly points?: PointStore;
  /** Told of every candidate as it is finished. */
  readonly finished?: (candidate: Candidate, known: boolean) => void;
}

/** Binary logarithms of prices: from nearly exact to nearly nothing left. */
const FINEST = -36;
const COARSEST = -2;
const START = -18;
const STRIDE = 4;
const SHORT_START = -22;
const SHORT_STRIDE = 2;
const NEAR_STRIDE = 1;
/** Prices that a scan takes: those at which networks are neither exact nor gone. */
const FINEST_SCAN = -30;
const COARSEST_SCAN = -6;
const SCAN_STRIDE = 4;
/** Where halving the interval of prices stops. */
const RESOLUTION = 0.25;
/** What one site pays more or less when prices are traded between sites. */
const TRADE = 1;

/**
 * The cheapest plan found that meets the goals. First one price for all sites: the highest at which every goal holds, found by
 * halving. Then prices of single sites are raised, or one is lowered and all others raised, as long as goals hold and
 * LUTs fall. Goals that only limit resources are met from the other side: the lowest price that is cheap enough.
 *
 * Deterministic, unless the limit says when to stop.
 */
export class PrecisionSearch {
  private readonly known = new Map<string, Candidate>();
  private count = 0;
  private met = false;

  public constructor(private readonly setup: SearchSetup) {}

  /**
   * The best candidate: the cheapest found that meets all goals. Where none does, the one that comes closest, whose outcome
   * says so. `near`: a price (its binary logarithm) that goals are likely to be met at.
   */
  public meet(limit: SearchLimit, near?: number): Candidate {
    // A limit in time counts from here.
    limit.stop?.(false);
    const bounded = this.setup.goals.length > 0 && this.setup.goals.every(limitsResources);
    const uniform = this.bisect(limit, bounded ? -1 : 1, near);
    if (bounded || !uniform.outcome.holds) return uniform;
    return this.trade(uniform, limit);
  }

  /**
   * Candidates at one price for all sites, from the finest to the coarsest, at first far apart and then between those that
   * are there: whenever the limit ends it, they are spread over the whole range.
   */
  public scan(limit: SearchLimit): readonly Candidate[] {
    limit.stop?.(true);
    for (let stride = SCAN_STRIDE; stride >= RESOLUTION; stride /= 2) {
      for (let price = COARSEST_SCAN; price >= FINEST_SCAN; price -= stride) {
        if (this.isOver(limit)) return [...this.known.values()];
        this.evaluate(price, new Map());
      }
    }
    return [...this.known.values()];
  }

  private isOver(limit: SearchLimit): boolean {
    return this.count >= limit.candidates || limit.stop?.(this.met) === true;
  }

  private evaluate(price: number, offsets: ReadonlyMap<string, number>): Candidate {
    const entries = [...offsets]
      .filter(([, offset]) => offset !== 0)
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const key = `${price} ${JSON.stringify(entries)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const own = new Map(entries);
    const kept = this.setup.points?.get(key);
    const { plan, figures } = kept ?? this.make((site) => 2 ** (price + (own.get(site) ?? 0)));
    if (kept === undefined) this.setup.points?.put(key, { plan, figures });
    const outcome = checkGoals(this.setup.goals, figures, this.setup.units);
    const made = { price, offsets: own, plan, figures, outcome };
    this.known.set(key, made);
    this.count++;
    this.met ||= outcome.holds;
    this.setup.finished?.(made, kept !== undefined);
    return made;
  }

  private make(priceOf: PriceOf): PointRecord {
    const { plan } = this.setup.builder.build(priceOf);
    return { plan, figures: this.setup.measure(plan) };
  }

  /** `direction` 1: goals hold at low prices, and the highest is wanted; -1 the other way round. */
  private bisect(limit: SearchLimit, direction: 1 | -1, near?: number): Candidate {
    let price = near ?? (limit.short === true ? SHORT_START : START);
    let candidate = this.evaluate(price, new Map());
    const first = candidate.outcome.holds;
    let [good, bad] = first ? [candidate, undefined] : [undefined, candidate];
    // Away from the start until the answer changes.
    const stride = near !== undefined ? NEAR_STRIDE : limit.short === true ? SHORT_STRIDE : STRIDE;
    const step = (first ? stride : -stride) * direction;
    while (!this.isOver(limit) && (good === undefined || bad === undefined)) {
      price += step;
      if (price < FINEST || price > COARSEST) break;
      candidate = this.evaluate(price, new Map());
      if (candidate.outcome.holds) good = candidate;
      else bad = candidate;
    }
    while (good !== undefined && bad !== undefined && Math.abs(good.price - bad.price) > RESOLUTION) {
      if (this.isOver(limit)) break;
      candidate = this.evaluate((good.price + bad.price) / 2, new Map());
      if (candidate.outcome.holds) good = candidate;
      else bad = candidate;
    }
    return good ?? this.closest();
  }

  /** Where no candidate meets the goals: the one whose worst goal is the least broken. */
  private closest(): Candidate {
    const worst = ({ outcome }: Candidate): number =>
      outcome.headroom.reduce<number>((least, headroom) => Math.min(least, headroom ?? 0), Infinity);
    return [...this.known.values()].reduce((best, next) => (worst(next) > worst(best) ? next : best));
  }

  private trade(start: Candidate, limit: SearchLimit): Candidate {
    let best = start;
    const attempt = (price: number, site: string, change: number): boolean => {
      const offsets = new Map(best.offsets);
      offsets.set(site, (offsets.get(site) ?? 0) + change);
      const candidate = this.evaluate(price, offsets);
      if (!candidate.outcome.holds || lutOf(candidate) >= lutOf(best)) return false;
      best = candidate;
      return true;
    };
    // The most expensive change of one site is worth what the others together gain by a small one.
    const all = RESOLUTION;
    for (let improved = true; improved && !this.isOver(limit);) {
      improved = false;
      for (const site of this.setup.sites) {
        if (this.isOver(limit)) break;
        if (attempt(best.price, site, TRADE)) improved = true;
        else if (!this.isOver(limit) && attempt(best.price + all, site, -TRADE)) improved = true;
      }
    }
    return best;
  }
}

/** Estimated LUTs. */
export function lutOf({ figures }: Candidate): number {
  return figures['lut']?.value ?? Infinity;
}
