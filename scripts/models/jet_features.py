"""The jets of models/jet-tagger: names and hardware types of their 16 features, and the files of the generator."""

from pathlib import Path

import numpy as np

import files

LAYERS = [16, 64, 32, 32, 5]
CLASSES = ["g", "q", "w", "z", "t"]
COMMANDS = {
    "jets-train.npy, classes-train.npy": "--process all --kind jets-features --events 60000 --seed 1",
    "jets.npy, classes.npy": "--process all --kind jets-features --events 40000 --seed 2",
}

# Of every feature the width and the integer bits of its hardware type (trigc.yaml has the same), whether it is signed,
# and the exponent of the power of two that brings it to the order of one.
FEATURES = {
    "zlogz": (12, 3, True, 0),
    "c1_b0_mmdt": (12, 0, False, 2),
    "c1_b1_mmdt": (12, 0, False, 3),
    "c1_b2_mmdt": (12, 0, False, 4),
    "c2_b1_mmdt": (12, 0, False, 3),
    "c2_b2_mmdt": (12, 0, False, 4),
    "d2_b1_mmdt": (12, 3, False, 0),
    "d2_b2_mmdt": (12, 3, False, 0),
    "d2_a1_b1_mmdt": (12, 3, False, 0),
    "d2_a1_b2_mmdt": (12, 0, False, 3),
    "m2_b1_mmdt": (12, 0, False, 4),
    "m2_b2_mmdt": (12, 0, False, 5),
    "n2_b1_mmdt": (12, 0, False, 3),
    "n2_b2_mmdt": (12, 0, False, 3),
    "mass_mmdt": (12, 10, False, -6),
    "multiplicity": (7, 7, False, -4),
}


def load(folder, name):
    """Features in the hardware's types (events × 16) and the class of each jet; `name` is "-train" or ""."""
    jets = np.load(Path(folder) / f"jets{name}.npy")
    columns = [
        files.to_fixed(jets[:, index], width, integer, signed)
        for index, (width, integer, signed, _) in enumerate(FEATURES.values())
    ]
    return np.stack(columns, 1), np.load(Path(folder) / f"classes{name}.npy").astype(np.int64)


def areas(scores, classes):
    """AUC of each class's own score (events × 5) against all other classes."""
    return {
        name: round(files.auc(scores[classes == index, index], scores[classes != index, index]), 4)
        for index, name in enumerate(CLASSES)
    }
