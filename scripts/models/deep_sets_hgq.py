#!/usr/bin/env python3
"""Train the HGQ2 twin of models/deep-sets: the same network, with trained widths, the same for every constituent.

    python scripts/models/deep_sets_hgq.py EVENTS

EVENTS is the folder that scripts/models/deep_sets.py takes. Begins with the weights of float.onnx and writes hgq.onnx and
the logits that HGQ2 gives for the sample. The environment is build/python/keras (scripts/make-python.sh keras).
"""

import gzip
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

import hgq_common as hgq
from files import MODELS, to_fixed
from jet_features import areas

import keras
from hgq.config import QuantizerConfig
from hgq.layers import QSum
from jet_tagger_hgq import loss

FOLDER = MODELS / "deep-sets"
CONSTITUENTS = 16
PHI = [3, 16, 8]
RHO = [8, 16, 5]
# Of pt, eta and phi the width and the integer bits of the hardware type (trigc.yaml has the same), whether it is signed,
# and the exponent of the power of two that brings it to the order of one.
FEATURES = {"pt": (11, 10, False, -7), "eta": (10, 1, True, 2), "phi": (10, 1, True, 2)}
SETTINGS = {
    "seed": 1604,
    "epochs": 200,
    "warm": 5,
    "every": 5,
    "batch": 1024,
    "rate": 5e-3,
    "last_rate": 1e-3,
    "beta": [2e-7, 1e-5],
    "bits": 8,
    # What the twin must keep of the float network's mean AUC on the validation jets: the goal of the search beside it.
    "auc_loss": 0.002,
}
COMMANDS = {
    "jets-train.npy, classes-train.npy": "--process all --kind jets-constituents --events 60000 --seed 1",
    "jets.npy, classes.npy": "--process all --kind jets-constituents --events 40000 --seed 2",
}
# One type for all constituents, which are in no order that the network sees.
SHARED = {"homogeneous_axis": (0, 1)}


def load(folder, name):
    """Jets (events × 16 × 3) in the hardware's types and the class of each; `name` is "-train" or ""."""
    jets = np.load(Path(folder) / f"jets{name}.npy").reshape(-1, CONSTITUENTS, len(FEATURES))
    columns = [
        to_fixed(jets[:, :, index], width, integer, signed)
        for index, (width, integer, signed, _) in enumerate(FEATURES.values())
    ]
    return np.stack(columns, 2), np.load(Path(folder) / f"classes{name}.npy").astype(np.int64)


def float_weights():
    """Kernels and biases of float.onnx; the exporter has turned those of `phi` and named them anew."""
    parts = {part.name: numpy_helper.to_array(part) for part in onnx.load(str(FOLDER / "float.onnx")).graph.initializer}
    turned = [value for name, value in parts.items() if name.startswith("onnx::MatMul")]
    phi = list(zip(turned, [parts["phi.0.bias"], parts["phi.2.bias"]]))
    rho = [(parts[f"rho.{index}.weight"].T, parts[f"rho.{index}.bias"]) for index in (0, 2)]
    return [*phi, *rho]


def shared_input():
    return QuantizerConfig("kif", "datalane", f0=SETTINGS["bits"], i0=4, overflow_mode="WRAP", **SHARED)


def build():
    bits = SETTINGS["bits"]
    inputs = keras.Input((CONSTITUENTS, len(FEATURES)), name="jet")
    x = keras.layers.Rescaling([2.0**exponent for *_, exponent in FEATURES.values()], name="scaled")(inputs)
    for index, units in enumerate(PHI[1:]):
        x = hgq.dense(units, f"phi_{index}", bits, input_type=shared_input(), activation="relu")(x)
    x = QSum(iq_conf=shared_input(), axes=1, scale=1 / CONSTITUENTS, name="mean")(x)
    for index, units in enumerate(RHO[1:]):
        x = hgq.dense(units, f"rho_{index}", bits, activation="relu" if index == 0 else None)(x)
    return keras.Model(inputs, x, name="deep_sets")


def write_sum(writer, layer, x):
    axes = writer.constant("axes", list(layer.axes), np.int64)
    x = writer.add("ReduceSum", [x, axes], keepdims=int(layer.keepdims))
    return writer.add("Mul", [x, writer.constant("share", layer.scale)])


def mean_auc(logits, classes):
    return float(np.mean(list(areas(np.asarray(logits), classes).values())))


def mean_auc_of_float(jets, classes):
    weights = float_weights()
    x = jets * np.array([2.0**exponent for *_, exponent in FEATURES.values()], np.float32)
    for index, (kernel, bias) in enumerate(weights):
        if index == len(PHI) - 1:
            x = x.mean(1)
        x = x @ kernel + bias
        if index < len(weights) - 1:
            x = np.maximum(x, 0)
    return mean_auc(x, classes)


def main(folder):
    hgq.start(SETTINGS["seed"])
    train, (jets, classes) = load(folder, "-train"), load(folder, "")
    model = build()
    hgq.set_weights(model, float_weights())
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for width, integer, signed, exponent in FEATURES.values()
    ]

    def finish(model):
        ebops = hgq.trace_minmax(model, train[0], batch_size=8192)
        hgq.hold_input(model.get_layer("phi_0").iq, types)
        hgq.drop_single_bits(model.get_layer("phi_0").iq)
        return ebops

    before = mean_auc_of_float(jets, classes)
    quality = lambda model: mean_auc(model.predict(jets, 8192, verbose=0), classes)
    record = hgq.fit(model, train, loss, SETTINGS, finish, quality)
    ebops, _, epoch, weights = hgq.cheapest(record, lambda value: before - value <= SETTINGS["auc_loss"])
    model.set_weights(weights)
    with gzip.open(FOLDER / "sample.csv.gz", "rt") as file:
        sample = np.loadtxt(file, delimiter=",", skiprows=1, dtype=np.float32)
    hgq.write(model, FOLDER, sample.reshape(-1, CONSTITUENTS, len(FEATURES)), ("jet", "logits"), {"QSum": write_sum})
    logits = np.asarray(model.predict(jets, 8192, verbose=0))
    measured = {
        "epoch": epoch + 1,
        "ebops": ebops,
        "accuracy": round(float((logits.argmax(1) == classes).mean()), 4),
        "auc_of_logit": areas(logits, classes),
        "mean_auc_of_float": round(before, 4),
        "front": [[ebops, round(quality, 4)] for ebops, quality, *_ in record],
    }
    print(measured)
    hgq.write_provenance(FOLDER, __file__, SETTINGS, measured, COMMANDS)


if __name__ == "__main__":
    main(sys.argv[1])
