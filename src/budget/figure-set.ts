import type { Figure, FigureOrigin } from '../report/figure.js';

/** A figure with what measured it. */
export interface MeasuredFigure {
  readonly figure: Figure;
  /** Name, version and flow, for people. */
  readonly tool: string;
}

/** Figures by name; of each name at most one of an origin. */
export type FigureScope = ReadonlyMap<string, readonly MeasuredFigure[]>;

/** Everything that is known of a compiled folder, or was when a baseline was recorded. */
export interface FigureSet {
  readonly design: FigureScope;
  /** By ONNX node. */
  readonly layers: ReadonlyMap<string, FigureScope>;
  /** By super logic region. */
  readonly regions: ReadonlyMap<number, FigureScope>;
}

/**
 * Origins that count the same thing, the later the closer to the device. The others stand apart: what follows from the
 * design or was measured on it is no better in one file than in another.
 */
export const strengths = ['estimate', 'yosys', 'csynth', 'synth', 'impl'] as const;
export type StrengthName = (typeof strengths)[number];

/** From 0 for an estimate; above all of them for an origin that stands apart. */
export function strength(origin: FigureOrigin): number {
  const found = strengths.findIndex((name) => name === origin);
  return found < 0 ? strengths.length : found;
}

export function isComparable(origin: FigureOrigin): boolean {
  return strength(origin) < strengths.length;
}

/** Gathers figures of several files; a second figure of a name and an origin throws RangeError. */
export class FigureSetBuilder {
  private readonly design = new Map<string, MeasuredFigure[]>();
  private readonly layers = new Map<string, Map<string, MeasuredFigure[]>>();
  private readonly regions = new Map<number, Map<string, MeasuredFigure[]>>();

  public addDesign(figures: Readonly<Record<string, Figure>>, tool: string): void {
    addAll(this.design, figures, tool);
  }

  public addLayer(layer: string, figures: Readonly<Record<string, Figure>>, tool: string): void {
    addAll(scopeOf(this.layers, layer), figures, tool);
  }

  public addRegion(region: number, figures: Readonly<Record<string, Figure>>, tool: string): void {
    addAll(scopeOf(this.regions, region), figures, tool);
  }

  public finish(): FigureSet {
    return { design: this.design, layers: this.layers, regions: this.regions };
  }
}

function scopeOf<K>(scopes: Map<K, Map<string, MeasuredFigure[]>>, key: K): Map<string, MeasuredFigure[]> {
  const scope = scopes.get(key) ?? new Map<string, MeasuredFigure[]>();
  scopes.set(key, scope);
  return scope;
}

function addAll(scope: Map<string, MeasuredFigure[]>, figures: Readonly<Record<string, Figure>>, tool: string): void {
  for (const [name, figure] of Object.entries(figures)) {
    const entries = scope.get(name) ?? [];
    const twice = entries.find((entry) => entry.figure.origin === figure.origin);
    if (twice !== undefined) {
      throw new RangeError(`the figure '${name}' (${figure.origin}) is given by ${twice.tool} and by ${tool}`);
    }
    entries.push({ figure, tool });
    scope.set(name, entries);
  }
}
