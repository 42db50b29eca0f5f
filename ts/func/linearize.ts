// The linear part of a function at a point: PyTorch's torch.func.linearize.
import { grad } from '../autograd/autograd';
import { refuseInCapture } from '../core/capturing';
import { AutogradError, ShapeError, UsageError } from '../core/errors';
import { zerosLike } from '../generated/functions';
import { keep } from '../runtime/scope';
import type { Tensor } from '../tensor/tensor';
import { tensorsIn, withTensors } from '../tensor/tree';
import type { Fn } from './types';
import { vjpFor } from './vjp';

/**
 * Returns `[f(...primals), push]`; `push(...tangents)` gives `J v` as `jvp` does, any number of times, without running `f`
 * again: `f` is recorded once, and the product is the transpose of its pull-back, which is linear in the gradient it is given.
 * What the graph of `f` saves stays alive as long as `push`. PyTorch's `torch.func.linearize`.
 */
export function linearize<F extends Fn>(f: F, ...primals: Parameters<F>): [ReturnType<F>, (...tangents: Parameters<F>) => ReturnType<F>];
export function linearize(f: Fn, ...primals: unknown[]): [unknown, Fn] {
  refuseInCapture('linearize', 'transform');
  const [out, pull] = vjpFor('linearize', f, primals, false) as [unknown, (g: unknown, options: object) => unknown];
  const outputs = tensorsIn(out);
  const other = outputs.find((t) => !t.isFloatingPoint());
  if (other !== undefined) {
    throw new AutogradError(`linearize: expected the function to return floating-point tensors, got ${other.dtype}; cast with to('float32')`, 'linearize');
  }
  const seeds = keep(outputs.map((t) => zerosLike(t).requiresGrad_()));
  const rows = keep(tensorsIn(pull(withTensors(out, seeds), { createGraph: true })));
  const push = (...tangents: unknown[]): unknown => {
    const directions = tensorsIn(tangents, 'linearize');
    if (directions.length !== rows.length) {
      throw new UsageError(`linearize: expected tangents with the structure of the primals, ${rows.length} tensor(s), got ${directions.length}`, 'linearize');
    }
    rows.forEach((row, i) => {
      const { shape } = directions[i]!;
      if (shape.join() === row.shape.join()) return;
      throw new ShapeError(`linearize: tangent ${i} has shape [${shape.join(', ')}] but the primal has shape [${row.shape.join(', ')}]`, 'linearize');
    });
    const used = rows.map((row, i) => [row, directions[i]!] as const).filter(([row]) => row.requiresGrad);
    const found: Tensor[] =
      used.length === 0
        ? seeds.map((seed) => zerosLike(seed))
        : grad(
            used.map(([row]) => row),
            seeds,
            { gradOutputs: used.map(([, v]) => v), retainGraph: true, materializeGrads: true },
          );
    return withTensors(out, found);
  };
  return [out, push];
}
