import { describe, expect, it } from 'vitest';
import { Editor } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/editor.js';
import { Journal } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/journal.js';
import {
  MAXIMUM_SHIFT,
  packTerm,
} from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/packed-term.js';
import { Random } from '../../../../../../src/support/random.js';
import { at } from '../../../../../../src/support/invariant.js';
import { formsOf, randomInputs, randomNetwork, sumOf } from './random-networks.js';

describe('Editor', () => {
  it('leaves the linear forms as they are when it dissolves values and tidies up', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const network = randomNetwork(random, 4, 9);
      const forms = formsOf(network);
      const editor = new Editor(network, new Journal(network));
      for (let step = 0; step < 3; step++) {
        const value = random.integer(network.inputs.length, network.size - 1);
        if (network.lists[value] !== undefined) editor.dissolve(value);
      }
      for (let value = network.inputs.length; value < network.size; value++) editor.open.push(value);
      editor.tidy();
      expect(editor.hasFailed()).toBe(false);
      const after = formsOf(network);
      for (const target of network.targets) expect(after[target]).toEqual(forms[target]);
      network.lists.forEach((list, value) => {
        if (list === undefined || network.isTarget[value] === true) return;
        expect(list.length, 'no value is another one shifted').toBeGreaterThan(1);
        expect(network.users[value]?.length, 'no value is used once').toBeGreaterThan(1);
      });
    }
  });

  it('adds terms so that none occurs twice and the sum is right', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const network = randomInputs(random, 2);
      const [value, editor] = [network.create(true), new Editor(network, new Journal(network))];
      const terms = Array.from({ length: 12 }, () =>
        packTerm(random.integer(0, 1), random.integer(0, 3), random.integer(0, 1)),
      );
      for (const term of terms) editor.addTerm(value, term);
      const forms = formsOf(network);
      expect(at(forms, value)).toEqual(sumOf(network, forms, terms));
      const places = (network.lists[value] ?? []).map((term) => term >> 1);
      expect(new Set(places).size).toBe(places.length);
    }
  });

  it('fails where a shift would become too large', () => {
    const network = randomInputs(new Random(1), 2);
    const [inner, outer] = [network.create(false), network.create(true)];
    network.append(inner, packTerm(0, 1, 0));
    network.append(inner, packTerm(1, 0, 0));
    network.append(outer, packTerm(inner, MAXIMUM_SHIFT, 0));
    const editor = new Editor(network, new Journal(network));
    editor.dissolve(inner);
    expect(editor.hasFailed()).toBe(true);
    editor.begin();
    expect(editor.hasFailed()).toBe(false);
    for (let count = 0; count < 2; count++) editor.addTerm(outer, packTerm(0, MAXIMUM_SHIFT, 1));
    expect(editor.hasFailed()).toBe(true);
  });
});
