import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/journal.js';
import type { Network } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/network.js';
import { Random } from '../../../../../../src/support/random.js';
import { contentsOf, countedPairs, pairsOf, randomNetwork, randomTerm, risenPairs } from './random-networks.js';

/** Append, remove, make a value, or remove one that nothing uses. */
function edit(random: Random, network: Network, journal: Journal): void {
  const owner = random.integer(network.inputs.length, network.size - 1);
  const list = network.lists[owner];
  if (list === undefined) return;
  const kind = random.integer(0, 9);
  if (kind === 0) journal.append(journal.create(), randomTerm(random, network.inputs.length, 5));
  else if (kind === 1 && network.users[owner]?.length === 0 && !(network.isTarget[owner] ?? true)) {
    while (list.length > 0) journal.removeAt(owner, list.length - 1);
    journal.release(owner);
  } else if (kind < 5 && list.length > 0) journal.removeAt(owner, random.integer(0, list.length - 1));
  else journal.append(owner, randomTerm(random, network.inputs.length, 5));
}

describe('Journal', () => {
  it('takes back any edits: lists, users and counts of pairs', () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = new Random(seed);
      const network = randomNetwork(random, 5, 8);
      const journal = new Journal(network);
      journal.commit();
      for (let round = 0; round < 10; round++) {
        const before = { size: network.size, contents: contentsOf(network) };
        for (let step = 0; step < 30; step++) edit(random, network, journal);
        expect(contentsOf(network)).not.toEqual(before.contents);
        expect(countedPairs(network)).toEqual(pairsOf(network));
        if (round % 2 === 0) {
          journal.commit();
          continue;
        }
        const made = network.size;
        journal.rollback();
        // Numbers of values that were taken back stay, without a list, until they are given to others.
        const spare = Array.from({ length: made - before.size });
        const contents = before.contents as { readonly lists: unknown[]; readonly users: unknown[] };
        expect(contentsOf(network)).toEqual({
          ...contents,
          lists: [...contents.lists, ...spare.map(() => undefined)],
          users: [...contents.users, ...spare.map(() => [])],
        });
        expect(risenPairs(network)).toEqual([]);
      }
    }
  });

  it('lists each value that changed once, since the last commit', () => {
    const network = randomNetwork(new Random(1), 4, 6);
    const journal = new Journal(network);
    const [first, second] = [network.size - 1, network.size - 2];
    journal.append(first, 0);
    journal.append(second, 0);
    journal.removeAt(first, 0);
    expect(journal.changed).toEqual([first, second]);
    journal.commit();
    expect(journal.changed).toEqual([]);
    journal.append(second, 0);
    expect(journal.changed).toEqual([second]);
  });

  it('gives the number of a removed value to another only after the commit', () => {
    const network = randomNetwork(new Random(1), 4, 6);
    const journal = new Journal(network);
    const value = journal.create();
    journal.commit();
    journal.release(value);
    expect(journal.create()).not.toBe(value);
    journal.commit();
    expect(journal.create()).toBe(value);
  });
});
