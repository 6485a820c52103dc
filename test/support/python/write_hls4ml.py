"""Keras models as projects of hls4ml, and what the projects' own C simulation gives.

usage: write_hls4ml.py REQUEST ANSWER; REQUEST: {"folder": path, "projects": [[network, io type]]}; ANSWER: by
"network io_type" {"project": path, "versions": text, "inputs": [[x]], "outputs": [[y]]}, elements in row-major order.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import hls4ml
import keras
import numpy as np

L = keras.layers
EVENTS = 300


def dense():
    """Every kind of type: wrapping and rounding ones, narrow accumulators, unsigned results."""
    model = keras.Sequential([
        L.Input((16,)),
        L.Dense(12, activation="relu", name="hidden"),
        L.Dense(8, activation="relu", name="narrow"),
        L.Dense(3, name="score"),
    ])
    return model, {
        "hidden": {"weight": "ap_fixed<7,2>", "bias": "ap_fixed<8,2>", "accum": "ap_fixed<14,5>",
                   "result": "ap_fixed<12,5,AP_RND,AP_SAT>"},
        "hidden_relu": {"result": "ap_ufixed<9,4,AP_RND_CONV,AP_SAT>"},
        "narrow": {"weight": "ap_fixed<6,1>", "accum": "ap_fixed<10,4>", "result": "ap_fixed<10,4>"},
    }, {}


def conv():
    """Windows, a pointwise convolution, and the largest of four."""
    model = keras.Sequential([
        L.Input((6, 5, 2)),
        L.Conv2D(3, (3, 3), activation="relu", name="conv"),
        L.MaxPooling2D((2, 2), name="pool"),
        L.Conv2D(2, (1, 1), name="mix"),
        L.Flatten(name="flat"),
        L.Dense(4, name="score"),
    ])
    return model, {
        "conv": {"weight": "ap_fixed<7,2>", "accum": "ap_fixed<13,5>", "result": "ap_fixed<11,4,AP_RND,AP_SAT>"},
        "conv_relu": {"result": "ap_ufixed<8,3,AP_TRN,AP_SAT>"},
    }, {}


def tables():
    """Look-up tables, a batch normalisation, a cast by itself, and two branches that meet."""
    events = L.Input((10,))
    left = L.Activation("tanh", name="squash")(L.BatchNormalization(name="norm")(L.Dense(8, name="first")(events)))
    right = L.Activation("linear", name="same")(L.Dense(8, name="beside")(events))
    both = L.Activation("relu", name="cut")(L.Add(name="both")([left, right]))
    score = L.Activation("sigmoid", name="score")(L.Dense(2, name="last")(both))
    return keras.Model(events, score), {
        "first": {"accum": "ap_fixed<13,5>", "result": "ap_fixed<12,5>"},
        "norm": {"scale": "ap_fixed<10,3>", "bias": "ap_fixed<9,3>", "result": "ap_fixed<11,4>"},
        "squash": {"table": "ap_fixed<14,2>", "result": "ap_fixed<9,2,AP_RND,AP_SAT>"},
        "same": {"result": "ap_fixed<8,3,AP_TRN,AP_SAT>"},
        "both": {"result": "ap_fixed<9,3,AP_RND,AP_SAT>"},
        "score": {"result": "ap_ufixed<10,0,AP_RND,AP_SAT>"},
    }, {}


def row():
    """One dimension, strides, padding, a permutation; multipliers that take turns."""
    model = keras.Sequential([
        L.Input((12, 3)),
        L.Conv1D(4, 3, strides=2, padding="same", activation="relu", name="conv"),
        L.MaxPooling1D(2, name="pool"),
        L.Permute((2, 1), name="turn"),
        L.Flatten(name="flat"),
        L.Dense(6, activation="relu", name="mid"),
        L.Dense(3, name="score"),
    ])
    return model, {
        "conv": {"weight": "ap_fixed<7,2>", "accum": "ap_fixed<13,5>", "result": "ap_fixed<11,4,AP_RND,AP_SAT>"},
        "mid": {"weight": "ap_fixed<6,1,AP_RND>", "accum": "ap_fixed<12,4>"},
    }, {"conv": 3, "mid": 1, "score": 3}


def image():
    """Frames of zeros, a window that is no square, a normalisation by channel; multipliers that take turns."""
    model = keras.Sequential([
        L.Input((6, 7, 2)),
        L.ZeroPadding2D(1, name="frame"),
        L.Conv2D(3, (3, 2), strides=(2, 1), padding="same", activation="relu", name="conv"),
        L.BatchNormalization(name="norm"),
        L.Conv2D(2, (2, 2), name="second"),
        L.Flatten(name="flat"),
        L.Dense(3, name="score"),
    ])
    return model, {
        "conv": {"weight": "ap_fixed<7,2>", "accum": "ap_fixed<13,5>", "result": "ap_fixed<11,4,AP_RND,AP_SAT>"},
    }, {"conv": 3, "second": 1, "score": 2}


def randomise(model, generator):
    """Biases and moments that are not the zeros and ones of a new layer."""
    for layer in model.layers:
        weights = layer.get_weights()
        if isinstance(layer, L.BatchNormalization):
            gamma, beta, mean, variance = weights
            layer.set_weights([
                generator.uniform(0.5, 1.5, gamma.shape),
                generator.normal(0, 0.5, beta.shape),
                generator.normal(0, 0.5, mean.shape),
                generator.uniform(0.5, 1.5, variance.shape),
            ])
        elif weights:
            layer.set_weights([weights[0], generator.normal(0, 0.3, weights[1].shape)])


def write(build, io_type, folder):
    keras.utils.set_random_seed(7)
    generator = np.random.default_rng(3)
    model, types, reuse = build()
    randomise(model, generator)
    config = hls4ml.utils.config_from_keras_model(
        model, granularity="name", backend="Vitis", default_precision="ap_fixed<12,4>"
    )
    for name, precision in types.items():
        config["LayerName"][name]["Precision"].update(precision)
    for name, factor in reuse.items():
        config["LayerName"][name].update(Strategy="Resource", ReuseFactor=factor)
    project = hls4ml.converters.convert_from_keras_model(
        model, hls_config=config, output_dir=str(folder), io_type=io_type, backend="Vitis", project_name="tagger"
    )
    project.compile()
    # Doubles, so that the C simulation hands every bit of its results back; on a grid finer than that of the inputs.
    events = np.floor(generator.normal(0, 3, (EVENTS, *model.input_shape[1:])) * 1024) / 1024
    outputs = project.predict(np.ascontiguousarray(events, dtype=np.float64))
    return {
        "project": str(folder),
        "versions": f"hls4ml {version('hls4ml')}, Keras {keras.__version__}",
        "inputs": events.reshape(EVENTS, -1).tolist(),
        "outputs": np.asarray(outputs, np.float64).reshape(EVENTS, -1).tolist(),
    }


def main():
    with open(sys.argv[1]) as file:
        request = json.load(file)
    builders = {build.__name__: build for build in (dense, conv, tables, row, image)}
    answer = {
        f"{network} {io_type}": write(builders[network], io_type, Path(request["folder"]) / f"{network}_{io_type}")
        for network, io_type in request["projects"]
    }
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)


main()
