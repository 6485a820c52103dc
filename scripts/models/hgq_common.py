"""What the HGQ2 twins share: layers, the ramp of beta, the choice of an epoch, the files.

HGQ2 (Chang Sun et al., "Gradient-based Automatic Mixed Precision Quantization for Neural Networks On-Chip",
arXiv:2405.00645) trains the width of every weight and every activation together with their values: the loss is that of the
network plus beta times the EBOPs, its estimate of the bit operations. A run raises beta from nothing to where the network
breaks down; of the epochs on the way the cheapest that keeps what is asked for *on the validation events* is taken. The
events of the benchmark (seed 9) are not looked at here.
"""

import gzip
import json
import os
import platform
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "export"))

import keras
import numpy as np
import onnx
import tensorflow
from hgq.config import QuantizerConfig
from hgq.layers import QConv2D, QDense, QLayerBase
from hgq.utils import trace_minmax
from onnx import numpy_helper

import files
from keras_to_qonnx import to_qonnx


def start(seed):
    keras.utils.set_random_seed(seed)
    tensorflow.config.experimental.enable_op_determinism()
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def float_weights(path):
    """Kernels as Keras has them (inputs × outputs last) and biases of a float network written by PyTorch, in order."""
    parts = {part.name: numpy_helper.to_array(part) for part in onnx.load(str(path)).graph.initializer}
    names = [name.removesuffix(".weight") for name in parts if name.endswith(".weight")]
    return [(np.moveaxis(parts[f"{name}.weight"], (1, 0), (-2, -1)), parts[f"{name}.bias"]) for name in names]


def typed(layer, bits, input_type=None):
    """`layer` with `bits` fraction bits to start from, a type for every weight and every element of its input.

    layer: QDense or a convolution without these types. input_type: by default one that wraps, with integer bits traced from
    events (HGQ2's own).
    """
    return partial(
        layer,
        iq_conf=input_type or QuantizerConfig("kif", "datalane", f0=bits, i0=4, overflow_mode="WRAP"),
        kq_conf=QuantizerConfig("kbi", "weight", b0=bits + 1, i0=1),
        bq_conf=QuantizerConfig("kbi", "bias", b0=bits + 3, i0=3),
    )


def dense(units, name, bits, input_type=None, **options):
    """QDense with the types of `typed`."""
    return typed(QDense, bits, input_type)(units, name=name, **options)


def set_weights(model, weights):
    layers = [layer for layer in model.layers if isinstance(layer, (QDense, QConv2D))]
    if len(layers) != len(weights):
        raise ValueError(f"{len(layers)} layers and {len(weights)} kernels")
    for layer, (kernel, bias) in zip(layers, weights):
        layer._kernel.assign(kernel)
        layer.bias.assign(bias)


def hold_input(quantizer, types):
    """No value of the hardware's types wraps: integer bits and signs are those of the types, whatever the events were.

    types: of each element (integer bits without the sign, fraction bits, signed), of the scaled input.
    """
    inner = quantizer.quantizer
    integer, fraction, signed = (np.array(part, np.float64).reshape(inner._i.shape) for part in zip(*types))
    bits = np.round(np.asarray(inner._f))
    inner._k.assign(signed.astype(np.asarray(inner._k).dtype))
    # Where bits are rounded off, the largest codes round up to one that the type's own integer bits do not hold: codes
    # at the end of the range are what saturated objects have.
    inner._i.assign(integer + (bits < fraction))
    inner._f.assign(np.minimum(bits, fraction))


def drop_single_bits(quantizer):
    """Elements whose type is a sign alone become zero: QONNX has no such type. Call before anything is measured."""
    inner = quantizer.quantizer
    signed, integer, fraction = (np.asarray(part, np.float64) for part in inner.kif)
    single = (signed > 0) & (integer + fraction <= 0)
    inner._k.assign(np.where(single, 0, signed).astype(np.asarray(inner._k).dtype))
    inner._f.assign(np.where(single, -integer, np.asarray(inner._f)))


def layers_of(model):
    return [layer for layer in model.layers if isinstance(layer, QLayerBase) and layer.enable_ebops]


class Ramp(keras.callbacks.Callback):
    """Beta from `first` to `last`, evenly in its logarithm, after `warm` epochs without any; keeps what is measured.

    finish() makes the model what would be exported (integer bits traced), and says its EBOPs; quality() measures that.
    """

    def __init__(self, epochs, warm, first, last, finish, quality, every=1):
        super().__init__()
        self.epochs, self.warm, self.first, self.last = epochs, warm, first, last
        self.finish, self.quality, self.every = finish, quality, every
        self.record = []

    def beta(self, epoch):
        if epoch < self.warm:
            return 0.0
        share = (epoch - self.warm) / max(1, self.epochs - 1 - self.warm)
        return self.first * (self.last / self.first) ** share

    def on_epoch_begin(self, epoch, logs=None):
        for layer in layers_of(self.model):
            layer._beta.assign(self.beta(epoch))

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every != 0:
            return
        kept = self.model.get_weights()
        ebops = self.finish(self.model)
        quality = self.quality(self.model)
        self.record.append((ebops, quality, epoch, self.model.get_weights()))
        self.model.set_weights(kept)
        print(f"epoch {epoch + 1}/{self.epochs}: beta {self.beta(epoch):.3g} loss {logs['loss']:.5f} "
              f"EBOPs {ebops} {quality}", flush=True)


def fit(model, data, loss, settings, finish, quality):
    """Adam with a falling rate while beta rises; returns what Ramp recorded."""
    steps = len(data[0]) // settings["batch"]
    rate = keras.optimizers.schedules.CosineDecay(
        settings["rate"], steps * settings["epochs"], alpha=settings["last_rate"] / settings["rate"]
    )
    model.compile(keras.optimizers.Adam(rate), loss=loss)
    ramp = Ramp(settings["epochs"], settings["warm"], *settings["beta"], finish, quality, settings["every"])
    model.fit(*data, batch_size=settings["batch"], epochs=settings["epochs"], callbacks=[ramp], verbose=0)
    return ramp.record


def cheapest(record, allowed):
    """The epoch of fewest EBOPs among those that `allowed` accepts by their quality."""
    good = [each for each in record if allowed(each[1])]
    if not good:
        raise ValueError("no epoch keeps what is asked for")
    return min(good, key=lambda each: each[0])


def sample(folder):
    """The inputs of sample.csv.gz (events × inputs)."""
    with gzip.open(folder / "sample.csv.gz", "rt") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1, dtype=np.float32)


def write(model, folder, sample, names, written=None):
    """hgq.onnx and what HGQ2 itself computes for the sample."""
    onnx.save(to_qonnx(model, names, written), str(folder / "hgq.onnx"))
    files.write_rows(folder / "expected_hgq.csv.gz", np.asarray(model(sample, training=False), np.float64))


def write_provenance(folder, script, settings, results, commands):
    made = ["hgq.onnx", "expected_hgq.csv.gz"]
    provenance = {
        "licence": "Apache-2.0",
        "script": f"scripts/models/{Path(script).name}",
        "script_sha256": files.sha256(script),
        "common_sha256": files.sha256(__file__),
        "events": commands,
        "settings": settings,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ["hgq2", "keras", "tensorflow_cpu", "onnx", "numpy"]},
        },
        "results": results,
        "sha256": {name: files.sha256(folder / name) for name in ["float.onnx", "sample.csv.gz", *made]},
    }
    (folder / "provenance-hgq.json").write_text(json.dumps(provenance, indent=2) + "\n")
