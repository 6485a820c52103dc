"""What the HGQ2 twins of both detectors of calorimeter images share: layers, float convolutions, events."""

import keras
import numpy as np
from hgq.layers import QConv2D

import calo_events
import hgq_common as hgq
import hgq_detectors as detectors
from calo_events import ETA, PHI, SCALE

HALF = (PHI // 2, ETA // 2)
# Of every region of the scaled image: integer bits without a sign, fraction bits, signed.
TYPES = [(10 + int(np.log2(SCALE)), -int(np.log2(SCALE)), False)] * (PHI * ETA)


def scaled_image():
    """The input, 1 x 18 x 14 as that of float.onnx, and the scaled image, channel last."""
    image = keras.Input((1, PHI, ETA), name="image")
    x = keras.layers.Rescaling(SCALE, name="scaled")(image)
    return image, keras.layers.Reshape((PHI, ETA, 1), name="channel_last")(x)


def scaled(images):
    """The scaled images, channel last."""
    return images.reshape(-1, PHI, ETA, 1) * np.float32(SCALE)


def convolution(filters, size, name, bits, input_type=None, **options):
    return hgq.typed(QConv2D, bits, input_type)(filters, size, name=name, **options)


def float_weights(path):
    """As hgq_common.float_weights; the first dense layer takes what the convolution before it gives channel last."""
    (kernel, bias), (dense, dense_bias), *others = hgq.float_weights(path)
    channels, units = kernel.shape[-1], dense.shape[-1]
    dense = dense.reshape(channels, *HALF, units).transpose(1, 2, 0, 3).reshape(-1, units)
    return [(kernel, bias), (dense, dense_bias), *others]


def float_halved(x, kernel, bias):
    """A convolution 2 x 2 every 2 of one channel, and ReLU: (events, 18, 14, 1) to (events, 9 × 7 × filters)."""
    windows = x.reshape(-1, HALF[0], 2, HALF[1], 2)
    return np.maximum(np.einsum("npaqb,abf->npqf", windows, kernel[:, :, 0]) + bias, 0).reshape(len(x), -1)


def load(folder, training):
    """Images to train with, of all processes of `training`, and those to choose an epoch with, by their names."""
    return calo_events.load_training(folder, training), calo_events.load_test(folder)


def train(folder, script, settings, events, model, float_scores, inputs, single, training, highest=np.inf):
    """As hgq_detectors.train; training: as of load(), with how many images of each process."""
    commands = calo_events.commands(training)
    names = ("image", "score")
    detectors.train(
        folder, script, settings, events, model, float_scores, inputs, single, TYPES, names, commands, highest
    )
