import { compare, select } from './choices.js';
import { exactOf } from './constant-tensor.js';
import type { Value } from './session.js';
import type { Tensors } from './tensors.js';

/** Elements along an axis, and where each of them stood before. */
export interface Ranked {
  readonly value: Value;
  readonly index: Value;
}

export interface Order {
  /** The largest first, else the smallest. */
  readonly largest: boolean;
  /** Of equal elements the last counts, else the first. */
  readonly lastOfEquals: boolean;
}

/** 0, 1, … along one axis, in a shape that broadcasts with the others; exact. */
export function positions(tensors: Tensors, length: number, axis: number, rank: number): Value {
  const shape = Array.from({ length: rank }, (_, each) => (each === axis ? length : 1));
  const values = Array.from({ length }, (_, index) => ({ code: BigInt(index), lsb: 0 }));
  return tensors.constant(exactOf(shape, values));
}

/**
 * The first element of the order along an axis, by a knock-out of neighbours: depth is the logarithm of the length, and
 * the left of two always has the lower index. The axis stays, with length 1.
 */
export function best(tensors: Tensors, operand: Value, axis: number, order: Order): Ranked {
  const length = operand.shape[axis] ?? 1;
  let value = operand;
  let index = positions(tensors, length, axis, operand.shape.length);
  for (let left = length; left > 1; left = Math.ceil(left / 2)) {
    const pairs = Math.floor(left / 2);
    const take = (tensor: Value, offset: number): Value => every(tensors, tensor, axis, pairs, offset);
    const [a, b] = [take(value, 0), take(value, 1)];
    const [ai, bi] = [take(index, 0), take(index, 1)];
    const choose = winner(tensors, a, b, order);
    const join = (tensor: Value, chosen: Value): Value => {
      if (left % 2 === 0) return chosen;
      const rest = tensors.gather(tensor, axis, [left - 1]);
      const shape = chosen.shape.map((dimension, each) => (each === axis ? 1 : dimension));
      return tensors.concat([chosen, tensors.expand(rest, shape)], axis);
    };
    [value, index] = [join(value, choose(a, b)), join(index, choose(ai, bi))];
  }
  return { value, index };
}

/** Picks between a left and a right tensor as their elements a and b are ordered. */
function winner(tensors: Tensors, a: Value, b: Value, order: Order): (left: Value, right: Value) => Value {
  const [small, large] = order.largest ? [a, b] : [b, a];
  if (!order.lastOfEquals) {
    const right = compare(tensors, 'lessThan', small, large);
    return (x, y) => select(tensors, right, y, x);
  }
  const left = compare(tensors, 'lessThan', large, small);
  return (x, y) => select(tensors, left, x, y);
}

function every(tensors: Tensors, tensor: Value, axis: number, pairs: number, offset: number): Value {
  return tensors.gather(
    tensor,
    axis,
    Array.from({ length: pairs }, (_, pair) => 2 * pair + offset),
  );
}

/**
 * The first `count` elements of the order along an axis, by Batcher's odd-even merge sort. Where the positions are asked
 * for, equal elements keep their order, as ONNX has it, at the price of a second comparison; without them it makes no
 * difference. What the dropped elements need is removed later, like any logic that nobody reads.
 *
 * Source: D. E. Knuth, The Art of Computer Programming, volume 3, algorithm 5.2.2M.
 */
export function firstOf(
  tensors: Tensors,
  operand: Value,
  axis: number,
  count: number,
  largest: boolean,
  withPositions: boolean,
): { readonly value: Value; readonly index: Value | undefined } {
  const length = operand.shape[axis] ?? 1;
  let value = operand;
  let index = withPositions
    ? tensors.expand(positions(tensors, length, axis, operand.shape.length), operand.shape)
    : undefined;
  oddEvenMergeSort(length).forEach((layer, number) => {
    const merge = (tensor: Value, first: Value, second: Value): Value =>
      tensors.gather(tensors.concat([tensor, first, second], axis), axis, merged(length, layer));
    const lefts = (tensor: Value): Value => tensors.gather(tensor, axis, [...layer.keys()]);
    const rights = (tensor: Value): Value => tensors.gather(tensor, axis, [...layer.values()]);
    const [a, b] = [lefts(value), rights(value)];
    if (index === undefined) {
      const [top, bottom] = largest ? (['maximum', 'minimum'] as const) : (['minimum', 'maximum'] as const);
      value = merge(value, tensors.binary(top, a, b), tensors.binary(bottom, a, b));
      return;
    }
    const [ai, bi] = [lefts(index), rights(index)];
    let swap = largest ? compare(tensors, 'lessThan', a, b) : compare(tensors, 'lessThan', b, a);
    // In the first layer the positions are still in order.
    if (number > 0) {
      const tie = tensors.binary('minimum', compare(tensors, 'equal', a, b), compare(tensors, 'lessThan', bi, ai));
      swap = tensors.binary('maximum', swap, tie);
    }
    value = merge(value, select(tensors, swap, b, a), select(tensors, swap, a, b));
    index = merge(index, select(tensors, swap, bi, ai), select(tensors, swap, ai, bi));
  });
  const kept = Array.from({ length: count }, (_, position) => position);
  return {
    value: tensors.gather(value, axis, kept),
    index: index === undefined ? undefined : tensors.gather(index, axis, kept),
  };
}

/** Where each position finds its element in [old elements, firsts of the pairs, seconds of the pairs]. */
function merged(length: number, layer: ReadonlyMap<number, number>): readonly number[] {
  const sources = Array.from({ length }, (_, position) => position);
  let pair = 0;
  for (const [left, right] of layer) {
    sources[left] = length + pair;
    sources[right] = length + layer.size + pair;
    pair++;
  }
  return sources;
}

/** Layers of disjoint pairs left < right; putting each pair in order, layer by layer, sorts any list. */
export function oddEvenMergeSort(length: number): readonly ReadonlyMap<number, number>[] {
  const layers: Map<number, number>[] = [];
  let top = 1;
  while (2 * top < length) top *= 2;
  for (let p = top; p > 0; p = Math.floor(p / 2)) {
    let r = 0;
    let d = p;
    for (let q = top; ; q = Math.floor(q / 2)) {
      const layer = new Map<number, number>();
      for (let i = 0; i + d < length; i++) if ((i & p) === r) layer.set(i, i + d);
      if (layer.size > 0) layers.push(layer);
      if (q === p) break;
      d = q - p;
      r = p;
    }
  }
  return layers;
}
