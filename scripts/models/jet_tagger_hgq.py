#!/usr/bin/env python3
"""Train the HGQ2 twin of models/jet-tagger: the same network, with a trained width for every weight and activation.

    python scripts/models/jet_tagger_hgq.py EVENTS

EVENTS is the folder that scripts/models/jet_tagger.py takes. Begins with the weights of float.onnx and writes hgq.onnx and
the logits that HGQ2 gives for the sample. The environment is build/python/keras (scripts/make-python.sh keras).
"""

import sys

import hgq_common as hgq
import hgq_jets
import jet_features
from files import MODELS
from jet_features import FEATURES, LAYERS

import keras

FOLDER = MODELS / "jet-tagger"
SETTINGS = {
    "seed": 1665,
    "epochs": 900,
    "warm": 5,
    "every": 5,
    "batch": 1024,
    "rate": 5e-3,
    "last_rate": 1e-3,
    "beta": [5e-7, 2e-5],
    "bits": 8,
    # What the twin must keep of the float network's mean AUC on the validation jets: the goal of the search beside it.
    "auc_loss": 0.002,
}


def build():
    x = inputs = keras.Input((LAYERS[0],), name="jet")
    x = keras.layers.Rescaling([2.0**exponent for *_, exponent in FEATURES.values()], name="scaled")(x)
    for index, units in enumerate(LAYERS[1:]):
        last = index == len(LAYERS) - 2
        x = hgq.dense(units, f"dense_{index}", SETTINGS["bits"], activation=None if last else "relu")(x)
    return keras.Model(inputs, x, name="jet_tagger")


if __name__ == "__main__":
    hgq.start(SETTINGS["seed"])
    weights = hgq.float_weights(FOLDER / "float.onnx")
    hgq_jets.train(FOLDER, sys.argv[1], __file__, SETTINGS, jet_features, build(), weights, "dense_0")
