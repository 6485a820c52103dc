"""What the training scripts on PyTorch share: quantisers, training, exporting, the record of a model's folder."""

import json
import platform
from pathlib import Path

import brevitas
import numpy as np
import onnx
import onnxruntime
import torch
from brevitas.export import export_qonnx
from brevitas.inject.enum import ScalingImplType
from brevitas.nn import QuantIdentity, QuantLinear, QuantReLU
from brevitas.quant import (
    Int8ActPerTensorFixedPoint,
    Int8BiasPerTensorFixedPointInternalScaling,
    Int8WeightPerTensorFixedPoint,
    Uint8ActPerTensorFixedPoint,
)

from files import MODELS, OBJECTS, auc, object_exponents, sha256, to_fixed, write_rows  # noqa: F401 (read as common.NAME)


def start(seed):
    """One thread and one seed: the same machine gives the same files."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    return np.random.default_rng(seed)


def object_scale():
    return torch.tensor([2.0**exponent for exponent in object_exponents()])


# Quantisers whose scales are powers of two.


def signed_act(bits, limit):
    return Int8ActPerTensorFixedPoint.let(
        bit_width=bits, scaling_impl_type=ScalingImplType.CONST, scaling_init=float(limit)
    )


def unsigned_act(bits, limit):
    return Uint8ActPerTensorFixedPoint.let(
        bit_width=bits, scaling_impl_type=ScalingImplType.CONST, scaling_init=float(limit)
    )


def quant_linear(inputs, outputs, bits):
    return QuantLinear(
        inputs,
        outputs,
        bias=True,
        weight_quant=Int8WeightPerTensorFixedPoint.let(bit_width=bits),
        bias_quant=Int8BiasPerTensorFixedPointInternalScaling.let(bit_width=8),
    )


def quant_relu(bits, limit):
    return QuantReLU(act_quant=unsigned_act(bits, limit))


def copy_parameters(source, target):
    """Give `target` the parameters of the same name: a twin starts where its float network ended."""
    own = dict(source.named_parameters())
    with torch.no_grad():
        for name, parameter in target.named_parameters():
            if name in own:
                parameter.copy_(own[name])


def fit(model, data, loss, epochs, batch, rate, log):
    """Adam with a cosine schedule; `loss` takes the model and rows of every tensor of `data`."""
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
    rows = len(data[0])
    steps = epochs * (rows // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    model.train()
    for epoch in range(epochs):
        order = torch.randperm(rows)
        total = 0.0
        for first in range(0, rows - batch + 1, batch):
            chosen = order[first : first + batch]
            optimiser.zero_grad()
            value = loss(model, *[part[chosen] for part in data])
            value.backward()
            optimiser.step()
            schedule.step()
            total += float(value.detach())
        print(f"{log} epoch {epoch + 1}/{epochs}: loss {total / (rows // batch):.5f}", flush=True)
    model.eval()


def export_float(model, example, path, names):
    torch.onnx.export(
        model,
        (example,),
        str(path),
        input_names=[names[0]],
        output_names=[names[1]],
        dynamic_axes={names[0]: {0: "batch"}, names[1]: {0: "batch"}},
        opset_version=13,
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load(str(path)))


def export_quantised(model, example, path, names):
    export_qonnx(
        model,
        example,
        str(path),
        input_names=[names[0]],
        output_names=[names[1]],
        dynamic_axes={names[0]: {0: "batch"}, names[1]: {0: "batch"}},
        keep_initializers_as_inputs=False,
        opset_version=13,
    )
    onnx.checker.check_model(onnx.load(str(path)))


def run_onnx(path, inputs):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs.astype(np.float32)})[0]


def write_provenance(folder, script, settings, results, commands):
    files = ["float.onnx", "qat.onnx", "sample.csv.gz", "expected_float.csv.gz", "expected_qat.csv.gz"]
    provenance = {
        "licence": "Apache-2.0",
        "script": f"scripts/models/{Path(script).name}",
        "script_sha256": sha256(script),
        "common_sha256": sha256(__file__),
        "events": commands,
        "settings": settings,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "brevitas": brevitas.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
        },
        "results": results,
        "sha256": {name: sha256(folder / name) for name in files if (folder / name).exists()},
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
