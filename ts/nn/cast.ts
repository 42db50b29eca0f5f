// Changing the dtype of a parameter that others already refer to.
import type { DType } from '../dtype';
import type { Tensor } from '../tensor';
import { release } from '../wasm';
import type { Parameter } from './parameter';

/** Gives `parameter` the values and the gradient it has, in another dtype. */
export function castInPlace(parameter: Parameter, dtype: DType): void {
  if (!parameter.isFloatingPoint() || parameter.dtype === dtype) return;
  const { requiresGrad, grad } = parameter;
  const values = parameter.detach();
  const cast = values.to(dtype);
  const castGrad = grad === null ? null : grad.detach().to(dtype);
  parameter.grad = null;
  become(parameter, cast);
  values.dispose();
  if (requiresGrad) parameter.requiresGrad = true;
  parameter.grad = castGrad;
}

/** Makes `target` the object for what `source` stood for. */
function become(target: Tensor, source: Tensor): void {
  release(target._handle);
  target._handle = source._handle;
  target._meta = null;
  if (target._extra?.held != null) target._extra.held.handle = source._handle;
  source._handle = 0;
}
