import { configCodes } from '../diagnostics/codes/config.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { Dyadic } from '../numeric/dyadic.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { fixedPointType, MAXIMUM_WIDTH } from '../numeric/fixed-point.js';
import type { PackedElement } from '../passes/model/unpack-words.js';
import { closestWord } from '../support/suggest.js';
import type { WordCollection, WordField } from '../targets/global-trigger.js';
import { globalTriggerObjects } from '../targets/global-trigger.js';
import type { FromConfig } from './config.js';
import { fromKeys, packedFieldKeys, wordFormats, wordKeys } from './keys.js';
import type { ConfigReader } from './reader.js';
import type { ConfigNode } from './yaml-tree.js';

/** Words of one collection, and elements that one input may take from words. */
const MAXIMUM_WORDS = 65_536;
const MAXIMUM_ELEMENTS = 1_000_000;

/** `inputs.<name>.from`: packed words, and which of their bits are the elements of the input. */
export function readFrom(reader: ConfigReader, node: ConfigNode, path: string): FromConfig | undefined {
  const collections = new Map<string, WordCollection>();
  let fields: { readonly node: ConfigNode; readonly path: string } | undefined;
  reader.object(node, path, fromKeys, {
    format: (value, at) => {
      if (reader.choice(value, at, wordFormats) === undefined) return;
      for (const collection of globalTriggerObjects) collections.set(collection.name, collection);
    },
    words: (value, at) => {
      reader.list(value, at)?.forEach((item, index) => {
        const inner = `${at}.${index}`;
        const collection = readCollection(reader, item, inner);
        if (collection === undefined) return;
        if (collections.has(collection.name)) {
          const message = `'${printable(collection.name)}' is declared already`;
          reader.report(configCodes.badWords, message, item.position, inner);
        }
        collections.set(collection.name, collection);
      });
    },
    fields: (value, at) => {
      fields = { node: value, path: at };
    },
  });
  if (fields === undefined || collections.size === 0) {
    const missing = fields === undefined ? 'fields' : 'words, or a format';
    reader.report(configCodes.wrongShape, `'${printable(path)}' needs ${missing}`, node.position, path);
    return undefined;
  }
  const elements = new FieldReader(reader, collections).elements(fields.node, fields.path);
  if (elements === undefined) return undefined;
  const used = new Set(elements.flatMap((element) => (element.kind === 'field' ? [element.collection] : [])));
  const widths = new Map([...collections].flatMap(([name, { width }]) => (used.has(name) ? [[name, width]] : [])));
  return { widths, elements };
}

/** One entry of `words`. */
function readCollection(reader: ConfigReader, node: ConfigNode, path: string): WordCollection | undefined {
  let name: string | undefined;
  let count: number | undefined;
  let width: number | undefined;
  const named: { readonly name: string; readonly node: ConfigNode; readonly path: string }[] = [];
  reader.object(node, path, wordKeys, {
    name: (value, at) => {
      name = reader.scalar(value, at)?.text;
      if (name === undefined || /^[^[\]]+$/u.test(name)) return;
      reader.report(configCodes.badWords, `'${printable(name)}' is no name of words`, value.position, at);
      name = undefined;
    },
    count: (value, at) => {
      count = reader.integer(value, at, configCodes.badNumber, 1, MAXIMUM_WORDS);
    },
    width: (value, at) => {
      width = reader.integer(value, at, configCodes.badNumber, 1, MAXIMUM_WIDTH);
    },
    fields: (value, at) => {
      reader.map(value, at, (field, inner, innerPath) => named.push({ name: field, node: inner, path: innerPath }));
    },
  });
  for (const key of ['name', 'width']) {
    if (node.kind !== 'map' || node.entries.has(key)) continue;
    reader.report(configCodes.wrongShape, `words need a ${key}`, node.position, path);
  }
  if (node.kind === 'map' && !node.entries.has('count')) count = 1;
  if (name === undefined || count === undefined || width === undefined) return undefined;
  const bare: WordCollection = { name, count, width, fields: new Map() };
  const single = new FieldReader(reader, new Map([[name, bare]]));
  const fields = new Map<string, WordField>();
  for (const field of named) {
    const read = single.field(field.node, field.path, bare);
    if (read?.kind === 'bits') fields.set(field.name, read.field);
    else if (read !== undefined) {
      reader.report(configCodes.wrongShape, 'a field of a word is bits', field.node.position, field.path);
    }
  }
  return { ...bare, fields };
}

