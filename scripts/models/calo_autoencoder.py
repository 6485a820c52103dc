#!/usr/bin/env python3
"""Train models/calo-autoencoder: a convolutional autoencoder of 18 x 14 calorimeter regions on zero bias.

    python scripts/models/calo_autoencoder.py EVENTS

EVENTS is a folder with what `models/calo-autoencoder/README.md` says the generator makes. Writes float.onnx, qat.onnx (the
same network, quantisation-aware from there on), a sample and the expected scores.

The task is that of CICADA, the calorimeter anomaly trigger of CMS (CMS-DP-2023-086); the network is a smaller one.
"""

import sys

import torch
from torch import nn

import calo_events
import calo_images as calo
import common

FILTERS, LATENT = 2, 8
HALF = (calo_events.PHI // 2, calo_events.ETA // 2)
SETTINGS = {
    "seed": 252,
    "epochs_float": 12,
    "epochs_qat": 6,
    "batch": 512,
    "rate": 3e-3,
    "rate_qat": 1e-3,
    "weight_bits": 6,
    "activation_bits": 8,
}


class Autoencoder(nn.Module):
    """Images [batch, 1, 18, 14] to scores [batch, 1]: the squared residuals' sum over 256, near their mean over 252.

    `conv`, `linear` and `activation` make layers; `before`, `difference` and `score` quantise.
    """

    def __init__(self, conv, linear, activation, before=None, difference=None, score=None):
        super().__init__()
        cells = HALF[0] * HALF[1]
        self.before = before or nn.Identity()
        self.encoder = nn.Sequential(
            conv(1, FILTERS, 2, stride=2), activation(), nn.Flatten(), linear(FILTERS * cells, LATENT), activation()
        )
        self.decoder = nn.Sequential(linear(LATENT, cells), activation())
        self.sharpen = nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), conv(1, 1, 3, padding=1))
        self.difference = difference or nn.Identity()
        self.score = score or nn.Identity()

    def forward(self, image):
        x = self.before(image * calo_events.SCALE)
        coarse = self.decoder(self.encoder(x)).reshape(-1, 1, *HALF)
        residual = self.difference(self.sharpen(coarse) - x)
        return self.score((residual * residual).sum((2, 3)) * 2.0**-8)


def float_model():
    return Autoencoder(nn.Conv2d, nn.Linear, nn.ReLU)


def quantised_model():
    bits, width = SETTINGS["weight_bits"], SETTINGS["activation_bits"]
    return Autoencoder(
        lambda a, b, kernel, **options: calo.quant_conv(a, b, kernel, bits, **options),
        lambda a, b: common.quant_linear(a, b, bits),
        lambda: common.quant_relu(width, 8),
        before=calo.quant_input(),
        difference=common.QuantIdentity(act_quant=common.signed_act(9, 16)),
        score=common.QuantIdentity(act_quant=common.unsigned_act(16, 16)),
    )


def loss(model, images):
    # Without its rare, huge values: they would drown all others.
    return torch.log1p(model(images) * 2.0**8).mean()


def main(folder):
    common.start(SETTINGS["seed"])
    train = torch.from_numpy(calo_events.load(folder, "zero-bias-train"))
    test = calo_events.load_test(folder)
    out = common.MODELS / "calo-autoencoder"
    out.mkdir(exist_ok=True)
    example = torch.zeros(1, 1, calo_events.PHI, calo_events.ETA)

    model = float_model()
    common.fit(model, [train], loss, SETTINGS["epochs_float"], SETTINGS["batch"], SETTINGS["rate"], "float")
    common.export_float(model, example, out / "float.onnx", ("image", "score"))

    quantised = quantised_model()
    common.copy_parameters(model, quantised)
    common.fit(quantised, [train], loss, SETTINGS["epochs_qat"], SETTINGS["batch"], SETTINGS["rate_qat"], "qat")
    common.export_quantised(quantised, example, out / "qat.onnx", ("image", "score"))

    calo.write_sample(out, test, quantised)
    measured = {"float": calo.results(model, test), "qat": calo.results(quantised, test)}
    print(measured)
    calo.write_provenance(out, __file__, SETTINGS, measured, calo_events.commands({"zero-bias": 100000}))


if __name__ == "__main__":
    main(sys.argv[1])
