import type { LineCounter, Node } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter as Lines, parseDocument } from 'yaml';
import { configCodes } from '../diagnostics/codes/config.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../diagnostics/result.js';

/** From 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ScalarNode {
  readonly kind: 'scalar';
  /** As written, without quotes: numbers keep every digit. */
  readonly text: string;
  /** Written without a value, or as `null` or `~`. */
  readonly empty: boolean;
  /** In quotes, so a string whatever it looks like. */
  readonly quoted: boolean;
  readonly position: Position;
}
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly position: Position;
}
export interface MapEntry {
  readonly keyPosition: Position;
  readonly value: ConfigNode;
}
export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly position: Position;
}
/** YAML as data: no aliases, no tags, every value with its place. */
export type ConfigNode = ScalarNode | ListNode | MapNode;

/** The whole tree fits many times: 57 inputs with a type and a range each take 4 KiB. */
export const MAXIMUM_LENGTH = 2 ** 18;
const MAXIMUM_DEPTH = 32;
const MAXIMUM_SYNTAX_ERRORS = 10;

/** Parse the text of a trigc.yaml; undefined when nothing can be made of it. Problems go to the bag. */
export function parseYamlTree(text: string, path: string, bag: DiagnosticBag): ConfigNode | undefined {
  if (text.length > MAXIMUM_LENGTH) {
    bag.add(configCodes.tooLarge, `${text.length} characters are more than ${MAXIMUM_LENGTH}`, { model: path });
    return undefined;
  }
  const lines = new Lines();
  // Unique keys are checked below: the library compares every pair of keys.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  for (const error of document.errors.slice(0, MAXIMUM_SYNTAX_ERRORS)) {
    const { line, col } = lines.linePos(error.pos[0]);
    bag.add(configCodes.invalidYaml, printable(error.message), { model: path, line, column: col });
  }
  if (document.errors.length > 0) return undefined;
  const converter = new Converter(lines, path, bag);
  if (document.contents === null) return { kind: 'map', entries: new Map(), position: { line: 1, column: 1 } };
  return converter.convert(document.contents, 0);
}

class Converter {
  public constructor(
    private readonly lines: LineCounter,
    private readonly path: string,
    private readonly bag: DiagnosticBag,
  ) {}

  public convert(node: Node, depth: number): ConfigNode {
    const position = this.positionOf(node);
    const empty: ScalarNode = { kind: 'scalar', text: '', empty: true, quoted: false, position };
    const place = { model: this.path, ...position };
    if (isAlias(node)) {
      this.bag.add(configCodes.aliasOrTag, `'*${printable(node.source)}' is an alias`, place);
      return empty;
    }
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.bag.add(configCodes.aliasOrTag, `'&${printable(anchor)}' is an anchor`, place);
    if (node.tag !== undefined) this.bag.add(configCodes.aliasOrTag, `'${printable(node.tag)}' is a tag`, place);
    if (depth > MAXIMUM_DEPTH) {
      this.bag.add(configCodes.tooLarge, `values are nested more than ${MAXIMUM_DEPTH} deep`, place);
      return empty;
    }
    if (isScalar(node)) {
      const quoted = node.type !== undefined && node.type !== 'PLAIN';
      const text = quoted ? String(node.value) : (node.source ?? '');
      return { kind: 'scalar', text, empty: !quoted && node.value === null, quoted, position };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convertOptional(item, position, depth));
      return { kind: 'list', items, position };
    }
    if (!isMap(node)) return empty;
    const entries = new Map<string, MapEntry>();
    for (const pair of node.items) {
      const key = this.convertOptional(pair.key, position, depth);
      const value = this.convertOptional(pair.value, key.position, depth);
      if (key.kind !== 'scalar') {
        this.bag.add(configCodes.wrongShape, 'a key is a list or a map', { model: this.path, ...key.position });
      } else if (entries.has(key.text)) {
        const message = `the key '${printable(key.text)}' is given twice`;
        this.bag.add(configCodes.duplicateKey, message, { model: this.path, ...key.position });
      } else {
        entries.set(key.text, { keyPosition: key.position, value });
      }
    }
    return { kind: 'map', entries, position };
  }

  /** What follows a key without a value has no node of its own; it gets the place of the key. */
  private convertOptional(value: unknown, fallback: Position, depth: number): ConfigNode {
    if (isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)) {
      const node: Node = value;
      return this.convert(node, depth + 1);
    }
    return { kind: 'scalar', text: '', empty: true, quoted: false, position: fallback };
  }

  private positionOf(node: Node): Position {
    const { line, col } = this.lines.linePos(node.range?.[0] ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}
