import type { RealFunctionName } from '../../../model/real-functions.js';
import { seluDefaults } from '../../../model/real-functions.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';

/** Functions of a real number: folded on constants, tables on computed tensors. */
function plain(name: string, real: RealFunctionName, since = 6): OperatorEntry {
  return operator(name, 1, [], (context) => context.tensors.real(real, context.input(0)), since);
}

/** A function whose parameters are attributes with ONNX's defaults. */
function withParameters(
  name: string,
  real: RealFunctionName,
  attributes: readonly (readonly [string, number])[],
  since = 6,
): OperatorEntry {
  const names = attributes.map(([attribute]) => attribute);
  return operator(
    name,
    1,
    names,
    (context) => {
      const parameters = attributes.map(([attribute, missing]) => context.float(attribute, missing));
      return context.tensors.real(real, context.input(0), { parameters });
    },
    since,
  );
}

function gelu(context: NodeContext): Value {
  const approximate = context.string('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') return context.refuse(`approximate = '${approximate}'`);
  return context.tensors.real(approximate === 'none' ? 'gelu' : 'geluTanh', context.input(0));
}

export const functionOperators: readonly OperatorEntry[] = [
  plain('Sigmoid', 'sigmoid'),
  plain('Tanh', 'tanh'),
  plain('Softplus', 'softplus'),
  plain('Softsign', 'softsign'),
  plain('Exp', 'exp'),
  plain('Log', 'log'),
  plain('Sqrt', 'sqrt'),
  plain('Reciprocal', 'reciprocal'),
  plain('Erf', 'erf', 9),
  plain('Sin', 'sin', 7),
  plain('Cos', 'cos', 7),
  plain('Tan', 'tan', 7),
  plain('Asin', 'asin', 7),
  plain('Acos', 'acos', 7),
  plain('Atan', 'atan', 7),
  plain('Sinh', 'sinh', 9),
  plain('Cosh', 'cosh', 9),
  plain('Asinh', 'asinh', 9),
  plain('Acosh', 'acosh', 9),
  plain('Atanh', 'atanh', 9),
  plain('Mish', 'mish', 18),
  withParameters('Elu', 'elu', [['alpha', 1]]),
  withParameters('Celu', 'celu', [['alpha', 1]], 12),
  withParameters('Selu', 'selu', [
    ['alpha', seluDefaults[0]],
    ['gamma', seluDefaults[1]],
  ]),
  withParameters('Swish', 'swish', [['alpha', 1]], 24),
  operator('Gelu', 1, ['approximate'], gelu, 20),
];
