import type { Budget } from '../budget/parse.js';
import type { UnitContext } from '../budget/quantity.js';
import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { CompileRequest } from '../compiler.js';
import { compile } from '../compiler.js';
import { parseEffort } from '../config/units.js';
import type { Settings } from '../config/settings.js';
import { portUnits } from '../data/bring-to-ports.js';
import { readRealEvents } from '../data/read-events.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { targetFraction } from '../evaluation/operating-point.js';
import { estimateDesign } from '../lowering/estimate/estimate-design.js';
import { elementCount } from '../model/kinds.js';
import { defaultSolveOptions } from '../passes/dataflow/distributed-arithmetic/options.js';
import type { ContentStore } from '../passes/pass.js';
import { precisionProblem, PlanBuilder } from '../precision/build-plan.js';
import { fixedEvaluator } from '../precision/fixed-scores.js';
import type { FloatModel } from '../precision/float-model.js';
import { floatModel } from '../precision/float-model.js';
import type { GoalFigures } from '../precision/goals.js';
import { measuredFigures, pointsOf } from '../precision/goals.js';
import { guardGoals } from '../precision/guard-goals.js';
import { trainingData } from '../precision/retraining/training-data.js';
import { siteRanges } from '../precision/ranges.js';
import type { SearchData } from '../precision/search-data.js';
import { firstEvents, samplesOf, ScoreSource } from '../precision/search-data.js';
import type { SearchLimit, SearchSetup } from '../precision/search.js';
import { retrainingLimits, searchLimits } from '../precision/search.js';
import { everyNth } from '../precision/sensitivity.js';
import type { Figure } from '../report/figure.js';
import { at } from '../support/invariant.js';
import { joined } from '../support/joined.js';
import type { TypedGoal } from './typed-goals.js';
import { locationOfFigure, searchGoals } from './typed-goals.js';

/** What `compile --goal` and `explore` take for a search, as typed. */
export interface SearchArguments {
  /** Background events. */
  readonly data?: string | undefined;
  /** `NAME=FILE` */
  readonly signals: readonly string[];
  /** `NAME=FILE`, in the order of the outputs of a tagger. */
  readonly classes: readonly string[];
  readonly goals: readonly TypedGoal[];
  /** Element of the outputs that is the score. */
  readonly scoreElement: number;
  /** Colliding bunches. */
  readonly bunches: number;
  /** `fast`, `default`, `high` or a time such as `30s`. */
  readonly effort: string;
  /** Train weights that are not rounded yet, layer by layer. */
  readonly retrain: boolean;
  readonly seed: number;
}

/** Events that moments are taken from, at most, and values of a layer's inputs in all. */
const SAMPLE_EVENTS = 4096;
const SAMPLE_VALUES = 4e6;
/** Background events that every candidate is measured on: so many accepted ones make a figure good to 7 %. */
const ACCEPTED_EVENTS = 200;
const FEWEST_EVENTS = 50_000;
const SIGNAL_EVENTS = 20_000;

/** Events that weights are trained on, at most, and values of a layer's inputs in all. */
const TRAINING_EVENTS = 32_768;
const TRAINING_VALUES = 3.2e7;

/** Seconds up to which there is time for a few candidates only. */
const SHORT_SEARCH = 30;

/**
 * `fast`, `default`, `high` or a time. A time counts from when the search begins; where none has met the goals by its end,
 * the search goes on for as long again. `now`: milliseconds; asked first when the search begins.
 */
export function searchLimit(effort: string, now: () => number, retrain = false): SearchLimit {
  const parsed = readEffort(effort);
  if (typeof parsed === 'string') return (retrain ? retrainingLimits : searchLimits)[parsed];
  return timeLimit(parsed.seconds, now);
}

/** A search of so many seconds. */
export function timeLimit(seconds: number, now: () => number): SearchLimit {
  let begin: number | undefined;
  const stop = (met: boolean): boolean => {
    begin ??= now();
    return now() - begin > seconds * 1000 * (met ? 1 : 2);
  };
  return { candidates: Infinity, stop, short: seconds <= SHORT_SEARCH, seconds };
}

function readEffort(effort: string): ReturnType<typeof parseEffort> {
  try {
    return parseEffort(effort);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail(precisionCodes.badSearch, printable(error.message), { configPath: '--search' });
  }
}

