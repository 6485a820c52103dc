import { configCodes } from '../diagnostics/codes/config.js';
import { printable } from '../diagnostics/diagnostic.js';
import { MAXIMUM_INTERVAL } from '../design/sequencing.js';
import type { Dyadic } from '../numeric/dyadic.js';
import { commonDyadic } from '../numeric/dyadic.js';
import type { Quantizer } from '../numeric/fixed-point.js';
import type { FromConfig, InputConfig, RealRange } from './config.js';
import { readFrom } from './read-from.js';
import { batchChoices, inputKeys } from './keys.js';
import type { ConfigReader } from './reader.js';
import type { ConfigNode } from './yaml-tree.js';

/** Elements that the list of types of one input may have after its repetitions. */
const MAXIMUM_ELEMENTS = 1_000_000;

/** One entry of `inputs`. */
export function readInput(reader: ConfigReader, node: ConfigNode, path: string): InputConfig {
  let type: Quantizer | undefined;
  let types: ReadonlyMap<number, Quantizer> = new Map();
  let typeCount: number | undefined;
  let range: RealRange | undefined;
  let batch: 0 | 'none' | undefined;
  let clocks: number | undefined;
  let from: FromConfig | undefined;
  const ranges = new Map<number, RealRange>();
  const constants = new Map<number, Dyadic>();
  const given = new Set<string>();

  reader.object(node, path, inputKeys, {
    type: (value, at) => {
      given.add('type');
      type = reader.quantizer(value, at);
    },
    types: (value, at) => {
      given.add('types');
      if (value.kind === 'map') types = readTypeMap(reader, value, at);
      else {
        const list = readTypeList(reader, value, at);
        if (list === undefined) return;
        types = new Map(list.map((entry, element) => [element, entry] as const));
        typeCount = list.length;
      }
    },
    range: (value, at) => {
      given.add('range');
      range = readRange(reader, value, at);
    },
    ranges: (value, at) => {
      given.add('ranges');
      reader.elements(value, at, (element, bounds, inner) => {
        const found = readRange(reader, bounds, inner);
        if (found !== undefined) ranges.set(element, found);
      });
    },
    constants: (value, at) => {
      reader.elements(value, at, (element, constant, inner) => {
        const found = reader.decimal(constant, inner);
        if (found !== undefined) constants.set(element, found);
      });
    },
    batch: (value, at) => {
      const choice = reader.choice(value, at, batchChoices);
      batch = choice === undefined ? undefined : choice === '0' ? 0 : 'none';
    },
    clocks: (value, at) => {
      given.add('clocks');
      clocks = reader.integer(value, at, configCodes.badNumber, 1, MAXIMUM_INTERVAL);
    },
    from: (value, at) => {
      given.add('from');
      from = readFrom(reader, value, at);
    },
  });

  const both = (left: string, right: string): void => {
    if (!given.has(left) || !given.has(right)) return;
    const message = `'${left}' and '${right}' are both given`;
    reader.report(
      configCodes.conflictingKeys,
      message,
      reader.positions.get(`${path}.${right}`) ?? node.position,
      path,
    );
  };
  both('type', 'types');
  both('range', 'ranges');
  // The fields have their types.
  both('from', 'type');
  both('from', 'types');
  // What comes then is words.
  both('from', 'clocks');
  for (const element of constants.keys()) {
    if (!ranges.has(element)) continue;
    const inner = `${path}.constants.${element}`;
    const message = `element ${element} has both a range and a constant`;
    reader.report(configCodes.conflictingKeys, message, reader.positions.get(inner) ?? node.position, inner);
  }

  return {
    ...(type === undefined ? {} : { type }),
    types,
    ...(typeCount === undefined ? {} : { typeCount }),
    ...(range === undefined ? {} : { range }),
    ranges,
    constants,
    ...(batch === undefined ? {} : { batch }),
    ...(clocks === undefined ? {} : { clocks }),
    ...(from === undefined ? {} : { from }),
  };
}

