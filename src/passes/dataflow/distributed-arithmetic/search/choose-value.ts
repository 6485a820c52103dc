import type { Network } from './network.js';
import type { Uniform } from './options.js';
import { valueOf } from './packed-term.js';

/** Draws before it is given up to find a value that will do, and among the summands of a value. */
const ATTEMPTS = 64;
const NEAR_ATTEMPTS = 4;

/** A value that is made from others; -1 where chance finds none. */
export function randomMade(network: Network, uniform: Uniform): number {
  const from = network.inputs.length;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const value = from + Math.floor(uniform() * (network.size - from));
    if (network.lists[value] !== undefined) return value;
  }
  return -1;
}

/** A value that is made from others and used by others; -1 where chance finds none. */
export function randomShared(network: Network, uniform: Uniform): number {
  const from = network.inputs.length;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const value = from + Math.floor(uniform() * (network.size - from));
    if (network.lists[value] !== undefined && (network.users[value]?.length ?? 0) > 0) return value;
  }
  return -1;
}

/** Likewise, from the summands of `near` where one of them is no input. */
export function sharedNear(network: Network, uniform: Uniform, near: number): number {
  const list = network.lists[near];
  if (list === undefined || list.length === 0) return randomShared(network, uniform);
  for (let attempt = 0; attempt < NEAR_ATTEMPTS; attempt++) {
    const value = valueOf(list[Math.floor(uniform() * list.length)] ?? 0);
    if (network.lists[value] !== undefined) return value;
  }
  return randomShared(network, uniform);
}
