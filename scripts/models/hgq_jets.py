"""What the HGQ2 twins of both jet taggers have in common: the loss, the measure, and the way from float.onnx to files."""

import numpy as np

import hgq_common as hgq
from jet_features import CLASSES, areas

import keras


def loss(classes, logits):
    """As in jet_tagger.py: cross-entropy of the classes, and of each logit by itself."""
    alone = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(classes, (-1,)), "int32"), len(CLASSES))
    together = keras.losses.categorical_crossentropy(alone, logits, from_logits=True)
    return together + keras.losses.binary_crossentropy(alone, logits, from_logits=True)


def mean_auc(logits, classes):
    return float(np.mean(list(areas(np.asarray(logits), classes).values())))


def float_logits(jets, features, weights, mean_before=None):
    """What float.onnx computes; mean_before: the layer that is given the mean over constituents."""
    x = jets * np.array([2.0**exponent for *_, exponent in features.values()], np.float32)
    for index, (kernel, bias) in enumerate(weights):
        if index == mean_before:
            x = x.mean(1)
        x = x @ kernel + bias
        if index < len(weights) - 1:
            x = np.maximum(x, 0)
    return x


def train(folder, events, script, settings, jets, model, weights, first, mean_before=None, written=None):
    """Train `model` on the files of `events` and write it to `folder`, that of its float.onnx.

    jets: the module that has FEATURES, COMMANDS and load; weights: of float.onnx; first: the name of the layer that
    quantises the inputs; script: the file that provenance names; mean_before and written as in float_logits and
    hgq_common.write.
    """
    training, (valid, classes) = jets.load(events, "-train"), jets.load(events, "")
    hgq.set_weights(model, weights)
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for width, integer, signed, exponent in jets.FEATURES.values()
    ]

    def finish(model):
        ebops = hgq.trace_minmax(model, training[0], batch_size=8192)
        hgq.hold_input(model.get_layer(first).iq, types)
        hgq.drop_single_bits(model.get_layer(first).iq)
        return ebops

    def logits():
        return np.asarray(model.predict(valid, 8192, verbose=0))

    before = mean_auc(float_logits(valid, jets.FEATURES, weights, mean_before), classes)
    record = hgq.fit(model, training, loss, settings, finish, lambda _: mean_auc(logits(), classes))
    ebops, _, epoch, best = hgq.cheapest(record, lambda value: before - value <= settings["auc_loss"])
    model.set_weights(best)
    sample = hgq.sample(folder).reshape(-1, *valid.shape[1:])
    hgq.write(model, folder, sample, ("jet", "logits"), written)
    measured = {
        "epoch": epoch + 1,
        "ebops": ebops,
        "accuracy": round(float((logits().argmax(1) == classes).mean()), 4),
        "auc_of_logit": areas(logits(), classes),
        "mean_auc_of_float": round(before, 4),
        "front": [[ebops, round(quality, 4)] for ebops, quality, *_ in record],
    }
    print(measured)
    hgq.write_provenance(folder, script, settings, measured, jets.COMMANDS)
