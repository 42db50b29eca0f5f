"""Runs steps as StableHLO in XLA, batches parted over host devices: devices.py COUNT FOLDER..."""
import dataclasses
import os
import sys

COUNT = int(sys.argv[1])
os.environ['XLA_FLAGS'] = f'--xla_force_host_platform_device_count={COUNT}'

import jax
import numpy as np
from companion import Task, compare, finish
from jax import export
from jax._src.interpreters.mlir import make_ir_context
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import stablehlo

jax.config.update('jax_enable_x64', True)
NUMPY = {'f32': 'float32', 'f64': 'float64', 'i64': 'int64', 'i32': 'int32', 'i1': 'bool'}


def function(text):
    """The function of a module, as one that jax.jit takes: an exported function with this module in it."""
    with (context := make_ir_context()), ir.Location.unknown(context):
        module = ir.Module.parse(text)
        kind = module.body.operations[0].type
        def shaped(t):
            tensor = ir.RankedTensorType(t)
            return jax.ShapeDtypeStruct(tuple(tensor.shape), NUMPY[str(tensor.element_type)])
        inputs, outputs = [shaped(t) for t in kind.inputs], [shaped(t) for t in kind.results]
        data = stablehlo.serialize_portable_artifact(module, stablehlo.get_minimum_version())
    zeros = jax.jit(lambda *_: tuple(jax.numpy.zeros(o.shape, o.dtype) for o in outputs), keep_unused=True)
    return dataclasses.replace(export.export(zeros)(*inputs), mlir_module_serialized=data).call


def losses(task):
    facts = task.facts['hlo']
    mesh = Mesh(np.array(jax.devices()), ('batch',))
    parted, whole = NamedSharding(mesh, PartitionSpec('batch')), NamedSharding(mesh, PartitionSpec())
    shardings = tuple(parted if name.startswith('input_') else whole for name in facts['inputs'])
    step = jax.jit(function((task.folder / 'step.mlir').read_text()), in_shardings=shardings, out_shardings=whole)
    names = [name for name in facts['inputs'] if not name.startswith('input_')]
    arguments = lambda i: [*task.batch(i), *(task.state[name] for name in names)]
    compiled = step.lower(*arguments(1)).compile()
    reduces = compiled.as_text().count('all-reduce(')
    if COUNT > 1:
        print(f'{task.name}: {reduces} all-reduce put in by the partitioner', flush=True)
        assert reduces > 0, 'the batch is not parted'
    for i in range(1, len(task.losses) + 1):
        made = dict(zip(facts['outputs'], compiled(*arguments(i))))
        task.state.update({name: made[after] for name, after in facts['updates'].items()})
        yield float(made['output_0'])


finish([compare(f'XLA on {COUNT} devices', task, list(losses(task))) for task in map(Task, sys.argv[2:])])
