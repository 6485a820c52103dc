import type { NodeContext } from '../node-context.js';
import type { Value } from '../session.js';
import { softmaxOver } from './softmax.js';

/** Scores [1, count] after the `post_transform` of a model of ai.onnx.ml. */
export function transformed(context: NodeContext, scores: Value): Value {
  const transform = context.string('post_transform', 'NONE');
  switch (transform) {
    case 'NONE':
      return scores;
    case 'LOGISTIC':
      return context.tensors.real('sigmoid', scores);
    case 'SOFTMAX':
      return softmaxOver(context, scores, [scores.shape.length - 1], false);
    default:
      return context.refuse(
        `post_transform ${transform}`,
        'Set post_transform to NONE, LOGISTIC or SOFTMAX, and do the rest outside the network.',
      );
  }
}
