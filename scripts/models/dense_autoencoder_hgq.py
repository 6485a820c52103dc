#!/usr/bin/env python3
"""Train the HGQ2 twin of models/dense-autoencoder: the same network, with a trained width for every weight and activation.

    python scripts/models/dense_autoencoder_hgq.py EVENTS

EVENTS is the folder that scripts/models/dense_autoencoder.py takes, with all 400,000 events of zero bias. Begins with the
weights of float.onnx and writes hgq.onnx and the scores that HGQ2 gives for the sample. The environment is
build/python/keras (scripts/make-python.sh keras).
"""

import sys

import hgq_common as hgq
import hgq_objects
from files import MODELS, object_exponents
from hgq_detectors import SquaredSum, integer_bits, saturating

import keras
from hgq.config import QuantizerConfig
from hgq.layers import QSubtract

FOLDER = MODELS / "dense-autoencoder"
LAYERS = [57, 24, 12, 6, 12, 24, 57]
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
    # The loss is this times the mean square of the difference of log(1 + score).
    "compared": 1,
    "scale": 100,
    # What the twin may lose of the float network's efficiencies at 1e-3 on the validation events, the mean of the signals.
    "efficiency_loss": 0.01,
}


def build(ranges):
    """ranges: of each layer's result, integer bits of each element."""
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


def main(folder):
    hgq.start(SETTINGS["seed"])
    events, weights = hgq_objects.load(folder), hgq.float_weights(FOLDER / "float.onnx")
    model = build(integer_bits(hgq_objects.float_layers(weights, events[0])))
    hgq.set_weights(model, weights)

    def float_scores(part):
        return ((hgq_objects.float_layers(weights, part)[-1] - hgq_objects.scaled(part)) ** 2).sum(1)

    inputs = lambda model: [model.get_layer("dense_0").iq, model.get_layer("residual").iq[1]]
    single = lambda model: [model.get_layer("dense_0").iq, *model.get_layer("residual").iq, model.get_layer("score").iq]
    hgq_objects.train(FOLDER, __file__, SETTINGS, events, model, float_scores, inputs, single, highest=255)


if __name__ == "__main__":
    main(sys.argv[1])
