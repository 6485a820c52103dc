import { at, invariant } from '../support/invariant.js';
import { measureAgreement } from './agreement.js';
import { compareAuc } from './auc.js';
import { pairedDifference, proportion } from './estimates.js';
import { paired } from './evaluate-scores.js';
import type { ClassificationResult, ClassResult, Difference } from './result.js';

/** Scores of several classes: `float` and `fixed` are events × classes, row-major, `labels` the true class of an event. */
export interface ClassifiedSample {
  readonly names: readonly string[];
  readonly float: Float64Array;
  readonly fixed: Float64Array;
  readonly labels: Int32Array;
}

/**
 * What fixed point costs a classifier. A class without events, or with all of them, has no AUC: that, like wrong sizes
 * and labels, throws InvariantError.
 */
export function evaluateClasses({ names, float, fixed, labels }: ClassifiedSample): ClassificationResult {
  const events = labels.length;
  const width = names.length;
  invariant(
    events > 0 && float.length === events * width && fixed.length === events * width,
    `${events} labels of ${width} classes for ${float.length} float and ${fixed.length} fixed scores`,
  );
  const classes = names.map((name, index) => evaluateClass(name, index, width, float, fixed, labels));
  const losses = classes.map((one) => one.aucLoss);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / width;
  return {
    kind: 'classes',
    events,
    classes,
    macroAucFloat: mean(classes.map((one) => one.aucFloat.value)),
    macroAucFixed: mean(classes.map((one) => one.aucFixed.value)),
    macroAucLoss: meanDifference(losses),
    ...compareDecisions(width, float, fixed, labels),
  };
}

function evaluateClass(
  name: string,
  index: number,
  width: number,
  float: Float64Array,
  fixed: Float64Array,
  labels: Int32Array,
): ClassResult {
  const column = (scores: Float64Array, of: 'all' | 'own' | 'rest'): Float64Array => {
    const values = new Float64Array(labels.length);
    let count = 0;
    for (let event = 0; event < labels.length; event++) {
      if (of !== 'all' && (labels[event] === index) !== (of === 'own')) continue;
      values[count++] = scores[event * width + index] ?? 0;
    }
    return values.subarray(0, count);
  };
  const own = column(float, 'own');
  invariant(
    own.length > 0 && own.length < labels.length,
    `class '${name}' has ${own.length} of ${labels.length} events`,
  );
  const {
    float: aucFloat,
    fixed: aucFixed,
    loss,
  } = compareAuc(paired(column(float, 'rest'), column(fixed, 'rest')), paired(own, column(fixed, 'own')));
  const agreement = measureAgreement(paired(column(float, 'all'), column(fixed, 'all')));
  return { name, events: own.length, aucFloat, aucFixed, aucLoss: loss, agreement };
}

/** The classes share their events: errors are added up as if they rose and fell together, which is the largest they can be. */
function meanDifference(differences: readonly Difference[]): Difference {
  const sum = differences.reduce(
    (total, { value, error }) => ({ value: total.value + value, error: total.error + error }),
    { value: 0, error: 0 },
  );
  return { value: sum.value / differences.length, error: sum.error / differences.length };
}

function compareDecisions(
  width: number,
  float: Float64Array,
  fixed: Float64Array,
  labels: Int32Array,
): Pick<ClassificationResult, 'accuracyFloat' | 'accuracyFixed' | 'accuracyLoss' | 'argmaxAgreement'> {
  let [floatRight, fixedRight, floatOnly, fixedOnly, same] = [0, 0, 0, 0, 0];
  const events = labels.length;
  for (let event = 0; event < events; event++) {
    const label = at(labels, event);
    invariant(label >= 0 && label < width, `event ${event} has class ${label}`);
    const ofFloat = largest(float, event * width, width);
    const ofFixed = largest(fixed, event * width, width);
    if (ofFloat === ofFixed) same++;
    if (ofFloat === label) floatRight++;
    if (ofFixed === label) fixedRight++;
    if (ofFloat === label && ofFixed !== label) floatOnly++;
    if (ofFixed === label && ofFloat !== label) fixedOnly++;
  }
  return {
    accuracyFloat: proportion(floatRight, events),
    accuracyFixed: proportion(fixedRight, events),
    accuracyLoss: pairedDifference(floatOnly, fixedOnly, events),
    argmaxAgreement: proportion(same, events),
  };
}

/** The first of the largest. */
function largest(scores: Float64Array, from: number, width: number): number {
  let best = 0;
  for (let index = 1; index < width; index++) {
    if ((scores[from + index] ?? 0) > (scores[from + best] ?? 0)) best = index;
  }
  return best;
}
