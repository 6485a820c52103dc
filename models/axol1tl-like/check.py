#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that model.onnx computes expected.csv.gz on sample.csv.gz, bit for bit.

The graph is run by the executor of the `qonnx` package, which shares nothing with
PyTorch, and by a second evaluation in float64. Float32 is exact if both agree.

Usage:  pip install -r requirements.txt && python check.py
"""

import gzip
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes

HERE = Path(__file__).parent


def read_csv_gz(path, skip):
    with gzip.open(path, "rt") as file:
        return np.loadtxt(file, delimiter=",", skiprows=skip, ndmin=2)


def run_float64(model, x):
    """The operators of this graph and no others, in float64."""
    values = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in model.graph.initializer}
    values[model.graph.input[0].name] = x
    for node in model.graph.node:
        a = [values[name] for name in node.input]
        attr = {f.name: onnx.helper.get_attribute_value(f) for f in node.attribute}
        if node.op_type == "Quant":
            scale, zero, bits = (float(v.reshape(())) for v in a[1:])
            assert zero == 0 and np.log2(scale) % 1 == 0 and attr["rounding_mode"] == b"ROUND"
            low = (-(2 ** (bits - 1)) + attr["narrow"]) if attr["signed"] else 0
            high = 2 ** (bits - 1) - 1 if attr["signed"] else 2**bits - 1 - attr["narrow"]
            y = np.clip(np.rint(a[0] / scale), low, high) * scale
        elif node.op_type == "Gemm":
            assert attr.get("alpha", 1) == attr.get("beta", 1) == 1 and not attr.get("transA", 0)
            y = a[0] @ (a[1].T if attr.get("transB", 0) else a[1]) + a[2]
        elif node.op_type == "ReduceSum":
            axes = a[1] if len(a) > 1 else attr["axes"]
            y = a[0].sum(axis=tuple(int(i) for i in axes), keepdims=bool(attr.get("keepdims", 1)))
        elif node.op_type in ("Sub", "Mul", "Add"):
            y = {"Sub": np.subtract, "Mul": np.multiply, "Add": np.add}[node.op_type](*a)
        elif node.op_type == "Relu":
            y = np.maximum(a[0], 0)
        else:
            raise NotImplementedError(node.op_type)
        values[node.output[0]] = y
    return values[model.graph.output[0].name]


def main():
    events = read_csv_gz(HERE / "sample.csv.gz", 1)
    expected = read_csv_gz(HERE / "expected.csv.gz", 0)
    wrapper = ModelWrapper(str(HERE / "model.onnx"))
    source, sink = wrapper.graph.input[0].name, wrapper.graph.output[0].name
    # The executor wants a batch size: all events at once.
    wrapper.set_tensor_shape(source, list(events.shape))
    wrapper.set_tensor_shape(sink, [len(events), 1])
    wrapper = wrapper.transform(InferShapes())
    by_qonnx = execute_onnx(wrapper, {source: events.astype(np.float32)})[sink]
    by_float64 = run_float64(onnx.load(HERE / "model.onnx"), events)
    for name, got in (("qonnx", by_qonnx), ("float64", by_float64)):
        wrong = int((got != expected).sum())
        print(f"{name}: {len(expected) - wrong} of {len(expected)} events equal")
        assert wrong == 0


if __name__ == "__main__":
    main()
