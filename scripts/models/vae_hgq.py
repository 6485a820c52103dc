#!/usr/bin/env python3
"""Train the HGQ2 twin of models/vae: the same encoder, with a trained width for every weight and activation.

    python scripts/models/vae_hgq.py EVENTS

EVENTS is the folder that scripts/models/dense_autoencoder_hgq.py takes, and the training is the one explained there: the
twin learns the score of float.onnx. Writes hgq.onnx and the scores that HGQ2 gives for the sample.
"""

import gzip
import sys

import numpy as np

import hgq_common as hgq
import object_events
from dense_autoencoder_hgq import TYPES, SquaredSum, efficiencies, saturating, scaled, write_squared_sum
from files import MODELS, object_exponents

import keras
from keras import ops

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


def loss(target, score):
    return SETTINGS["scale"] * ops.mean(ops.square(ops.log1p(score) - target))


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


def float_scores(events):
    return (float_layers(events)[-1] ** 2).sum(1)


def main(folder):
    hgq.start(SETTINGS["seed"])
    train = object_events.load(folder, "zero-bias-train")
    valid = {name: object_events.load(folder, name) for name in ["zero-bias", *object_events.SIGNALS]}
    ranges = [np.ceil(np.log2(np.maximum(np.abs(x).max(0), 0.5) + 2.0**-7)) for x in float_layers(train)]
    target = float_scores(train)
    score_bits = int(np.ceil(np.log2(target.max())))
    model = build(ranges, score_bits)
    hgq.set_weights(model, hgq.float_weights(FOLDER / "float.onnx"))
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for (width, integer, signed), exponent in zip(TYPES, object_exponents())
    ]

    def finish(model):
        ebops = hgq.trace_minmax(model, train[:50_000], batch_size=8192)
        hgq.hold_input(model.get_layer("dense_0").iq, types)
        for name in ["dense_0", "score"]:
            hgq.drop_single_bits(model.get_layer(name).iq)
        return ebops

    def scores(model):
        return {name: model.predict(part, 16384, verbose=0).ravel() for name, part in valid.items()}

    before = efficiencies({name: float_scores(part) for name, part in valid.items()})

    def quality(model):
        """Mean and worst relative loss of efficiency."""
        after = efficiencies(scores(model))
        losses = [1 - after[name] / before[name] for name in before]
        return round(float(np.mean(losses)), 4), round(max(losses), 4)

    record = hgq.fit(model, (train, np.log1p(target).astype(np.float32)[:, None]), loss, SETTINGS, finish, quality)
    ebops, _, epoch, weights = hgq.cheapest(record, lambda value: value[0] <= SETTINGS["efficiency_loss"])
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
