"""The events of models/dense-autoencoder and models/vae: files of the generator."""

from pathlib import Path

import numpy as np

SIGNALS = ["a-4l", "lq-btau", "h0-tautau", "hpm-taunu"]


def commands(background):
    """What makes the files of a folder of events; background: how many of zero bias to measure on."""
    return {
        "zero-bias-train.npy": "--process zero-bias --kind objects --events 200000 --seed 1",
        "zero-bias.npy": f"--process zero-bias --kind objects --events {background} --seed 2",
        **{f"{name}.npy": f"--process {name} --kind objects --events 20000 --seed 2" for name in SIGNALS},
    }


def load(folder, name):
    return np.load(Path(folder) / f"{name}.npy").astype(np.float32)
