"""The calorimeter images of models/calo-autoencoder and models/calo-student: sizes, scale, files of the generator."""

from pathlib import Path

import numpy as np

PHI, ETA = 18, 14
# Region ET comes in steps of 0.5 GeV: this makes 8 GeV one.
SCALE = 2.0**-4
SIGNALS = ["a-4l", "lq-btau", "h0-tautau", "hpm-taunu", "ttbar"]
# What the student learns from: zero bias alone has next to no event with a large score, so that known processes are mixed in.
TAUGHT = {"zero-bias": 100000, "qcd": 30000, "ttbar": 30000}


def command(process, events, seed):
    """The generator's options of a file of images."""
    return f"--process {process} --kind calorimeter --events {events} --seed {seed}"


def commands(training):
    """What makes the files of a folder of events; training: by process how many to train with."""
    return {
        **{f"cal-{name}-train.npy": command(name, events, 1) for name, events in training.items()},
        "cal-zero-bias.npy": command("zero-bias", 100000, 2),
        **{f"cal-{name}.npy": command(name, 20000, 2) for name in SIGNALS},
    }


def load(folder, name):
    """Images [event, 1, phi, eta] of region ET in hardware steps, integers from 0 to 1023 as float32."""
    return np.load(Path(folder) / f"cal-{name}.npy").reshape(-1, 1, PHI, ETA).astype(np.float32)


def load_training(folder, processes):
    """The images to train with, of all `processes`, one after the other."""
    return np.concatenate([load(folder, f"{name}-train") for name in processes])


def load_test(folder):
    """Zero bias and every signal by name, none of them for training."""
    return {name: load(folder, name) for name in ["zero-bias", *SIGNALS]}
