#!/usr/bin/env python3
"""Train models/jet-tagger: 16-64-32-32-5 on features of jets, one logit for each of g, q, W, Z, t.

    python scripts/models/jet_tagger.py EVENTS

EVENTS is a folder with what `models/jet-tagger/README.md` says the generator makes. Writes float.onnx, qat.onnx (the same
network, quantisation-aware from there on), a sample and the expected logits.

The network is the one of Duarte et al., "Fast inference of deep neural networks in FPGAs for particle physics"
(JINST 13 P07027, 2018), without its softmax: logits are in the same order, and firmware needs no exponential.
"""

import sys

import torch
from torch import nn

import common
from jet_features import CLASSES, COMMANDS, FEATURES, LAYERS, areas, load

SETTINGS = {
    "seed": 1664,
    "epochs_float": 30,
    "epochs_qat": 15,
    "batch": 512,
    "rate": 4e-3,
    "rate_qat": 1e-3,
    "weight_bits": 6,
    "activation_bits": 8,
}


class Tagger(nn.Module):
    """Scaled inputs, layers with ReLU between them."""

    def __init__(self, layers, activations, before=None, logits=None):
        super().__init__()
        self.register_buffer("scale", torch.tensor([2.0**exponent for *_, exponent in FEATURES.values()]))
        self.before = before or nn.Identity()
        parts = []
        for index, layer in enumerate(layers):
            parts.append(layer)
            if index < len(layers) - 1:
                parts.append(activations())
        self.network = nn.Sequential(*parts)
        self.logits = logits or nn.Identity()

    def forward(self, jet):
        return self.logits(self.network(self.before(jet * self.scale)))


def float_model():
    return Tagger([nn.Linear(a, b) for a, b in zip(LAYERS, LAYERS[1:])], nn.ReLU)


def quantised_model():
    bits, width = SETTINGS["weight_bits"], SETTINGS["activation_bits"]
    return Tagger(
        [common.quant_linear(a, b, bits) for a, b in zip(LAYERS, LAYERS[1:])],
        lambda: common.quant_relu(width, 8),
        before=common.QuantIdentity(act_quant=common.signed_act(10, 4)),
        logits=common.QuantIdentity(act_quant=common.signed_act(12, 32)),
    )


def loss(model, jets, classes):
    # Cross-entropy alone leaves a common shift of all logits free, and a trigger that cuts on one of them would pay for
    # it: so each is also taught to tell its class from the others by itself.
    logits = model(jets)
    alone = nn.functional.one_hot(classes, len(CLASSES)).to(logits.dtype)
    return nn.functional.cross_entropy(logits, classes) + nn.functional.binary_cross_entropy_with_logits(logits, alone)


def results(model, jets, classes):
    """Accuracy, and the AUC of each class against all others: by its softmax, and by its logit alone."""
    with torch.no_grad():
        logits = model(torch.from_numpy(jets))
    shares = logits.double().softmax(1).numpy()
    return {
        "accuracy": round(float((shares.argmax(1) == classes).mean()), 4),
        "auc": areas(shares, classes),
        "auc_of_logit": areas(logits.numpy(), classes),
    }


def main(folder):
    common.start(SETTINGS["seed"])
    train = [torch.from_numpy(part) for part in load(folder, "-train")]
    jets, classes = load(folder, "")
    out = common.MODELS / "jet-tagger"
    out.mkdir(exist_ok=True)

    model = float_model()
    common.fit(model, train, loss, SETTINGS["epochs_float"], SETTINGS["batch"], SETTINGS["rate"], "float")
    common.export_float(model, torch.zeros(1, 16), out / "float.onnx", ("jet", "logits"))

    quantised = quantised_model()
    common.copy_parameters(model, quantised)
    common.fit(quantised, train, loss, SETTINGS["epochs_qat"], SETTINGS["batch"], SETTINGS["rate_qat"], "qat")
    common.export_quantised(quantised, torch.zeros(1, 16), out / "qat.onnx", ("jet", "logits"))

    sample = jets[:1000]
    common.write_rows(out / "sample.csv.gz", sample, list(FEATURES))
    common.write_rows(out / "expected_float.csv.gz", common.run_onnx(out / "float.onnx", sample))
    with torch.no_grad():
        common.write_rows(out / "expected_qat.csv.gz", quantised(torch.from_numpy(sample)).numpy())
    measured = {"float": results(model, jets, classes), "qat": results(quantised, jets, classes)}
    print(measured)
    common.write_provenance(out, __file__, SETTINGS, measured, COMMANDS)


if __name__ == "__main__":
    main(sys.argv[1])