/** Inputs that name the same words mean the same words. */
export function checkSharedWords(reader: ConfigReader, inputs: ReadonlyMap<string, InputConfig>): void {
  const known = new Map<string, { readonly width: number; readonly input: string }>();
  for (const [input, { from }] of inputs) {
    for (const [name, width] of from?.widths ?? []) {
      const earlier = known.get(name);
      if (earlier === undefined) known.set(name, { width, input });
      else if (earlier.width !== width) {
        const path = `inputs.${input}.from`;
        const message = `words '${printable(name)}' have ${width} bits here and ${earlier.width} for input '${printable(earlier.input)}'`;
        reader.report(configCodes.badWords, message, reader.positions.get(path) ?? { line: 1, column: 1 }, path);
      }
    }
  }
}

function readTypeMap(reader: ConfigReader, node: ConfigNode, path: string): ReadonlyMap<number, Quantizer> {
  const types = new Map<number, Quantizer>();
  reader.elements(node, path, (element, value, inner) => {
    const type = reader.quantizer(value, inner);
    if (type !== undefined) types.set(element, type);
  });
  return types;
}

const repeatedKeys = {
  type: { description: '', schema: {} },
  types: { description: '', schema: {} },
  count: { description: '', schema: {} },
} as const;

/** A list of types and repetitions, written out; undefined when any of it is wrong. */
function readTypeList(reader: ConfigReader, node: ConfigNode, path: string): readonly Quantizer[] | undefined {
  const items = reader.list(node, path);
  if (items === undefined) return undefined;
  if (items.length === 0) {
    reader.report(configCodes.typeCount, 'the list of types is empty', node.position, path);
    return undefined;
  }
  const groups = items.map((item, index) => {
    const inner = `${path}.${index}`;
    return item.kind === 'map' ? readRepetition(reader, item, inner) : single(reader.quantizer(item, inner));
  });
  const types: Quantizer[] = [];
  for (const group of groups) {
    if (group === undefined) return undefined;
    if (types.length + group.length > MAXIMUM_ELEMENTS) {
      reader.report(configCodes.tooLarge, `more than ${MAXIMUM_ELEMENTS} types`, node.position, path);
      return undefined;
    }
    for (const type of group) types.push(type);
  }
  return types;
}

function single(type: Quantizer | undefined): readonly Quantizer[] | undefined {
  return type === undefined ? undefined : [type];
}

/** `{ type, count }` or `{ types, count }`. */
function readRepetition(reader: ConfigReader, node: ConfigNode, path: string): readonly Quantizer[] | undefined {
  let group: readonly Quantizer[] | undefined;
  let count: number | undefined;
  const given = new Set<string>();
  reader.object(node, path, repeatedKeys, {
    type: (value, at) => {
      given.add('type');
      group = single(reader.quantizer(value, at));
    },
    types: (value, at) => {
      given.add('types');
      group = readTypeList(reader, value, at);
    },
    count: (value, at) => {
      given.add('count');
      count = reader.integer(value, at, configCodes.typeCount, 1, MAXIMUM_ELEMENTS);
    },
  });
  if (given.has('type') === given.has('types') || !given.has('count')) {
    const message = 'a repetition takes { type, count } or { types, count }';
    reader.report(configCodes.wrongShape, message, node.position, path);
    return undefined;
  }
  if (group === undefined || count === undefined) return undefined;
  if (group.length * count > MAXIMUM_ELEMENTS) {
    reader.report(configCodes.tooLarge, `more than ${MAXIMUM_ELEMENTS} types`, node.position, path);
    return undefined;
  }
  const types: Quantizer[] = [];
  for (let repetition = 0; repetition < count; repetition++) for (const type of group) types.push(type);
  return types;
}

function readRange(reader: ConfigReader, node: ConfigNode, path: string): RealRange | undefined {
  const items = reader.list(node, path);
  if (items === undefined) return undefined;
  const [first, second] = items;
  if (first === undefined || second === undefined || items.length !== 2) {
    reader.report(configCodes.wrongShape, `a range is [low, high], not ${items.length} values`, node.position, path);
    return undefined;
  }
  const low = reader.decimal(first, path);
  const high = reader.decimal(second, path);
  if (low === undefined || high === undefined) return undefined;
  const [lowCode = 0n, highCode = 0n] = commonDyadic([low, high]).codes;
  if (lowCode <= highCode) return { low, high };
  reader.report(configCodes.emptyRange, 'the lower bound is above the upper one', node.position, path);
  return undefined;
}
