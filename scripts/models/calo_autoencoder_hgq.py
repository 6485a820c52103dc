#!/usr/bin/env python3
"""Train the HGQ2 twin of models/calo-autoencoder: the same network, with a trained width for every weight and activation.

    python scripts/models/calo_autoencoder_hgq.py EVENTS

EVENTS is the folder that scripts/models/calo_autoencoder.py takes. The twin learns the score of float.onnx. Writes hgq.onnx
and the scores that HGQ2 gives for the sample. The environment is build/python/keras (scripts/make-python.sh keras).
"""

import sys

import numpy as np

import hgq_common as hgq
import hgq_images as images
from files import MODELS
from hgq_detectors import SquaredSum, integer_bits, saturating

import keras
from hgq.config import QuantizerConfig
from hgq.layers import QSubtract

FOLDER = MODELS / "calo-autoencoder"
FILTERS, LATENT = 2, 8
TRAINING = {"zero-bias": 100000}
# Integer bits of a residual: those of 128 GeV and more are the same.
RESIDUAL_BITS = 4
SETTINGS = {
    "seed": 253,
    "epochs": 80,
    "warm": 3,
    "every": 4,
    "batch": 512,
    "rate": 3e-3,
    "last_rate": 5e-4,
    "beta": [2e-6, 2e-4],
    "bits": 6,
    # The loss is this times the mean square of the difference of log(1 + 256 score).
    "compared": 256,
    "scale": 100,
    # What the twin may lose of the float network's efficiencies at 1e-3 on the validation events, the mean of the signals.
    "efficiency_loss": 0.01,
}


def float_layers(weights, part):
    """What float.onnx computes: the convolution, latent variables, coarse image, its sharpened one, and the score."""
    x = images.scaled(part)
    convolved = images.float_halved(x, *weights[0])
    latent = np.maximum(convolved @ weights[1][0] + weights[1][1], 0)
    coarse = np.maximum(latent @ weights[2][0] + weights[2][1], 0)
    large = np.pad(coarse.reshape(-1, *images.HALF).repeat(2, 1).repeat(2, 2), ((0, 0), (1, 1), (1, 1)))
    kernel, bias = weights[3]
    sharp = sum(
        kernel[a, b, 0, 0] * large[:, a : a + images.PHI, b : b + images.ETA] for a in range(3) for b in range(3)
    ) + bias
    return convolved, latent, coarse, sharp.reshape(len(x), -1), ((sharp - x[..., 0]) ** 2).sum((1, 2)) / 256


def build(ranges):
    """ranges: of each layer's result, integer bits of each element."""
    bits = SETTINGS["bits"]
    image, scaled = images.scaled_image()
    x = images.convolution(FILTERS, 2, "halved", bits, strides=2, activation="relu")(scaled)
    x = keras.layers.Flatten(name="flat")(x)
    x = hgq.dense(LATENT, "latent", bits, saturating(False, ranges[0], bits), activation="relu")(x)
    x = hgq.dense(images.HALF[0] * images.HALF[1], "coarse", bits, saturating(False, ranges[1], bits), activation="relu")(x)
    x = keras.layers.Reshape((*images.HALF, 1), name="cells")(x)
    x = keras.layers.UpSampling2D(2, name="large")(x)
    # One type for all cells: what is copied to four regions is quantised once.
    one = saturating(False, ranges[2].max(), bits, heterogeneous_axis=())
    x = images.convolution(1, 3, "sharp", bits, one, padding="same")(x)
    flat = [keras.layers.Flatten(name=name)(part) for name, part in [("flat_sharp", x), ("flat_image", scaled)]]
    of_input = QuantizerConfig("kif", "datalane", i0=4, f0=bits, overflow_mode="WRAP")
    residual = QSubtract(iq_confs=[saturating(True, ranges[3], bits), of_input], name="residual")(flat)
    fixed = saturating(False, 12, 4, trainable=False, heterogeneous_axis=())
    squares = SquaredSum(iq_conf=saturating(True, RESIDUAL_BITS, 4), enable_oq=True, oq_conf=fixed, name="squares")
    return keras.Model(image, keras.layers.Rescaling(2.0**-8, name="score")(squares(residual)), name="calo_autoencoder")


def main(folder):
    hgq.start(SETTINGS["seed"])
    events, weights = images.load(folder, TRAINING), images.float_weights(FOLDER / "float.onnx")
    model = build(integer_bits(float_layers(weights, events[0])[:4]))
    hgq.set_weights(model, weights)

    def float_scores(part):
        return float_layers(weights, part)[4]

    inputs = lambda model: [model.get_layer("halved").iq, model.get_layer("residual").iq[1]]
    single = lambda model: [model.get_layer("halved").iq, *model.get_layer("residual").iq, model.get_layer("squares").iq]
    images.train(FOLDER, __file__, SETTINGS, events, model, float_scores, inputs, single, TRAINING, highest=15.9)


if __name__ == "__main__":
    main(sys.argv[1])
