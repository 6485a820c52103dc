#!/usr/bin/env python3
"""Train models/deep-sets: the five classes of the jet tagger from a jet's 16 hardest constituents, in any order.

    python scripts/models/deep_sets.py EVENTS

EVENTS is a folder with what `models/deep-sets/README.md` says the generator makes. Writes float.onnx, qat.onnx (the same
network, quantisation-aware from there on), a sample and the expected logits. Loss and measures are those of the jet tagger.

The form is that of Zaheer et al., "Deep Sets" (NeurIPS 2017), as Komiske, Metodiev and Thaler brought it to jets (JHEP 01
(2019) 121) and Odagiu et al. to the trigger ("Ultrafast jet classification at the HL-LHC", arXiv:2402.01876): one network
phi for every constituent, the mean of what it gives, and a network rho on the mean.
"""

import sys

import torch
from torch import nn

import common
from jet_constituents import COMMANDS, CONSTITUENTS, FEATURES, PHI, RHO, load
from jet_tagger import loss, results

SETTINGS = {
    "seed": 1603,
    "epochs_float": 120,
    "epochs_qat": 40,
    "batch": 512,
    "rate": 4e-3,
    "rate_qat": 2e-3,
    "first_weight_bits": 8,
    "weight_bits": 7,
    "activation_bits": 8,
}


def layers_of(layers, activations, last):
    """The layers with an activation after each, after the last one only where `last` says so."""
    parts = []
    for index, layer in enumerate(layers):
        parts.append(layer)
        if last or index < len(layers) - 1:
            parts.append(activations())
    return nn.Sequential(*parts)


class DeepSets(nn.Module):
    """Jets as [batch, constituent, (pt, eta, phi)] to logits [batch, class]."""

    def __init__(self, linear, activations, before=None, pooled=None, logits=None):
        super().__init__()
        self.register_buffer("scale", torch.tensor([2.0**exponent for *_, exponent in FEATURES.values()]))
        self.before = before or nn.Identity()
        self.phi = layers_of([linear(a, b) for a, b in zip(PHI, PHI[1:])], activations, last=True)
        self.pooled = pooled or nn.Identity()
        self.rho = layers_of([linear(a, b) for a, b in zip(RHO, RHO[1:])], activations, last=False)
        self.logits = logits or nn.Identity()

    def forward(self, jet):
        each = self.phi(self.before(jet * self.scale))
        return self.logits(self.rho(self.pooled(each.mean(1))))


def float_model():
    return DeepSets(nn.Linear, nn.ReLU)


def quantised_model():
    # The first layer sees momenta beside angles, whose weights are of other sizes.
    bits = lambda inputs: SETTINGS["first_weight_bits" if inputs == PHI[0] else "weight_bits"]
    width = SETTINGS["activation_bits"]
    return DeepSets(
        lambda a, b: common.quant_linear(a, b, bits(a)),
        lambda: common.quant_relu(width, 16),
        # Holds the hardware types exactly: steps of 0.5 GeV and 1/512.
        before=common.QuantIdentity(act_quant=common.signed_act(12, 8)),
        # The mean of 16 numbers of 8 bits has 12: the lowest goes, and means reach half as far as what they are of.
        pooled=common.QuantIdentity(act_quant=common.unsigned_act(width + 2, 8)),
        logits=common.QuantIdentity(act_quant=common.signed_act(12, 32)),
    )


def main(folder):
    common.start(SETTINGS["seed"])
    train = [torch.from_numpy(part) for part in load(folder, "-train")]
    jets, classes = load(folder, "")
    out = common.MODELS / "deep-sets"
    out.mkdir(exist_ok=True)
    example = torch.zeros(1, CONSTITUENTS, len(FEATURES))

    model = float_model()
    common.fit(model, train, loss, SETTINGS["epochs_float"], SETTINGS["batch"], SETTINGS["rate"], "float")
    common.export_float(model, example, out / "float.onnx", ("jet", "logits"))

    quantised = quantised_model()
    common.copy_parameters(model, quantised)
    common.fit(quantised, train, loss, SETTINGS["epochs_qat"], SETTINGS["batch"], SETTINGS["rate_qat"], "qat")
    common.export_quantised(quantised, example, out / "qat.onnx", ("jet", "logits"))

    sample = jets[:1000]
    header = [f"{name}{index}" for index in range(CONSTITUENTS) for name in FEATURES]
    common.write_rows(out / "sample.csv.gz", sample, header)
    common.write_rows(out / "expected_float.csv.gz", common.run_onnx(out / "float.onnx", sample))
    with torch.no_grad():
        common.write_rows(out / "expected_qat.csv.gz", quantised(torch.from_numpy(sample)).numpy())
    measured = {"float": results(model, jets, classes), "qat": results(quantised, jets, classes)}
    print(measured)
    common.write_provenance(out, __file__, SETTINGS, measured, COMMANDS)


if __name__ == "__main__":
    main(sys.argv[1])
