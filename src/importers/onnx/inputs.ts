import { importCodes } from '../../diagnostics/codes/import.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { fail } from '../../diagnostics/result.js';
import type { Shape } from '../../model/kinds.js';
import type { ElementType } from './element-types.js';
import { elementTypeName, elementTypeOf } from './element-types.js';
import type { OnnxValueInfo } from './proto.js';

export interface InputPort {
  readonly type: ElementType;
  readonly shape: Shape;
  /** What the file says about dimension 0 when that is the event: undefined when it is open. */
  readonly batch: { readonly declared: number | undefined } | undefined;
}

/**
 * Shape of a graph input for one event. Dimension 0 is the event when the rank is 2 or more, unless `batch` is 'none';
 * `batch` 0 makes it the event at any rank. Throws DiagnosticError.
 */
export function readInput(info: OnnxValueInfo, batch: 0 | 'none' | undefined, model: string): InputPort {
  const name = printable(info.name);
  const where = { model };
  const { tensor } = info;
  if (tensor === undefined) {
    return fail(importCodes.inputType, `input '${name}' is not a dense tensor, or has no type`, where);
  }
  const type = elementTypeOf(tensor.elementType);
  if (type === undefined) {
    return fail(
      importCodes.inputType,
      `input '${name}' has elements of type ${elementTypeName(tensor.elementType)}`,
      where,
    );
  }
  const { dimensions } = tensor;
  if (dimensions === undefined) return fail(importCodes.inputShape, `input '${name}' declares no shape`, where);
  const batched = batch === 'none' ? false : dimensions.length >= 2 || (batch === 0 && dimensions.length >= 1);
  const shape = dimensions.map((dimension, axis) => {
    if (batched && axis === 0) return 1;
    if (typeof dimension === 'string') {
      return fail(
        importCodes.symbolicDimension,
        `dimension ${axis} of input '${name}' is ${dimension === '?' ? 'open' : `'${printable(dimension)}'`}`,
        where,
      );
    }
    if (dimension === 0) return fail(importCodes.zeroSized, `dimension ${axis} of input '${name}' is 0`, where);
    if (dimension < 0) {
      return fail(importCodes.inputShape, `dimension ${axis} of input '${name}' is ${dimension}`, where);
    }
    return dimension;
  });
  if (!batched) return { type, shape, batch: undefined };
  const [declared] = dimensions;
  return { type, shape, batch: { declared: typeof declared === 'number' && declared > 0 ? declared : undefined } };
}
