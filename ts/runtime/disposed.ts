// The error for the use of a tensor that is gone.
import { DisposedError } from '../core/errors';
import { leaks } from './leak-watch';
import type { Owned } from './owner';

/** Says which operation met the tensor and what released it; with `trackLeaks()` also where. */
export function disposedError(op: string, t: Owned): DisposedError {
  const how = t._handle < 0 ? 'at scope end; return it from scope() or keep() it' : 'by dispose(); use it before that';
  const where = leaks?.disposalOf(t);
  const stack = where === undefined ? '' : `\nIt was disposed here:\n${where}`;
  return new DisposedError(`${op}: tensor was disposed ${how}${stack}`, op, where === undefined ? {} : { disposedAt: where });
}
