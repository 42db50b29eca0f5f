// `nn.utils`: all parameters as one vector, and their norm.
import { UsageError } from '../core/errors';
import { cat } from '../generated/functions';
import { noGrad } from '../autograd/autograd';
import { named, parameters as list, type Arguments, type Stated } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor, tensorList } from '../tensor/tensor-kinds';

/** The elements of all parameters, one after the other, as a vector through which gradients flow. */
export const parametersToVector: Stated & ((...args: Arguments<{ parameters: Iterable<Tensor> }, ['parameters']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ list<{ parameters: Iterable<Tensor> }>('parametersToVector', () => ({ parameters: tensorList })),
  ({ parameters }) => cat([...parameters].map((p) => p.reshape([-1]))),
);

interface VectorArguments {
  /** The values, one after the other. */
  vec: Tensor;
  /** What is written. */
  parameters: Iterable<Tensor>;
}

/**
 * Writes consecutive elements of `vec` into the parameters, without recording it.
 *
 * @throws UsageError where `vec` has not as many elements as the parameters together; nothing was written then.
 */
export const vectorToParameters: Stated & ((...args: Arguments<VectorArguments, ['vec', 'parameters']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ list<VectorArguments>('vectorToParameters', () => ({ vec: tensor, parameters: tensorList })),
  ({ vec, parameters }) => { write(vec, [...parameters]); },
);

function write(vec: Tensor, list: readonly Tensor[]): void {
  const count = list.reduce((sum, p) => sum + p.numel(), 0);
  if (vec.ndim !== 1 || vec.numel() !== count) {
    throw new UsageError(`vectorToParameters: expected a vector of ${count} elements, got shape [${vec.shape.join(', ')}]`, 'vectorToParameters');
  }
  let at = 0;
  noGrad(() => {
    for (const p of list) {
      p.copy_(vec.narrow(0, at, p.numel()).reshape(p.shape));
      at += p.numel();
    }
  });
}
