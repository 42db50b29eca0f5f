"""The cases of the breadth bench in PyTorch: bench/breadth/case.ts says what they are.

    python torch_breadth.py CASES.json
"""

import json
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import torch_subject as models
from torch_protocol import serve

U32 = np.uint32


def uniform_at(index, seed):
    """Uniform in [0, 1) for indices and a seed, as bench/breadth/inputs.ts has it."""
    h = index.astype(U32) + U32((seed + 1) * 0x9E3779B9 & 0xFFFFFFFF)
    h = (h ^ (h >> U32(16))) * U32(0x85EBCA6B)
    h = (h ^ (h >> U32(13))) * U32(0xC2B2AE35)
    return (h ^ (h >> U32(16))) / 2.0**32


def made(entry, seed):
    kind, shape, dtype, low, high = (entry[key] for key in ("kind", "shape", "dtype", "low", "high"))
    index = np.arange(int(np.prod(shape, dtype=np.int64)), dtype=np.uint64)
    if kind == "normal":
        values = 2 * (sum(uniform_at(3 * index + i, seed) for i in range(3)) - 1.5)
    else:
        values = low + (high - low) * uniform_at(index, seed)
    if kind in ("integers", "bools"):
        flat = torch.from_numpy(np.floor(values).astype(np.int32))
    elif dtype == "float64":
        flat = torch.from_numpy(values)
    else:
        flat = torch.from_numpy(values.astype(np.float32))
    return flat.to(getattr(torch, dtype)).reshape(shape)


def setitem(x, index, value):
    x[index] = value
    return x


def tensors_in(result):
    """The tensors of a result, in order."""
    if isinstance(result, torch.Tensor):
        return [result]
    return [t for t in result if isinstance(t, torch.Tensor)] if isinstance(result, (tuple, list)) else []


NAMES = {"torch": torch, "F": F, "nn": nn, "setitem": setitem, "models": models}


class Cases:
    """What is prepared, of which `result` tells shapes and sums."""

    def __init__(self, cases):
        self.last = None
        self.workloads = {}
        for case in cases:
            self.workloads[case["id"] + ":forward"] = lambda case=case: self.forward(case)
            self.workloads[case["id"] + ":backward"] = lambda case=case: self.backward(case)

    def called(self, case):
        inputs = {name: made(entry, seed) for seed, (name, entry) in enumerate(case["inputs"].items())}
        fn = eval(f"lambda {', '.join(inputs)}: {case['torch']}", NAMES)
        return fn, inputs

    def forward(self, case):
        if case["inputs"] is None:
            self.last = lambda: None
            return eval(case["torch"], NAMES)
        fn, inputs = self.called(case)
        values = list(inputs.values())
        self.last = lambda: fn(*values)
        return self.last

    def backward(self, case):
        fn, inputs = self.called(case)
        of = [inputs[name].requires_grad_() for name in case["of"]]
        outputs = [t for t in tensors_in(fn(*inputs.values())) if t.requires_grad]
        given = [made({"kind": "uniform", "shape": list(t.shape), "dtype": str(t.dtype)[6:], "low": 0.1, "high": 1}, 99 + i) for i, t in enumerate(outputs)]
        self.last = lambda: torch.autograd.grad(outputs, of, given, retain_graph=True)
        return self.last

    def result(self):
        """`[shape, sum, sum of magnitudes]` of each tensor of what was prepared last."""
        def facts(t):
            values = t.detach().to(torch.float64)
            return [list(t.shape), values.sum().item(), values.abs().sum().item()]

        return [facts(t) for t in tensors_in(self.last())]


with open(sys.argv[1], encoding="utf-8") as file:
    CASES = Cases(json.load(file))
serve(CASES.workloads, {"result": CASES.result})
