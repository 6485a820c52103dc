import { compileFloatEvaluator } from '../../backends/emulator/float/compile.js';
import type { ModelGraph } from '../../model/kinds.js';
import { at } from '../../support/invariant.js';
import { scoreImportance } from '../importance.js';
import { columnOf } from '../fixed-scores.js';

/** Events that weights are trained on, and what the float model makes of them. There are no labels. */
export interface TrainingData {
  /** Events × inputWidth. */
  readonly inputs: Float64Array;
  /** Events × outputWidth: the float outputs. */
  readonly target: Float64Array;
  /** Of each output of each event: damage per unit of squared error, as in `measureSensitivity`. */
  readonly importance: Float64Array;
}

export function trainingData(graph: ModelGraph, inputs: Float64Array): TrainingData {
  const evaluator = compileFloatEvaluator(graph);
  const width = evaluator.outputWidth;
  const target = evaluator.run(inputs).slice();
  const importance = new Float64Array(target.length);
  for (let output = 0; output < width; output++) {
    scoreImportance(columnOf(target, width, output)).forEach((value, event) => {
      importance[event * width + output] = value / width;
    });
  }
  return { inputs, target, importance };
}

/** Shift in log odds from which on an error counts by its size and no longer by its square. */
const LARGE_SHIFT = 0.5;

/**
 * The derivative of the damage by one output: importance × error, for small errors that of `measureSensitivity`; large
 * ones pull no harder than those at LARGE_SHIFT (Huber's loss), or a few events far out would rule.
 */
export function damageSlope({ target, importance }: TrainingData, index: number, output: number): number {
  const weight = at(importance, index);
  const error = output - at(target, index);
  const shift = Math.sqrt(weight) * Math.abs(error);
  return shift <= LARGE_SHIFT ? weight * error : Math.sqrt(weight) * LARGE_SHIFT * Math.sign(error);
}
