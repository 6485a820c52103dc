"""Export small PyTorch models with both exporters of PyTorch, and a Brevitas model with Brevitas' QONNX exporter.

usage: export_torch.py REQUEST ANSWER; REQUEST is {"folder": path}, ANSWER {"<name>": {"file", "versions"}}.
"""

import json
import os
import sys
import warnings

import torch
from torch import nn

warnings.filterwarnings("ignore")


def dense():
    return nn.Sequential(nn.Linear(16, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 4), nn.Tanh()), (1, 16)


def image():
    return (
        nn.Sequential(nn.Conv2d(2, 3, 3, padding=1, stride=2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(3, 2)),
        (1, 2, 4, 4),
    )


class SetNetwork(nn.Module):
    """The same layers for every element of a set, and their sum."""

    def __init__(self):
        super().__init__()
        self.element, self.event = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.event(torch.relu(self.element(x)).sum(dim=1))


def sets():
    return SetNetwork(), (1, 5, 3)


def brevitas(folder):
    import brevitas
    import brevitas.nn as qnn
    from brevitas.export import export_qonnx
    from brevitas.quant import Int8ActPerTensorFixedPoint, Int8WeightPerTensorFixedPoint, Uint8ActPerTensorFixedPoint

    torch.manual_seed(3)
    quantised = dict(weight_quant=Int8WeightPerTensorFixedPoint, weight_bit_width=5)
    model = nn.Sequential(
        qnn.QuantIdentity(act_quant=Int8ActPerTensorFixedPoint, bit_width=8),
        qnn.QuantLinear(10, 8, bias=False, **quantised),
        qnn.QuantReLU(act_quant=Uint8ActPerTensorFixedPoint, bit_width=6),
        qnn.QuantLinear(8, 3, bias=False, **quantised),
    )
    for _ in range(30):
        model(torch.randn(64, 10))
    path = os.path.join(folder, "brevitas-dense.onnx")
    export_qonnx(model.eval(), args=torch.randn(1, 10), export_path=path)
    return {"brevitas-dense": {"file": path, "versions": f"Brevitas {brevitas.__version__}, PyTorch {torch.__version__}"}}


def main():
    with open(sys.argv[1]) as file:
        folder = json.load(file)["folder"]
    answer = {}
    for name, build in {"dense": dense, "image": image, "set": sets}.items():
        torch.manual_seed(11)
        model, shape = build()
        model(torch.randn(64, *shape[1:]))
        model.eval()
        for exporter, dynamo in {"torchscript": False, "dynamo": True}.items():
            path = os.path.join(folder, f"{exporter}-{name}.onnx")
            torch.onnx.export(model, (torch.randn(shape),), path, dynamo=dynamo, external_data=False, verbose=False)
            answer[f"{exporter}-{name}"] = {"file": path, "versions": f"PyTorch {torch.__version__}"}
    answer.update(brevitas(folder))
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)


main()
