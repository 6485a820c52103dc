import type { NodeContext } from '../node-context.js';
import type { Value } from '../session.js';

/** Scores [1, count] after the `post_transform` of a model of ai.onnx.ml. */
export function transformed(context: NodeContext, scores: Value): Value {
  const transform = context.string('post_transform', 'NONE');
  if (transform === 'NONE') return scores;
  return context.refuse(
    `post_transform ${transform}`,
    'It keeps the order of the scores: set post_transform to NONE and move the threshold through it.',
  );
}
