"""Build small Keras 3 models with trained-looking weights and export them with Keras itself and with tf2onnx.

usage: export_keras.py REQUEST ANSWER; REQUEST is {"folder": path}, ANSWER {"<name>": {"file", "versions"}}.
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
import tf2onnx


def randomise(model, seed):
    generator = np.random.default_rng(seed)
    model.set_weights(
        [np.abs(generator.normal(scale=0.4, size=weight.shape)) + 0.05 if "variance" in variable.name
         else generator.normal(scale=0.4, size=weight.shape)
         for variable, weight in zip(model.weights, model.get_weights())]
    )
    return model


def dense():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((16,)),
        layers.Dense(12),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.Dense(8, activation="leaky_relu"),
        layers.Dense(3),
    ])


def image():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((6, 6, 2)),
        layers.Conv2D(3, 3, strides=2, padding="same", activation="relu"),
        layers.DepthwiseConv2D(2),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(2, activation="sigmoid"),
    ])


def main():
    with open(sys.argv[1]) as file:
        folder = json.load(file)["folder"]
    versions = f"Keras {keras.__version__}, TensorFlow {tf.__version__}, tf2onnx {tf2onnx.__version__}"
    answer = {}
    for seed, (name, build) in enumerate({"keras-dense": dense, "keras-image": image}.items()):
        model = randomise(build(), seed)
        # Only a model that has been called can be exported.
        model(np.zeros((1, *model.input_shape[1:]), np.float32))
        path = os.path.join(folder, name + ".onnx")
        model.export(path, format="onnx", verbose=False)
        answer[name] = {"file": path, "versions": versions}
    path = os.path.join(folder, "tf2onnx-dense.onnx")
    model = randomise(dense(), 7)
    function = tf.function(lambda x: model(x), input_signature=[tf.TensorSpec([None, 16], tf.float32, name="x")])
    tf2onnx.convert.from_function(function, function.input_signature, opset=15, output_path=path)
    answer["tf2onnx-dense"] = {"file": path, "versions": versions}
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)


main()
