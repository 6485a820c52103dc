import type { Compilation, CompileRequest } from '../compiler.js';
import { pacedDesign } from '../compiler.js';
import type { LimitedResource } from '../config/config.js';
import type { ResourceLimit, Settings } from '../config/settings.js';
import { MAXIMUM_INTERVAL } from '../design/sequencing.js';
import type { Design } from '../design/design.js';
import { scheduleCodes } from '../diagnostics/codes/schedule.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose } from '../diagnostics/diagnostic.js';
import { estimateDesign } from '../lowering/estimate/estimate-design.js';
import { estimateSequenced } from '../lowering/estimate/estimate-sequenced.js';
import type { ResourceEstimate } from '../lowering/estimate/estimate-design.js';
import type { Resources } from '../lowering/estimate/resources.js';
import { at } from '../support/invariant.js';
import { estimateOptions } from './compile-request.js';

const kinds = {
  lut: { unit: 'LUT', value: ({ lut }: Resources) => lut },
  flip_flops: { unit: 'FF', value: ({ flipFlops }: Resources) => flipFlops },
  dsp: { unit: 'DSP', value: ({ dsp }: Resources) => dsp },
} as const satisfies Record<LimitedResource, unknown>;

/** Each interval that is looked at is longer than the one before by this. */
const STEP = 1.5;

/** The estimate of a design, of whichever kind it is. */
export function estimateResources(design: Design, settings: Settings): ResourceEstimate {
  const estimate = design.sequencing === undefined ? estimateDesign : estimateSequenced;
  return estimate(design, estimateOptions(settings));
}

/** An error for each limit that a design is estimated to exceed, with an interval that would meet all of them. */
export function beyondResources(
  { design, unsplit }: Pick<Compilation, 'design' | 'unsplit'>,
  { total }: ResourceEstimate,
  request: CompileRequest,
  settings: Settings,
): readonly Diagnostic[] {
  const { limits } = settings;
  const broken = limits.filter((limit) => exceeds(total, limit));
  if (broken.length === 0) return [];
  const hint = possible(longerIntervals(unsplit, request, settings, design.initiationInterval), broken, limits);
  return broken.map(({ resource, most, configPath }) => {
    const { unit, value } = kinds[resource];
    const limit =
      configPath === undefined ? `part ${settings.part.name} has ${count(most)}` : `the limit is ${count(most)}`;
    const message = `estimated at ${count(value(total))} ${unit}, and ${limit}`;
    return diagnose(
      scheduleCodes.beyondResources,
      message,
      configPath === undefined ? undefined : { configPath },
      hint,
    );
  });
}

function exceeds(total: Resources, { resource, most }: ResourceLimit): boolean {
  return kinds[resource].value(total) > most;
}

/** What the model takes at another interval. */
interface Paced {
  readonly interval: number;
  readonly latency: number;
  readonly total: Resources;
}

type At = (interval: number) => Paced | undefined;

/** By interval, with the latency that it needs; nothing where declarations of layers do not allow it. */
function longerIntervals(unsplit: Compilation['unsplit'], request: CompileRequest, settings: Settings, from: number) {
  const { latency: _limit, ...schedule } = request.schedule;
  const { declared } = request.reuse ?? {};
  const { blocks } = settings;
  const tried: At = (interval) => {
    const reuse = {
      interval,
      estimate: estimateOptions(settings),
      ...(declared === undefined ? {} : { declared }),
      ...(blocks === undefined ? {} : { blocks }),
    };
    const paced = pacedDesign(unsplit, { ...request, schedule }, reuse);
    if (!paced.ok) return undefined;
    const { design } = paced.value;
    return { interval, latency: design.schedule.latency, total: estimateResources(design, settings).total };
  };
  return { tried, from };
}

/** The hint: an interval that meets every limit, or what comes closest to it. */
function possible(
  { tried, from }: { readonly tried: At; readonly from: number },
  broken: readonly ResourceLimit[],
  limits: readonly ResourceLimit[],
): string {
  const meets = (paced: Paced): boolean => !limits.some((limit) => exceeds(paced.total, limit));
  const first = at(broken, 0);
  const { unit, value } = kinds[first.resource];
  let [short, closest]: [number, Paced | undefined] = [from, undefined];
  for (let interval = from; interval < MAXIMUM_INTERVAL;) {
    interval = Math.min(MAXIMUM_INTERVAL, Math.max(interval + 1, Math.floor(interval * STEP)));
    const paced = tried(interval);
    if (paced !== undefined && meets(paced)) return describe(shortest(tried, meets, short, paced), unit, value);
    short = interval;
    if (paced !== undefined && (closest === undefined || value(paced.total) < value(closest.total))) closest = paced;
  }
  const none = 'no longer interval meets the limits';
  if (closest === undefined) return none;
  return `${none}: the closest is ${describe(closest, unit, value)}`;
}

/** Between one that does not meet the limits and one that does. */
function shortest(tried: At, meets: (paced: Paced) => boolean, from: number, found: Paced): Paced {
  let [low, best] = [from, found];
  while (best.interval - low > 1) {
    const middle = Math.floor((low + best.interval) / 2);
    const paced = tried(middle);
    if (paced !== undefined && meets(paced)) best = paced;
    else low = middle;
  }
  return best;
}

function describe({ interval, latency, total }: Paced, unit: string, value: (total: Resources) => number): string {
  return `an event every ${interval} clocks (--ii ${interval}), estimated at ${count(value(total))} ${unit} and ${latency} clocks of latency`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