/** A search that is ready to run, and what it is about. */
export interface PreparedSearch {
  readonly setup: SearchSetup;
  /** With retraining: builds plans without it. */
  readonly untrained: PlanBuilder | undefined;
  readonly model: FloatModel;
  /** Goals that were added, for those that were asked for are one-sided. */
  readonly guards: readonly Budget[];
  /** Events of each sample that candidates are measured on. */
  readonly events: number;
}

/** Read the events, measure the float model, and make everything ready that candidates are built and judged with. */
export async function prepareSearch(
  request: CompileRequest,
  settings: Settings,
  arguments_: SearchArguments,
): Promise<PreparedSearch> {
  const asked = searchGoals(arguments_.goals);
  const model = unwrap(floatModel(request));
  const { graph, sites } = model;
  const evaluator = compileFloatEvaluator(graph);
  const { data: all, files } = await readData(model, arguments_, evaluator.outputWidth);
  const guards = guardGoals(asked, all.kind);
  const goals = [...asked, ...guards];
  const points = pointsOf(goals);
  const smallest = points.reduce(
    (least, point) => Math.min(least, targetFraction(point, arguments_.bunches)),
    ACCEPTED_EVENTS / FEWEST_EVENTS,
  );
  const data = firstEvents(all, evaluator.inputWidth, Math.ceil(ACCEPTED_EVENTS / smallest), SIGNAL_EVENTS);
  const samples = samplesOf(data);
  const named = samplesOf(all).map((events, index) => ({ name: at(files, index), events }));
  const ranges = siteRanges(graph, sites, named);
  const largest = sites.reduce((most, site) => (site.kind === 'tensor' ? Math.max(most, site.size) : most), 1);
  const count = Math.min(SAMPLE_EVENTS, Math.max(64, Math.floor(SAMPLE_VALUES / largest)));
  const sample = mixed(samples, evaluator.inputWidth, count);
  // Background alone does not show how far the events reach that a trigger is there for.
  const margin = data.kind === 'score' && data.signals.size === 0 ? UNSEEN_MARGIN : 0;
  const problem = precisionProblem(graph, sites, sample, ranges, { margin, seed: arguments_.seed });
  // A first plan says how many digits weights really have, and so what a bit of a tensor costs.
  const first = new PlanBuilder(problem).build(() => FIRST_PRICE);
  const source = new ScoreSource(data, (events) => evaluator.run(events), evaluator.outputWidth);
  const store = new MemoryStore();
  // Packed words and decisions change no number, and events are real values of the model's own inputs and outputs.
  const { unpacking: _words, decisions: _decisions, ...bare } = request;
  const measure: SearchSetup['measure'] = (plan) => {
    const typing = { ...request.typing, precision: plan };
    const solving = {
      ...(request.solving ?? defaultSolveOptions),
      effort: 'fast' as const,
    };
    const compiled = unwrap(compile({ ...bare, typing, solving }, { store }));
    const { total } = estimateDesign(compiled.design, {
      family: settings.part.family,
      dsp: settings.dsp,
      threeOperandAdders: settings.threeOperandAdders,
      mergedSums: true,
    });
    const estimate = (value: number, unit: string): Figure => ({ value, unit, origin: 'estimate' });
    const result = source.compare(
      fixedEvaluator(compiled.graph, portUnits(compiled.scales)),
      points,
      arguments_.bunches,
    );
    const { figures, missing } = measuredFigures(goals, result);
    const [unmeasured] = missing;
    if (unmeasured !== undefined) {
      const place = locationOfFigure(unmeasured, arguments_.goals);
      const hint = 'give signals with --signal or classes with --class, and more background events for small fractions';
      return fail(precisionCodes.goalNotMeasured, `these events do not give ${missing.join(', ')}`, place, hint);
    }
    return {
      lut: estimate(total.lut, 'LUT'),
      lut_sites: estimate(total.lutSites, 'LUT sites'),
      flip_flops: estimate(total.flipFlops, 'FF'),
      carry_bits: estimate(total.carryBits, 'carry bits'),
      dsp: estimate(total.dsp, 'DSP'),
      latency: { value: compiled.design.schedule.latency, unit: 'clocks', origin: 'exact' },
      ...figures,
    } satisfies GoalFigures;
  };
  const units: UnitContext = {
    clockPeriod: settings.clockPeriod,
    part: settings.part.name,
    capacity: settings.part.capacity,
    regionCapacity: undefined,
  };
  const names = [
    ...problem.layers.map(({ weight }) => weight.name),
    ...sites.flatMap((site) => (site.kind === 'tensor' ? [site.name] : [])),
  ];
  const training = arguments_.retrain
    ? {
        data: trainingData(graph, mixed(samples, evaluator.inputWidth, trainingEvents(largest))),
        seed: arguments_.seed,
      }
    : undefined;
  const builder = new PlanBuilder(problem, first.digits, training);
  return {
    setup: { builder, sites: names, goals, units, measure },
    untrained: training === undefined ? undefined : new PlanBuilder(problem, first.digits),
    model,
    guards,
    events: samples.reduce((sum, events) => sum + events.length / evaluator.inputWidth, 0),
  };
}

