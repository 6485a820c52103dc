"""The events of models/dense-autoencoder and models/vae: files of the generator, and what a score makes of them."""

from pathlib import Path

import numpy as np

import files

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


def figures(scores):
    """AUC, and the efficiency of each signal at the threshold that a thousandth of the background passes."""
    background = scores["zero-bias"]
    threshold = np.quantile(background, 0.999)
    return {
        name: {
            "auc": round(files.auc(scores[name], background), 4),
            "efficiency_at_1e-3": round(float((scores[name] > threshold).mean()), 4),
        }
        for name in SIGNALS
    }
