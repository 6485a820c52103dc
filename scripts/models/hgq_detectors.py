"""What the HGQ2 twins of all detectors share: types that saturate, the score, and the way from a float score to files."""

import keras
import numpy as np
from hgq.config import QuantizerConfig
from hgq.layers.core.base import QLayerBaseSingleInput
from keras import ops

import files
import hgq_common as hgq


class AtLeast(keras.constraints.Constraint):
    """Of integer bits: training on background alone must not cut off where signals are."""

    def __init__(self, low):
        self.low = np.asarray(low, np.float32)

    def __call__(self, bits):
        return ops.maximum(bits, self.low)


def saturating(signed, integer, fraction, **options):
    """A type that saturates; integer: bits without the sign, one for all elements or one for each."""
    start = keras.initializers.Constant(np.asarray(integer, np.float32))
    low = AtLeast(integer)
    return QuantizerConfig("kif", "datalane", k0=signed, i0=start, f0=fraction, ic=low, overflow_mode="SAT", **options)


class SquaredSum(QLayerBaseSingleInput):
    """Sum of the squares of what its input quantiser gives: (batch, n) -> (batch, 1)."""

    def call(self, inputs, training=None):
        x = self.iq(inputs, training=training)
        return ops.sum(x * x, axis=-1, keepdims=True)

    def compute_output_shape(self, shape):
        return (shape[0], 1)

    def _compute_ebops(self, shape):
        """A square of b bits has half the partial products of a product; then sums of 2b bits, at HGQ2's own 0.65."""
        bits = self.iq.bits_(shape)
        return ops.sum(bits * bits) / 2 + 0.65 * ops.sum(2 * bits)


def write_squared_sum(writer, layer, x):
    squares = writer.add("Mul", [x, x])
    return writer.add("ReduceSum", [squares, writer.constant("axes", [1], np.int64)], keepdims=1)


def integer_bits(layers):
    """Of every layer and element the bits that hold the largest of the events; 0 where it is always zero."""
    return [np.ceil(np.log2(np.maximum(np.abs(x).max(0), 0.5) + 2.0**-7)) for x in layers]


def steps(number, library):
    """What is compared of scores: log(1 + number × score), or, without a number, the scores themselves.

    library: numpy, or keras.ops. Twins that learn the float network's task again become other networks, whose efficiencies
    differ from the float network's by 5 to 25 % from epoch to epoch, and they can make their score small by narrow
    quantisers. These learn the float network's score, on the same events.
    """
    return (lambda score: score) if number is None else (lambda score: library.log1p(number * score))


def efficiencies(scores):
    return {name: part["efficiency_at_1e-3"] for name, part in files.figures(scores).items()}


def train(folder, script, settings, events, model, float_scores, inputs, single, types, names, commands, highest=np.inf):
    """Train `model`, which has its first weights, and write it to `folder`, that of its float.onnx.

    events: to train with, and those to choose an epoch with by their names; float_scores: of events; inputs and single: of
    a model, the quantisers that see the input and all those whose elements may become a sign alone; types: those of the
    scaled input, as of hgq_common.hold_input; names: of input and output; commands: what made the events; highest: score
    that the model's type holds. settings: those of hgq_common.fit, and `compared`, the number of steps(); `scale` of the
    loss, the mean squared difference of what is compared; `efficiency_loss`, what the twin may lose, the mean of the signals.
    """
    training, valid = events

    def finish(model):
        ebops = hgq.trace_minmax(model, training[:50_000], batch_size=8192)
        for quantizer in inputs(model):
            hgq.hold_input(quantizer, types)
        for quantizer in single(model):
            hgq.drop_single_bits(quantizer)
        return ebops

    def scores():
        return {name: model.predict(part, 16384, verbose=0).ravel() for name, part in valid.items()}

    before = efficiencies({name: float_scores(part) for name, part in valid.items()})

    def quality(_):
        """Mean and worst relative loss of efficiency."""
        after = efficiencies(scores())
        losses = [1 - after[name] / before[name] for name in before]
        return round(float(np.mean(losses)), 4), round(max(losses), 4)

    target = steps(settings["compared"], np)(np.minimum(float_scores(training), highest)).astype(np.float32)[:, None]
    compared = steps(settings["compared"], ops)
    loss = lambda target, score: settings["scale"] * ops.mean(ops.square(compared(score) - target))
    record = hgq.fit(model, (training, target), loss, settings, finish, quality)
    ebops, _, epoch, weights = hgq.cheapest(record, lambda value: value[0] <= settings["efficiency_loss"])
    model.set_weights(weights)
    sample = hgq.sample(folder).reshape(-1, *training.shape[1:])
    hgq.write(model, folder, sample, names, {"SquaredSum": write_squared_sum})
    measured = {
        "epoch": epoch + 1,
        "ebops": ebops,
        "figures": files.figures(scores()),
        "efficiencies_of_float": before,
        "front": [[ebops, *quality] for ebops, quality, *_ in record],
    }
    print(measured)
    hgq.write_provenance(folder, script, settings, measured, commands)
