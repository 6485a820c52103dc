import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { ADDER_WEIGHT } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/adder-width.js';
import { LocalSearch } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/local-search.js';
import type { Network } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/network.js';
import { valueOf } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/packed-term.js';
import { spanningTree } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/spanning-tree.js';
import { startNetwork } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/start.js';
import { SumTree } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/sum-tree.js';
import { topologicalOrder } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/topological-order.js';
import { at } from '../../../../../../src/support/invariant.js';
import { Random } from '../../../../../../src/support/random.js';
import { countedPairs, formsOf, pairsOf, usersOf } from './random-networks.js';

interface Start {
  readonly network: Network;
  readonly depthLimit: number;
  readonly wanted: readonly (readonly bigint[])[];
}

/** A random matrix with constants, or from differences of its columns. */
function randomStart(seed: number): Start {
  const random = new Random(seed);
  const [inputs, count] = [random.integer(1, 8), random.integer(1, 8)];
  const depths = Array.from({ length: inputs }, () => random.integer(0, 2));
  const constants = Array.from({ length: random.integer(0, 2) }, () => random.integer(-99, 99));
  const matrix = Array.from({ length: count }, () => Array.from({ length: inputs }, () => random.integer(-31, 31)));
  const columns = matrix.map((coefficients, index) => ({
    digits: coefficients.flatMap((coefficient, value) =>
      canonicalSignedDigits(BigInt(coefficient)).map(({ shift, negative }) => ({ value, shift, negative })),
    ),
    coefficients: Int32Array.from(coefficients),
    constant: index < constants.length ? inputs + index : undefined,
  }));
  const fewest = columns.map(({ digits, constant }) => {
    const load = digits.reduce((sum, { value }) => sum + 2 ** at(depths, value), constant === undefined ? 0 : 1);
    return load === 0 ? 0 : Math.ceil(Math.log2(load));
  });
  const slack = random.integer(0, 3);
  const depthLimit = Math.max(...fewest) + slack;
  const tree =
    constants.length > 0
      ? undefined
      : spanningTree(
          columns.map(({ coefficients }) => coefficients),
          slack,
        );
  const points = constants.map((value) => ({ low: value, high: value, zeros: 0, depth: 0 }));
  const network = startNetwork(
    [...depths.map((depth) => ({ low: -128, high: 127, zeros: 0, depth })), ...points],
    inputs,
    columns,
    depthLimit,
    tree,
  );
  if (network === undefined) throw new Error('small shifts were asked for');
  const wanted = matrix.map((coefficients, index) => [
    ...coefficients.map(BigInt),
    ...constants.map((_, constant) => (constant === index ? 1n : 0n)),
  ]);
  return { network, depthLimit, wanted };
}

const byWork =
  (most: number) =>
  (done: number): number =>
    done / most;

describe('LocalSearch', () => {
  it('keeps what the network computes, its depth, and all its counts at every step', () => {
    let steps = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { network, depthLimit, wanted } = randomStart(seed);
      const random = new Random(seed);
      const search = new LocalSearch(network, { depthLimit, uniform: () => random.uniform() });
      const first = search.total;
      const check = (): void => {
        const forms = formsOf(network);
        expect(network.targets.map((target) => forms[target])).toEqual(wanted);
        const tree = new SumTree(network);
        const order = topologicalOrder(network);
        const cost = order.reduce((sum, value) => {
          expect(network.depth[value]).toBeGreaterThanOrEqual(network.leastDepth(value));
          const own = tree.cost(network.lists[value] ?? [], network.depthAllowed(value, depthLimit), ADDER_WEIGHT);
          expect(tree.depth, 'a plan within the depth').toBeLessThanOrEqual(depthLimit);
          return sum + own;
        }, 0);
        // The cost of a list also depends on the order of its summands and on who uses it, which steps may change alone.
        expect(Math.abs(search.total - cost)).toBeLessThanOrEqual(0.05 * cost);
        for (const target of network.targets) expect(network.depth[target]).toBeLessThanOrEqual(depthLimit);
      };
      search.run({
        used: (work) => {
          if (steps++ % 11 === 0) {
            check();
            expect(countedPairs(network)).toEqual(pairsOf(network));
            expect(network.users.map((users) => [...users].sort((a, b) => a - b))).toEqual(usersOf(network));
          }
          return work / 15_000;
        },
      });
      check();
      expect(search.total).toBeLessThanOrEqual(first);
    }
    expect(steps).toBeGreaterThan(500);
  });

  it('shares a pair that recurs and removes what nothing uses', () => {
    const digits = [0, 1].map((value) => ({ value, shift: 0, negative: false }));
    const columns = [2, 3, 4].map((other) => ({
      digits: [...digits, { value: other, shift: 0, negative: false }],
      coefficients: undefined,
      constant: undefined,
    }));
    const inputs = Array.from({ length: 5 }, () => ({ low: 0, high: 15, zeros: 0, depth: 0 }));
    const network = startNetwork(inputs, 5, columns, 3, undefined);
    if (network === undefined) throw new Error('small shifts were asked for');
    new LocalSearch(network, { depthLimit: 3, uniform: () => 0.5 });
    const shared = network.targets.map((target) => network.lists[target]?.map((term) => valueOf(term)));
    const [made] = network.lists.flatMap((list, value) => (list && network.isTarget[value] === false ? [value] : []));
    expect(network.lists[made ?? -1]?.map((term) => valueOf(term)).sort()).toEqual([0, 1]);
    for (const list of shared) expect(list).toContain(made);
  });

  it('is the same for the same numbers of chance, and another for others', () => {
    const listsOf = (seed: number): unknown => {
      const { network, depthLimit } = randomStart(4);
      const random = new Random(seed);
      new LocalSearch(network, { depthLimit, uniform: () => random.uniform() }).run({ used: byWork(100_000) });
      return network.lists;
    };
    expect(listsOf(1)).toEqual(listsOf(1));
    expect(listsOf(1)).not.toEqual(listsOf(2));
  });
});
