import { success } from '../../diagnostics/result.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import { commonDyadic } from '../../numeric/dyadic.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { fixedPointType } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import { copyNode } from './copy-node.js';

/** Where one element of a graph input comes from: bits of a packed word, or nowhere. */
export type PackedElement =
  | {
      readonly kind: 'field';
      /** A collection of words, which becomes one input, and the word in it, from 0. */
      readonly collection: string;
      readonly word: number;
      /** Position of the least significant bit in the word. */
      readonly low: number;
      readonly type: FixedPointType;
    }
  | { readonly kind: 'constant'; readonly value: Dyadic };

export interface Unpacking {
  /** Bits of a word of each collection. */
  readonly widths: ReadonlyMap<string, number>;
  /** By graph input, one entry per element, with the types that typing gave the input. */
  readonly inputs: ReadonlyMap<string, readonly PackedElement[]>;
}

/**
 * Replace inputs by the packed words that their elements are cut from. A collection of words becomes one input of
 * `ap_uint<width>`, up to the last word that is used; inputs that name the same collection share it. What follows an
 * input keeps its values and its promises, which become promises about fields.
 */
export function unpackWords(unpacking: Unpacking): Pass<ModelGraph> {
  return {
    name: 'unpack-words',
    summary: 'replace inputs by the packed words whose bits they are',
    preserves: 'nothing',
    run: (graph) => success(unpacking.inputs.size === 0 ? graph : unpack(graph, unpacking)),
  };
}

function unpack(graph: ModelGraph, { widths, inputs }: Unpacking): ModelGraph {
  const builder = new ModelBuilder(graph.name);
  const counts = wordCounts(graph, inputs);
  const words = new Map<string, ModelNodeId>();
  /** The input with the words of a collection, made where it is first read. */
  const wordsOf = (collection: string): ModelNodeId => {
    const known = words.get(collection);
    if (known !== undefined) return known;
    const width = widths.get(collection) ?? 1;
    const made = builder.input(
      { name: collection, types: [fixedPointType(false, width, width)], rounding: 'TRN', overflow: 'WRAP' },
      [counts.get(collection) ?? 1],
      { name: collection, operator: 'words' },
    );
    words.set(collection, made);
    return made;
  };
  const mapped: ModelNodeId[] = [];
  for (const node of graph.nodes) {
    const elements = node.kind === 'input' ? inputs.get(node.name) : undefined;
    mapped.push(
      node.kind === 'input' && elements !== undefined
        ? assemble(builder, node, elements, wordsOf, counts)
        : copyNode(builder, node, (id) => at(mapped, id)),
    );
  }
  for (const { name, node, types } of graph.outputs) builder.output(name, at(mapped, node), types);
  return builder.finish();
}

/** Words of each collection that some element of some input reads, the last one counted. */
function wordCounts(
  graph: ModelGraph,
  inputs: ReadonlyMap<string, readonly PackedElement[]>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of graph.nodes) {
    for (const element of node.kind === 'input' ? (inputs.get(node.name) ?? []) : []) {
      if (element.kind === 'constant') continue;
      counts.set(element.collection, Math.max(counts.get(element.collection) ?? 0, element.word + 1));
    }
  }
  return counts;
}

/** The input's tensor from the bits of its words, and constants where it has any. */
function assemble(
  builder: ModelBuilder,
  { provenance, shape }: ModelNodeOf<'input'>,
  elements: readonly PackedElement[],
  wordsOf: (collection: string) => ModelNodeId,
  counts: ReadonlyMap<string, number>,
): ModelNodeId {
  const fields = elements.filter((element) => element.kind === 'field');
  const constants = elements.filter((element) => element.kind === 'constant');
  const parts: ModelNodeId[] = [];
  if (fields.length > 0) {
    const collections = [...new Set(fields.map(({ collection }) => collection))];
    const starts = new Map<string, number>();
    let start = 0;
    for (const collection of collections) {
      starts.set(collection, start);
      start += counts.get(collection) ?? 0;
    }
    const operands = collections.map(wordsOf);
    const all = operands.length === 1 ? at(operands, 0) : builder.add('concat', { operands, axis: 0 }, provenance);
    const indices = fields.map(({ collection, word }) => (starts.get(collection) ?? 0) + word);
    const operand = builder.add('gather', { operand: all, axis: 0, indices }, provenance);
    const lows = fields.map(({ low }) => low);
    parts.push(builder.add('bits', { operand, lows, types: fields.map(({ type }) => type) }, provenance));
  }
  if (constants.length > 0) {
    const values = commonDyadic(constants.map(({ value }) => value));
    parts.push(builder.constant({ ...values, float: false }, [constants.length], provenance));
  }
  if (elements.length === 0) return builder.constant({ lsb: 0, codes: [], float: false }, shape, provenance);
  let flat = at(parts, 0);
  if (parts.length > 1) {
    const joined = builder.add('concat', { operands: parts, axis: 0 }, provenance);
    let [field, constant] = [0, fields.length];
    const indices = elements.map(({ kind }) => (kind === 'field' ? field++ : constant++));
    flat = builder.add('gather', { operand: joined, axis: 0, indices }, provenance);
  }
  return shape.length === 1 && shape[0] === elementCount([elements.length])
    ? flat
    : builder.add('reshape', { operand: flat, shape }, provenance);
}
