import type { Figure, FigureOrigin } from './figure.js';
import { figureOrigins } from './figure.js';

/** Raised when a reader of the previous version would misread the file. */
export const FIGURE_FILE_VERSION = 1;

/** Figures of the design, of a layer or of a region, by name: `lut`, `latency_ns`, `mismatches`. */
export type Figures = Readonly<Record<string, Figure>>;

/** What measured the figures. */
export interface FigureTool {
  readonly name: string;
  readonly version: string;
  /** Which of its flows, with a version of ours: figures of two flows do not compare. */
  readonly flow?: string;
}

/** `figures/<name>.json` of a compiled folder: what one later command measured. */
export interface FigureFile {
  readonly schema: 'trigc-figures';
  readonly version: number;
  /** SHA-256 of the `trigc.json` that was measured, in hexadecimal. */
  readonly manifestSha256: string;
  /** The command that measures again, such as `trigc synth DIR`. */
  readonly command: string;
  readonly tool: FigureTool;
  readonly figures: Figures;
  /** By ONNX node. */
  readonly layers?: readonly { readonly layer: string; readonly figures: Figures }[];
  /** By super logic region, from 0. */
  readonly slr?: readonly { readonly region: number; readonly figures: Figures }[];
  /** What only the command that wrote it understands. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The parts that only the one who measures knows. */
export type MeasuredFigures = Omit<FigureFile, 'schema' | 'version' | 'manifestSha256'>;

/** The text of a figure file: the same for the same figures. Throws RangeError where `parseFigureFile` would refuse it. */
export function printFigureFile(measured: MeasuredFigures, manifestSha256: string): string {
  const file: FigureFile = { schema: 'trigc-figures', version: FIGURE_FILE_VERSION, manifestSha256, ...measured };
  const text = `${JSON.stringify(file, null, 2)}\n`;
  parseFigureFile(text);
  return text;
}

/** Throws RangeError with a sentence when the text is not a figure file that this version reads. */
export function parseFigureFile(text: string): FigureFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError('it is not JSON');
  }
  if (!isRecord(value) || value['schema'] !== 'trigc-figures') throw new RangeError('it is not a file of figures');
  if (value['version'] !== FIGURE_FILE_VERSION) {
    throw new RangeError(`it has version ${String(value['version'])}; this Trigc reads version ${FIGURE_FILE_VERSION}`);
  }
  checkKeys('the file', value, fileKeys);
  const { tool } = value;
  if (!isRecord(tool)) throw new RangeError("its entry 'tool' is not an object");
  checkKeys("its entry 'tool'", tool, toolKeys);
  checkFigures('figures', value['figures']);
  checkParts('layers', 'layer', value['layers'], isText);
  checkParts('slr', 'region', value['slr'], isCount);
  return value as unknown as FigureFile;
}

/** Throws RangeError with a sentence unless `value` is a map of figures; `where` names it. */
export function checkFigures(where: string, value: unknown): asserts value is Figures {
  if (!isRecord(value)) throw new RangeError(`its entry '${where}' is not a map of figures`);
  for (const [name, figure] of Object.entries(value)) {
    if (!FIGURE_NAME.test(name)) throw new RangeError(`'${name}' in '${where}' is no name of a figure`);
    if (!isRecord(figure)) throw new RangeError(`the figure '${name}' in '${where}' is not an object`);
    checkKeys(`the figure '${name}' in '${where}'`, figure, figureKeys);
  }
}

/** Lower case, so that `lut.yosys` and `latency_ns` read alike in every place. */
const FIGURE_NAME = /^[a-z][a-z0-9_]{0,63}$/u;

type Entries = Readonly<Record<string, unknown>>;
interface KeyCheck {
  readonly check: (value: unknown) => boolean;
  readonly optional?: true;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): value is number => isNumber(value) && Number.isInteger(value) && value >= 0;
const isRecord = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOrigin = (value: unknown): value is FigureOrigin => figureOrigins.some((origin) => origin === value);
const anything = (): boolean => true;

const fileKeys: Readonly<Record<string, KeyCheck>> = {
  schema: { check: anything },
  version: { check: anything },
  manifestSha256: { check: (value) => isText(value) && /^[0-9a-f]{64}$/u.test(value) },
  command: { check: isText },
  tool: { check: isRecord },
  figures: { check: isRecord },
  layers: { check: Array.isArray, optional: true },
  slr: { check: Array.isArray, optional: true },
  details: { check: isRecord, optional: true },
};
const toolKeys: Readonly<Record<string, KeyCheck>> = {
  name: { check: isText },
  version: { check: isText },
  flow: { check: isText, optional: true },
};
const figureKeys: Readonly<Record<string, KeyCheck>> = {
  value: { check: isNumber },
  // Parts of one, such as a loss, have none.
  unit: { check: (value) => typeof value === 'string' },
  origin: { check: isOrigin },
  share: { check: (value) => isNumber(value) && value >= 0, optional: true },
  error: { check: (value) => isRecord(value) && isNumber(value['low']) && isNumber(value['high']), optional: true },
};

function checkKeys(where: string, value: Entries, keys: Readonly<Record<string, KeyCheck>>): void {
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(keys, key));
  if (unknown !== undefined) throw new RangeError(`${where} has an unknown entry '${unknown}'`);
  for (const [key, { check, optional }] of Object.entries(keys)) {
    const entry = value[key];
    if (entry === undefined ? optional !== true : !check(entry)) {
      throw new RangeError(`the entry '${key}' of ${where} is missing or wrong`);
    }
  }
}

function checkParts(key: string, name: string, value: unknown, isName: (name: unknown) => boolean): void {
  if (value === undefined) return;
  const seen = new Set<unknown>();
  (value as readonly unknown[]).forEach((part, index) => {
    const where = `${key}[${index}]`;
    if (!isRecord(part)) throw new RangeError(`its entry '${where}' is not an object`);
    checkKeys(`'${where}'`, part, { [name]: { check: isName }, figures: { check: isRecord } });
    if (seen.has(part[name])) throw new RangeError(`'${where}' is there twice`);
    seen.add(part[name]);
    checkFigures(`${where}.figures`, part['figures']);
  });
}
