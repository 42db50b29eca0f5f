"""Runs steps as ONNX models in onnxruntime: runtime.py FOLDER..."""
import sys

import onnx
import onnxruntime
from companion import Task, compare, finish


def losses(task):
    path = str(task.folder / 'step.onnx')
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    facts = task.facts['onnx']
    for i in range(1, len(task.losses) + 1):
        given = {f'input_{j}': x for j, x in enumerate(task.batch(i))}
        given.update({name: task.state[name] for name in facts['inputs'] if name in task.state})
        made = dict(zip(facts['outputs'], session.run(facts['outputs'], given)))
        task.state.update({name: made[after] for name, after in facts['updates'].items()})
        yield float(made['output_0'])


finish([compare('onnxruntime', task, list(losses(task))) for task in map(Task, sys.argv[1:])])
