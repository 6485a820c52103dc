import { invariant } from '../../../../support/invariant.js';
import type { Network } from './network.js';
import { valueOf } from './packed-term.js';

/** All values but inputs, each after the values of its list. */
export function topologicalOrder(network: Network): number[] {
  const order: number[] = [];
  const state = new Uint8Array(network.size);
  const stack: number[] = [];
  for (let root = network.inputs.length; root < network.size; root++) {
    if (network.lists[root] === undefined || state[root] === 2) continue;
    stack.push(root);
    while (stack.length > 0) {
      const value = stack[stack.length - 1] ?? 0;
      if (state[value] !== 0) {
        stack.pop();
        if (state[value] === 1) {
          state[value] = 2;
          order.push(value);
        }
        continue;
      }
      state[value] = 1;
      for (const term of network.lists[value] ?? []) {
        const operand = valueOf(term);
        if (network.lists[operand] === undefined || state[operand] === 2) continue;
        invariant(state[operand] === 0, 'the values of a network form no cycle');
        stack.push(operand);
      }
    }
  }
  return order;
}