/** `largest`: elements of the largest tensor. */
function trainingEvents(largest: number): number {
  return Math.min(TRAINING_EVENTS, Math.max(64, Math.floor(TRAINING_VALUES / largest)));
}

/** Integer bits beyond the data where no signal is given. */
const UNSEEN_MARGIN = 1;
/** Damage per LUT at which a first plan is made: somewhere in the middle. */
const FIRST_PRICE = 2 ** -18;

/** Solutions of matrices that several candidates share. */
class MemoryStore implements ContentStore {
  private readonly contents = new Map<string, Uint8Array>();

  public get(key: string): Uint8Array | undefined {
    return this.contents.get(key);
  }

  public put(key: string, content: Uint8Array): void {
    this.contents.set(key, content);
  }
}

/** The samples, and the file of each in the order of `samplesOf`. */
interface ReadData {
  readonly data: SearchData;
  readonly files: readonly string[];
}

async function readData({ graph }: FloatModel, arguments_: SearchArguments, outputs: number): Promise<ReadData> {
  const files: string[] = [];
  const elements = graph.nodes.flatMap((node) =>
    node.kind === 'input'
      ? Array.from({ length: elementCount(node.shape) }, (_, element) => ({ name: node.name, element }))
      : [],
  );
  const read = async (path: string): Promise<Float64Array> => {
    const { data, rows, columns } = unwrap(await readRealEvents(path, elements));
    files.push(path);
    return data.subarray(0, rows * columns);
  };
  const readNamed = async (option: string, texts: readonly string[]): Promise<Map<string, Float64Array>> => {
    const found = new Map<string, Float64Array>();
    for (const text of texts) {
      const [, name = '', path = ''] = /^([^=]+)=(.+)$/u.exec(text) ?? [];
      const problem =
        name === ''
          ? `'${printable(text)}' is not NAME=FILE`
          : found.has(name)
            ? `'${printable(name)}' is given twice`
            : undefined;
      if (problem !== undefined) return fail(precisionCodes.badSearch, problem, { configPath: option });
      found.set(name, await read(path));
    }
    return found;
  };
  const classes = await readNamed('--class', arguments_.classes);
  if (classes.size > 0) {
    const problem =
      arguments_.data !== undefined || arguments_.signals.length > 0
        ? 'classes are samples of their own: leave --data and --signal out'
        : classes.size === outputs
          ? undefined
          : `${classes.size} classes for a model with ${outputs} outputs`;
    if (problem !== undefined) return fail(precisionCodes.badSearch, problem, { configPath: '--class' });
    return { data: { kind: 'classes', classes }, files };
  }
  if (arguments_.data === undefined) {
    const [first] = arguments_.goals;
    const location = first?.location.model === undefined ? { configPath: '--data' } : first.location;
    return fail(precisionCodes.noEvents, 'a search needs events', location);
  }
  if (!(arguments_.scoreElement < outputs)) {
    const message = `the model has ${outputs} output elements, and the score is to be element ${arguments_.scoreElement}`;
    return fail(precisionCodes.badSearch, message, { configPath: '--score-element' });
  }
  const background = await read(arguments_.data);
  const signals = await readNamed('--signal', arguments_.signals);
  return { data: { kind: 'score', background, signals, output: arguments_.scoreElement }, files };
}

/** Events of all samples in equal parts, evenly spread over each. */
function mixed(samples: readonly Float64Array[], width: number, count: number): Float64Array {
  const each = Math.max(1, Math.floor(count / samples.length));
  return joined(
    samples.map((events) => {
      const available = events.length / width;
      return everyNth(events, width, available, Math.min(available, each));
    }),
  );
}
