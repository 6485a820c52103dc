"""The jets of models/deep-sets: sizes of the network, hardware types of its inputs, and the files of the generator."""

from pathlib import Path

import numpy as np

import files

CONSTITUENTS = 16
PHI = [3, 16, 8]
RHO = [8, 16, 5]
COMMANDS = {
    "jets-train.npy, classes-train.npy": "--process all --kind jets-constituents --events 60000 --seed 1",
    "jets.npy, classes.npy": "--process all --kind jets-constituents --events 40000 --seed 2",
}

# Of pt, eta and phi the width and the integer bits of the hardware type (trigc.yaml has the same), whether it is signed,
# and the exponent of the power of two that brings it to the order of one.
FEATURES = {"pt": (11, 10, False, -7), "eta": (10, 1, True, 2), "phi": (10, 1, True, 2)}


def load(folder, name):
    """Jets in their hardware types (events × 16 × 3) and the class of each; `name` is "-train" or ""."""
    jets = np.load(Path(folder) / f"jets{name}.npy").reshape(-1, CONSTITUENTS, len(FEATURES))
    columns = [
        files.to_fixed(jets[:, :, index], width, integer, signed)
        for index, (width, integer, signed, _) in enumerate(FEATURES.values())
    ]
    return np.stack(columns, 2), np.load(Path(folder) / f"classes{name}.npy").astype(np.int64)
