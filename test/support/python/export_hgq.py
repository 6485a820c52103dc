"""HGQ2 models, written as QONNX by scripts/export/keras_to_qonnx.py, and what HGQ2 itself computes.

usage: export_hgq.py REQUEST ANSWER; REQUEST is {"folder": path}, ANSWER {"<name>": {"file", "versions", "events",
"outputs"}}: events and outputs as in evaluate_onnx.py.
"""

import json
import os
import sys
from importlib.metadata import version

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../scripts/export"))

import keras
import numpy as np
import onnx
from hgq.config import QuantizerConfig, QuantizerConfigScope
from hgq.layers import QAdd, QConv2D, QDense, QSubtract
from hgq.quantizer import Quantizer
from hgq.utils import trace_minmax

from keras_to_qonnx import to_qonnx


def vary(model, generator):
    """Bits that differ from element to element, as training leaves them."""
    for variable in model.variables:
        if variable.name in ("f", "b") and "quantizer" in variable.path:
            bits = np.asarray(variable) + generator.integers(-2, 2, size=variable.shape)
            variable.assign(np.maximum(bits, 1))


def dense():
    with QuantizerConfigScope(place="all", q_type="kif", overflow_mode="SAT", round_mode="RND_CONV", i0=3, f0=4):
        return keras.Sequential([keras.Input((8,)), QDense(10, activation="relu"), QDense(3)])


def wrapping():
    with QuantizerConfigScope(place="datalane", overflow_mode="WRAP", round_mode="RND"):
        return keras.Sequential([keras.Input((8,)), QDense(10, activation="relu"), QDense(3)])


def image():
    with QuantizerConfigScope(place="all", q_type="kif", overflow_mode="SAT", round_mode="RND", i0=3, f0=3):
        return keras.Sequential([
            keras.Input((5, 5, 2)),
            QConv2D(3, 3, activation="relu"),
            keras.layers.UpSampling2D((1, 2)),
            QConv2D(2, 2, activation="relu"),
            keras.layers.Flatten(),
            QDense(2),
        ])


def branches():
    """A sum and a difference of what went before, each operand through a quantiser of its own, and scaled inputs."""
    with QuantizerConfigScope(place="all", q_type="kif", overflow_mode="SAT", round_mode="RND", i0=3, f0=3):
        x = inputs = keras.Input((8,))
        x = keras.layers.Rescaling([0.5, 2.0] * 4, offset=0.25)(Quantizer(place="datalane")(x))
        y = QDense(8, activation="relu")(x)
        return keras.Model(inputs, QDense(3)(QAdd()([QSubtract()([y, x]), y, x])))


def main():
    with open(sys.argv[1]) as file:
        folder = json.load(file)["folder"]
    answer = {}
    for seed, build in enumerate([dense, wrapping, image, branches]):
        keras.utils.set_random_seed(seed)
        generator = np.random.default_rng(seed)
        model = build()
        data = generator.normal(scale=1.5, size=(400, *model.input_shape[1:])).astype(np.float32)
        model(data[:1])
        if build is not image:
            vary(model, generator)
        trace_minmax(model, data, batch_size=100, verbose=False)
        outputs = np.asarray(model(data, training=False), np.float64)
        name = f"hgq-{build.__name__}"
        path = os.path.join(folder, name + ".onnx")
        onnx.save(to_qonnx(model), path)
        answer[name] = {
            "file": path,
            "versions": f"HGQ2 {version('hgq2')}, Keras {keras.__version__}",
            "events": [{"x": row.astype(np.float64).ravel().tolist()} for row in data],
            "outputs": [{"y": row.ravel().tolist()} for row in outputs],
        }
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)


main()
