// Derivatives of several directions at once, by vmap, held against one after the other.
import { grad } from '../../autograd/autograd';
import { messageOf } from '../../core/describe';
import { GradcheckError } from './error';
import { jvp } from '../../func/jvp';
import { vmap } from '../../func/vmap';
import { stack, zerosLike } from '../../generated/functions';
import { scope } from '../../runtime/scope';
import { allclose } from '../../tensor/compare';
import type { Tensor } from '../../tensor/tensor';
import { tensorsIn } from '../../tensor/tree';
import { Directions } from './directions';
import { outputsOf, type Call } from './jacobians';

/** How many directions there are at once. */
const BATCH = 2;

/** Throws where `of` many at once gives something else than of each. */
function compare(what: string, directions: readonly Tensor[], of: (direction: Tensor) => Tensor[]): void {
  const each = directions.map(of);
  let batched: Tensor[];
  try {
    batched = vmap((direction: Tensor) => of(direction))(stack(directions));
  } catch (error) {
    throw new GradcheckError(`gradcheck: ${what} cannot be run by vmap: ${messageOf(error)}`, 'gradcheck');
  }
  batched.forEach((found, k) => {
    const expected = stack(each.map((parts) => parts[k]!));
    if (allclose(found, expected, { equalNan: true })) return;
    throw new GradcheckError(`gradcheck: ${what} gives other values under vmap: ${String(found)}, expected ${String(expected)}`, 'gradcheck');
  });
}

/** Reverse mode with several gradients of an output at once. */
export function checkBatchedGrad({ inputs, wanted }: Call, outputs: readonly Tensor[]): void {
  const random = new Directions();
  const xs = wanted.map((i) => inputs[i] as Tensor);
  outputs.forEach((out, o) => {
    if (!out.requiresGrad) return;
    scope(() => {
      const directions = Array.from({ length: BATCH }, () => random.like(out));
      compare(`the backward pass of output ${o}`, directions, (v) =>
        grad(out, xs, { gradOutputs: v, retainGraph: true, allowUnused: true }).map((g, k) => g ?? zerosLike(xs[k]!)),
      );
    });
  });
}

/** Forward mode with several tangents of an input at once. */
export function checkBatchedForwardGrad({ func, inputs, wanted }: Call): void {
  const random = new Directions();
  wanted.forEach((position) => {
    scope(() => {
      const x = (inputs[position] as Tensor).detach();
      const of = (moved: Tensor): Tensor[] => outputsOf(func(...inputs.map((input, i) => (i === position ? moved : input))));
      const directions = Array.from({ length: BATCH }, () => random.like(x));
      compare(`forward mode of input ${position}`, directions, (u) => tensorsIn(jvp(of, [x] as never, [u] as never)[1]));
    });
  });
}
