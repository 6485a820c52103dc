import type { CompileRequest } from '../compiler.js';
import type { Budget } from '../budget/parse.js';
import type { Settings } from '../config/settings.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { diagnose } from '../diagnostics/diagnostic.js';
import { DiagnosticError } from '../diagnostics/result.js';
import type { PrecisionPlan } from '../passes/model/precision/plan.js';
import { scoreFigureNames } from '../precision/goals.js';
import type { PointStore } from '../precision/point-record.js';
import type { Candidate, SearchLimit } from '../precision/search.js';
import { lutOf, PrecisionSearch } from '../precision/search.js';
import { sha256 } from './compiled-folder.js';
import type { Console } from './console.js';
import { showDiagnostics } from './console.js';
import { cachedPoints, searchIdentity } from './point-store.js';
import { progress, whileShown } from './progress.js';
import type { SearchArguments } from './search-setup.js';
import { prepareSearch, searchLimit } from './search-setup.js';

/** `compile --goal`: the cheapest precision found that meets the goals, or an error that says what was reached. */
export async function findPrecision(
  request: CompileRequest,
  settings: Settings,
  arguments_: SearchArguments,
  console: Console,
  cached: boolean,
): Promise<PrecisionPlan> {
  const limit = searchLimit(arguments_.effort, () => performance.now(), arguments_.retrain);
  const { setup, guards, events } = await prepareSearch(request, settings, arguments_);
  const points = cached ? await pointsOf(request, settings, arguments_, setup.goals) : undefined;
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
  const precision = new PrecisionSearch({ ...setup, finished, ...(points === undefined ? {} : { points }) });
  const found = whileShown(shown, () => precision.meet(limit));
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
