#!/usr/bin/env python3
"""Train the HGQ2 twin of models/calo-student: the same network, with a trained width for every weight and activation.

    python scripts/models/calo_student_hgq.py EVENTS

EVENTS is the folder that scripts/models/calo_student.py takes. The twin learns the score of float.onnx, not that of the
autoencoder that float.onnx has learnt. Writes hgq.onnx and the scores that HGQ2 gives for the sample. The environment is
build/python/keras (scripts/make-python.sh keras).
"""

import sys

import numpy as np

import hgq_common as hgq
import hgq_images as images
from calo_events import TAUGHT
from files import MODELS
from hgq_detectors import integer_bits, saturating

import keras

FOLDER = MODELS / "calo-student"
FILTERS, HIDDEN = 4, 12
SETTINGS = {
    "seed": 1815,
    "epochs": 140,
    "warm": 3,
    "every": 4,
    "batch": 1024,
    "rate": 3e-3,
    "last_rate": 5e-4,
    "beta": [2e-6, 2e-4],
    "bits": 8,
    # The loss is this times the mean square of the difference of the scores, which are logarithms already.
    "compared": None,
    "scale": 100,
    # What the twin may lose of the float network's efficiencies at 1e-3 on the validation events, the mean of the signals.
    "efficiency_loss": 0.01,
}


def float_layers(weights, part):
    """What float.onnx computes: the convolution, the hidden layer, the score."""
    convolved = images.float_halved(images.scaled(part), *weights[0])
    hidden = np.maximum(convolved @ weights[1][0] + weights[1][1], 0)
    return convolved, hidden, hidden @ weights[2][0] + weights[2][1]


def build(ranges):
    """ranges: of the convolution's and the hidden layer's result, integer bits of each element."""
    bits = SETTINGS["bits"]
    image, x = images.scaled_image()
    x = images.convolution(FILTERS, 2, "halved", bits, strides=2, activation="relu")(x)
    x = keras.layers.Flatten(name="flat")(x)
    x = hgq.dense(HIDDEN, "hidden", bits, saturating(False, ranges[0], bits), activation="relu")(x)
    fixed = saturating(False, 4, 8, trainable=False, heterogeneous_axis=())
    score = hgq.dense(1, "score", bits, saturating(False, ranges[1], bits), enable_oq=True, oq_conf=fixed)
    return keras.Model(image, score(x), name="calo_student")


def main(folder):
    hgq.start(SETTINGS["seed"])
    events, weights = images.load(folder, TAUGHT), images.float_weights(FOLDER / "float.onnx")
    model = build(integer_bits(float_layers(weights, events[0])[:2]))
    hgq.set_weights(model, weights)

    def float_scores(part):
        return float_layers(weights, part)[2].ravel()

    quantised = lambda model: [model.get_layer("halved").iq]
    images.train(FOLDER, __file__, SETTINGS, events, model, float_scores, quantised, quantised, TAUGHT)


if __name__ == "__main__":
    main(sys.argv[1])
