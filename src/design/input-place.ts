import type { Program } from '../dataflow/program.js';
import { at } from '../support/invariant.js';

/** Where an element of an input lies on its port. */
export interface InputPlace {
  readonly input: number;
  /** Its place among the elements that stand together. */
  readonly lane: number;
  readonly clock: number;
}

/** The place of an element, counted through all inputs; `inputClocks`: as in `Sequencing`. */
export function inputPlace({ inputs }: Program, inputClocks: readonly number[], index: number): InputPlace {
  let element = index;
  for (const [input, { types }] of inputs.entries()) {
    if (element < types.length) {
      const lanes = types.length / at(inputClocks, input);
      return { input, lane: element % lanes, clock: Math.floor(element / lanes) };
    }
    element -= types.length;
  }
  throw new RangeError(`there is no input element ${index}`);
}
