// `nn.utils`: all parameters as one vector, and their norm.
import { UsageError } from '../errors';
import { cat } from '../generated/functions';
import { noGrad } from '../autograd';
import type { Tensor } from '../tensor';

/** The elements of all parameters, one after the other, as a vector through which gradients flow. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((p) => p.reshape([-1])));
}

/**
 * Writes consecutive elements of `vec` into the parameters, without recording it.
 *
 * @throws UsageError where `vec` has not as many elements as the parameters together; nothing was written then.
 */
export function vectorToParameters(vec: Tensor, parameters: Iterable<Tensor>): void {
  const list = [...parameters];
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
