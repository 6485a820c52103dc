import type { Damage, LossByLayer, QuantiserLoss } from '../evaluation/quantiser-loss.js';
import { quantiserRoles } from '../evaluation/quantiser-loss.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import type {
  Agreement,
  ClassificationResult,
  ClassResult,
  Cut,
  Difference,
  Estimate,
  EvaluationResult,
  Overlap,
  PointResult,
  ResolvedPoint,
  ScorePairs,
  SignalAtPoint,
  SignalResult,
  ThresholdScan,
  UnresolvedPoint,
} from '../evaluation/result.js';
import type { CalibratedQuantizer, CalibratedTensor, CalibrationDetails, ValueRange } from './calibration-details.js';
import { CALIBRATION_VERSION, integerBitsPolicies, tensorRoles } from './calibration-details.js';
import type { EvaluatedDecision, EvaluatedSample, EvaluationDetails } from './evaluation-details.js';
import { EVALUATION_VERSION } from './evaluation-details.js';
import type { Shape } from './shape.js';
import {
  count,
  finite,
  integer,
  listOf,
  nullOr,
  objectOf,
  oneOf,
  optional,
  pairOf,
  positive,
  text,
  truth,
  variantOf,
} from './shape.js';

/** The forms of `details` that later commands read: files that people can edit, or another program can have written. */

const range = objectOf<ValueRange>({ low: finite, high: finite });

const tensor = objectOf<CalibratedTensor>({
  name: text,
  node: text,
  operator: text,
  role: oneOf(...tensorRoles),
  shape: listOf(count),
  elements: count,
  types: listOf(text),
  calibrated: truth,
  interval: optional(range),
  range,
  zeros: finite,
  lsb: optional(integer),
  quantiles: listOf(objectOf<CalibratedTensor['quantiles'][number]>({ probability: finite, value: finite })),
  histogram: objectOf<CalibratedTensor['histogram']>({ first: integer, width: positive, counts: listOf(count) }),
  magnitudes: objectOf<CalibratedTensor['magnitudes']>({ first: integer, counts: listOf(count) }),
  channels: optional(
    objectOf<NonNullable<CalibratedTensor['channels']>>({ ranges: listOf(range), of: optional(listOf(count)) }),
  ),
});

const quantizer = objectOf<CalibratedQuantizer>({
  tensor: text,
  node: text,
  operator: text,
  types: listOf(text),
  origin: oneOf('model', 'declared', 'calibrated'),
  elements: count,
  values: count,
  saturatedHigh: count,
  saturatedLow: count,
  wrapped: count,
  rectified: count,
  worst: optional(objectOf<NonNullable<CalibratedQuantizer['worst']>>({ value: finite, event: count, element: count })),
  firstEvent: optional(count),
});

export const calibrationDetails = objectOf<CalibrationDetails>({
  schema: oneOf('trigc-calibration'),
  version: oneOf(CALIBRATION_VERSION),
  data: objectOf<CalibrationDetails['data']>({ file: text, sha256: text, events: count }),
  integerBits: oneOf(...integerBitsPolicies),
  margin: finite,
  tensors: listOf(tensor),
  quantizers: listOf(quantizer),
});

const estimate = objectOf<Estimate>({ value: finite, low: finite, high: finite });
const difference = objectOf<Difference>({ value: finite, error: finite });
const agreement = objectOf<Agreement>({
  events: count,
  maximum: finite,
  worstEvent: count,
  rms: finite,
  mean: finite,
  rankCorrelation: nullOr(finite),
});
const pairs = objectOf<ScorePairs>({ float: listOf(finite), fixed: listOf(finite) });
const areas = { aucFloat: estimate, aucFixed: estimate, aucLoss: difference };

const signal = objectOf<SignalResult>({
  name: text,
  agreement,
  pairs,
  ...areas,
  roc: objectOf<SignalResult['roc']>({ fractions: listOf(finite), float: listOf(finite), fixed: listOf(finite) }),
});

