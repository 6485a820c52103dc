#!/usr/bin/env python3
"""Train models/dense-autoencoder: 57-24-12-6-12-24-57 on zero bias, score = squared error of the reconstruction.

    python scripts/models/dense_autoencoder.py EVENTS

EVENTS is a folder with what `models/dense-autoencoder/README.md` says the generator makes. Writes float.onnx, qat.onnx
(the same network, quantisation-aware from there on), a sample and the expected scores.
"""

import sys

import numpy as np
import torch
from torch import nn

import common
import object_events
from files import figures
from object_events import SIGNALS

LAYERS = [57, 24, 12, 6, 12, 24, 57]
SETTINGS = {
    "seed": 5700,
    "epochs_float": 14,
    "epochs_qat": 6,
    "batch": 1024,
    "rate": 4e-3,
    "rate_qat": 1e-3,
    "weight_bits": 6,
    "activation_bits": 8,
}


class Autoencoder(nn.Module):
    """Scaled inputs, layers with ReLU between them, squared distance of what comes out from what went in."""

    def __init__(self, layers, activations, before=None, difference=None, score=None):
        super().__init__()
        self.register_buffer("scale", common.object_scale())
        self.before = before or nn.Identity()
        parts = []
        for index, layer in enumerate(layers):
            parts.append(layer)
            if index < len(layers) - 1:
                parts.append(activations())
        self.network = nn.Sequential(*parts)
        self.difference = difference or nn.Identity()
        self.score = score or nn.Identity()

    def forward(self, event):
        x = self.before(event * self.scale)
        residual = self.difference(self.network(x) - x)
        return self.score((residual * residual).sum(1, keepdim=True))


def float_model():
    return Autoencoder([nn.Linear(a, b) for a, b in zip(LAYERS, LAYERS[1:])], nn.ReLU)


def quantised_model():
    bits, width = SETTINGS["weight_bits"], SETTINGS["activation_bits"]
    return Autoencoder(
        [common.quant_linear(a, b, bits) for a, b in zip(LAYERS, LAYERS[1:])],
        lambda: common.quant_relu(width, 8),
        before=common.QuantIdentity(act_quant=common.signed_act(9, 8)),
        difference=common.QuantIdentity(act_quant=common.signed_act(9, 4)),
        score=common.QuantIdentity(act_quant=common.unsigned_act(16, 256)),
    )


def loss(model, events):
    # The score of the float network without its rare, huge values: they would drown all others.
    return torch.log1p(model(events)).mean()


def results(model, events):
    with torch.no_grad():
        scores = {name: model(torch.from_numpy(part)).numpy().ravel() for name, part in events.items()}
    return figures(scores)


def main(folder):
    common.start(SETTINGS["seed"])
    train = torch.from_numpy(object_events.load(folder, "zero-bias-train"))
    test = {name: object_events.load(folder, name) for name in ["zero-bias", *SIGNALS]}
    test["zero-bias"] = test["zero-bias"][:100000]
    out = common.MODELS / "dense-autoencoder"
    out.mkdir(exist_ok=True)

    model = float_model()
    common.fit(model, [train], loss, SETTINGS["epochs_float"], SETTINGS["batch"], SETTINGS["rate"], "float")
    common.export_float(model, torch.zeros(1, 57), out / "float.onnx", ("event", "score"))

    quantised = quantised_model()
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in quantised.named_parameters():
            if name in own:
                parameter.copy_(own[name])
    common.fit(quantised, [train], loss, SETTINGS["epochs_qat"], SETTINGS["batch"], SETTINGS["rate_qat"], "qat")
    common.export_quantised(quantised, torch.zeros(1, 57), out / "qat.onnx", ("event", "score"))

    sample = np.concatenate([test["zero-bias"][:800], *[test[name][:50] for name in SIGNALS]])
    common.write_rows(out / "sample.csv.gz", sample, [f"event_{index}" for index in range(57)])
    common.write_rows(out / "expected_float.csv.gz", common.run_onnx(out / "float.onnx", sample))
    with torch.no_grad():
        common.write_rows(out / "expected_qat.csv.gz", quantised(torch.from_numpy(sample)).numpy())
    measured = {"float": results(model, test), "qat": results(quantised, test)}
    print(measured)
    common.write_provenance(out, __file__, SETTINGS, measured, object_events.commands(400_000))


if __name__ == "__main__":
    main(sys.argv[1])
