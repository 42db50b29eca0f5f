// Changing the dtype of a parameter that others already refer to.
import { replacements } from '../core/capturing';
import type { DType } from '../core/dtype';
import { swapHandle } from '../runtime/ownership';
import type { Parameter } from './parameter';

/** Gives `parameter` the values and the gradient it has, in another dtype. */
export function castInPlace(parameter: Parameter, dtype: DType): void {
  if (!parameter.isFloatingPoint() || parameter.dtype === dtype) return;
  const { requiresGrad, grad } = parameter;
  const values = parameter.detach();
  const cast = values.to(dtype);
  const castGrad = grad === null ? null : grad.detach().to(dtype);
  parameter.grad = null;
  replacements?.rebound(parameter);
  swapHandle(parameter, cast);
  values.dispose();
  if (requiresGrad) parameter.requiresGrad = true;
  parameter.grad = castGrad;
}
