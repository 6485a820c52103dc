import { budgetCodes } from '../diagnostics/codes/budget.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { FigureOrigin } from '../report/figure.js';
import { didYouMean } from '../support/suggest.js';
import { BudgetError } from './budget-error.js';
import type { FigureScope, FigureSet, MeasuredFigure, StrengthName } from './figure-set.js';
import { isComparable, strength } from './figure-set.js';
import type { Reference } from './parse.js';
import { printReference } from './parse.js';
import type { Quantity } from './quantity.js';
import { commandFor, knownFigure, knownFigures } from './vocabulary.js';

export interface FigureSources {
  readonly now: FigureSet;
  /** Undefined when none was given. */
  readonly baseline: FigureSet | undefined;
  /** The weakest origin that counts; undefined takes any. */
  readonly minimumOrigin: StrengthName | undefined;
}

/** The figure that a reference stands for. */
export interface ResolvedFigure {
  /** As the budget names it. */
  readonly reference: string;
  readonly value: number;
  readonly unit: string;
  readonly origin: FigureOrigin;
  readonly tool: string;
}

export interface MissingFigure {
  readonly reference: string;
  /** For people: what is missing, and what would measure it. */
  readonly reason: string;
  readonly command: string;
}

interface Resolution {
  /** Not a number when missing; the unit is known all the same. */
  readonly quantity: Quantity;
  readonly figure: ResolvedFigure | undefined;
}

/**
 * What each reference of one budget stands for: the strongest origin where none is named, and for a baseline the one of
 * the figure that it is compared with. `region` stands for the whole design where figures by region are asked for.
 * Throws BudgetError for figures that nobody knows, and for a comparison with a baseline across origins.
 */
export function resolveReferences(
  references: readonly Reference[],
  sources: FigureSources,
  region: number | undefined,
): { readonly resolved: ReadonlyMap<string, Resolution>; readonly missing: readonly MissingFigure[] } {
  const resolved = new Map<string, Resolution>();
  const missing: MissingFigure[] = [];
  const record = (reference: Reference, found: MeasuredFigure | Lack): void => {
    const key = printReference(reference);
    if (resolved.has(key)) return;
    if ('figure' in found) {
      const { value, unit, origin } = found.figure;
      resolved.set(key, {
        quantity: { value, unit },
        figure: { reference: key, value, unit, origin, tool: found.tool },
      });
      return;
    }
    resolved.set(key, { quantity: { value: NaN, unit: found.unit }, figure: undefined });
    missing.push({ reference: key, reason: found.reason, command: found.command });
  };
  for (const reference of references) {
    if (!reference.baseline) record(reference, strongest(reference, sources, region));
  }
  const origins = new Map([...resolved.values()].flatMap(({ figure }) => comparableOrigin(figure)));
  for (const reference of references) {
    if (reference.baseline) record(reference, baselineFigure(reference, sources, region, origins));
  }
  return { resolved, missing };
}

interface Lack {
  readonly unit: string;
  readonly reason: string;
  readonly command: string;
}

function comparableOrigin(figure: ResolvedFigure | undefined): readonly (readonly [FigureOrigin, string])[] {
  return figure !== undefined && isComparable(figure.origin) ? [[figure.origin, figure.reference]] : [];
}

function strongest(reference: Reference, sources: FigureSources, region: number | undefined): MeasuredFigure | Lack {
  const scope = scopeOf(reference, sources.now, region);
  const all = candidates(reference, scope, sources.now);
  const least = sources.minimumOrigin;
  const enough = all.filter(
    ({ figure: { origin } }) =>
      (reference.origin === undefined || origin === reference.origin) &&
      (least === undefined || strength(origin) >= strength(least)),
  );
  const [first, ...rest] = enough;
  if (first !== undefined) {
    return rest.reduce(
      (best, next) => (strength(next.figure.origin) > strength(best.figure.origin) ? next : best),
      first,
    );
  }
  const wanted = reference.origin ?? least;
  const origins = all.map(({ figure }) => figure.origin);
  const there = origins.length === 0 ? '' : `; there is one of origin ${origins.join(', ')}`;
  const of = reference.origin ?? (least === undefined || origins.length === 0 ? undefined : `${least} or stronger`);
  return {
    unit: unitOf(reference, sources),
    reason: `${printReference(reference)}${of === undefined ? '' : ` of origin ${of}`} was not measured${there}`,
    command: commandFor(reference.name, origins.length === 0 ? reference.origin : wanted),
  };
}

