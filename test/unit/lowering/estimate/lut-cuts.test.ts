import { describe, expect, test } from 'vitest';
import type { Bit } from '../../../../src/lowering/estimate/logic-network.js';
import { LogicNetwork } from '../../../../src/lowering/estimate/logic-network.js';
import { CutStore } from '../../../../src/lowering/estimate/lut-cuts.js';
import { mapLuts } from '../../../../src/lowering/estimate/map-luts.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';

/** Tables of one owner by their inputs, 1 to 6. */
function sizes(network: LogicNetwork): number[] {
  return [...(mapLuts(network).get(0)?.sizes ?? [])].slice(1);
}

function conjunction(inputs: number): LogicNetwork {
  const network = new LogicNetwork();
  network.demand(network.sources(inputs).reduce((all, bit) => network.and(all, bit)));
  return network;
}

function randomNetwork(random: Random): LogicNetwork {
  const network = new LogicNetwork();
  const bits: [Bit, ...Bit[]] = [network.source(), ...network.sources(random.integer(2, 8))];
  for (let count = random.integer(5, 60); count > 0; count--) {
    const [a, b, c] = [random.pick(bits), random.pick(bits), random.pick(bits)];
    const made: readonly [Bit, ...Bit[]] = [
      network.and(a, b),
      network.xor(a, b),
      network.choose(a, b, c),
      network.majority(a, b, c),
      network.parity(a, b, c),
    ];
    bits.push(random.pick(made));
  }
  for (const bit of bits.slice(-4)) network.demand(bit);
  return network;
}

/** Whether every way from a source to the gate goes through one of the leaves. */
function separates(network: LogicNetwork, gate: number, leaves: ReadonlySet<number>): boolean {
  const inside = [gate];
  for (let net = inside.pop(); net !== undefined; net = inside.pop()) {
    const inputs = network.gateInputs.slice(at(network.firstInput, net), at(network.firstInput, net + 1));
    if (inputs.length === 0) return false;
    inside.push(...inputs.filter((input) => !leaves.has(input)));
  }
  return true;
}

describe('cuts', () => {
  test('a conjunction takes as few tables as its inputs allow', () => {
    expect(sizes(conjunction(2))).toEqual([0, 1, 0, 0, 0, 0]);
    expect(sizes(conjunction(6))).toEqual([0, 0, 0, 0, 0, 1]);
    expect(sizes(conjunction(11))).toEqual([0, 0, 0, 0, 0, 2]);
  });

  test('an input that a gate reads twice is one leaf', () => {
    const network = new LogicNetwork();
    const [a, b] = [network.source(), network.source()];
    network.demand(network.choose(a, a, b));
    expect(sizes(network)).toEqual([0, 1, 0, 0, 0, 0]);
  });

  test('the best cut of every gate separates it from the sources and fits a table', () => {
    for (let seed = 0; seed < 60; seed++) {
      const network = randomNetwork(new Random(seed));
      const cuts = new CutStore(network);
      cuts.choose(new Int32Array(network.size).fill(1));
      for (let net = 0; net < network.size; net++) {
        if (!cuts.isGate(net)) continue;
        const leaves = Array.from({ length: cuts.bestSize(net) }, (_, index) => cuts.bestLeaf(net, index));
        expect(leaves.length).toBeLessThanOrEqual(6);
        expect([...new Set(leaves)].sort((left, right) => left - right)).toEqual(leaves);
        expect(separates(network, net, new Set(leaves))).toBe(true);
      }
    }
  });
});

describe('equal gates', () => {
  test('the order of the inputs of a sum or a majority does not matter, that of a choice does', () => {
    const network = new LogicNetwork();
    const [a, b, c] = [network.source(), network.source(), network.source()];
    expect(network.parity(a, b, c)).toBe(network.parity(c, a, b));
    expect(network.majority(a, b, c)).toBe(network.majority(b, c, a));
    expect(network.majority(a, b, c)).not.toBe(network.parity(a, b, c));
    expect(network.choose(a, b, c)).not.toBe(network.choose(a, c, b));
  });
});
