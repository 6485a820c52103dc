#!/usr/bin/env python3
"""Train the HGQ2 twin of models/vae: the same encoder, with a trained width for every weight and activation.

    python scripts/models/vae_hgq.py EVENTS

EVENTS is the folder that scripts/models/dense_autoencoder_hgq.py takes, and the training is the one explained there: the
twin learns the score of float.onnx. Writes hgq.onnx and the scores that HGQ2 gives for the sample.
"""

import sys

import numpy as np

import hgq_common as hgq
import hgq_objects
from files import MODELS, object_exponents
from hgq_detectors import SquaredSum, integer_bits, saturating

import keras

FOLDER = MODELS / "vae"
LAYERS = [57, 32, 16, 6]
SETTINGS = {
    "seed": 5709,
    "epochs": 120,
    "warm": 3,
    "every": 4,
    "batch": 1024,
    "rate": 3e-3,
    "last_rate": 5e-4,
    "beta": [1e-6, 1e-4],
    "bits": 8,
    # The loss is this times the mean square of the difference of log(1 + score).
    "compared": 1,
    "scale": 100,
    # What the twin may lose of the float network's efficiencies at 1e-3 on the validation events, the mean of the signals.
    "efficiency_loss": 0.01,
}


def build(ranges, score_bits):
    """ranges: of each layer's result, integer bits of each element; score_bits: integer bits of the score."""
    bits = SETTINGS["bits"]
    inputs = keras.Input((LAYERS[0],), name="event")
    x = keras.layers.Rescaling([2.0**exponent for exponent in object_exponents()], name="scaled")(inputs)
    for index, units in enumerate(LAYERS[1:]):
        last = index == len(LAYERS) - 2
        own = {} if index == 0 else {"input_type": saturating(False, ranges[index - 1], bits)}
        x = hgq.dense(units, f"dense_{index}", bits, activation=None if last else "relu", **own)(x)
    fixed = saturating(False, score_bits, 16 - score_bits, trainable=False, heterogeneous_axis=())
    score = SquaredSum(iq_conf=saturating(True, ranges[-1], bits - 1), enable_oq=True, oq_conf=fixed, name="score")
    return keras.Model(inputs, score(x), name="vae")


def main(folder):
    hgq.start(SETTINGS["seed"])
    events, weights = hgq_objects.load(folder), hgq.float_weights(FOLDER / "float.onnx")

    def float_scores(part):
        return (hgq_objects.float_layers(weights, part)[-1] ** 2).sum(1)

    ranges = integer_bits(hgq_objects.float_layers(weights, events[0]))
    model = build(ranges, int(np.ceil(np.log2(float_scores(events[0]).max()))))
    hgq.set_weights(model, weights)
    inputs = lambda model: [model.get_layer("dense_0").iq]
    single = lambda model: [model.get_layer(name).iq for name in ["dense_0", "score"]]
    hgq_objects.train(FOLDER, __file__, SETTINGS, events, model, float_scores, inputs, single)


if __name__ == "__main__":
    main(sys.argv[1])
