// In-place forms of views: the tensor object itself becomes another window on its storage.
import { refuseInCapture } from '../core/capturing';
import { disposedError } from '../runtime/disposed';
import { AdjointError } from '../core/errors';
import type { Tensor } from './tensor';
import { checked, wasm } from '../runtime/wasm';

/** Makes `t` what `view` says of it, and returns it. */
export function becomeView<T extends Tensor>(t: T, op: string, view: (t: T) => Tensor): T {
  refuseInCapture(op, 'leaf');
  if (t._handle <= 0) throw disposedError(op, t);
  let made: Tensor;
  try {
    made = view(t);
  } catch (error) {
    throw error instanceof AdjointError ? renamed(error, op) : error;
  }
  try {
    checked(wasm().become_view(t._handle, made._handle));
  } catch (error) {
    throw error instanceof AdjointError ? renamed(error, op) : error;
  } finally {
    if (made !== t) made.dispose();
  }
  t._meta = null;
  return t;
}

/** The error as the in-place form throws it. */
function renamed(error: AdjointError, op: string): AdjointError {
  const own = `${error.op}: `;
  error.message = `${op}: ${error.message.startsWith(own) ? error.message.slice(own.length) : error.message}`;
  return error;
}
