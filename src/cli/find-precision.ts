import type { CompileRequest } from '../compiler.js';
import type { Budget } from '../budget/parse.js';
import type { Settings } from '../config/settings.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { diagnose } from '../diagnostics/diagnostic.js';
import { DiagnosticError } from '../diagnostics/result.js';
import type { PrecisionPlan } from '../passes/model/precision/plan.js';
import type { PlanBuilder } from '../precision/build-plan.js';
import { limitsResources, scoreFigureNames } from '../precision/goals.js';
import type { PointStore } from '../precision/point-record.js';
import type { Candidate, SearchLimit } from '../precision/search.js';
import { lutOf, PrecisionSearch } from '../precision/search.js';
import { sha256 } from './compiled-folder.js';
import type { Console } from './console.js';
import { showDiagnostics } from './console.js';
import { cachedPoints, searchIdentity } from './point-store.js';
import { progress, whileShown } from './progress.js';
import type { SearchArguments } from './search-setup.js';
import { prepareSearch, searchLimit, timeLimit } from './search-setup.js';

/** `compile --goal`: the cheapest precision found that meets the goals, or an error that says what was reached. */
export async function findPrecision(
  request: CompileRequest,
  settings: Settings,
  arguments_: SearchArguments,
  console: Console,
  cached: boolean,
): Promise<PrecisionPlan> {
  const limitOf = (retrain: boolean): SearchLimit => searchLimit(arguments_.effort, () => performance.now(), retrain);
  const limit = limitOf(arguments_.retrain);
  const { setup, untrained, guards, events } = await prepareSearch(request, settings, arguments_);
  const kept = async (retrain: boolean): Promise<{ readonly points?: PointStore }> =>
    cached ? { points: await pointsOf(request, settings, { ...arguments_, retrain }, setup.goals) } : {};
  const [points, plainPoints] = [await kept(arguments_.retrain), await kept(false)];
  if (guards.length > 0) {
    const added = guards.map(({ text }) => text).join(', ');
    showDiagnostics(console, [diagnose(precisionCodes.guardedGoals, `the search keeps ${added} as well`)]);
  }
  let best: Candidate | undefined;
  let [count, resumed] = [0, 0];
  const shown = progress('searching', 1);
  const share = progressOf(limit);
  const finished = (candidate: Candidate, known: boolean): void => {
    count++;
    if (known) resumed++;
    shown.at(`searching, ${count} candidates${best === undefined ? '' : `, ${printCandidate(best)}`}`, share(count));
    if (!candidate.outcome.holds || (best !== undefined && lutOf(candidate) >= lutOf(best))) return;
    best = candidate;
    shown.hide();
    console.note(`candidate ${count}: ${printCandidate(candidate)}`);
  };
  const search = (builder: PlanBuilder, kept: typeof points): PrecisionSearch =>
    new PrecisionSearch({ ...setup, builder, finished, ...kept });
  const found = whileShown(shown, () =>
    untrained === undefined
      ? search(setup.builder, points).meet(limit)
      : meetTrained(
          search(untrained, plainPoints),
          search(setup.builder, points),
          { limit, plainLimit: limitOf(false) },
          setup.goals.every(limitsResources),
        ),
  );
  const from = resumed === 0 ? '' : ` (${resumed} of an earlier run)`;
  const summary = `${printCandidate(found)}, of ${count} candidates${from} on ${events.toLocaleString('en')} events`;
  if (found.outcome.holds) {
    console.note(`precision found: ${summary}`);
    return found.plan;
  }
  const broken = setup.goals.filter((_, index) => (found.outcome.headroom[index] ?? -1) < 0);
  throw new DiagnosticError([
    diagnose(
      precisionCodes.goalNotMet,
      `the closest is ${summary}; not met: ${broken.map(({ text }) => text).join(', ')}`,
    ),
  ]);
}

/** By how much lower a price trained weights are usually as good at, in powers of two. */
const TRAINED_SHIFT = 1.5;
/** Share of the time of a search with retraining that goes without. */
const PLAIN_SHARE = 0.25;

/**
 * The search without training, as it would be alone or in a quarter of the time, which says where to begin; then one with
 * training. What the first has found stands where training does not help.
 */
function meetTrained(
  plain: PrecisionSearch,
  trained: PrecisionSearch,
  { limit, plainLimit }: { readonly limit: SearchLimit; readonly plainLimit: SearchLimit },
  bounded: boolean,
): Candidate {
  const part = (share: number): SearchLimit =>
    limit.seconds === undefined ? limit : timeLimit(share * limit.seconds, () => performance.now());
  const short = limit.short === undefined ? {} : { short: limit.short };
  const first = plain.meet(limit.seconds === undefined ? plainLimit : { ...part(PLAIN_SHARE), ...short });
  const second = trained.meet(part(1 - PLAIN_SHARE), first.price - TRAINED_SHIFT);
  if (first.outcome.holds !== second.outcome.holds) return first.outcome.holds ? first : second;
  // Under a limit of resources the more exact one is wanted, and training is there to be more exact.
  return first.outcome.holds && !bounded && lutOf(first) < lutOf(second) ? first : second;
}

/** Finished candidates in the user's cache: an interrupted search loses none of them. */
async function pointsOf(
  request: CompileRequest,
  settings: Settings,
  arguments_: SearchArguments,
  goals: readonly Budget[],
): Promise<PointStore> {
  const identity = await searchIdentity(request, settings, arguments_, scoreFigureNames(goals));
  return cachedPoints(identity, sha256(request.bytes), process.env);
}

/** How much of the limit is used up, by the number of candidates. */
export function progressOf({ candidates, seconds = 0 }: SearchLimit): (count: number) => number {
  const begin = performance.now();
  return (count) =>
    Math.min(1, Number.isFinite(candidates) ? count / candidates : (performance.now() - begin) / 1000 / seconds);
}

/** `12,345 LUT, efficiency_loss_1em3 0.0042` */
function printCandidate(candidate: Candidate): string {
  const others = Object.entries(candidate.figures).flatMap(([name, { value, origin }]) =>
    origin === 'evaluation' ? [`${name} ${Number(value.toPrecision(3))}`] : [],
  );
  return [`${lutOf(candidate).toLocaleString('en')} LUT`, ...others].join(', ');
}
