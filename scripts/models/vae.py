#!/usr/bin/env python3
"""Train models/vae: a variational autoencoder of the 57 trigger objects on zero bias, of which the encoder is kept.

    python scripts/models/vae.py EVENTS

EVENTS is a folder with what `models/vae/README.md` says the generator makes. Writes float.onnx, qat.onnx (the same encoder,
quantisation-aware from there on), a sample and the expected scores.

The score is the sum of the squares of the latent means, as of AXOL1TL (CMS-DP-2023-079; Govorkova et al., "Autoencoders on
field-programmable gate arrays for real-time, unsupervised new physics detection at 40 MHz at the Large Hadron Collider",
Nature Machine Intelligence 4, 2022): what makes an event unlikely to the prior, without the decoder in the firmware.
"""

import sys

import numpy as np
import torch
from torch import nn

import common
import object_events
from dense_autoencoder import results
from object_events import SIGNALS

ENCODER = [57, 32, 16]
LATENT = 6
SETTINGS = {
    "seed": 5708,
    "epochs_float": 14,
    "epochs_qat": 6,
    "batch": 1024,
    "rate": 3e-3,
    "rate_qat": 1e-3,
    "beta": 0.5,
    "momentum_weight": 8.0,
    "angle_weight": 2.0**-5,
    "weight_bits": 6,
    "activation_bits": 8,
}


class Encoder(nn.Module):
    """Events [batch, 57] to scores [batch, 1]: what is shipped.

    `linear` and `activation` make layers; `before`, `means` and `score` quantise.
    """

    def __init__(self, linear, activation, before=None, means=None, score=None):
        super().__init__()
        self.register_buffer("scale", common.object_scale())
        self.before = before or nn.Identity()
        pairs = zip(ENCODER, ENCODER[1:])
        self.features = nn.Sequential(*[part for a, b in pairs for part in (linear(a, b), activation())])
        self.mu = linear(ENCODER[-1], LATENT)
        self.means = means or nn.Identity()
        self.score = score or nn.Identity()

    def forward(self, event):
        means = self.means(self.mu(self.features(self.before(event * self.scale))))
        return self.score((means * means).sum(1, keepdim=True))


class Variational(nn.Module):
    """An encoder with what only training needs: widths of the latent variables, and a decoder; float in both models."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        # Directions are nearly uniform: given the weight of momenta they fill the latent space and say nothing.
        weights = [SETTINGS["momentum_weight"], SETTINGS["angle_weight"], SETTINGS["angle_weight"]]
        self.register_buffer("weights", torch.tensor(weights * len(common.OBJECTS)))
        self.log_variance = nn.Linear(ENCODER[-1], LATENT)
        back = [LATENT, *ENCODER[:0:-1]]
        hidden = [part for a, b in zip(back, back[1:]) for part in (nn.Linear(a, b), nn.ReLU())]
        self.decoder = nn.Sequential(*hidden, nn.Linear(ENCODER[1], ENCODER[0]))

    def forward(self, event):
        """Negative lower bound of the likelihood of each event, but for constants."""
        x = event * self.encoder.scale
        features = self.encoder.features(self.encoder.before(x))
        means = self.encoder.means(self.encoder.mu(features))
        log_variance = self.log_variance(features)
        drawn = means + torch.randn_like(means) * (0.5 * log_variance).exp()
        distance = (self.weights * (self.decoder(drawn) - x) ** 2).sum(1)
        divergence = 0.5 * (means * means + log_variance.exp() - 1 - log_variance).sum(1)
        return distance + SETTINGS["beta"] * divergence


def float_model():
    return Variational(Encoder(nn.Linear, nn.ReLU))


def quantised_model():
    bits, width = SETTINGS["weight_bits"], SETTINGS["activation_bits"]
    encoder = Encoder(
        lambda a, b: common.quant_linear(a, b, bits),
        lambda: common.quant_relu(width, 8),
        before=common.QuantIdentity(act_quant=common.signed_act(9, 8)),
        means=common.QuantIdentity(act_quant=common.signed_act(10, 8)),
        score=common.QuantIdentity(act_quant=common.unsigned_act(16, 256)),
    )
    return Variational(encoder)


def loss(model, events):
    return model(events).mean()


def main(folder):
    common.start(SETTINGS["seed"])
    train = torch.from_numpy(object_events.load(folder, "zero-bias-train"))
    test = {name: object_events.load(folder, name) for name in ["zero-bias", *SIGNALS]}
    out = common.MODELS / "vae"
    out.mkdir(exist_ok=True)

    model = float_model()
    common.fit(model, [train], loss, SETTINGS["epochs_float"], SETTINGS["batch"], SETTINGS["rate"], "float")
    common.export_float(model.encoder, torch.zeros(1, 57), out / "float.onnx", ("event", "score"))

    quantised = quantised_model()
    common.copy_parameters(model, quantised)
    common.fit(quantised, [train], loss, SETTINGS["epochs_qat"], SETTINGS["batch"], SETTINGS["rate_qat"], "qat")
    common.export_quantised(quantised.encoder, torch.zeros(1, 57), out / "qat.onnx", ("event", "score"))

    sample = np.concatenate([test["zero-bias"][:800], *[test[name][:50] for name in SIGNALS]])
    common.write_rows(out / "sample.csv.gz", sample, [f"event_{index}" for index in range(57)])
    common.write_rows(out / "expected_float.csv.gz", common.run_onnx(out / "float.onnx", sample))
    with torch.no_grad():
        common.write_rows(out / "expected_qat.csv.gz", quantised.encoder(torch.from_numpy(sample)).numpy())
    measured = {"float": results(model.encoder, test), "qat": results(quantised.encoder, test)}
    print(measured)
    common.write_provenance(out, __file__, SETTINGS, measured, object_events.commands(100_000))


if __name__ == "__main__":
    main(sys.argv[1])
