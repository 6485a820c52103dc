"""The same network in da4ml: seconds to trace and solve it, and events a second of its own interpreter.

Usage: python peer_da4ml.py NETWORK.json (as scripts/bench/run.mjs writes it). Prints JSON. Needs `pip install da4ml`.
Half-even rounding is not among da4ml's modes: it rounds halves up, which costs it less.
"""

import json
import sys
import time

import numpy as np
from peer_tools import Tool


def main():
    with open(sys.argv[1]) as file:
        network = json.load(file)
    tool = Tool("da4ml")
    start = time.process_time()
    logic = tool.trace(network)
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
