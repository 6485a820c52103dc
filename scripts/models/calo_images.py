"""What the models on calorimeter images share in training with PyTorch: quantised convolutions, measures, samples."""

import numpy as np
import torch
from brevitas.nn import QuantConv2d

import common
from calo_events import ETA, PHI, SCALE, SIGNALS
from files import figures


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
    return figures({name: scores_of(model, images) for name, images in test.items()})


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
