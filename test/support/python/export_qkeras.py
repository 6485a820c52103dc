"""QKeras models, written as QONNX by scripts/export/keras_to_qonnx.py, and what QKeras itself computes.

usage: export_qkeras.py REQUEST ANSWER; REQUEST and ANSWER as in export_hgq.py.
"""

import json
import os
import sys
from importlib.metadata import version

os.environ["TF_USE_LEGACY_KERAS"] = "1"
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../scripts/export"))

import numpy as np
import onnx
import tensorflow as tf
from qkeras import QActivation, QConv2D, QDense, quantized_bits, quantized_relu

from keras_to_qonnx import to_qonnx

layers = tf.keras.layers


def dense():
    weight = dict(kernel_quantizer=quantized_bits(6, 0, alpha=1), bias_quantizer=quantized_bits(6, 1, alpha=1))
    return tf.keras.Sequential([
        layers.Input((16,)),
        QActivation(quantized_bits(10, 4, alpha=1)),
        QDense(12, **weight),
        QActivation(quantized_relu(6, 2)),
        QDense(8, kernel_quantizer=quantized_bits(4, 0, alpha="auto_po2"), use_bias=False),
        QActivation(quantized_bits(8, 3, symmetric=1, alpha=1)),
        QDense(3, **weight),
    ])


def image():
    weight = dict(kernel_quantizer=quantized_bits(5, 0, alpha=1), bias_quantizer=quantized_bits(5, 0, alpha=1))
    return tf.keras.Sequential([
        layers.Input((6, 6, 1)),
        QActivation(quantized_bits(8, 3, alpha=1)),
        QConv2D(3, (3, 3), strides=(2, 2), padding="same", activation=quantized_relu(5, 2), **weight),
        layers.MaxPooling2D((2, 2), strides=(1, 1)),
        layers.Flatten(),
        QDense(2, **weight),
    ])


def main():
    with open(sys.argv[1]) as file:
        folder = json.load(file)["folder"]
    answer = {}
    for seed, build in enumerate([dense, image]):
        tf.keras.utils.set_random_seed(seed)
        generator = np.random.default_rng(seed)
        model = build()
        model.set_weights([generator.normal(scale=0.5, size=weight.shape) for weight in model.get_weights()])
        data = generator.normal(scale=3, size=(400, *model.input_shape[1:])).astype(np.float32)
        outputs = np.asarray(model(data, training=False), np.float64)
        name = f"qkeras-{build.__name__}"
        path = os.path.join(folder, name + ".onnx")
        onnx.save(to_qonnx(model), path)
        answer[name] = {
            "file": path,
            "versions": f"QKeras {version('qkeras')}, TensorFlow {tf.__version__}",
            "events": [{"x": row.astype(np.float64).ravel().tolist()} for row in data],
            "outputs": [{"y": row.ravel().tolist()} for row in outputs],
        }
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)


main()
