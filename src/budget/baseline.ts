import { figureOrigins } from '../report/figure.js';
import type { Figure, FigureOrigin } from '../report/figure.js';
import type { FigureScope, FigureSet, MeasuredFigure } from './figure-set.js';
import { FigureSetBuilder } from './figure-set.js';

/** Raised when a reader of the previous version would misread the file. */
const BASELINE_VERSION = 1;

interface RecordedFigure {
  readonly name: string;
  readonly origin: FigureOrigin;
  readonly value: number;
  readonly unit: string;
  readonly tool: string;
}

/** The file that users commit: the figures of a design that was accepted. */
export interface Baseline {
  readonly schema: 'trigc-baseline';
  readonly version: number;
  /** Of the model. */
  readonly name: string;
  readonly part: string;
  readonly figures: readonly RecordedFigure[];
  readonly layers: readonly { readonly layer: string; readonly figures: readonly RecordedFigure[] }[];
  readonly regions: readonly { readonly region: number; readonly figures: readonly RecordedFigure[] }[];
}

/** The text of a baseline: the same for the same figures, and one figure a line, so that a change of one is a small one. */
export function printBaseline(name: string, part: string, figures: FigureSet): string {
  const list = (scope: FigureScope, indent: string): string => {
    const lines = recorded(scope).map((figure) => `${indent}  ${JSON.stringify(figure)}`);
    return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n${indent}]`;
  };
  const scopes = <K>(key: string, of: ReadonlyMap<K, FigureScope>): string => {
    const lines = [...of].map(
      ([which, scope]) => `    { "${key}": ${JSON.stringify(which)}, "figures": ${list(scope, '    ')} }`,
    );
    return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  };
  return `{
  "schema": "trigc-baseline",
  "version": ${BASELINE_VERSION},
  "name": ${JSON.stringify(name)},
  "part": ${JSON.stringify(part)},
  "figures": ${list(figures.design, '  ')},
  "layers": ${scopes('layer', figures.layers)},
  "regions": ${scopes('region', figures.regions)}
}
`;
}

function recorded(scope: FigureScope): readonly RecordedFigure[] {
  return [...scope]
    .flatMap(([name, entries]) =>
      entries.map(({ figure: { value, unit, origin }, tool }) => ({ name, origin, value, unit, tool })),
    )
    .sort((left, right) => compare(left.name, right.name) || compare(left.origin, right.origin));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Throws RangeError with a sentence when the text is not a baseline that this version reads. */
export function parseBaseline(text: string): {
  readonly name: string;
  readonly part: string;
  readonly figures: FigureSet;
} {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError('it is not JSON');
  }
  if (!isRecord(value) || value['schema'] !== 'trigc-baseline') throw new RangeError('it is not a baseline');
  if (value['version'] !== BASELINE_VERSION) {
    throw new RangeError(`it has version ${String(value['version'])}; this Trigc reads version ${BASELINE_VERSION}`);
  }
  const { name, part } = value;
  if (typeof name !== 'string' || typeof part !== 'string') throw new RangeError('it has no name or no part');
  const builder = new FigureSetBuilder();
  for (const figure of figuresOf('figures', value['figures'])) {
    builder.addDesign({ [figure.name]: asFigure(figure) }, figure.tool);
  }
  for (const entry of listOf('layers', value['layers'])) {
    const { layer } = entry;
    if (typeof layer !== 'string') throw new RangeError("an entry of 'layers' has no layer");
    for (const figure of figuresOf('layers', entry['figures'])) {
      builder.addLayer(layer, { [figure.name]: asFigure(figure) }, figure.tool);
    }
  }
  for (const entry of listOf('regions', value['regions'])) {
    const { region } = entry;
    if (typeof region !== 'number') throw new RangeError("an entry of 'regions' has no region");
    for (const figure of figuresOf('regions', entry['figures'])) {
      builder.addRegion(region, { [figure.name]: asFigure(figure) }, figure.tool);
    }
  }
  return { name, part, figures: builder.finish() };
}

function asFigure({ value, unit, origin }: RecordedFigure): Figure {
  return { value, unit, origin };
}

type Entries = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listOf(where: string, value: unknown): readonly Entries[] {
  if (!Array.isArray(value) || !value.every(isRecord)) throw new RangeError(`its entry '${where}' is missing or wrong`);
  return value;
}

function figuresOf(where: string, value: unknown): readonly RecordedFigure[] {
  return listOf(where, value).map((entry) => {
    const { name, value: number, unit, tool } = entry;
    const origin = figureOrigins.find((known) => known === entry['origin']);
    const good =
      typeof name === 'string' &&
      typeof number === 'number' &&
      Number.isFinite(number) &&
      typeof unit === 'string' &&
      typeof tool === 'string';
    if (!good || origin === undefined) throw new RangeError(`a figure of '${where}' is wrong`);
    return { name, origin, value: number, unit, tool };
  });
}

/** One line of the comparison with a baseline. */
export interface BaselineRow {
  readonly name: string;
  readonly origin: FigureOrigin;
  readonly unit: string;
  /** Absent where it was not recorded, or is not measured now. */
  readonly baseline?: number;
  readonly now?: number;
  /** Now over baseline; absent where the baseline is zero. */
  readonly ratio?: number;
  /** Set where another tool, or another version of it, measured it: the figures may not compare. */
  readonly tools?: { readonly baseline: string; readonly now: string };
}

/** Every figure of the whole design, now and in the baseline, by name and origin. */
export function compareWithBaseline(baseline: FigureSet, now: FigureSet): readonly BaselineRow[] {
  const names = [...new Set([...now.design.keys(), ...baseline.design.keys()])];
  return names.flatMap((name) => {
    const before = baseline.design.get(name) ?? [];
    const after = now.design.get(name) ?? [];
    const origins = figureOrigins.filter((origin) =>
      [...before, ...after].some(({ figure }) => figure.origin === origin),
    );
    return origins.map((origin) => rowOf(name, origin, find(before, origin), find(after, origin)));
  });
}

function find(entries: readonly MeasuredFigure[], origin: FigureOrigin): MeasuredFigure | undefined {
  return entries.find(({ figure }) => figure.origin === origin);
}

function rowOf(
  name: string,
  origin: FigureOrigin,
  before: MeasuredFigure | undefined,
  after: MeasuredFigure | undefined,
): BaselineRow {
  const baseline = before?.figure.value;
  const now = after?.figure.value;
  const changedTool = before !== undefined && after !== undefined && before.tool !== after.tool;
  return {
    name,
    origin,
    unit: after?.figure.unit ?? before?.figure.unit ?? '',
    ...(baseline === undefined ? {} : { baseline }),
    ...(now === undefined ? {} : { now }),
    ...(baseline === undefined || now === undefined || baseline === 0 ? {} : { ratio: now / baseline }),
    ...(changedTool ? { tools: { baseline: before.tool, now: after.tool } } : {}),
  };
}
