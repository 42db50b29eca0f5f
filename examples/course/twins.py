# Runs chapters in PyTorch: `python twins.py 03-softmax-regression 4 1000` prints what the chapter
# found as JSON. Several chapters are given one after the other, separated by commas in one argument
# each: `python twins.py 03-softmax-regression,4,1000 12-rnn,30`.
import importlib
import json
import sys

import torch

# Sums over threads are in an order of their own on every machine.
torch.set_num_threads(1)


def rounded(values):
    """Nine digits tell float32 numbers apart; ten keep the means of them."""
    return [float(f"{value:.10g}") for value in values]


for chapter in sys.argv[1:]:
    name, *size = chapter.split(",")
    result = importlib.import_module(name).run(*map(int, size))
    print(json.dumps({"chapter": name, "torch": torch.__version__, "result": {key: rounded(values) for key, values in result.items()}}), flush=True)
