import { commandCodes } from '../diagnostics/codes/command.js';
import { evaluationCodes } from '../diagnostics/codes/evaluation.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { compareAuc } from '../evaluation/auc.js';
import { overlapOf } from '../evaluation/compare-at-point.js';
import { compareAtPoint } from '../evaluation/compare-at-point.js';
import { FEWEST_ACCEPTED } from '../evaluation/cut.js';
import { evaluateClasses } from '../evaluation/evaluate-classes.js';
import { evaluateScores, paired } from '../evaluation/evaluate-scores.js';
import { attributeLoss } from '../evaluation/loss-by-layer.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import { printPoint, targetFraction } from '../evaluation/operating-point.js';
import type { Damage, LossByLayer } from '../evaluation/quantiser-loss.js';
import type { ClassificationResult, EvaluationResult, Overlap } from '../evaluation/result.js';
import type { OutputPort, ScoreFunction } from '../evaluation/score-formula.js';
import { parseScore, ScoreFormulaError, scoresOf } from '../evaluation/score-formula.js';
import type { ModelGraph } from '../model/kinds.js';
import type { EvaluatedDecision } from '../report/evaluation-details.js';
import type { ManifestDecision } from '../report/manifest.js';
import { at } from '../support/invariant.js';
import type { RunSample, SampleFile } from './evaluate-samples.js';
import { joined } from '../support/joined.js';

export interface ComparisonRequest {
  readonly files: readonly SampleFile[];
  readonly outputs: readonly OutputPort[];
  readonly score: string | undefined;
  readonly accept: 'larger' | 'smaller';
  readonly bunches: number;
  readonly points: readonly OperatingPoint[];
  readonly decisions: readonly ManifestDecision[];
}

/** Outputs of one sample by both models. */
type Outputs = Pick<RunSample, 'float' | 'fixed'>;

/** What a command compares: one score of the outputs, or all of them as classes. Checks the request before any event is read. */
export class Comparison {
  /** For people. */
  public readonly scoreName: string;
  private readonly width: number;
  private readonly score: ScoreFunction | undefined;

  public constructor(private readonly request: ComparisonRequest) {
    const { files, outputs, score } = request;
    this.width = outputs.reduce((sum, { size }) => sum + size, 0);
    const [only] = outputs;
    const elements = outputs
      .map(({ name, size }) => (size === 1 ? name : `${name}[0] to ${name}[${size - 1}]`))
      .join(', ');
    if (files[0]?.role === 'class') {
      if (score !== undefined)
        fail(commandCodes.usage, '--score is for --background; with --class every output is a score');
      if (files.length !== this.width) {
        const message = `${files.length} classes for ${this.width} output elements: ${printable(elements)}`;
        fail(evaluationCodes.classCount, message);
      }
      if (this.width < 2) fail(evaluationCodes.classCount, 'a classifier has two outputs at least');
      this.scoreName = elements;
      this.score = undefined;
      return;
    }
    if (score === undefined && this.width !== 1) {
      fail(
        evaluationCodes.badScore,
        `the model has ${this.width} output elements, ${printable(elements)}: which is the score?`,
      );
    }
    this.scoreName = score ?? only?.name ?? '';
    const formula = this.formula(score ?? 'out[0]');
    this.score = request.accept === 'larger' ? formula : (values, from) => -formula(values, from);
  }

  public evaluate(samples: readonly RunSample[]): EvaluationResult | ClassificationResult {
    const { score } = this;
    if (score === undefined) return this.classify(samples);
    const scores = samples.map((sample) => this.scoresOfSample(sample, score));
    const [background, ...signals] = scores;
    const named = (side: 'float' | 'fixed'): ReadonlyMap<string, Float64Array> =>
      new Map(signals.map((pair, index) => [at(samples, index + 1).sample.name, pair[side]]));
    return evaluateScores({
      floatBackground: background?.float ?? new Float64Array(),
      fixedBackground: background?.fixed ?? new Float64Array(),
      floatSignals: named('float'),
      fixedSignals: named('fixed'),
      bunches: this.request.bunches,
      points: this.request.points,
    });
  }

  /** Declared thresholds on both models' outputs. */
  public decisions(samples: readonly RunSample[]): readonly EvaluatedDecision[] {
    return this.request.decisions.flatMap(({ name, output, element, comparison, threshold }) => {
      const column = this.column(output, element);
      if (column === undefined) return [];
      const limit = Number(threshold);
      const above = (values: Float64Array): Float64Array => {
        const picked = scoresOf(values, this.width, (all, from) => all[from + column] ?? 0);
        return picked.map((value) => (comparison === '>' ? Number(value > limit) : Number(value >= limit)));
      };
      const compared = samples.map((sample): { readonly sample: string } & Overlap => {
        const overlap = overlapOf(paired(above(sample.float), above(sample.fixed)), 0.5, 0.5);
        return { sample: sample.sample.name, ...overlap };
      });
      return [{ name, output, element, comparison, threshold: limit, samples: compared }];
    });
  }

