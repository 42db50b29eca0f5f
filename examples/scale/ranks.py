"""Runs steps as PyTorch scripts, on the ranks of torchrun where it is started by that: ranks.py FOLDER..."""
import importlib.util
import os
import sys

import torch
import torch.distributed as dist
from companion import Task, compare, finish

RANKS = int(os.environ.get('WORLD_SIZE', '1'))
RANK = int(os.environ.get('RANK', '0'))


def mean(t):
    """The mean over ranks."""
    if RANKS == 1:
        return t
    t = t.contiguous().clone()
    dist.all_reduce(t)
    return t / RANKS


def module(path):
    spec = importlib.util.spec_from_file_location('step', path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def losses(task):
    step = module(task.folder / f'step_{RANKS}.py').step
    state = {name: torch.from_numpy(x.copy()) for name, x in task.state.items()}
    for i in range(1, len(task.losses) + 1):
        batch = [torch.from_numpy(x.copy()).chunk(RANKS)[RANK] for x in task.batch(i)]
        outputs, state = step(batch, state, mean)
        yield float(mean(outputs[0]))


if RANKS > 1:
    dist.init_process_group('gloo')
results = []
for task in map(Task, sys.argv[1:]):
    found = list(losses(task))
    results.append(compare(f'PyTorch on {RANKS} ranks', task, found) if RANK == 0 else True)
if RANKS > 1:
    dist.destroy_process_group()
finish(results)
