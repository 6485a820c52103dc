import { Network } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/network.js';
import {
  packTerm,
  shiftOf,
  signOf,
  valueOf,
} from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/packed-term.js';
import { topologicalOrder } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/topological-order.js';
import { at } from '../../../../../../src/support/invariant.js';
import type { Random } from '../../../../../../src/support/random.js';

/** Inputs of a byte and less, some of them late; the last `constants` are points. */
export function randomInputs(random: Random, count: number, constants = 0): Network {
  const inputs = Array.from({ length: count + constants }, (_, index) => {
    const low = random.integer(-128, 64);
    const high = index < count ? low + random.integer(1, 128) : low;
    return { low, high, zeros: 0, depth: index < count ? random.integer(0, 2) : 0 };
  });
  return new Network(inputs, count);
}

export function randomTerm(random: Random, values: number, shifts: number): number {
  return packTerm(random.integer(0, values - 1), random.integer(0, shifts), random.integer(0, 1));
}

/** Values over random inputs and each other; the last ones are targets. No list holds a shifted value twice. */
export function randomNetwork(random: Random, inputs: number, values: number, constants = 0): Network {
  const network = randomInputs(random, inputs, constants);
  for (let made = 0; made < values; made++) {
    const value = network.create(made * 2 >= values);
    for (let count = random.integer(2, 5); count > 0; count--) {
      const term = randomTerm(random, value, 3);
      if (at(network.lists, value)?.every((other) => other >> 1 !== term >> 1) === true) network.append(value, term);
    }
    network.settle(value);
  }
  return network;
}

/** Coefficients of the sum of some terms over the inputs, from the lists alone. */
export function formsOf(network: Network): readonly (readonly bigint[])[] {
  const unit = network.inputs.map((_, input) => network.inputs.map((_, other) => (input === other ? 1n : 0n)));
  const forms: (readonly bigint[])[] = [...unit];
  for (const value of topologicalOrder(network)) forms[value] = sumOf(network, forms, network.lists[value] ?? []);
  return forms;
}

export function sumOf(
  network: Network,
  forms: readonly (readonly bigint[])[],
  list: readonly number[],
): readonly bigint[] {
  return network.inputs.map((_, input) =>
    list.reduce((sum, term) => {
      const scaled = at(at(forms, valueOf(term)), input) << BigInt(shiftOf(term));
      return sum + (signOf(term) === 1 ? -scaled : scaled);
    }, 0n),
  );
}

/** Pairs of summands of all lists: 'first second distance signs', counted one by one. */
export function pairsOf(network: Network): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const list of network.lists) {
    list?.forEach((left, index) => {
      for (const right of list.slice(index + 1)) {
        const inOrder =
          valueOf(left) < valueOf(right) || (valueOf(left) === valueOf(right) && shiftOf(left) <= shiftOf(right));
        const [first, second] = inOrder ? [left, right] : [right, left];
        const distance = shiftOf(second) - shiftOf(first);
        const signs = signOf(first) === signOf(second) ? 0 : 1;
        const key = `${valueOf(first)} ${valueOf(second)} ${distance} ${signs}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    });
  }
  return new Map([...counts].sort());
}

/** The same, as the network has counted them. */
export function countedPairs(network: Network): ReadonlyMap<string, number> {
  const { table } = network.pairs;
  const counts: [string, number][] = [];
  for (let pattern = 0; pattern < table.size; pattern++) {
    if (table.count(pattern) !== 0) counts.push([nameOf(network, pattern), table.count(pattern)]);
  }
  return new Map(counts.sort());
}

export function nameOf(network: Network, pattern: number): string {
  const { table } = network.pairs;
  const relation = table.relation(pattern);
  return `${table.first(pattern)} ${table.second(pattern)} ${relation >> 1} ${relation & 1}`;
}

/** Pairs that came to recur and were not told yet. */
export function risenPairs(network: Network): readonly string[] {
  const risen: string[] = [];
  for (let pattern = network.pairs.take(); pattern >= 0; pattern = network.pairs.take()) {
    risen.push(nameOf(network, pattern));
  }
  return risen;
}

/** Lists and users of all values, in ascending order. */
export function contentsOf(network: Network): unknown {
  const sorted = (list: readonly number[] | undefined): number[] | undefined => list && [...list].sort((a, b) => a - b);
  return {
    lists: network.lists.map((list) => sorted(list)),
    users: network.users.map((users) => sorted(users)),
    pairs: countedPairs(network),
  };
}

/** Users of all values, by the lists, in ascending order. */
export function usersOf(network: Network): readonly (readonly number[])[] {
  const users: number[][] = network.lists.map(() => []);
  network.lists.forEach((list, owner) => {
    for (const term of list ?? []) users[valueOf(term)]?.push(owner);
  });
  return users;
}
