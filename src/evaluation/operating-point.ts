/** Revolution frequency of the LHC at collision energy, kHz: every colliding bunch pair crosses so often. */
export const REVOLUTION_KILOHERTZ = 11.2455;
export const DEFAULT_BUNCHES = 2340;

/** How much of the background a trigger may accept: a rate, or a fraction of all events. */
export type OperatingPoint =
  { readonly kind: 'rate'; readonly kilohertz: number } | { readonly kind: 'fraction'; readonly fraction: number };

export const defaultPoints: readonly OperatingPoint[] = [
  ...[0.3, 1, 3].map((kilohertz) => ({ kind: 'rate', kilohertz }) as const),
  ...[1e-1, 1e-2, 1e-3, 1e-4, 1e-5].map((fraction) => ({ kind: 'fraction', fraction }) as const),
];

/** Rate of a background of which everything is accepted, kHz. */
export function totalRate(bunches: number): number {
  return REVOLUTION_KILOHERTZ * bunches;
}

/** The accepted fraction that an operating point stands for. */
export function targetFraction(point: OperatingPoint, bunches: number): number {
  return point.kind === 'fraction' ? point.fraction : point.kilohertz / totalRate(bunches);
}

/** For people: `1 kHz`, `1e-4`. */
export function printPoint(point: OperatingPoint): string {
  return point.kind === 'rate' ? `${shortNumber(point.kilohertz)} kHz` : exponential(point.fraction);
}

/** As the end of a figure's name: `1khz`, `0p3khz`, `1em4`. */
export function pointSuffix(point: OperatingPoint): string {
  const text = point.kind === 'rate' ? `${shortNumber(point.kilohertz)}khz` : exponential(point.fraction);
  return text.replace('.', 'p').replace('e-', 'em').replace('e+', 'e');
}

/** The point of a figure's name; undefined where it is none. */
export function parsePointSuffix(text: string): OperatingPoint | undefined {
  const match = /^(\d+(?:p\d+)?)(?:(khz)|e(m?)(\d+))$/u.exec(text);
  if (match === null) return undefined;
  const mantissa = (match[1] ?? '').replace('p', '.');
  if (match[2] !== undefined) return validPoint({ kind: 'rate', kilohertz: Number(mantissa) });
  const sign = match[3] === 'm' ? '-' : '';
  return validPoint({ kind: 'fraction', fraction: Number(`${mantissa}e${sign}${match[4] ?? ''}`) });
}

/** What a user writes: `1 kHz`, `0.3kHz`, `1e-4`; undefined for anything else. */
export function parsePoint(text: string): OperatingPoint | undefined {
  const match = /^(\d+(?:\.\d*)?(?:e[+-]?\d+)?)\s*(kHz)?$/u.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[1]);
  return validPoint(
    match[2] === undefined ? { kind: 'fraction', fraction: value } : { kind: 'rate', kilohertz: value },
  );
}

/** A positive rate, or a fraction between 0 and 1; undefined for anything else. */
export function validPoint(point: OperatingPoint): OperatingPoint | undefined {
  if (point.kind === 'rate') return Number.isFinite(point.kilohertz) && point.kilohertz > 0 ? point : undefined;
  return point.fraction > 0 && point.fraction < 1 ? point : undefined;
}

/** Without the noise of the last digits that dividing leaves. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(12)));
}

function exponential(value: number): string {
  return Number(value.toPrecision(12)).toExponential();
}
