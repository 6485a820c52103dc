"""The backend node tests of the `onnx` package, as JSON.

usage: node_tests.py REQUEST ANSWER

REQUEST is {"maximum_elements": count}. ANSWER is a list of {"name", "operators", "forms": [{"constants": how, "model":
base64, "inputs": [name]}], "inputs": {name: values}, "outputs": {name: {"values", "precise": bool}}, "reason": why there are no forms}.

The tests feed everything as graph inputs, axes and weights too. A hardware model has those as constants, so each test
comes in several forms: with no input constant, with all inputs that are not floats constant, with all but one, with all.
"""

import base64
import json
import sys
import warnings

import numpy as np
from onnx import TensorProto, helper, numpy_helper

warnings.filterwarnings("ignore")


def plain(array):
    array = np.asarray(array)
    if array.dtype.kind in "fV" or str(array.dtype) == "bfloat16":
        array = array.astype(np.float64)
    elif array.dtype.kind not in "iub":
        return None
    numbers = array.astype(np.float64).ravel().tolist()
    return [number if np.isfinite(number) else str(number) for number in numbers]


def tensors(ports, values):
    """Values by name; raises where one is not a tensor of numbers."""
    result = {}
    for port, value in zip(ports, values):
        if not port.type.HasField("tensor_type"):
            raise ValueError("sequences, maps and optional values")
        kind = port.type.tensor_type.elem_type
        if kind in (TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.COMPLEX128):
            raise ValueError("strings and complex numbers")
        if isinstance(value, TensorProto):
            value = numpy_helper.to_array(value)
        result[port.name] = np.asarray(value)
    return result


def form(model, arrays, constants, outputs):
    copy = type(model)()
    copy.CopyFrom(model)
    del copy.graph.output[outputs:]
    kinds = {port.name: port.type.tensor_type.elem_type for port in model.graph.input}
    kept = [port for port in model.graph.input if port.name not in constants]
    del copy.graph.input[:]
    copy.graph.input.extend(kept)
    for name in constants:
        array = arrays[name]
        try:
            tensor = numpy_helper.from_array(array, name)
            if tensor.data_type != kinds[name]:
                return None
        except Exception:
            return None
        copy.graph.initializer.append(tensor)
    if not kept:
        copy.graph.input.append(helper.make_tensor_value_info("unused", TensorProto.FLOAT, [1]))
    return base64.b64encode(copy.SerializeToString()).decode()


def forms(model, arrays):
    names = [port.name for port in model.graph.input]
    whole = [name for name in names if arrays[name].dtype.kind != "f" and str(arrays[name].dtype) != "bfloat16"]
    # What has no elements says that something is left out.
    empty = [name for name in names if arrays[name].size == 0]
    whole = [name for name in names if name in whole or name in empty]
    wanted = {tuple(empty): "none"}
    wanted.setdefault(tuple(whole), "whole numbers")
    for index, name in enumerate(names[:8]):
        wanted.setdefault(tuple(other for other in names if other != name), f"all but input {index}")
    wanted.setdefault(tuple(names), "all")
    for constants, how in wanted.items():
        # Outputs for training, such as means and masks, are not produced: then the first one alone counts.
        for outputs in sorted({len(model.graph.output), 1}, reverse=True):
            text = form(model, arrays, constants, outputs)
            if text is not None:
                computed = [name for name in names if name not in constants] or ["unused"]
                yield {"constants": how, "model": text, "inputs": computed}


def is_precise(array, case):
    """Is the expected result as precise as float32? Not where it is a shorter float, or was written down rounded."""
    short = str(array.dtype) == "bfloat16" or (array.dtype.kind == "f" and array.dtype.itemsize <= 2)
    return not short and case.name != "test_averagepool_2d_ceil_last_window_starts_on_pad"


def is_finite(array):
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def describe(case, maximum):
    operators = sorted({node.op_type for node in case.model.graph.node})
    answer = {"name": case.name, "operators": operators, "forms": [], "inputs": {}, "outputs": {}, "reason": None}
    try:
        inputs, outputs = case.data_sets[0]
        arrays = tensors(case.model.graph.input, inputs)
        results = tensors(case.model.graph.output, outputs)
        if max([array.size for array in [*arrays.values(), *results.values()]], default=0) > maximum:
            raise ValueError("tensors too large for a trigger")
        if operators == ["LpNormalization"] and not all(map(is_finite, results.values())):
            raise ValueError("a vector of zeros that is divided by its length")
        if any(0 in array.shape for array in results.values()):
            raise ValueError("tensors without elements")
        answer["inputs"] = {name: plain(array) for name, array in arrays.items()}
        answer["outputs"] = {
            name: {"values": plain(array), "precise": is_precise(array, case)}
            for name, array in results.items()
        }
        answer["forms"] = list(forms(case.model, arrays))
    except ValueError as error:
        answer["reason"] = str(error)
    return answer


def main():
    from onnx.backend.test.case.node import collect_testcases

    with open(sys.argv[1]) as file:
        maximum = json.load(file)["maximum_elements"]
    cases = [describe(case, maximum) for case in collect_testcases(None)]
    with open(sys.argv[2], "w") as file:
        json.dump(sorted(cases, key=lambda case: case["name"]), file)


main()
