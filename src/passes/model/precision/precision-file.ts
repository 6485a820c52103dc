import { precisionCodes } from '../../../diagnostics/codes/precision.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import { parseQuantizer, printType } from '../../../numeric/fixed-point.js';
import type { Overflow, Rounding } from '../../../numeric/rounding.js';
import { overflowNames, roundingNames } from '../../../numeric/rounding.js';
import type { ConstantPrecision, PrecisionPlan, TensorPrecision } from './plan.js';
import type { PrunedConstants } from './pruned-constants.js';

const SCHEMA = 'trigc-precision';
const VERSION = 1;
/** No exporter writes floats beyond these. */
const LARGEST_EXPONENT = 16384;

/** A plan and the model it was made for. */
export interface PrecisionFile {
  /** SHA-256 of the model file, lower-case hexadecimal. */
  readonly model: string;
  readonly plan: PrecisionPlan;
  /** Weights of the typed graph that pruning has changed; absent where there was none. */
  readonly pruned?: PrunedConstants;
}

/** JSON text, one site a line; reads back to the same plan. */
export function printPrecision({ model, plan, pruned }: PrecisionFile): string {
  const entries = <T>(map: ReadonlyMap<string, T>, print: (value: T) => object): string => {
    const lines = [...map].map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(print(value))}`);
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  };
  const tensors = entries(plan.tensors, ({ types, rounding, overflow }) => ({
    types: types.map(printType),
    rounding,
    overflow,
  }));
  const printConstants = (map: ReadonlyMap<string, ConstantPrecision>): string =>
    entries(map, ({ lsb, codes }) => ({ lsb, codes: codes.map(codeToJson) }));
  const changed = pruned === undefined ? '' : `,\n  "pruned": ${printConstants(pruned)}`;
  return (
    `{\n  "schema": "${SCHEMA}",\n  "version": ${VERSION},\n  "model": ${JSON.stringify(model)},\n` +
    `  "tensors": ${tensors},\n  "constants": ${printConstants(plan.constants)}${changed}\n}\n`
  );
}

/** A code beyond 2^53 is written as text. */
function codeToJson(code: bigint): number | string {
  const number = Number(code);
  return Number.isSafeInteger(number) ? number : String(code);
}

/** Reports everything that is wrong with the text. `path` is what messages call it. */
export function parsePrecision(text: string, path: string): Result<PrecisionFile> {
  const bag = new DiagnosticBag();
  const tensors = new Map<string, TensorPrecision>();
  const constants = new Map<string, ConstantPrecision>();
  const pruned = new Map<string, ConstantPrecision>();
  let file: PrecisionFile = { model: '', plan: { tensors, constants } };
  const refuse = (message: string, where = ''): void => {
    const configPath = where === '' ? {} : { configPath: where };
    bag.add(precisionCodes.badFile, message, { model: printable(path), ...configPath });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    refuse('it is not JSON');
    return bag.finish(file);
  }
  if (!isRecord(json) || json['schema'] !== SCHEMA) refuse(`it has no "schema": "${SCHEMA}"`);
  else if (json['version'] !== VERSION) refuse(`version ${printable(String(json['version']))} is not ${VERSION}`);
  else {
    const { model } = json;
    if (typeof model !== 'string' || !/^[0-9a-f]{64}$/u.test(model)) refuse('"model" is no SHA-256');
    else file = { ...file, model };
    readEntries(json, 'tensors', readTensor, tensors, refuse);
    readEntries(json, 'constants', readConstant, constants, refuse);
    if (json['pruned'] !== undefined) {
      readEntries(json, 'pruned', readConstant, pruned, refuse);
      file = { ...file, pruned };
    }
  }
  return bag.finish(file);
}

function readEntries<T>(
  json: Record<string, unknown>,
  key: string,
  read: (value: unknown) => T | string,
  into: Map<string, T>,
  refuse: (message: string, where: string) => void,
): void {
  const entries = json[key];
  if (!isRecord(entries)) {
    refuse(`"${key}" is no object`, key);
    return;
  }
  for (const [name, value] of Object.entries(entries)) {
    const made = read(value);
    if (typeof made === 'string') refuse(made, `${key}.${printable(name)}`);
    else into.set(name, made);
  }
}

function readTensor(value: unknown): TensorPrecision | string {
  if (!isRecord(value)) return 'it is no object';
  const { types, rounding, overflow } = value;
  if (!isOneOf<Rounding>(rounding, roundingNames)) return `"rounding" is not one of ${roundingNames.join(', ')}`;
  if (!isOneOf<Overflow>(overflow, overflowNames)) return `"overflow" is not one of ${overflowNames.join(', ')}`;
  if (!Array.isArray(types) || types.length === 0) return '"types" is no list of types';
  try {
    return { types: types.map((type) => parseQuantizer(String(type)).type), rounding, overflow };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return printable(error.message);
  }
}

function readConstant(value: unknown): ConstantPrecision | string {
  if (!isRecord(value)) return 'it is no object';
  const { lsb, codes } = value;
  if (typeof lsb !== 'number' || !Number.isInteger(lsb) || Math.abs(lsb) > LARGEST_EXPONENT) {
    return `"lsb" is no whole number between ±${LARGEST_EXPONENT}`;
  }
  if (!Array.isArray(codes)) return '"codes" is no list';
  const bad = codes.findIndex((code) => !Number.isSafeInteger(code) && !(typeof code === 'string' && isWhole(code)));
  if (bad >= 0) return `code ${bad} is no whole number`;
  return { lsb, codes: codes.map((code) => BigInt(code as number | string)) };
}

function isWhole(text: string): boolean {
  return /^-?\d{1,1300}$/u.test(text);
}

function isOneOf<T extends string>(value: unknown, names: readonly T[]): value is T {
  return names.some((name) => name === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
