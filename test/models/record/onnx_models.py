"""Records what onnxruntime gives for the ONNX models of examples/models/packages.ts, for 10 inputs each, drawn as the test draws them.

    pip install torch onnxruntime
    python test/models/record/onnx_models.py .tools/models > test/models/onnx-goldens.json

The argument is the folder that `npm run test:models` has filled. No code of the packages is run. Of an output with more than 256 numbers every
n-th is written, n odd.
"""

import json
import sys
from pathlib import Path

import onnxruntime
import torch

from encoding import listed

onnxruntime.set_default_logger_severity(3)


def at(folder, package, name):
    (found,) = Path(folder).glob(f"{package}-*/{name}")
    return str(found)


def sampled(array):
    numbers = torch.from_numpy(array).reshape(-1)
    step = 1 if len(numbers) <= 256 else len(numbers) // 256 | 1
    return {"shape": list(array.shape), "step": step, "numbers": listed(numbers[::step])}


def magika(i):
    return {"bytes": torch.randint(0, 257, (1 + i % 2, 2048)).int()}


def basic_pitch(i):
    return {"serving_default_input_2:0": torch.randn(1, 43844, 1) * 0.1}


def silero(i):
    rate, batch = (16000, 8000)[i % 2], 1 + i % 3
    return {"input": torch.randn(batch, rate // 250 * 9) * 0.1, "state": torch.randn(2, batch, 128) * 0.1, "sr": torch.tensor(rate)}


MODELS = {
    "magika": ("magika", "model.onnx", magika), "basic-pitch": ("basic-pitch", "nmp.onnx", basic_pitch),
    "silero-vad": ("silero-vad", "silero_vad_op18_ifless.onnx", silero),
}


def record(folder, package, file, draw):
    session = onnxruntime.InferenceSession(at(folder, package, file), providers=["CPUExecutionProvider"])
    found = []
    for i in range(10):
        torch.manual_seed(i)
        found.append([sampled(array) for array in session.run(None, {key: t.numpy() for key, t in draw(i).items()})])
    return found


folder = sys.argv[1]
print("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(record(folder, *of))}" for name, of in MODELS.items()) + "\n}")
