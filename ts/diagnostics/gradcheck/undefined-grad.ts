// Derivatives where outputs have no gradient. A backward pass hands a node null, or zeros, for the outputs of which nothing was used.
import { grad } from '../../autograd/autograd';
import { messageOf } from '../../core/describe';
import { zerosLike } from '../../generated/functions';
import { scope } from '../../runtime/scope';
import type { Tensor } from '../../tensor/tensor';
import { GradcheckError } from './error';
import type { Call } from './jacobians';

/**
 * Throws where a derivative fails, or gives something, though the gradients of all outputs are zeros or not there: those of all zeros,
 * and each in turn left out.
 */
export function checkUndefinedGrad({ inputs, wanted }: Call, outputs: readonly Tensor[]): void {
  const differentiable = outputs.filter((out) => out.requiresGrad);
  const xs = wanted.map((i) => inputs[i] as Tensor);
  const withOneLess = differentiable.length < 2 ? [] : differentiable.map((out) => differentiable.filter((other) => other !== out));
  for (const given of [differentiable, ...withOneLess]) {
    if (given.length > 0) scope(() => { check(given, xs, wanted); });
  }
}

function check(outputs: readonly Tensor[], xs: readonly Tensor[], wanted: readonly number[]): void {
  let found: (Tensor | null)[];
  try {
    found = grad(outputs, xs, { gradOutputs: outputs.map((out) => zerosLike(out)), retainGraph: true, allowUnused: true });
  } catch (error) {
    throw new GradcheckError(
      'gradcheck: the backward function does not take undefined gradients of outputs: with setMaterializeGrads(false) a gradient is null ' +
        `where nothing used the output; it says: ${messageOf(error)}`,
      'gradcheck',
    );
  }
  found.forEach((g, k) => {
    if (g === null || Number(g.ne(0).sum().item()) === 0) return;
    throw new GradcheckError(
      'gradcheck: all gradients of inputs must be undefined or zero where all gradients of outputs are; ' +
        `that of input ${wanted[k]!} is ${String(g)}; a backward function multiplies by the gradients it is given`,
      'gradcheck',
      { input: wanted[k]! },
    );
  });
}
