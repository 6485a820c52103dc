import { printable } from '../../../diagnostics/diagnostic.js';
import type { RealFunctionName } from '../../../model/real-functions.js';
import type { NodeContext } from '../node-context.js';
import type { Value } from '../session.js';
import { scalarOf } from '../tensors.js';

export type Activation = (value: Value) => Value;

const functions: ReadonlyMap<string, RealFunctionName> = new Map<string, RealFunctionName>([
  ['sigmoid', 'sigmoid'],
  ['tanh', 'tanh'],
  ['softsign', 'softsign'],
  ['softplus', 'softplus'],
]);

/** Defaults of the activations that take parameters: alpha, beta. Source: ONNX, operators RNN, GRU and LSTM. */
const parameters: ReadonlyMap<string, readonly [number | undefined, number | undefined]> = new Map([
  ['leakyrelu', [0.01, undefined]],
  ['thresholdedrelu', [1, undefined]],
  ['elu', [1, undefined]],
  ['affine', [1, 0]],
  ['scaledtanh', [1, 1]],
  ['hardsigmoid', [0.2, 0.5]],
]);

/** The activations of a recurrent node, all directions in a row. Parameters are listed for those that take them only. */
export function recurrentActivations(context: NodeContext, defaults: readonly string[]): readonly Activation[] {
  const names = context.strings('activations') ?? defaults;
  if (names.length !== defaults.length) {
    context.refuse(`${names.length} activations where ${defaults.length} are due`);
  }
  const alphas = [...(context.floats('activation_alpha') ?? [])];
  const betas = [...(context.floats('activation_beta') ?? [])];
  const clip = context.hasAttribute('clip') ? context.float('clip') : undefined;
  return names.map((name) => {
    const [alpha, beta] = parameters.get(name.toLowerCase()) ?? [undefined, undefined];
    const own = activation(
      context,
      name,
      alpha === undefined ? 0 : (alphas.shift() ?? alpha),
      beta === undefined ? 0 : (betas.shift() ?? beta),
    );
    return (value) => own(clip === undefined ? value : clipped(context, value, clip));
  });
}

function clipped(context: NodeContext, value: Value, clip: number): Value {
  const { tensors } = context;
  const above = tensors.binary('maximum', value, tensors.constant(scalarOf(-clip)));
  return tensors.binary('minimum', above, tensors.constant(scalarOf(clip)));
}

function activation(context: NodeContext, name: string, alpha: number, beta: number): Activation {
  const { tensors } = context;
  const scalar = (value: number): Value => tensors.constant(scalarOf(value));
  const affine: Activation = (value) => {
    const scaled = tensors.scale(value, alpha);
    return beta === 0 ? scaled : tensors.binary('add', scaled, scalar(beta));
  };
  const known = functions.get(name.toLowerCase());
  if (known !== undefined) return (value) => real(context, known, value, []);
  switch (name.toLowerCase()) {
    case 'relu':
      return (value) => tensors.unary('relu', value);
    case 'leakyrelu':
      if (alpha >= 0 && alpha <= 1) return (value) => tensors.binary('maximum', value, tensors.scale(value, alpha));
      return context.refuse(`the activation LeakyRelu with alpha ${alpha}`);
    case 'affine':
      return affine;
    case 'hardsigmoid':
      return (value) => tensors.binary('minimum', tensors.unary('relu', affine(value)), scalar(1));
    case 'scaledtanh':
      return (value) => tensors.scale(real(context, 'tanh', tensors.scale(value, beta), []), alpha);
    case 'elu':
      return (value) => real(context, 'elu', value, [alpha]);
    default:
      return context.refuse(`the activation '${printable(name)}'`);
  }
}

function real(context: NodeContext, name: RealFunctionName, value: Value, parameterList: readonly number[]): Value {
  const { tensors } = context;
  return tensors.add('function', {
    operand: tensors.nodeOf(value),
    function: name,
    parameters: parameterList,
    scale: 1,
    offset: 0,
    fitted: false,
  });
}