/** An entry of a list of fields: bits of whatever word is at hand, or a constant. */
type FieldEntry =
  { readonly kind: 'bits'; readonly field: WordField } | { readonly kind: 'constant'; readonly value: Dyadic };

class FieldReader {
  public constructor(
    private readonly reader: ConfigReader,
    private readonly collections: ReadonlyMap<string, WordCollection>,
  ) {}

  /** The whole list, written out; undefined when any of it is wrong. */
  public elements(node: ConfigNode, path: string): readonly PackedElement[] | undefined {
    const items = this.reader.list(node, path);
    if (items === undefined) return undefined;
    const elements: PackedElement[] = [];
    let complete = true;
    for (const [index, item] of items.entries()) {
      const made = this.entry(item, `${path}.${index}`, MAXIMUM_ELEMENTS - elements.length);
      if (made === undefined) complete = false;
      else for (const element of made) elements.push(element);
    }
    return complete ? elements : undefined;
  }

  /** `{ constant }`, or a word or several with one field or several: word after word, each with all of its fields. */
  private entry(node: ConfigNode, path: string, room: number): readonly PackedElement[] | undefined {
    const { reader } = this;
    if (node.kind !== 'map') {
      reader.report(configCodes.wrongShape, `'${printable(path)}' takes a map with a word`, node.position, path);
      return undefined;
    }
    const wordNode = node.entries.get('word')?.value;
    const listNode = node.entries.get('fields')?.value;
    const words = wordNode === undefined ? undefined : this.words(wordNode, `${path}.word`);
    if (wordNode !== undefined && words === undefined) return undefined;
    const fields: (FieldEntry | undefined)[] = [];
    if (listNode === undefined) fields.push(this.field(node, path, words?.collection, true));
    else {
      for (const key of node.entries.keys()) {
        if (key === 'word' || key === 'fields') continue;
        const message = `'fields' and '${printable(key)}' are both given`;
        reader.report(configCodes.conflictingKeys, message, listNode.position, path);
      }
      reader
        .list(listNode, `${path}.fields`)
        ?.forEach((item, index) => fields.push(this.field(item, `${path}.fields.${index}`, words?.collection)));
    }
    const count = words === undefined ? 1 : words.last - words.first + 1;
    if (fields.includes(undefined)) return undefined;
    if (fields.length * count > room) {
      reader.report(configCodes.tooLarge, `more than ${MAXIMUM_ELEMENTS} fields`, node.position, path);
      return undefined;
    }
    const elements: PackedElement[] = [];
    for (let repetition = 0; repetition < count; repetition++) {
      for (const field of fields) {
        if (field?.kind === 'constant') elements.push(field);
        else if (field !== undefined && words !== undefined) {
          const { low, type } = field.field;
          const word = words.first + repetition;
          elements.push({ kind: 'field', collection: words.collection.name, word, low, type });
        }
      }
    }
    return elements;
  }

  /** `muon`, `muon[2]` or `muon[0..3]`. */
  private words(
    node: ConfigNode,
    path: string,
  ): { readonly collection: WordCollection; readonly first: number; readonly last: number } | undefined {
    const { reader } = this;
    const text = reader.scalar(node, path)?.text;
    if (text === undefined) return undefined;
    const match = /^([^[\]]+?)(?:\[(\d{1,6})(?:\.\.(\d{1,6}))?\])?$/u.exec(text.trim());
    const name = match?.[1] ?? text;
    const collection = match === null ? undefined : this.collections.get(name);
    if (collection === undefined) {
      const closest = closestWord(name, [...this.collections.keys()]);
      const known = [...this.collections.keys()].slice(0, 20).map(printable).join(', ');
      const hint = `${closest === undefined ? '' : `did you mean '${printable(closest)}'? `}known here: ${known}`;
      reader.report(configCodes.unknownWord, `there are no words '${printable(name)}'`, node.position, path, hint);
      return undefined;
    }
    const first = Number(match?.[2] ?? 0);
    const last = Number(match?.[3] ?? match?.[2] ?? collection.count - 1);
    if (first > last || last >= collection.count) {
      const message = `'${printable(text)}': the words of '${printable(name)}' are 0 to ${collection.count - 1}`;
      reader.report(configCodes.unknownWord, message, node.position, path);
      return undefined;
    }
    return { collection, first, last };
  }

