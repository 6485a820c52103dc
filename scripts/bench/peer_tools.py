"""What the benchmarks ask of da4ml and of its successor alkaid: trace a network, print Verilog, count additions.

Both are run as installed by scripts/bench/peers.mjs; nothing of them is copied here.
"""

import math
import re
from pathlib import Path

import numpy as np


class Tool:
    """One compiler behind the few names that differ between the two."""

    def __init__(self, name):
        self.name = name
        if name == "da4ml":
            from da4ml.codegen import RTLModel
            from da4ml.trace import FixedVariableArrayInput, HWConfig, comb_trace

            # One LUT per bit and no limit of delay: its command line's default.
            self.input_array, self.hardware = FixedVariableArrayInput, HWConfig(1, -1, -1)
            self.comb_trace, self.rtl = comb_trace, RTLModel
        elif name == "alkaid":
            from alkaid.codegen import RTLModel
            from alkaid.trace import FVArrayInput, HWConfig, trace

            # Its own default. With a carry size of -1 its sort by delay loses products (0.8.1).
            self.input_array, self.hardware = FVArrayInput, HWConfig(1, 1, -1)
            self.comb_trace, self.rtl = trace, RTLModel
        else:
            raise SystemExit(f"unknown tool {name}")

    def inputs(self, shape, options=None):
        return self.input_array(tuple(shape), hwconf=self.hardware, solver_options=options or {})

    def rounding(self, name):
        """Both round halves up where a network rounds them away from zero, and da4ml where it rounds them to even.

        That costs them less, and some results are other ones.
        """
        if name == "RND_INF" or (name == "RND_CONV" and self.name == "da4ml"):
            return "RND"
        if name not in ("TRN", "RND", "RND_CONV"):
            raise SystemExit(f"rounding {name} has no counterpart in {self.name}")
        return name

    def quantize(self, values, types, rounding, overflow):
        """Types are one for all elements, or one for each."""

        def each(of):
            numbers = [of(type_) for type_ in types]
            return numbers[0] if len(numbers) == 1 else np.array(numbers).reshape(values.shape)

        return values.quantize(
            each(lambda t: int(t["signed"])),
            each(lambda t: t["integer"] - int(t["signed"])),
            each(lambda t: t["width"] - t["integer"]),
            overflow_mode=overflow,
            round_mode=self.rounding(rounding),
        )

    def trace(self, network, options=None):
        """The network of network-json.mjs as this tool's program, its outputs one after the other."""
        values = []
        inputs = None
        for node in network["nodes"]:
            kind = node["kind"]
            operand = values[node["operand"]] if "operand" in node else None
            left = values[node["left"]] if "left" in node else None
            right = values[node["right"]] if "right" in node else None
            if kind == "input":
                inputs = self.inputs(node["shape"], options)
                value = self.quantize(inputs, node["types"], "TRN", "WRAP")
            elif kind == "constant":
                value = np.array(node["codes"], dtype=np.float64).reshape(node["shape"]) * 2.0 ** node["lsb"]
            elif kind == "assume":
                value = assume(operand, node)
            elif kind == "matmul":
                value = left @ right
            elif kind == "add":
                value = left + right
            elif kind == "subtract":
                value = left - right
            elif kind == "multiply":
                value = left * right
            elif kind == "relu":
                value = operand.relu()
            elif kind == "reshape":
                value = operand.reshape(*node["shape"])
            elif kind == "reduce" and node["operation"] == "sum":
                value = np.sum(operand, axis=tuple(node["axes"])).reshape(*node["shape"])
            elif kind == "quantize":
                value = self.quantize(operand, node["types"], node["rounding"], node["overflow"])
            else:
                raise SystemExit(f"{kind} has no counterpart here")
            values.append(value)
        outputs = [value for output in network["outputs"] for value in np.ravel(values[output])]
        return self.comb_trace(inputs, outputs)

    def write_verilog(self, program, folder, top):
        options = {"flavor": "verilog", "print_latency": False, "latency_cutoff": -1}
        if self.name == "da4ml":
            self.rtl(program, top, folder, **options).write()
        else:
            # Yosys has no mapping for sums of three: the form with two operands is the smaller one there.
            self.rtl(program, folder, top, ternary_fuse=False, **options).write()
        return used_sources(folder)


def used_sources(folder):
    """Verilog files whose module another one names: both tools write modules that read files which are not there."""
    texts = {path: path.read_text() for path in sorted(Path(folder).rglob("*.v"))}
    return [
        str(path)
        for path in texts
        if "static" not in path.parts
        or any(re.search(rf"\b{path.stem}\b", text) for other, text in texts.items() if other != path)
    ]


def assume(values, node):
    """Elements that are promised to be constant become so; other promises are left out."""
    ranges = node["ranges"]
    fixed = np.array([low == high for low, high in ranges]).reshape(values.shape)
    constants = np.array([low for low, _ in ranges], dtype=np.float64).reshape(values.shape) * 2.0 ** node["lsb"]
    return values * (~fixed).astype(np.float64) + np.where(fixed, constants, 0.0)


def shift_of(operation):
    """Of `first ± second · 2^shift`, operation codes 0 and 1."""
    return operation.data[0] if isinstance(operation.data, tuple) else operation.data


def operands(operation):
    return operation.addr if hasattr(operation, "addr") else (operation.id0, operation.id1)


def magnitude(low, high, step):
    """Bits without sign that a value takes."""
    largest = max(abs(low), abs(high + step))
    return math.ceil(math.log2(largest)) if largest > 0 else 0


def additions(program):
    """Additions, their LUTs by two formulas, and levels, the same for both tools.

    `lut`: the formula of the reference set, on the range of each sum. `lutByOperands`: what da4ml estimates (and what
    kernels.json records for it): the wider of the two operands in place of the sum, so that the carry is not counted.
    """
    operations = program.ops
    count, luts, by_operands = 0, 0, 0
    depth = [0] * len(operations)
    for index, operation in enumerate(operations):
        if operation.opcode == -1:
            continue
        sources = [source for source in operands(operation) if source >= 0]
        depth[index] = max((depth[source] for source in sources), default=0)
        if operation.opcode not in (0, 1):
            continue
        depth[index] += 1
        count += 1
        first, second = (operations[source].qint for source in sources)
        low, high, step = operation.qint
        scale = 2.0 ** shift_of(operation)
        sign = int(low < 0) - math.log2(max(first.step, second.step * scale))
        ends = (second.min * scale, second.max * scale)
        shifted = (-ends[1], -ends[0]) if operation.opcode == 1 else ends
        wider = max(magnitude(*first), magnitude(*shifted, second.step * scale))
        luts += max(0, sign + magnitude(low, high, step))
        by_operands += max(0, sign + wider)
    outputs = [index for index in program.out_idxs if index >= 0]
    levels = max((depth[index] for index in outputs), default=0)
    return {"adders": count, "lut": luts, "lutByOperands": by_operands, "depth": levels}
