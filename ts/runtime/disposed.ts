// The error for the use of a tensor that is gone.
import { DisposedError } from '../core/errors';
import { whereDisposed } from '../diagnostics/leaks';
import type { Tensor } from '../tensor/tensor';

/** Says which operation met the tensor and what released it; with `trackLeaks()` also where. */
export function disposedError(op: string, t: Tensor): DisposedError {
  const how = t._handle < 0 ? 'at scope end; return it from scope() or keep() it' : 'by dispose(); use it before that';
  const where = whereDisposed(t);
  const stack = where === undefined ? '' : `\nIt was disposed here:\n${where}`;
  return new DisposedError(`${op}: tensor was disposed ${how}${stack}`, op, where === undefined ? {} : { disposedAt: where });
}