  /** `et`, `'8:0'`, or a map with one of field, bits and constant, and perhaps signed or a type. */
  public field(
    node: ConfigNode,
    path: string,
    collection: WordCollection | undefined,
    withWord = false,
  ): FieldEntry | undefined {
    const { reader } = this;
    if (node.kind === 'scalar') {
      const text = reader.scalar(node, path)?.text;
      const field = text === undefined ? undefined : this.bitsOf(text, node, path, collection);
      return field === undefined ? undefined : { kind: 'bits', field };
    }
    let bits: WordField | undefined;
    let constant: Dyadic | undefined;
    let signed: boolean | undefined;
    let type: FixedPointType | undefined;
    const given = new Set<string>();
    const named = (value: ConfigNode, at: string): void => {
      given.add('bits');
      const text = reader.scalar(value, at)?.text;
      if (text !== undefined) bits = this.bitsOf(text, value, at, collection);
    };
    reader.object(node, path, packedFieldKeys, {
      // Read by the caller, where there may be one.
      word: (value, at) => {
        if (withWord) return;
        reader.report(configCodes.wrongShape, 'the word is that of the whole list', value.position, at);
      },
      fields: () => undefined,
      field: named,
      bits: named,
      constant: (value, at) => {
        given.add('constant');
        constant = reader.decimal(value, at);
      },
      signed: (value, at) => {
        given.add('type');
        signed = reader.boolean(value, at);
      },
      type: (value, at) => {
        given.add('type');
        type = reader.quantizer(value, at)?.type;
        if (type === undefined) given.add('wrong');
      },
    });
    if (given.has('wrong')) return undefined;
    if (given.has('constant') === given.has('bits') || (given.has('constant') && given.has('type'))) {
      const message = 'a field takes one of field, bits and constant; a type goes with bits';
      reader.report(configCodes.wrongShape, message, node.position, path);
      return undefined;
    }
    if (constant !== undefined) return { kind: 'constant', value: constant };
    if (bits === undefined) return undefined;
    const wanted = this.typed(bits, signed, type, node, path);
    return wanted === undefined ? undefined : { kind: 'bits', field: { ...bits, type: wanted } };
  }

  private typed(
    { low, high, type: own }: WordField,
    signed: boolean | undefined,
    type: FixedPointType | undefined,
    node: ConfigNode,
    path: string,
  ): FixedPointType | undefined {
    const width = high - low + 1;
    if (type === undefined) {
      return signed === undefined || signed === own.signed ? own : fixedPointType(signed, width, own.integer);
    }
    const wrong =
      type.width !== width
        ? `a type of ${type.width} bits for ${width} bits`
        : signed !== undefined && signed !== type.signed
          ? `'signed: ${String(signed)}' contradicts the type`
          : undefined;
    if (wrong === undefined) return type;
    this.reader.report(configCodes.badBits, wrong, node.position, path);
    return undefined;
  }

  /** `8:0`, `5`, or the name of a field of the collection. */
  private bitsOf(
    text: string,
    node: ConfigNode,
    path: string,
    collection: WordCollection | undefined,
  ): WordField | undefined {
    const { reader } = this;
    if (collection === undefined) {
      reader.report(configCodes.wrongShape, `'${printable(path)}' needs a word`, node.position, path);
      return undefined;
    }
    const match = /^\s*(\d{1,5})(?:\s*:\s*(\d{1,5}))?\s*$/u.exec(text);
    if (match === null) {
      const field = collection.fields.get(text);
      if (field !== undefined) return field;
      const names = [...collection.fields.keys()];
      const known = names.length === 0 ? 'it has no named fields' : `its fields are ${names.map(printable).join(', ')}`;
      const message = `'${printable(text)}' is neither bits nor a field of '${printable(collection.name)}'`;
      reader.report(configCodes.unknownWord, message, node.position, path, `${known}; or write bits such as '8:0'`);
      return undefined;
    }
    const high = Number(match[1]);
    const low = Number(match[2] ?? match[1]);
    if (low > high || high >= collection.width) {
      const message = `bits ${text.trim()} of '${printable(collection.name)}', whose bits are ${collection.width - 1}:0`;
      reader.report(configCodes.badBits, message, node.position, path);
      return undefined;
    }
    return { low, high, type: fixedPointType(false, high - low + 1, high - low + 1) };
  }
}
