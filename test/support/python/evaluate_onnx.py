"""Evaluate ONNX files with other people's evaluators.

usage: evaluate_onnx.py JOBS RESULTS

JOBS is a JSON list of {"model": path, "events": [{input name: [values]}]}: for each event and input the elements in
row-major order, with the batch dimension taken as one. RESULTS becomes a list of {"engine": name, "refused": {engine:
reason}, "outputs": [{output name: [values]}]}: the first of ONNX Runtime, `onnx`'s reference evaluator and qonnx that
accepts the file, and why the ones before it did not.
"""

import json
import sys
import warnings

import numpy as np
import onnx
from onnx import helper

warnings.filterwarnings("ignore")
QUANT_DOMAINS = {"onnx.brevitas", "finn.custom_op.general", "qonnx.custom_op.general", "finn", "qonnx"}


def ports(model):
    constants = {tensor.name for tensor in model.graph.initializer}
    return [port for port in model.graph.input if port.name not in constants]


def with_batch_of_one(model):
    """A copy whose inputs have a batch of one, without the shapes that exporters noted for another batch."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    changed = False
    for port in ports(copy):
        dimensions = port.type.tensor_type.shape.dim
        if len(dimensions) >= 2 and dimensions[0].dim_value != 1:
            dimensions[0].dim_value = 1
            changed = True
    if not changed:
        return copy
    del copy.graph.value_info[:]
    for port in copy.graph.output:
        port.type.tensor_type.ClearField("shape")
    return copy


def feeds(model, event):
    for port in ports(model):
        tensor = port.type.tensor_type
        shape = [dimension.dim_value for dimension in tensor.shape.dim]
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        yield port.name, np.array(event[port.name], dtype=np.float64).astype(dtype).reshape(shape)


def runtime(model):
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [port.name for port in session.get_outputs()]
    return lambda event: dict(zip(names, session.run(None, event)))


def reference(model):
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(model)
    return lambda event: dict(zip(evaluator.output_names, evaluator.run(None, event)))


def qonnx(model):
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    # The spellings of the domain that exporters have used, declared where they left that out.
    used = set()
    for node in model.graph.node:
        if node.domain in QUANT_DOMAINS or node.op_type in ("Quant", "BipolarQuant", "Trunc"):
            node.domain = "qonnx.custom_op.general"
        used.add(node.domain)
    declared = {entry.domain for entry in model.opset_import}
    for domain in sorted(used - declared - {"ai.onnx"}):
        model.opset_import.append(helper.make_opsetid(domain, 1))
    wrapper = ModelWrapper(model).transform(InferShapes())
    return lambda event: execute_onnx(wrapper, event)


ENGINES = {"onnxruntime": runtime, "onnx": reference, "qonnx": qonnx}


def evaluate(job):
    model = with_batch_of_one(onnx.load(job["model"]))
    refused = {}
    for engine, load in ENGINES.items():
        try:
            run = load(with_batch_of_one(model))
            results = [run(dict(feeds(model, event))) for event in job["events"]]
        except Exception as error:
            refused[engine] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
            continue
        outputs = [{name: plain(value) for name, value in result.items()} for result in results]
        return {"engine": engine, "refused": refused, "outputs": outputs}
    return {"engine": None, "refused": refused, "outputs": []}


def plain(value):
    """The elements as doubles; anything but a tensor of numbers (labels, maps) as null."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        return None
    return [number if np.isfinite(number) else str(number) for number in value.astype(np.float64).ravel().tolist()]


def main():
    with open(sys.argv[1]) as file:
        jobs = json.load(file)
    with open(sys.argv[2], "w") as file:
        json.dump([evaluate(job) for job in jobs], file)


main()