  /** Which rounding costs how much, on the events of the samples that were kept for it. */
  public byLayer(
    float: ModelGraph,
    typed: ModelGraph,
    ownInputs: ReadonlySet<string>,
    samples: readonly RunSample[],
    progress: (share: number) => void,
  ): LossByLayer | { readonly reason: string } {
    const studies = samples.map(({ study }) => study);
    const counts = studies.map((study) => study.float.length / this.width);
    const floatOutputs = joined(studies.map((study) => study.float));
    const [background = 0] = counts;
    const falling = this.request.points
      .filter(({ kind }) => kind === 'fraction')
      .map((point) => ({ point, fraction: targetFraction(point, this.request.bunches) }))
      .sort((left, right) => left.fraction - right.fraction);
    const point = falling.find(({ fraction }) => fraction * background >= FEWEST_ACCEPTED)?.point;
    const isScore = this.score !== undefined;
    return attributeLoss({
      float,
      typed,
      ownInputs,
      inputs: joined(studies.map((study) => study.inputs)),
      events: counts.reduce((most, count) => Math.max(most, count), 0),
      ...(isScore && point !== undefined && samples.length > 1 ? { point: printPoint(point) } : {}),
      floatOutputs,
      fixedOutputs: joined(studies.map((study) => study.fixed)),
      damage: (outputs) => this.damage(samples, counts, floatOutputs, outputs, point),
      progress,
    });
  }

  private damage(
    samples: readonly RunSample[],
    counts: readonly number[],
    float: Float64Array,
    fixed: Float64Array,
    point: OperatingPoint | undefined,
  ): Damage {
    let start = 0;
    const parts = counts.map((count) => {
      const range = [start * this.width, (start + count) * this.width] as const;
      start += count;
      return { float: float.subarray(...range), fixed: fixed.subarray(...range) };
    });
    const { score } = this;
    if (score === undefined) {
      const result = this.classifyParts(samples, parts);
      return { rms: rmsOf(float, fixed), aucLoss: result.macroAucLoss.value };
    }
    const pairs = parts.map((part) => this.scoresOfSample(part, score));
    const rms = rmsOf(joined(pairs.map((pair) => pair.float)), joined(pairs.map((pair) => pair.fixed)));
    const [background, ...signals] = pairs.map((pair) => paired(pair.float, pair.fixed));
    if (background === undefined || signals.length === 0) return { rms };
    const aucLoss = Math.max(...signals.map((signal) => compareAuc(background, signal).loss.value));
    if (point === undefined) return { rms, aucLoss };
    const named = signals.map((signal, index) => ({ name: String(index), ...signal }));
    const found = compareAtPoint(point, background, named, this.request.bunches);
    if (!found.resolvable) return { rms, aucLoss };
    return { rms, aucLoss, efficiencyLoss: Math.max(...found.signals.map(({ loss }) => loss?.value ?? 0)) };
  }

  private classify(samples: readonly RunSample[]): ClassificationResult {
    return this.classifyParts(samples, samples);
  }

  private classifyParts(samples: readonly RunSample[], parts: readonly Outputs[]): ClassificationResult {
    const labels = parts.flatMap((part, index) => new Array<number>(part.float.length / this.width).fill(index));
    return evaluateClasses({
      names: samples.map(({ sample }) => sample.name),
      float: joined(parts.map((part) => part.float)),
      fixed: joined(parts.map((part) => part.fixed)),
      labels: Int32Array.from(labels),
    });
  }

  /** Throws DiagnosticError for a formula that has no finite value. */
  private scoresOfSample({ float, fixed }: Outputs, score: ScoreFunction): Outputs {
    const pair = { float: scoresOf(float, this.width, score), fixed: scoresOf(fixed, this.width, score) };
    for (const side of ['float', 'fixed'] as const) {
      const wrong = pair[side].findIndex((value) => !Number.isFinite(value));
      if (wrong < 0) continue;
      const message = `event ${wrong}: the score '${printable(this.scoreName)}' of the ${side} model is ${pair[side][wrong] ?? NaN}`;
      fail(evaluationCodes.notFinite, message);
    }
    return pair;
  }

  private formula(text: string): ScoreFunction {
    try {
      return parseScore(text, this.request.outputs);
    } catch (error) {
      if (!(error instanceof ScoreFormulaError)) throw error;
      return fail(evaluationCodes.badScore, printable(error.message), { configPath: '--score' });
    }
  }

  private column(output: string, element: number): number | undefined {
    let first = 0;
    for (const { name, size } of this.request.outputs) {
      if (name === output) return element < size ? first + element : undefined;
      first += size;
    }
    return undefined;
  }
}

function rmsOf(left: Float64Array, right: Float64Array): number {
  const squares = left.reduce((sum, value, index) => sum + (value - (right[index] ?? 0)) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, left.length));
}