const point = variantOf<OperatingPoint, 'kind'>(
  'kind',
  new Map<OperatingPoint['kind'], Shape<OperatingPoint>>([
    ['rate', objectOf<OperatingPoint & { kind: 'rate' }>({ kind: oneOf('rate'), kilohertz: positive })],
    ['fraction', objectOf<OperatingPoint & { kind: 'fraction' }>({ kind: oneOf('fraction'), fraction: positive })],
  ]),
);
const cut = objectOf<Cut>({ above: finite, accepted: count, ties: count, fraction: estimate, kilohertz: estimate });
const overlapEntries = { events: count, both: count, floatOnly: count, fixedOnly: count };
const overlap = objectOf<Overlap>(overlapEntries);
const signalAtPoint = objectOf<SignalAtPoint>({
  name: text,
  float: estimate,
  fixed: estimate,
  floatThresholdRange: pairOf(finite),
  fixedThresholdRange: pairOf(finite),
  floatInterpolated: finite,
  fixedInterpolated: finite,
  loss: nullOr(difference),
  overlap,
});
const target = { point, target: finite, targetKilohertz: finite };
const pointResult = variantOf<PointResult, 'resolvable'>(
  'resolvable',
  new Map<boolean, Shape<PointResult>>([
    [
      true,
      objectOf<ResolvedPoint>({
        resolvable: oneOf(true),
        ...target,
        float: cut,
        fixed: cut,
        overlap,
        exchange: nullOr(estimate),
        sameCut: overlap,
        signals: listOf(signalAtPoint),
      }),
    ],
    [false, objectOf<UnresolvedPoint>({ resolvable: oneOf(false), ...target, needed: finite })],
  ]),
);

const scores = objectOf<EvaluationResult>({
  kind: oneOf('score'),
  bunches: positive,
  totalKilohertz: finite,
  background: objectOf<EvaluationResult['background']>({ agreement, pairs }),
  signals: listOf(signal),
  points: listOf(pointResult),
  scan: objectOf<ThresholdScan>({ thresholds: listOf(finite), float: listOf(finite), fixed: listOf(finite) }),
});
const classes = objectOf<ClassificationResult>({
  kind: oneOf('classes'),
  events: count,
  classes: listOf(objectOf<ClassResult>({ name: text, events: count, ...areas, agreement }), 1),
  macroAucFloat: finite,
  macroAucFixed: finite,
  macroAucLoss: difference,
  accuracyFloat: estimate,
  accuracyFixed: estimate,
  accuracyLoss: difference,
  argmaxAgreement: estimate,
});

const damage = objectOf<Damage>({ rms: finite, aucLoss: optional(finite), efficiencyLoss: optional(finite) });
const loss = objectOf<LossByLayer>({
  events: count,
  point: optional(text),
  total: damage,
  quantisers: listOf(
    objectOf<QuantiserLoss>({
      name: text,
      node: text,
      operator: text,
      role: oneOf(...quantiserRoles),
      types: listOf(text),
      alone: damage,
      without: damage,
      firstDivergence: count,
    }),
  ),
});

export const evaluationDetails = objectOf<EvaluationDetails>({
  schema: oneOf('trigc-evaluation'),
  version: oneOf(EVALUATION_VERSION),
  score: text,
  accepted: oneOf('larger', 'smaller'),
  samples: listOf(
    objectOf<EvaluatedSample>({
      role: oneOf('background', 'signal', 'class'),
      name: text,
      file: text,
      sha256: text,
      events: count,
      rounded: count,
      saturated: count,
    }),
    1,
  ),
  result: variantOf<EvaluationResult | ClassificationResult, 'kind'>(
    'kind',
    new Map<'score' | 'classes', Shape<EvaluationResult | ClassificationResult>>([
      ['score', scores],
      ['classes', classes],
    ]),
  ),
  decisions: listOf(
    objectOf<EvaluatedDecision>({
      name: text,
      output: text,
      element: count,
      comparison: oneOf('>', '>='),
      threshold: finite,
      samples: listOf(objectOf<EvaluatedDecision['samples'][number]>({ sample: text, ...overlapEntries })),
    }),
  ),
  layers: optional(loss),
});
