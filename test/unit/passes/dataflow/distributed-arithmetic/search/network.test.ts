import { describe, expect, it } from 'vitest';
import type { Network } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/network.js';
import { valueOf } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/packed-term.js';
import { Random } from '../../../../../../src/support/random.js';
import {
  contentsOf,
  countedPairs,
  formsOf,
  pairsOf,
  randomInputs,
  randomNetwork,
  randomTerm,
  risenPairs,
  usersOf,
} from './random-networks.js';

/** Append or remove a summand. */
function edit(random: Random, network: Network): void {
  const owner = random.integer(network.inputs.length, network.size - 1);
  const list = network.lists[owner] ?? [];
  if (list.length > 0 && random.integer(0, 2) === 0) network.removeAt(owner, random.integer(0, list.length - 1));
  else network.append(owner, randomTerm(random, owner, 9));
}

describe('Network', () => {
  it('counts the pairs of its lists, and who uses what, through any edits', () => {
    for (let seed = 0; seed < 8; seed++) {
      const random = new Random(seed);
      const network = randomNetwork(random, 5, 8);
      for (let step = 0; step < 200; step++) edit(random, network);
      expect(pairsOf(network).size).toBeGreaterThan(20);
      expect(countedPairs(network)).toEqual(pairsOf(network));
      expect(network.users.map((users) => [...users].sort((a, b) => a - b))).toEqual(usersOf(network));
      network.recount();
      expect(countedPairs(network)).toEqual(pairsOf(network));
    }
  });

  it('reports the pairs that came to recur', () => {
    const random = new Random(3);
    const network = randomNetwork(random, 4, 8);
    risenPairs(network);
    for (let step = 0; step < 80; step++) {
      const before = new Map(countedPairs(network));
      edit(random, network);
      const rose = [...countedPairs(network)].filter(([pair, count]) => count >= 2 && count > (before.get(pair) ?? 0));
      const told = risenPairs(network);
      expect(new Set(told)).toEqual(new Set(rose.map(([pair]) => pair)));
      expect(told, 'each once').toHaveLength(rose.length);
    }
  });

  it('describes each value by its form: coefficients, inputs, range, zeros', () => {
    for (let seed = 0; seed < 30; seed++) {
      const network = randomNetwork(new Random(seed), 4, 8, 2);
      formsOf(network).forEach((form, value) => {
        expect([...(network.forms[value] ?? [])]).toEqual(form.map(Number));
        expect([...(network.supports[value] ?? [])]).toEqual(
          form.flatMap((coefficient, input) => (coefficient === 0n ? [] : [input])),
        );
        const bounds = form.map((coefficient, input) => {
          const { low, high } = network.inputs[input] ?? { low: NaN, high: NaN };
          return [Number(coefficient) * low, Number(coefficient) * high].sort((a, b) => a - b);
        });
        expect(network.low[value]).toBe(bounds.reduce((sum, [low]) => sum + (low ?? NaN), 0));
        expect(network.high[value]).toBe(bounds.reduce((sum, [, high]) => sum + (high ?? NaN), 0));
        const zeros = network.zeros[value] ?? NaN;
        expect(form.every((coefficient) => coefficient % (1n << BigInt(zeros)) === 0n)).toBe(true);
      });
    }
  });

  it('knows the least depth of a list: that of adding the two shallowest over and over', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed);
      const network = randomInputs(random, 12);
      const value = network.create(false);
      for (let count = random.integer(1, 20); count > 0; count--) network.append(value, randomTerm(random, 12, 60));
      const depths = (network.lists[value] ?? []).map((term) => network.depth[valueOf(term)] ?? NaN);
      while (depths.length > 1) {
        depths.sort((a, b) => a - b);
        depths.splice(0, 2, Math.max(...depths.slice(0, 2)) + 1);
      }
      expect(network.leastDepth(value)).toBe(depths[0]);
      network.reserve(value, 9);
      expect(network.leastDepth(value)).toBe(Math.max(9, depths[0] ?? NaN));
    }
  });

  it('comes back from a copy', () => {
    const random = new Random(11);
    const network = randomNetwork(random, 4, 8);
    const [{ lists, users }, state] = [
      structuredClone({ lists: network.lists, users: usersOf(network) }),
      network.copy(),
    ];
    for (let step = 0; step < 100; step++) edit(random, network);
    network.create(false);
    expect(contentsOf(network)).not.toMatchObject({ lists });
    network.restore(state);
    expect(network.lists).toEqual(lists);
    expect(network.users).toEqual(users);
  });
});
