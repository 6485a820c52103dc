#!/usr/bin/env python3
"""Train the HGQ2 twin of models/dense-autoencoder: the same network, with a trained width for every weight and activation.

    python scripts/models/dense_autoencoder_hgq.py EVENTS

EVENTS is the folder that scripts/models/dense_autoencoder.py takes, with all 400,000 events of zero bias. Begins with the
weights of float.onnx and writes hgq.onnx and the scores that HGQ2 gives for the sample. The environment is
build/python/keras (scripts/make-python.sh keras).
"""

import gzip
import sys

import numpy as np

import hgq_common as hgq
import object_events
from files import MODELS, object_exponents

import keras
from hgq.config import QuantizerConfig
from hgq.layers import QSubtract
from hgq.layers.core.base import QLayerBaseSingleInput
from keras import ops

FOLDER = MODELS / "dense-autoencoder"
LAYERS = [57, 24, 12, 6, 12, 24, 57]
# Width, integer bits and sign of the hardware types of MET, e/gamma, muons and jets, as in trigc.yaml.
UNSIGNED, SIGNED = False, True
MET = [(12, 11, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
EGAMMA = [(9, 8, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
MUON = [(9, 8, UNSIGNED), (9, 9, SIGNED), (10, 10, UNSIGNED)]
JET = [(11, 10, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
TYPES = [*MET, *EGAMMA * 4, *MUON * 4, *JET * 10]
# Integer bits of a residual: one of 8 is a score above every threshold that a trigger would set.
RESIDUAL_BITS = 3
SETTINGS = {
    "seed": 5701,
    "epochs": 200,
    "warm": 4,
    "every": 5,
    "batch": 1024,
    "rate": 3e-3,
    "last_rate": 5e-4,
    "beta": [1e-6, 8e-5],
    "bits": 8,
    "scale": 100,
    # What the twin may lose of the float network's efficiencies at 1e-3 on the validation events, the mean of the signals.
    "efficiency_loss": 0.01,
}


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


def build(ranges):
    """ranges: of each layer's result, integer bits of each element (see integer_bits)."""
    bits = SETTINGS["bits"]
    inputs = keras.Input((LAYERS[0],), name="event")
    scaled_input = x = keras.layers.Rescaling([2.0**exponent for exponent in object_exponents()], name="scaled")(inputs)
    for index, units in enumerate(LAYERS[1:]):
        last = index == len(LAYERS) - 2
        # Signals reach further than the background that trains: what is between the layers saturates instead of wrapping.
        own = {} if index == 0 else {"input_type": saturating(False, ranges[index - 1], bits)}
        x = hgq.dense(units, f"dense_{index}", bits, activation=None if last else "relu", **own)(x)
    of_input = QuantizerConfig("kif", "datalane", i0=4, f0=bits, overflow_mode="WRAP")
    residual = QSubtract(iq_confs=[saturating(True, ranges[-1], bits), of_input], name="residual")([x, scaled_input])
    fixed = saturating(False, 8, 8, trainable=False, heterogeneous_axis=())
    score = SquaredSum(iq_conf=saturating(True, RESIDUAL_BITS, bits - 1), enable_oq=True, oq_conf=fixed, name="score")
    return keras.Model(inputs, score(residual), name="dense_autoencoder")


def loss(target, score):
    """Squared difference of the logarithms of float and fixed score.

    Twins that learn to reconstruct again become other networks, whose efficiencies differ from the float network's by 5 to
    25 % from epoch to epoch, and they can make their score small by narrow quantisers. This one learns the float network's
    score, on the same events.
    """
    return SETTINGS["scale"] * ops.mean(ops.square(ops.log1p(score) - target))


def efficiencies(scores):
    return {name: part["efficiency_at_1e-3"] for name, part in object_events.figures(scores).items()}


def float_layers(events):
    """What float.onnx computes: the result of every layer (events × units), after its ReLU."""
    weights = hgq.float_weights(FOLDER / "float.onnx")
    x, results = scaled(events), []
    for index, (kernel, bias) in enumerate(weights):
        x = x @ kernel + bias
        if index < len(weights) - 1:
            x = np.maximum(x, 0)
        results.append(x)
    return results


def scaled(events):
    return events * np.array([2.0**exponent for exponent in object_exponents()], np.float32)


def float_scores(events):
    return ((float_layers(events)[-1] - scaled(events)) ** 2).sum(1)


def integer_bits(events):
    """Of every layer and element the bits that hold the largest of the events; 0 where it is always zero."""
    return [np.ceil(np.log2(np.maximum(np.abs(x).max(0), 0.5) + 2.0**-7)) for x in float_layers(events)]


def main(folder):
    hgq.start(SETTINGS["seed"])
    train = object_events.load(folder, "zero-bias-train")
    valid = {name: object_events.load(folder, name) for name in ["zero-bias", *object_events.SIGNALS]}
    model = build(integer_bits(train))
    hgq.set_weights(model, hgq.float_weights(FOLDER / "float.onnx"))
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for (width, integer, signed), exponent in zip(TYPES, object_exponents())
    ]

    def finish(model):
        ebops = hgq.trace_minmax(model, train[:50_000], batch_size=8192)
        hgq.hold_input(model.get_layer("dense_0").iq, types)
        hgq.hold_input(model.get_layer("residual").iq[1], types)
        for quantizer in [model.get_layer("dense_0").iq, *model.get_layer("residual").iq, model.get_layer("score").iq]:
            hgq.drop_single_bits(quantizer)
        return ebops

    def scores(model):
        return {name: model.predict(part, 16384, verbose=0).ravel() for name, part in valid.items()}

    before = efficiencies({name: float_scores(part) for name, part in valid.items()})

    def quality(model):
        """Mean and worst relative loss of efficiency."""
        after = efficiencies(scores(model))
        losses = [1 - after[name] / before[name] for name in before]
        return round(float(np.mean(losses)), 4), round(max(losses), 4)

    data = (train, np.log1p(np.minimum(float_scores(train), 255)).astype(np.float32)[:, None])
    record = hgq.fit(model, data, loss, SETTINGS, finish, quality)
    ebops, lost, epoch, weights = hgq.cheapest(record, lambda value: value[0] <= SETTINGS["efficiency_loss"])
    model.set_weights(weights)
    with gzip.open(FOLDER / "sample.csv.gz", "rt") as file:
        sample = np.loadtxt(file, delimiter=",", skiprows=1, dtype=np.float32)
    hgq.write(model, FOLDER, sample, ("event", "score"), {"SquaredSum": write_squared_sum})
    measured = {
        "epoch": epoch + 1,
        "ebops": ebops,
        "figures": object_events.figures(scores(model)),
        "efficiencies_of_float": before,
        "front": [[ebops, *quality] for ebops, quality, *_ in record],
    }
    print(measured)
    hgq.write_provenance(FOLDER, __file__, SETTINGS, measured, object_events.commands(400_000))


if __name__ == "__main__":
    main(sys.argv[1])
