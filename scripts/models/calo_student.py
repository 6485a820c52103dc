#!/usr/bin/env python3
"""Train models/calo-student: from a calorimeter image to the logarithm of what the autoencoder's score is for it.

    python scripts/models/calo_student.py EVENTS

EVENTS is a folder with what `models/calo-student/README.md` says the generator makes; models/calo-autoencoder/float.onnx is
the teacher. Writes float.onnx, qat.onnx (the same network, quantisation-aware from there on), a sample and the expected
scores.

That a small network learns the score of a large one, and only the small one becomes firmware, is how CICADA is made
(Pol et al., "Knowledge Distillation for Anomaly Detection", arXiv:2310.06047).
"""

import sys

import numpy as np
import torch
from torch import nn

import calo_events
import calo_images as calo
import common

FILTERS, HIDDEN = 4, 12
# Windows of 2 x 2 that do not overlap, and so no product is made twice.
POSITIONS = (calo_events.PHI // 2) * (calo_events.ETA // 2)
SETTINGS = {
    "seed": 1814,
    "epochs_float": 30,
    "epochs_qat": 12,
    "batch": 512,
    "rate": 3e-3,
    "rate_qat": 1e-3,
    "weight_bits": 6,
    "activation_bits": 8,
}


class Student(nn.Module):
    """Images [batch, 1, 18, 14] to scores [batch, 1].

    `conv`, `linear` and `activation` make layers; `before` and `score` quantise.
    """

    def __init__(self, conv, linear, activation, before=None, score=None):
        super().__init__()
        self.before = before or nn.Identity()
        self.network = nn.Sequential(
            conv(1, FILTERS, 2, stride=2),
            activation(),
            nn.Flatten(),
            linear(FILTERS * POSITIONS, HIDDEN),
            activation(),
            linear(HIDDEN, 1),
        )
        self.score = score or nn.Identity()

    def forward(self, image):
        return self.score(self.network(self.before(image * calo_events.SCALE)))


def float_model():
    return Student(nn.Conv2d, nn.Linear, nn.ReLU)


def quantised_model():
    bits, width = SETTINGS["weight_bits"], SETTINGS["activation_bits"]
    return Student(
        lambda a, b, kernel, **options: calo.quant_conv(a, b, kernel, bits, **options),
        lambda a, b: common.quant_linear(a, b, bits),
        lambda: common.quant_relu(width, 16),
        before=calo.quant_input(),
        score=common.QuantIdentity(act_quant=common.unsigned_act(12, 16)),
    )


def target(teacher):
    """log2 of 1 + the sum of squared residuals: from 0 for an image without any to about 16."""
    return np.log2(1 + 256 * teacher).astype(np.float32)


def loss(model, images, scores):
    return nn.functional.smooth_l1_loss(model(images), scores)


def correlation(model, images, teacher):
    """Of the student's score with what it was to learn, over events of zero bias."""
    return round(float(np.corrcoef(calo.scores_of(model, images), target(teacher))[0, 1]), 4)


def main(folder):
    common.start(SETTINGS["seed"])
    teacher = common.MODELS / "calo-autoencoder" / "float.onnx"
    scores_of_teacher = lambda images: common.run_onnx(teacher, images).reshape(-1, 1)
    images = calo_events.load_training(folder, calo_events.TAUGHT)
    train = [torch.from_numpy(images), torch.from_numpy(target(scores_of_teacher(images)))]
    test = calo_events.load_test(folder)
    out = common.MODELS / "calo-student"
    out.mkdir(exist_ok=True)
    example = torch.zeros(1, 1, calo_events.PHI, calo_events.ETA)

    model = float_model()
    common.fit(model, train, loss, SETTINGS["epochs_float"], SETTINGS["batch"], SETTINGS["rate"], "float")
    common.export_float(model, example, out / "float.onnx", ("image", "score"))

    quantised = quantised_model()
    common.copy_parameters(model, quantised)
    common.fit(quantised, train, loss, SETTINGS["epochs_qat"], SETTINGS["batch"], SETTINGS["rate_qat"], "qat")
    common.export_quantised(quantised, example, out / "qat.onnx", ("image", "score"))

    calo.write_sample(out, test, quantised)
    taught = scores_of_teacher(test["zero-bias"]).ravel()
    measured = {
        name: {**calo.results(network, test), "correlation_with_teacher": correlation(network, test["zero-bias"], taught)}
        for name, network in [("float", model), ("qat", quantised)]
    }
    print(measured)
    settings = {**SETTINGS, "teacher": "models/calo-autoencoder/float.onnx", "teacher_sha256": common.sha256(teacher)}
    calo.write_provenance(out, __file__, settings, measured, calo_events.commands(calo_events.TAUGHT))


if __name__ == "__main__":
    main(sys.argv[1])
