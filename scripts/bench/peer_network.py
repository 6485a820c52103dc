"""A whole network in da4ml or alkaid: seconds to trace and solve it, its Verilog, and how many events come out right.

Usage: python peer_network.py da4ml|alkaid NETWORK.json FOLDER [EVENTS.json]. NETWORK.json is from network-json.mjs;
EVENTS.json holds {"inputs": real values by event, "expected": the last output of each}. Prints one line of JSON.
"""

import json
import resource
import sys
import time

import numpy as np
from peer_tools import Tool, additions


def main():
    tool_name, path, folder, *events = sys.argv[1:]
    with open(path) as file:
        network = json.load(file)
    tool = Tool(tool_name)
    start = time.process_time()
    program = tool.trace(network)
    seconds = time.process_time() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {"seconds": seconds, "megabytes": megabytes, **additions(program), "estimate": float(program.cost)}
    if events:
        with open(events[0]) as file:
            data = json.load(file)
        answers = program.predict(np.array(data["inputs"], dtype=np.float64), n_threads=1)
        expected = np.array(data["expected"], dtype=np.float64)
        result["events"] = len(expected)
        result["right"] = int(np.sum(answers.reshape(len(expected), -1)[:, -1] == expected))
    result["top"] = "peer"
    result["sources"] = tool.write_verilog(program, folder, "peer")
    print(json.dumps(result))


main()
