"""The same network in da4ml: seconds to trace and solve it, and events a second of its own interpreter.

Usage: python peer_da4ml.py NETWORK.json (as scripts/bench/run.mjs writes it). Prints JSON. Needs `pip install da4ml`.
Half-even rounding is not among da4ml's modes: it rounds halves up, which costs it less.
"""

import json
import sys
import time

import numpy as np
from da4ml.trace import FixedVariableArrayInput, HWConfig, comb_trace


def quantize(values, type_, overflow):
    signed, width, integer = type_["signed"], type_["width"], type_["integer"]
    return values.quantize(int(signed), integer - int(signed), width - integer, overflow_mode=overflow, round_mode="RND")


def trace(network, solver_options=None):
    values = []
    for node in network["nodes"]:
        kind = node["kind"]
        operand = values[node["operand"]] if "operand" in node else None
        left = values[node["left"]] if "left" in node else None
        right = values[node["right"]] if "right" in node else None
        if kind == "input":
            raw = FixedVariableArrayInput(tuple(node["shape"]), hwconf=HWConfig(1, -1, -1), **(solver_options or {}))
            value = quantize(raw, node["type"], "WRAP")
            inputs = raw
        elif kind == "constant":
            value = np.array(node["codes"], dtype=np.float64).reshape(node["shape"]) * 2.0 ** node["lsb"]
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
            value = quantize(operand, node["type"], "SAT")
        else:
            raise SystemExit(f"{kind} has no counterpart here")
        values.append(value)
    return comb_trace(inputs, values[network["output"]])


def main():
    with open(sys.argv[1]) as file:
        network = json.load(file)
    start = time.process_time()
    logic = trace(network)
    solved = time.process_time() - start

    first = network["nodes"][0]
    events = np.random.default_rng(1).integers(-100, 100, (100_000, int(np.prod(first["shape"])))).astype(np.float64)
    rates = []
    for _ in range(5):
        start = time.process_time()
        logic.predict(events, n_threads=1)
        rates.append(len(events) / (time.process_time() - start))
    result = {"solveSeconds": solved, "cost": float(logic.cost), "eventsPerSecond": sorted(rates)[len(rates) // 2]}
    print(json.dumps(result))


main()
