import { at } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';

/** Activations [events, size] that depend on each other, none negative, as behind a ReLU. */
export function correlatedActivations(random: Random, events: number, size: number): Float64Array {
  const mixing = Float64Array.from({ length: size * size }, () => random.uniform() - 0.4);
  const result = new Float64Array(events * size);
  for (let event = 0; event < events; event++) {
    const source = Float64Array.from({ length: size }, () => random.uniform() ** 2);
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += at(mixing, row * size + k) * at(source, k);
      result[event * size + row] = Math.max(0, sum);
    }
  }
  return result;
}

/** Mean of x xᵀ over the events. */
export function secondMoments(data: Float64Array, size: number): Float64Array {
  const events = data.length / size;
  const gram = new Float64Array(size * size);
  for (let event = 0; event < events; event++) {
    for (let row = 0; row < size; row++) {
      const left = at(data, event * size + row) / events;
      for (let column = 0; column < size; column++) {
        gram[row * size + column] = at(gram, row * size + column) + left * at(data, event * size + column);
      }
    }
  }
  return gram;
}
