import type { PairedScores } from '../evaluation/agreement.js';
import { evaluateClasses } from '../evaluation/evaluate-classes.js';
import { paired, sortedFinite } from '../evaluation/evaluate-scores.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import type { ClassificationResult } from '../evaluation/result.js';
import type { ScoreMeasures } from '../evaluation/score-measures.js';
import { scoreMeasures } from '../evaluation/score-measures.js';
import type { RealEvaluator } from './fixed-scores.js';
import { columnOf } from './fixed-scores.js';
import { joined } from '../support/joined.js';

/** Events × elements of all inputs. */
export type Events = Float64Array;

/**
 * What a search is judged on. Either a score that tells signals from a background, or a tagger with one output per
 * class, whose output k tells class k from all others.
 */
export type SearchData =
  | {
      readonly kind: 'score';
      readonly background: Events;
      readonly signals: ReadonlyMap<string, Events>;
      /** Element of the outputs that is the score. */
      readonly output: number;
    }
  | { readonly kind: 'classes'; readonly classes: ReadonlyMap<string, Events> };

/** All samples, background first. */
export function samplesOf(data: SearchData): readonly Events[] {
  return data.kind === 'score' ? [data.background, ...data.signals.values()] : [...data.classes.values()];
}

/** One score of one sample by the float model, and the same in rising order. */
interface FloatScores {
  readonly scores: Float64Array;
  readonly sorted: Float64Array;
}

/** Float scores are the same for every candidate: they are computed, and sorted, once. */
export class ScoreSource {
  private readonly float: ReadonlyMap<Events, Float64Array>;
  private readonly scored = new Map<Events, FloatScores>();

  /** `width`: elements of all outputs. */
  public constructor(
    private readonly data: SearchData,
    evaluate: RealEvaluator,
    private readonly width: number,
  ) {
    this.float = new Map(samplesOf(data).map((events) => [events, evaluate(events)]));
  }

  /** What a candidate's outputs are worth beside the float ones, at the given points. */
  public compare(
    evaluate: RealEvaluator,
    points: readonly OperatingPoint[],
    bunches: number,
  ): ClassificationResult | ScoreMeasures {
    const { data, width } = this;
    if (data.kind === 'classes') {
      const samples = [...data.classes.values()];
      const labels = samples.map((events, label) => new Int32Array(this.outputsOf(events).length / width).fill(label));
      return evaluateClasses({
        names: [...data.classes.keys()],
        float: joined(samples.map((events) => this.outputsOf(events))),
        fixed: joined(samples.map(evaluate)),
        labels: Int32Array.from(joined(labels.map((list) => Float64Array.from(list)))),
      });
    }
    const pairs = (events: Events): PairedScores => {
      const { scores, sorted } = this.scoresOf(events, data.output);
      return paired(scores, columnOf(evaluate(events), width, data.output), sorted);
    };
    const signals = [...data.signals].map(([name, events]) => ({ name, ...pairs(events) }));
    return scoreMeasures(pairs(data.background), signals, points, bunches);
  }

  private outputsOf(events: Events): Float64Array {
    return this.float.get(events) ?? new Float64Array();
  }

  private scoresOf(events: Events, output: number): FloatScores {
    const known = this.scored.get(events);
    if (known !== undefined) return known;
    const scores = columnOf(this.outputsOf(events), this.width, output);
    const made = { scores, sorted: sortedFinite(scores) };
    this.scored.set(events, made);
    return made;
  }
}

/** At most so many events of the background, and of each signal or class; `width`: elements of all inputs. */
export function firstEvents(data: SearchData, width: number, background: number, others: number): SearchData {
  const first = (events: Events, count: number): Events => events.subarray(0, count * width);
  const each = (samples: ReadonlyMap<string, Events>): ReadonlyMap<string, Events> =>
    new Map([...samples].map(([name, events]) => [name, first(events, others)]));
  if (data.kind === 'classes') return { kind: 'classes', classes: each(data.classes) };
  return { ...data, background: first(data.background, background), signals: each(data.signals) };
}