function baselineFigure(
  reference: Reference,
  sources: FigureSources,
  region: number | undefined,
  origins: ReadonlyMap<FigureOrigin, string>,
): MeasuredFigure | Lack {
  if (sources.baseline === undefined) {
    return {
      unit: unitOf(reference, sources),
      reason: `${printReference(reference)}: no baseline was given`,
      command: 'trigc check DIR --baseline FILE (--update-baseline records one)',
    };
  }
  const all = candidates(reference, scopeOf(reference, sources.baseline, region), sources.baseline, sources.now);
  const [now] = origins;
  const wanted = reference.origin ?? now?.[0];
  const found =
    wanted === undefined
      ? all.toSorted((a, b) => strength(b.figure.origin) - strength(a.figure.origin))[0]
      : all.find(({ figure }) => figure.origin === wanted || !isComparable(figure.origin));
  const text = printReference(reference);
  if (found === undefined && all.length > 0 && reference.origin === undefined && now !== undefined) {
    const recorded = all.map(({ figure }) => figure.origin).join(', ');
    throw new BudgetError(
      budgetCodes.originsDiffer,
      `${now[1]} is of origin ${now[0]}, ${text} of origin ${recorded}: figures of different origins do not compare`,
    );
  }
  if (found === undefined) {
    return {
      unit: unitOf(reference, sources),
      reason: `${text}${wanted === undefined ? '' : ` of origin ${wanted}`} is not in the baseline`,
      command: 'trigc check DIR --baseline FILE --update-baseline',
    };
  }
  const other = [...origins].find(([origin]) => isComparable(found.figure.origin) && origin !== found.figure.origin);
  if (other !== undefined) {
    throw new BudgetError(
      budgetCodes.originsDiffer,
      `${other[1]} is of origin ${other[0]}, ${text} of origin ${found.figure.origin}: figures of different origins do not compare`,
    );
  }
  return found;
}

/** Undefined where nothing at all is known of the layer or the region. */
function scopeOf(reference: Reference, set: FigureSet, region: number | undefined): FigureScope | undefined {
  if (reference.layer !== undefined) {
    const layer = set.layers.get(reference.layer);
    if (layer === undefined && !reference.baseline) {
      throw new BudgetError(
        budgetCodes.unknownFigure,
        `there is no layer '${printable(reference.layer)}'`,
        printable(didYouMean(reference.layer, [...set.layers.keys()].slice(0, 20))),
      );
    }
    return layer;
  }
  const which = reference.region ?? region;
  return which === undefined ? set.design : set.regions.get(which);
}

/** The figures of that name; throws BudgetError when nobody knows the name. `others` may know it too. */
function candidates(
  { name }: Reference,
  scope: FigureScope | undefined,
  ...others: readonly FigureSet[]
): readonly MeasuredFigure[] {
  const found = scope?.get(name);
  if (found !== undefined) return found;
  if (knownFigure(name) === undefined && !others.some((set) => unitIn(name, set) !== undefined)) {
    const known = new Set([...(scope?.keys() ?? []), ...knownFigures.keys()]);
    throw new BudgetError(
      budgetCodes.unknownFigure,
      `there is no figure '${printable(name)}'`,
      didYouMean(name, [...known]),
    );
  }
  return [];
}

function unitOf({ name }: Reference, { now, baseline }: FigureSources): string {
  return (
    unitIn(name, now) ?? (baseline === undefined ? undefined : unitIn(name, baseline)) ?? knownFigure(name)?.unit ?? ''
  );
}

/** The unit of any figure of that name. */
function unitIn(name: string, set: FigureSet): string | undefined {
  for (const scope of [set.design, ...set.regions.values(), ...set.layers.values()]) {
    const unit = scope.get(name)?.[0]?.figure.unit;
    if (unit !== undefined) return unit;
  }
  return undefined;
}
