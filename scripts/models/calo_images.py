"""What the models on calorimeter images share: images, their scale, quantised convolutions, measures, samples."""

from pathlib import Path

import numpy as np
import torch
from brevitas.nn import QuantConv2d

import common

PHI, ETA = 18, 14
# Region ET comes in steps of 0.5 GeV: this makes 8 GeV one.
SCALE = 2.0**-4
SIGNALS = ["a-4l", "lq-btau", "h0-tautau", "hpm-taunu", "ttbar"]


def command(process, events, seed):
    """The generator's options of a file of images."""
    return f"--process {process} --kind calorimeter --events {events} --seed {seed}"


TEST_COMMANDS = {
    "cal-zero-bias.npy": command("zero-bias", 100000, 2),
    **{f"cal-{name}.npy": command(name, 20000, 2) for name in SIGNALS},
}


def load(folder, name):
    """Images [event, 1, phi, eta] of region ET in hardware steps, integers from 0 to 1023 as float32."""
    return np.load(Path(folder) / f"cal-{name}.npy").reshape(-1, 1, PHI, ETA).astype(np.float32)


def load_test(folder):
    """Zero bias and every signal by name, none of them for training."""
    return {name: load(folder, name) for name in ["zero-bias", *SIGNALS]}


def quant_conv(inputs, outputs, kernel, bits, **options):
    return QuantConv2d(
        inputs,
        outputs,
        kernel,
        bias=True,
        weight_quant=common.Int8WeightPerTensorFixedPoint.let(bit_width=bits),
        bias_quant=common.Int8BiasPerTensorFixedPointInternalScaling.let(bit_width=8),
        **options,
    )


def quant_input():
    """One step of the hardware is one step of these 8 bits; 127.5 GeV and more are the same."""
    return common.QuantIdentity(act_quant=common.unsigned_act(8, 256 * SCALE))


def scores_of(model, images):
    """One number for each image, in parts that fit into memory."""
    with torch.no_grad():
        parts = [model(torch.from_numpy(images[at : at + 10000])).numpy().ravel() for at in range(0, len(images), 10000)]
    return np.concatenate(parts)


def results(model, test):
    """AUC against zero bias, and the efficiency at the score that one event of zero bias in a thousand exceeds."""
    scores = {name: scores_of(model, images) for name, images in test.items()}
    background = scores.pop("zero-bias")
    threshold = np.quantile(background, 0.999)
    return {
        name: {"auc": round(common.auc(s, background), 4), "efficiency_at_1e-3": round(float((s > threshold).mean()), 4)}
        for name, s in scores.items()
    }


def write_provenance(out, script, settings, measured, commands):
    """As `common.write_provenance`; this file shapes the models as well, so that its hash is recorded too."""
    common.write_provenance(out, script, {**settings, "images_sha256": common.sha256(__file__)}, measured, commands)


def write_sample(out, test, quantised):
    """400 events of zero bias and 20 of each signal, and what both networks make of them."""
    sample = np.concatenate([test["zero-bias"][:400], *[test[name][:20] for name in SIGNALS]])
    header = [f"phi{phi}_eta{eta}" for phi in range(PHI) for eta in range(ETA)]
    common.write_rows(out / "sample.csv.gz", sample, header)
    common.write_rows(out / "expected_float.csv.gz", common.run_onnx(out / "float.onnx", sample))
    with torch.no_grad():
        common.write_rows(out / "expected_qat.csv.gz", quantised(torch.from_numpy(sample)).numpy())
