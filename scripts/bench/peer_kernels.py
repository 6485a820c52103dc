"""Constant matrices in da4ml or alkaid: additions, LUTs by the common formula, depth, seconds and peak memory.

Usage: python peer_kernels.py da4ml|alkaid kernels.json NAME [-1 0 2]: the depth constraints to solve for, -1 if none
is given. Prints one line of JSON.
"""

import json
import math
import resource
import sys
import time

import numpy as np
from peer_tools import Tool, additions


def main():
    tool_name, path, name, *constraints = sys.argv[1:]
    with open(path) as file:
        kernel = json.load(file)["kernels"][name]
    matrix = np.array(kernel["matrix"], dtype=np.float64)
    low, high, step = kernel["inq"]
    fraction = -round(math.log2(step))
    integer = max(math.ceil(math.log2(max(high + step, -low))), -fraction)
    tool = Tool(tool_name)
    result = {}
    for constraint in constraints or ["-1"]:
        inputs = tool.inputs([len(matrix)], {"hard_dc": int(constraint)})
        values = inputs.quantize(int(low < 0), integer, fraction)
        start = time.process_time()
        outputs = values @ matrix
        seconds = time.process_time() - start
        result[constraint] = {**additions(tool.comb_trace(inputs, outputs)), "seconds": seconds}
    # ru_maxrss is in kB on Linux.
    result["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


main()
