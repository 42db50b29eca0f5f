// Carries whole training steps to other engines and compares 20 losses of each with those here:
// ONNX in onnxruntime, StableHLO in XLA on 1 and on 8 devices, a PyTorch script on 1 and on 2 ranks.
// `npm run scale -- --python PATH --jax PATH`: a Python with torch, onnxruntime and safetensors,
// and one with jax and safetensors, which may be the same.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { capture, exportOnnx, exportPyTorch, exportStableHlo, io, manualSeed, type CapturedFunction, type Tensor } from 'adjoint';
import { optimizers, tasks } from './tasks';

const STEPS = 20;

const { values: options } = parseArgs({ options: { python: { type: 'string', default: 'python3' }, jax: { type: 'string' } } });

/** A step, captured on the first `rows` samples of a batch. */
function captured(task: string, optimizer: string, rows: number): CapturedFunction {
  manualSeed(0);
  const { model, batch, loss: lossOf } = tasks[task]!();
  const by = optimizers[optimizer]!(model.parameters());
  return capture((...given: Tensor[]) => {
    by.zeroGrad();
    const loss = lossOf(...given);
    loss.backward();
    by.step();
    return loss;
  }, ...batch(0).map((t) => t.narrow(0, 0, rows).clone()));
}

/** Writes what a folder of a task needs; the losses here are in it, too. */
function write(folder: string, task: string, optimizer: string): void {
  const { batch } = tasks[task]!();
  const program = captured(task, optimizer, batch(0)[0]!.shape[0]!);
  mkdirSync(folder, { recursive: true });
  const onnx = exportOnnx(program);
  writeFileSync(join(folder, 'step.onnx'), onnx.model);
  const hlo = exportStableHlo(program);
  writeFileSync(join(folder, 'step.mlir'), hlo.text);
  writeFileSync(join(folder, 'step_1.py'), exportPyTorch(program).script);
  // Shapes are those of the capture: a rank of two has half of a batch.
  writeFileSync(join(folder, 'step_2.py'), exportPyTorch(captured(task, optimizer, batch(0)[0]!.shape[0]! / 2)).script);
  io.saveSafetensors({ ...onnx.parameters }, join(folder, 'parameters.safetensors'));
  const batches: Record<string, Tensor> = {};
  const losses: number[] = [];
  for (let i = 1; i <= STEPS; i++) {
    const given = batch(i);
    given.forEach((t, j) => { batches[`${i}.${j}`] = t; });
    losses.push(Number(program.run(...given).item()));
  }
  io.saveSafetensors(batches, join(folder, 'batches.safetensors'));
  const { inputs, outputs, updates } = onnx;
  const facts = { losses, onnx: { inputs, outputs, updates }, hlo: { inputs: hlo.inputs, outputs: hlo.outputs, updates: hlo.updates }, given: batch(1).length };
  writeFileSync(join(folder, 'facts.json'), JSON.stringify(facts));
}

/** Runs a Python program beside this file. */
function run(python: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(python, ['-B', ...args], { stdio: 'inherit', cwd: import.meta.dirname });
  if (error !== undefined) console.error(`${python}: ${error.message}; give a Python with --python PATH or --jax PATH`);
  return status === 0;
}

const root = mkdtempSync(join(tmpdir(), 'adjoint-scale-'));
try {
  const folders = Object.keys(tasks).flatMap((task) => Object.keys(optimizers).map((optimizer) => {
    const folder = join(root, `${task}-${optimizer}`);
    write(folder, task, optimizer);
    return folder;
  }));
  const ranks = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node=2', 'ranks.py', ...folders];
  const done = [
    run(options.python, ['runtime.py', ...folders]),
    run(options.python, ['ranks.py', ...folders]),
    run(options.python, ranks),
    run(options.jax ?? options.python, ['devices.py', '1', ...folders]),
    run(options.jax ?? options.python, ['devices.py', '8', ...folders]),
  ];
  if (done.includes(false)) process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
