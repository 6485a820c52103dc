import { describe, expect, it } from 'vitest';
import type { Network } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/network.js';
import {
  packTerm,
  shiftOf,
  signOf,
  valueOf,
} from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/packed-term.js';
import { SumTree } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/sum-tree.js';
import { at, invariant } from '../../../../../../src/support/invariant.js';
import { Random } from '../../../../../../src/support/random.js';
import { randomNetwork } from './random-networks.js';

/** A summand of a plan: its range, the zeros below it, its depth, and whether its sign is kept outside. */
interface Place {
  readonly low: bigint;
  readonly high: bigint;
  readonly zeros: number;
  readonly depth: number;
  readonly negative: boolean;
}

function placesOf(network: Network, list: readonly number[]): (Place | undefined)[] {
  let [constant, first] = [0n, -1];
  const places = list.map((term, index): Place | undefined => {
    const [value, shift] = [valueOf(term), BigInt(shiftOf(term))];
    const [low, high] = [BigInt(at(network.low, value)) << shift, BigInt(at(network.high, value)) << shift];
    const negative = signOf(term) === 1;
    if (value >= network.firstConstant && value < network.endOfInputs) {
      constant += negative ? -low : low;
      if (first < 0) first = index;
      return undefined;
    }
    return {
      low: negative ? -high : low,
      high: negative ? -low : high,
      zeros: at(network.zeros, value) + shiftOf(term),
      depth: at(network.depth, value),
      negative,
    };
  });
  if (constant === 0n) return places;
  let zeros = 0;
  while (((constant >> BigInt(zeros)) & 1n) === 0n) zeros++;
  places[first] = { low: constant, high: constant, zeros, depth: 0, negative: false };
  return places;
}

/** Bits up to the sign of what lies in [low, high] in steps of 2^zeros. */
function reachOf({ low, high, zeros, negative }: Place): number {
  const [from, to] = negative ? [-high, -low] : [low, high];
  const magnitude = [from, to + (1n << BigInt(zeros))].map((bound) => (bound < 0n ? -bound : bound));
  let bits = 0;
  while (magnitude.some((bound) => bound > 1n << BigInt(bits))) bits++;
  return bits + (from < 0n ? 1 : 0);
}

describe('SumTree', () => {
  for (const exact of [false, true]) {
    it(`adds all summands within the depth given, at the cost of its additions (${exact ? 'final' : 'searching'})`, () => {
      for (let seed = 0; seed < 250; seed++) {
        const random = new Random(seed);
        const network = randomNetwork(random, 5, 4, 2);
        const length = random.integer(0, 3) === 0 ? random.integer(9, 40) : random.integer(1, 9);
        const list = Array.from({ length }, () =>
          packTerm(random.integer(0, network.size - 1), random.integer(0, 12), random.integer(0, 2) === 0 ? 0 : 1),
        );
        const places = placesOf(network, list);
        const present = places.filter((place) => place !== undefined);
        const load = present.reduce((sum, { depth }) => sum + 2 ** depth, 0);
        const least = load === 0 ? 0 : Math.ceil(Math.log2(load));
        const limit = least + random.integer(0, 2);
        const tree = new SumTree(network);
        const cost = tree.cost(list, limit, 0.5, exact);

        let wanted = 0;
        for (let index = 0; index < tree.merges.length; index += 2) {
          const [to, from] = [at(tree.merges, index), at(tree.merges, index + 1)];
          const [left, right] = [places[to], places[from]];
          invariant(left !== undefined && right !== undefined, 'what is added is there');
          const sum = {
            low: left.low + right.low,
            high: left.high + right.high,
            zeros: Math.min(left.zeros, right.zeros),
            depth: Math.max(left.depth, right.depth) + 1,
            negative: left.negative && right.negative,
          };
          places[to] = sum;
          places[from] = undefined;
          wanted += Math.max(0, reachOf(sum) - Math.max(left.zeros, right.zeros)) + 0.5;
        }
        const rest = places.filter((place) => place !== undefined);
        expect(rest).toHaveLength(Math.min(1, present.length));
        const [result] = rest;
        if (result?.negative === true) {
          const { low, high, zeros } = result;
          wanted += 0.5 + reachOf({ ...result, low, high, zeros, negative: false }) - zeros;
        }
        expect(cost).toBe(wanted);
        expect(tree.depth).toBe(result?.depth ?? 0);
        expect(tree.depth).toBeLessThanOrEqual(limit);
      }
    });
  }

  it('adds what reaches high last', () => {
    const network = randomNetwork(new Random(1), 2, 0);
    const tree = new SumTree(network);
    tree.cost([packTerm(0, 20, 0), packTerm(0, 0, 0), packTerm(0, 1, 0)], 3, 0.5);
    expect(tree.merges.slice(0, 2).sort()).toEqual([1, 2]);
    expect(tree.merges.slice(2)).toContain(0);
  });
});
