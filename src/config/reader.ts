import { configCodes } from '../diagnostics/codes/config.js';
import type { DiagnosticKind, Location } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../diagnostics/result.js';
import type { Dyadic } from '../numeric/dyadic.js';
import { parseDecimal } from '../numeric/dyadic.js';
import type { Quantizer } from '../numeric/fixed-point.js';
import { parseQuantizer } from '../numeric/fixed-point.js';
import { closestWord, didYouMean } from '../support/suggest.js';
import type { KeyTable } from './keys.js';
import type { ConfigNode, MapEntry, Position, ScalarNode } from './yaml-tree.js';

/** Keys whose feature exists. */
export type ActiveKey<T extends KeyTable> = {
  [K in keyof T & string]: T[K] extends { readonly notYet: true } ? never : K;
}[keyof T & string];

/** Reads the value at one key path, such as `target.clock`. */
export type Handler = (node: ConfigNode, path: string) => void;

const kindNames = { scalar: 'a single value', list: 'a list', map: 'a map of keys' } as const;

/** Reads checked values out of the YAML tree; every problem goes to the bag with its place, and reading goes on. */
export class ConfigReader {
  public readonly positions = new Map<string, Position>();

  public constructor(
    private readonly file: string,
    private readonly bag: DiagnosticBag,
  ) {}

  public report(kind: DiagnosticKind, message: string, at: Position, path: string, hint?: string): void {
    const { line, column } = at;
    const location: Location = { model: this.file, line, column, ...(path === '' ? {} : { configPath: path }) };
    this.bag.add(kind, message, location, hint);
  }

  /** A map with the keys of a table: one handler for each key that exists. Nothing at all is an empty map. */
  public object<T extends KeyTable>(
    node: ConfigNode,
    path: string,
    keys: T,
    handlers: Readonly<Record<ActiveKey<T>, Handler>>,
  ): void {
    const known = new Map<string, Handler>(Object.entries(handlers));
    for (const [key, entry] of this.entries(node, path)) {
      const inner = join(path, key);
      const handler = known.get(key);
      if (handler !== undefined) {
        this.positions.set(inner, entry.keyPosition);
        handler(entry.value, inner);
      } else if (Object.hasOwn(keys, key)) {
        this.report(configCodes.notYet, `'${key}' is not yet available`, entry.keyPosition, inner);
      } else {
        const closest = closestWord(key, Object.keys(keys));
        const hint = `${closest === undefined ? '' : `did you mean '${closest}'? `}known here: ${Object.keys(keys).join(', ')}`;
        this.report(configCodes.unknownKey, `'${printable(key)}' is not a key here`, entry.keyPosition, inner, hint);
      }
    }
  }

  /** A map with any names as keys. */
  public map(node: ConfigNode, path: string, handler: (name: string, node: ConfigNode, path: string) => void): void {
    for (const [name, entry] of this.entries(node, path)) {
      const inner = join(path, name);
      this.positions.set(inner, entry.keyPosition);
      handler(name, entry.value, inner);
    }
  }

  /** A map with element numbers as keys. */
  public elements(
    node: ConfigNode,
    path: string,
    handler: (element: number, node: ConfigNode, path: string) => void,
  ): void {
    for (const [key, entry] of this.entries(node, path)) {
      const inner = join(path, key);
      if (!/^\d{1,9}$/u.test(key)) {
        const message = `'${printable(key)}' is not the number of an element`;
        this.report(configCodes.badElement, message, entry.keyPosition, inner);
        continue;
      }
      // A second spelling of the same number (`1` and `01`) is a duplicate that YAML does not see.
      const name = String(Number(key));
      if (name !== key) {
        this.report(configCodes.badElement, `'${key}' is spelt '${name}'`, entry.keyPosition, inner);
        continue;
      }
      this.positions.set(inner, entry.keyPosition);
      handler(Number(key), entry.value, inner);
    }
  }

  public list(node: ConfigNode, path: string): readonly ConfigNode[] | undefined {
    if (node.kind === 'list') return node.items;
    this.wrongShape(node, path, 'list');
    return undefined;
  }

