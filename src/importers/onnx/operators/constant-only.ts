import { importCodes } from '../../../diagnostics/codes/import.js';
import type { ConstantTensor } from '../constant-tensor.js';
import { floatTensor, integerTensor, numberAt, wholeNumbers } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { hintFor } from '../unsupported.js';

/** Operators that exporters use to compute shapes and parameters: folded on constants, refused on anything else. */
function constants(context: NodeContext): readonly ConstantTensor[] {
  return Array.from({ length: context.inputCount }, (_, index) => {
    const value = context.input(index);
    if (value.kind === 'constant') return value.tensor;
    const { operator: name } = context.node;
    return context.fail(
      importCodes.unsupportedOperator,
      `${name} of a computed tensor is not supported yet`,
      hintFor(name),
    );
  });
}

function range(context: NodeContext): Value {
  const [start, limit, delta] = constants(context);
  if (start === undefined || limit === undefined || delta === undefined) return context.input(0);
  const [first, end, step] = [numberAt(start, 0), numberAt(limit, 0), numberAt(delta, 0)];
  const count = Math.max(0, Math.ceil((end - first) / step));
  if (!Number.isFinite(count)) context.fail(importCodes.operandValue, `a range from ${first} to ${end} by ${step}`);
  context.session.claimFolded(count, context.provenance);
  const whole = start.kind === 'integer' && wholeNumbers(delta) !== undefined;
  const numbers = Array.from({ length: count }, (_, index) => first + index * step);
  return context.tensors.constant(
    whole
      ? integerTensor([count], BigInt64Array.from(numbers, BigInt), start.type)
      : floatTensor([count], Float64Array.from(numbers, Math.fround)),
  );
}

export const constantOnlyOperators: readonly OperatorEntry[] = [operator('Range', 3, [], range, 11)];
