import type { OperatorEntry } from './operator.js';
import { activationOperators } from './operators/activation.js';
import { arithmeticOperators } from './operators/arithmetic.js';
import { channelsLastOperators } from './operators/channels-last.js';
import { comparisonOperators } from './operators/comparison.js';
import { constantOnlyOperators } from './operators/constant-only.js';
import { constantOperators } from './operators/constant.js';
import { convolutionOperators } from './operators/convolution.js';
import { einsumOperators } from './operators/einsum.js';
import { functionOperators } from './operators/function.js';
import { layerNormalizationOperators } from './operators/layer-normalization.js';
import { matrixOperators } from './operators/matrix.js';
import { moduloOperators } from './operators/modulo.js';
import { multiThresholdOperators } from './operators/multi-threshold.js';
import { normalizationOperators } from './operators/normalization.js';
import { padOperators } from './operators/pad.js';
import { piecewiseOperators } from './operators/piecewise.js';
import { poolingOperators } from './operators/pooling.js';
import { qdqOperators } from './operators/qdq.js';
import { qonnxOperators } from './operators/qonnx.js';
import { rankingOperators } from './operators/ranking.js';
import { recurrentOperators } from './operators/recurrent.js';
import { reductionOperators } from './operators/reduction.js';
import { resizeOperators } from './operators/resize.js';
import { softmaxOperators } from './operators/softmax.js';
import { selectionOperators } from './operators/selection.js';
import { scoreOperators } from './operators/scores.js';
import { shapeOperators } from './operators/shape.js';
import { treeOperators } from './operators/trees.js';

/** Oldest and newest version of the standard operator set whose meaning is known. */
export const OLDEST_OPSET = 6;
export const NEWEST_OPSET = 28;

/** QONNX's quantisers go by three domains, depending on the exporter; the declared version means nothing there. */
const qonnxDomains: ReadonlySet<string> = new Set([
  'onnx.brevitas',
  'finn.custom_op.general',
  'qonnx.custom_op.general',
]);

export const standardOperators: readonly OperatorEntry[] = [
  ...arithmeticOperators,
  ...activationOperators,
  ...functionOperators,
  ...softmaxOperators,
  ...layerNormalizationOperators,
  ...piecewiseOperators,
  ...moduloOperators,
  ...matrixOperators,
  ...einsumOperators,
  ...recurrentOperators,
  ...convolutionOperators,
  ...poolingOperators,
  ...resizeOperators,
  ...normalizationOperators,
  ...shapeOperators,
  ...selectionOperators,
  ...padOperators,
  ...reductionOperators,
  ...comparisonOperators,
  ...rankingOperators,
  ...constantOperators,
  ...constantOnlyOperators,
  ...qdqOperators,
];

const standard = byName(standardOperators);
const generalOperators: readonly OperatorEntry[] = [...qonnxOperators, ...multiThresholdOperators];
const qonnx = byName(generalOperators);
/** The operators of classical machine learning. */
export const ML_DOMAIN = 'ai.onnx.ml';
const classicalOperators: readonly OperatorEntry[] = [...treeOperators, ...scoreOperators];
const classical = byName(classicalOperators);
const channelsLast = byName(channelsLastOperators);

/** QONNX's domain of operators that have the channels as their last axis. */
const channelsLastDomain = 'qonnx.custom_op.channels_last';

/** Every supported operator by the domain that the support table names. */
export const operatorFamilies: readonly { readonly domain: string; readonly entries: readonly OperatorEntry[] }[] = [
  { domain: 'ai.onnx', entries: standardOperators },
  { domain: 'qonnx.custom_op.general', entries: generalOperators },
  { domain: 'qonnx.custom_op.channels_last', entries: channelsLastOperators },
  { domain: ML_DOMAIN, entries: classicalOperators },
];

function byName(entries: readonly OperatorEntry[]): ReadonlyMap<string, OperatorEntry> {
  return new Map(entries.map((entry) => [entry.operator, entry] as const));
}

export function isQonnxDomain(domain: string): boolean {
  return qonnxDomains.has(domain);
}

export function isQonnxOperator(operator: string): boolean {
  return qonnx.has(operator);
}

/** The entry of an operator, if it is supported. The standard domain is ''. */
export function findOperator(domain: string, operator: string): OperatorEntry | undefined {
  if (domain === '') return standard.get(operator);
  if (domain === ML_DOMAIN) return classical.get(operator);
  if (domain === channelsLastDomain) return channelsLast.get(operator);
  return isQonnxDomain(domain) ? qonnx.get(operator) : undefined;
}