  public scalar(node: ConfigNode, path: string): ScalarNode | undefined {
    if (node.kind === 'scalar' && !node.empty) return node;
    this.wrongShape(node, path, 'scalar');
    return undefined;
  }

  public quantizer(node: ConfigNode, path: string): Quantizer | undefined {
    const scalar = this.scalar(node, path);
    if (scalar === undefined) return undefined;
    try {
      return parseQuantizer(scalar.text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Inside [ ] and { } a comma ends a value that is not quoted.
      const cut = /^\s*(?:ap_)?u?fixed\s*<[^>]*$/u.test(scalar.text);
      const hint = cut ? 'inside [ ] and { } put quotes around a type, because a comma ends the value' : undefined;
      this.report(configCodes.badType, printable(error.message), scalar.position, path, hint);
      return undefined;
    }
  }

  /** An exact decimal. */
  public decimal(node: ConfigNode, path: string): Dyadic | undefined {
    const scalar = this.scalar(node, path);
    if (scalar === undefined) return undefined;
    const shown = `'${printable(scalar.text)}'`;
    try {
      // Longer texts are no number that anyone typed, and cost time.
      if (scalar.text.length > 1000) throw new RangeError('too long');
      const value = parseDecimal(scalar.text);
      if (value !== undefined) return value;
      this.report(configCodes.notBinary, `${shown} has no exact binary value`, scalar.position, path);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.report(configCodes.badNumber, `${shown} is not a number`, scalar.position, path);
    }
    return undefined;
  }

  public integer(node: ConfigNode, path: string, kind: DiagnosticKind, low: number, high: number): number | undefined {
    const scalar = this.scalar(node, path);
    if (scalar === undefined) return undefined;
    const value = parseWhole(scalar.text, low, high);
    if (value === undefined) {
      const message = `'${printable(scalar.text)}' is not a whole number from ${low} to ${high}`;
      this.report(kind, message, scalar.position, path);
    }
    return value;
  }

  /** A value of a small grammar whose parser throws RangeError. */
  public parsed<T>(node: ConfigNode, path: string, kind: DiagnosticKind, parse: (text: string) => T): T | undefined {
    const scalar = this.scalar(node, path);
    if (scalar === undefined) return undefined;
    try {
      return parse(scalar.text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.report(kind, printable(error.message), scalar.position, path);
      return undefined;
    }
  }

  public choice<T extends string>(node: ConfigNode, path: string, choices: readonly T[]): T | undefined {
    const scalar = this.scalar(node, path);
    if (scalar === undefined) return undefined;
    const found = choices.find((candidate) => candidate === scalar.text);
    if (found === undefined) {
      const message = `'${printable(scalar.text)}' is not one of ${choices.join(', ')}`;
      this.report(configCodes.badChoice, message, scalar.position, path, didYouMean(scalar.text, choices));
    }
    return found;
  }

  public boolean(node: ConfigNode, path: string): boolean | undefined {
    const text = this.choice(node, path, ['true', 'false']);
    return text === undefined ? undefined : text === 'true';
  }

  private entries(node: ConfigNode, path: string): Iterable<[string, MapEntry]> {
    if (node.kind === 'map') return node.entries;
    if (node.kind === 'scalar' && node.empty) return [];
    this.wrongShape(node, path, 'map');
    return [];
  }

  private wrongShape(node: ConfigNode, path: string, wanted: ConfigNode['kind']): void {
    const found = node.kind === 'scalar' && node.empty ? 'nothing' : kindNames[node.kind];
    const name = path === '' ? 'the file' : `'${printable(path)}'`;
    this.report(configCodes.wrongShape, `${name} takes ${kindNames[wanted]}, not ${found}`, node.position, path);
  }
}

/** A whole number in plain digits, within bounds. */
export function parseWhole(text: string, low: number, high: number): number | undefined {
  const value = /^\s*\d{1,15}\s*$/u.test(text) ? Number(text) : NaN;
  return value >= low && value <= high ? value : undefined;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
