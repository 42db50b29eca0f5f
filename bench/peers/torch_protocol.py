"""How the bench talks to PyTorch: the protocol of bench/subjects/protocol.ts, eager, on one thread."""

import json
import sys
import time

import torch

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(0)


def samples_of(call, calls, samples, now=time.perf_counter_ns):
    found = []
    for _ in range(samples):
        start = now()
        for _ in range(calls):
            call()
        found.append((now() - start) / calls)
    return found


def about():
    return {"name": "PyTorch", "version": torch.__version__, "capability": torch.backends.cpu.get_cpu_capability(), "threads": torch.get_num_threads()}


def serve(workloads, metrics=None):
    """Answers until the line is closed. `workloads` has a function that prepares a call, and `metrics` one that answers, by name."""
    call = None
    for line in sys.stdin:
        command, *args = line.split()
        try:
            if command == "about":
                answer = about()
            elif command == "prepare":
                call = None
                make = workloads.get(args[0])
                if make is None:
                    answer = {"skip": ""}
                else:
                    call = make()
                    call()
                    answer = {"ok": True}
            elif command == "time":
                answer = {"ns": samples_of(call, int(args[0]), int(args[1]), time.process_time_ns if args[2:] == ["cpu"] else time.perf_counter_ns)}
            elif command == "metric":
                found = (metrics or {}).get(args[0])
                answer = {"value": None if found is None else found()}
            else:
                answer = {"value": None}
        except Exception as error:  # the bench reports it and goes on
            answer = {"skip": str(error).split("\n")[0][:200]}
        print(json.dumps(answer), flush=True)
