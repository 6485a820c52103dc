#!/usr/bin/env python3
"""Train the HGQ2 twin of models/deep-sets: the same network, with trained widths, the same for every constituent.

    python scripts/models/deep_sets_hgq.py EVENTS

EVENTS is the folder that scripts/models/deep_sets.py takes. Begins with the weights of float.onnx and writes hgq.onnx and
the logits that HGQ2 gives for the sample. The environment is build/python/keras (scripts/make-python.sh keras).
"""

import sys

import numpy as np
import onnx
from onnx import numpy_helper

import hgq_common as hgq
import hgq_jets
import jet_constituents
from files import MODELS
from jet_constituents import CONSTITUENTS, FEATURES, PHI, RHO

import keras
from hgq.config import QuantizerConfig
from hgq.layers import QSum

FOLDER = MODELS / "deep-sets"
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
# One type for all constituents, which are in no order that the network sees.
SHARED = {"homogeneous_axis": (0, 1)}


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


if __name__ == "__main__":
    hgq.start(SETTINGS["seed"])
    hgq_jets.train(
        FOLDER,
        sys.argv[1],
        __file__,
        SETTINGS,
        jet_constituents,
        build(),
        float_weights(),
        "phi_0",
        mean_before=len(PHI) - 1,
        written={"QSum": write_sum},
    )
