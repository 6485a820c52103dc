"""What the HGQ2 twins of both detectors of the 57 objects share: types, the score, and the way from float.onnx to files."""

import keras
import numpy as np
from hgq.config import QuantizerConfig
from hgq.layers.core.base import QLayerBaseSingleInput
from keras import ops

import hgq_common as hgq
import object_events
from files import object_exponents

# Width, integer bits and sign of the hardware types of MET, e/gamma, muons and jets, as in trigc.yaml.
UNSIGNED, SIGNED = False, True
MET = [(12, 11, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
EGAMMA = [(9, 8, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
MUON = [(9, 8, UNSIGNED), (9, 9, SIGNED), (10, 10, UNSIGNED)]
JET = [(11, 10, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
TYPES = [*MET, *EGAMMA * 4, *MUON * 4, *JET * 10]


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


def scaled(events):
    return events * np.array([2.0**exponent for exponent in object_exponents()], np.float32)


def float_layers(weights, events):
    """What a float network of these weights computes: the result of every layer (events × units), after its ReLU."""
    x, results = scaled(events), []
    for index, (kernel, bias) in enumerate(weights):
        x = x @ kernel + bias
        if index < len(weights) - 1:
            x = np.maximum(x, 0)
        results.append(x)
    return results


def integer_bits(layers):
    """Of every layer and element the bits that hold the largest of the events; 0 where it is always zero."""
    return [np.ceil(np.log2(np.maximum(np.abs(x).max(0), 0.5) + 2.0**-7)) for x in layers]


def distance(scale):
    """The loss: squared difference of the logarithms of float and fixed score, times `scale`.

    Twins that learn the float network's task again become other networks, whose efficiencies differ from the float
    network's by 5 to 25 % from epoch to epoch, and they can make their score small by narrow quantisers. These learn the
    float network's score, on the same events.
    """
    return lambda target, score: scale * ops.mean(ops.square(ops.log1p(score) - target))


def efficiencies(scores):
    return {name: part["efficiency_at_1e-3"] for name, part in object_events.figures(scores).items()}


def load(folder):
    """The events to train with, and those to choose an epoch with, by their names."""
    return object_events.load(folder, "zero-bias-train"), {
        name: object_events.load(folder, name) for name in ["zero-bias", *object_events.SIGNALS]
    }


def train(folder, script, settings, events, model, float_scores, inputs, single, highest=np.inf):
    """Train `model`, which has its first weights, and write it to `folder`, that of its float.onnx.

    events: as of load(); float_scores: of events; inputs and single: of a model, the quantisers that see the input and all
    those whose elements may become a sign alone; highest: score that the model's type holds.
    """
    training, valid = events
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for (width, integer, signed), exponent in zip(TYPES, object_exponents())
    ]

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

    data = (training, np.log1p(np.minimum(float_scores(training), highest)).astype(np.float32)[:, None])
    record = hgq.fit(model, data, distance(settings["scale"]), settings, finish, quality)
    ebops, _, epoch, weights = hgq.cheapest(record, lambda value: value[0] <= settings["efficiency_loss"])
    model.set_weights(weights)
    hgq.write(model, folder, hgq.sample(folder), ("event", "score"), {"SquaredSum": write_squared_sum})
    measured = {
        "epoch": epoch + 1,
        "ebops": ebops,
        "figures": object_events.figures(scores()),
        "efficiencies_of_float": before,
        "front": [[ebops, *quality] for ebops, quality, *_ in record],
    }
    print(measured)
    hgq.write_provenance(folder, script, settings, measured, object_events.commands(400_000))
