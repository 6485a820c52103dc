#!/usr/bin/env python3
"""Train the HGQ2 twin of models/jet-tagger: the same network, with a trained width for every weight and activation.

    python scripts/models/jet_tagger_hgq.py EVENTS

EVENTS is the folder that scripts/models/jet_tagger.py takes. Begins with the weights of float.onnx and writes hgq.onnx and
the logits that HGQ2 gives for the sample. The environment is build/python/keras (scripts/make-python.sh keras).
"""

import gzip
import sys

import numpy as np

import hgq_common as hgq
from files import MODELS
from jet_features import CLASSES, COMMANDS, FEATURES, LAYERS, areas, load

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


def loss(classes, logits):
    """As in jet_tagger.py: cross-entropy of the classes, and of each logit by itself."""
    alone = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(classes, (-1,)), "int32"), len(CLASSES))
    together = keras.losses.categorical_crossentropy(alone, logits, from_logits=True)
    return together + keras.losses.binary_crossentropy(alone, logits, from_logits=True)


def mean_auc(model, jets, classes):
    return float(np.mean(list(areas(np.asarray(model.predict(jets, 8192, verbose=0)), classes).values())))


def main(folder):
    hgq.start(SETTINGS["seed"])
    train, valid = load(folder, "-train"), load(folder, "")
    model = build()
    hgq.set_weights(model, hgq.float_weights(FOLDER / "float.onnx"))
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for width, integer, signed, exponent in FEATURES.values()
    ]

    def finish(model):
        ebops = hgq.trace_minmax(model, train[0], batch_size=8192)
        hgq.hold_input(model.get_layer("dense_0").iq, types)
        hgq.drop_single_bits(model.get_layer("dense_0").iq)
        return ebops

    before = mean_auc_of_float(valid)
    record = hgq.fit(model, train, loss, SETTINGS, finish, lambda model: mean_auc(model, *valid))
    ebops, quality, epoch, weights = hgq.cheapest(record, lambda value: before - value <= SETTINGS["auc_loss"])
    model.set_weights(weights)
    with gzip.open(FOLDER / "sample.csv.gz", "rt") as file:
        sample = np.loadtxt(file, delimiter=",", skiprows=1, dtype=np.float32)
    hgq.write(model, FOLDER, sample, ("jet", "logits"))
    logits = np.asarray(model.predict(valid[0], 8192, verbose=0))
    measured = {
        "epoch": epoch + 1,
        "ebops": ebops,
        "accuracy": round(float((logits.argmax(1) == valid[1]).mean()), 4),
        "auc_of_logit": areas(logits, valid[1]),
        "mean_auc_of_float": round(before, 4),
        "front": [[ebops, round(quality, 4)] for ebops, quality, *_ in record],
    }
    print(measured)
    hgq.write_provenance(FOLDER, __file__, SETTINGS, measured, COMMANDS)


def mean_auc_of_float(valid):
    """Of float.onnx on the same jets."""
    x = valid[0] * np.array([2.0**exponent for *_, exponent in FEATURES.values()], np.float32)
    weights = hgq.float_weights(FOLDER / "float.onnx")
    for index, (kernel, bias) in enumerate(weights):
        x = x @ kernel + bias
        if index < len(weights) - 1:
            x = np.maximum(x, 0)
    return float(np.mean(list(areas(x, valid[1]).values())))


if __name__ == "__main__":
    main(sys.argv[1])
