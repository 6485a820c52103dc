/** What to do about operators of the ONNX standard that Trigc does not compile; the first word list is the reason. */
const convolution = 'Not supported yet: use Conv with a fixed grid, or cut the model before this node.';
const pooling = 'Not supported yet: use MaxPool or AveragePool, or reshape and use reductions over fixed windows.';
const control = 'Trace the model with constant conditions, or unroll its loops, before exporting.';
const integer = 'Not supported yet: export in QDQ form (QuantizeLinear and DequantizeLinear around float operators).';
const dynamic =
  'The result has a shape that depends on data, which hardware cannot have: cut the model before this node.';
const random = 'Remove random nodes: export the model in evaluation mode.';
const custom = 'Rewrite it with supported operators before exporting.';

const hints: ReadonlyMap<string, string> = new Map(
  Object.entries({
    DeformConv: convolution,
    LpPool: pooling,
    GlobalLpPool: pooling,
    MaxUnpool: pooling,
    Scan: control,
    If: control,
    Loop: control,
    SequenceMap: control,
    QLinearMatMul: integer,
    QLinearConv: integer,
    MatMulInteger: integer,
    ConvInteger: integer,
    DynamicQuantizeLinear:
      'Scales that depend on data are not possible in hardware: use static quantisation (quantize_static).',
    IsNaN: 'Fixed-point values are never NaN: remove the node.',
    IsInf: 'Fixed-point values are never infinite: remove the node.',
    MeanVarianceNormalization: 'Use InstanceNormalization or LayerNormalization.',
    LRN: 'Use a normalisation over whole axes, such as LayerNormalization or BatchNormalization.',
    Attention: 'Not supported yet: export it as MatMul, Softmax and MatMul.',
    LinearAttention: 'Not supported yet.',
    RotaryEmbedding: custom,
    CumProd: custom,
    GatherElements: 'Use Gather with constant indices along one axis.',
    GatherND: 'Use Gather with constant indices along one axis.',
    Scatter: custom,
    ScatterElements: custom,
    ScatterND: custom,
    TensorScatter: custom,
    EyeLike: 'Store the matrix as an initialiser.',
    Trilu: 'Multiply by a constant mask.',
    CastLike: 'Use Cast.',
    NonZero: dynamic,
    Unique: dynamic,
    Compress: dynamic,
    NonMaxSuppression: dynamic,
    RandomNormal: random,
    RandomNormalLike: random,
    RandomUniform: random,
    RandomUniformLike: random,
    Bernoulli: random,
    Multinomial: random,
    FloatQuant: 'Minifloat quantisation is not supported: use integer quantisers.',
  }),
);

/** Operators of the standard that need no hint of their own. */
const others: ReadonlySet<string> = new Set(
  (
    'AffineGrid BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor ' +
    'BlackmanWindow CausalConvWithState CenterCropPad Col2Im ConcatFromSequence DFT Det GridSample ' +
    'HammingWindow HannWindow ImageDecoder MaxRoiPool MelWeightMatrix NegativeLogLikelihoodLoss Optional ' +
    'OptionalGetElement OptionalHasElement RegexFullMatch ReverseSequence RoiAlign STFT SequenceAt SequenceConstruct ' +
    'SequenceEmpty SequenceErase SequenceInsert SequenceLength SoftmaxCrossEntropyLoss SplitToSequence ' +
    'StringConcat StringNormalizer StringSplit SwiGLU TfIdfVectorizer'
  ).split(' '),
);

const subgraphOperators: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** What to do about an operator that is not supported, where something is known. */
export function hintFor(operator: string): string | undefined {
  return hints.get(operator);
}

/** Operators that are not supported with their hints, for the support table. */
export function unsupportedHints(): Iterable<readonly [string, string]> {
  return hints;
}

export function isStandardOperator(operator: string): boolean {
  return hints.has(operator) || others.has(operator);
}

export function isSubgraphOperator(operator: string): boolean {
  return subgraphOperators.has(operator);
}
