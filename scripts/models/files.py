"""What every training script shares, whatever its framework: types of the hardware, figures, the files of a model's folder."""

import csv
import gzip
import hashlib
import io
from pathlib import Path

import numpy as np

MODELS = Path(__file__).resolve().parents[2] / "models"
OBJECTS = ["met", *["eg"] * 4, *["mu"] * 4, *["jet"] * 10]


def object_exponents():
    """Powers of two that bring momenta and angles of the 57 columns to the order of one."""
    exponents = []
    for kind in OBJECTS:
        muon = kind == "mu"
        exponents += [-5, -7 if muon else -5, -8 if muon else -6]
    return exponents


def to_fixed(values, width, integer, signed):
    """The nearest value of ap_[u]fixed<width,integer>, ties to even, saturated: what the hardware would receive."""
    step = 2.0 ** (integer - width)
    low, high = (-(2 ** (width - 1)), 2 ** (width - 1) - 1) if signed else (0, 2**width - 1)
    return (np.clip(np.rint(values.astype(np.float64) / step), low, high) * step).astype(np.float32)


def auc(signal, background):
    """Area under the ROC curve, ties counting half."""
    scores = np.concatenate([background, signal])
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n, m = len(signal), len(background)
    return float((ranks[m:].sum() - n * (n + 1) / 2) / n / m)


def figures(scores):
    """Of every signal its AUC, and the efficiency at the threshold that a thousandth of `zero-bias` passes; scores by name."""
    background = scores["zero-bias"]
    threshold = np.quantile(background, 0.999)
    return {
        name: {
            "auc": round(auc(signal, background), 4),
            "efficiency_at_1e-3": round(float((signal > threshold).mean()), 4),
        }
        for name, signal in scores.items()
        if name != "zero-bias"
    }


def write_rows(path, rows, header=None):
    """A .csv.gz whose bytes depend on the values only."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header is not None:
        writer.writerow(header)
    for row in np.asarray(rows).reshape(len(rows), -1):
        writer.writerow([repr(float(value)) if value != int(value) else int(value) for value in row])
    with open(path, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipped:
        zipped.write(text.getvalue().encode())


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
