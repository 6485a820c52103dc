"""What the HGQ2 twins of both detectors of the 57 objects share: types of the inputs, float layers, events."""

import numpy as np

import hgq_detectors as detectors
import object_events
from files import object_exponents

# Width, integer bits and sign of the hardware types of MET, e/gamma, muons and jets, as in trigc.yaml.
UNSIGNED, SIGNED = False, True
MET = [(12, 11, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
EGAMMA = [(9, 8, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
MUON = [(9, 8, UNSIGNED), (9, 9, SIGNED), (10, 10, UNSIGNED)]
JET = [(11, 10, UNSIGNED), (8, 8, SIGNED), (8, 8, UNSIGNED)]
TYPES = [*MET, *EGAMMA * 4, *MUON * 4, *JET * 10]


def scaled(events):
    return events * np.array([2.0**exponent for exponent in object_exponents()], np.float32)


def float_layers(weights, events):
    """What a float network of these weights computes: the result of every layer (events × units), after its ReLU."""
    x, results = scaled(events), []
    for index, (kernel, bias) in enumerate(weights):
        x = x @ kernel + bias
        if index < len(weights) - 1:
            x = np.maximum(x, 0)
        results.append(x)
    return results


def load(folder):
    """The events to train with, and those to choose an epoch with, by their names."""
    return object_events.load(folder, "zero-bias-train"), {
        name: object_events.load(folder, name) for name in ["zero-bias", *object_events.SIGNALS]
    }


def train(folder, script, settings, events, model, float_scores, inputs, single, highest=np.inf):
    """As hgq_detectors.train."""
    types = [
        (integer - int(signed) + exponent, width - integer - exponent, signed)
        for (width, integer, signed), exponent in zip(TYPES, object_exponents())
    ]
    detectors.train(
        folder, script, settings, events, model, float_scores, inputs, single,
        types, ("event", "score"), object_events.commands(400_000), highest,
    )
