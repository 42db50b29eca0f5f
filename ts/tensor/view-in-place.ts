// In-place forms of views: the tensor object itself becomes another window on its storage.
import { refuseInCapture } from '../core/capturing';
import { disposedError } from '../runtime/disposed';
import { under } from '../core/errors';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';

/** Makes `t` what `view` says of it, and returns it. */
export function becomeView<T extends Tensor>(t: T, op: string, view: (t: T) => Tensor): T {
  refuseInCapture(op, 'leaf');
  if (t._handle <= 0) throw disposedError(op, t);
  const made = under(op, () => view(t));
  try {
    under(op, () => checked(wasm().become_view(t._handle, made._handle)));
  } finally {
    if (made !== t) made.dispose();
  }
  t._meta = null;
  return t;
}

export interface TensorViewsInPlace {
  /** Exchanges two dims of this tensor itself; its storage stays as it is. As for all in-place forms of views, not for leaves that require grad. */
  transpose_(dim0: number, dim1: number | { dim1: number }): this;
  transpose_(options: { dim0: number; dim1: number }): this;

  /** Another name of `transpose_`. */
  swapaxes_(axis0: number, axis1: number | { axis1: number }): this;
  swapaxes_(options: { axis0: number; axis1: number }): this;

  /** Another name of `transpose_`. */
  swapdims_(dim0: number, dim1: number | { dim1: number }): this;
  swapdims_(options: { dim0: number; dim1: number }): this;

  /** Transposes this tensor of at most two dims itself. */
  t_(): this;

  /** Adds a dim of size 1 to this tensor itself. */
  unsqueeze_(...args: [dim: number | { dim: number }]): this;

  /** Removes dims of size 1 from this tensor itself: all, or those named. */
  squeeze_(...args: [dim?: number | readonly number[] | { dim?: number | readonly number[] }]): this;

  /** Makes this tensor another window on its storage. */
  asStrided_(size: readonly number[], stride: readonly number[], storageOffset?: number | null | { storageOffset?: number | null }): this;
  asStrided_(options: { size: readonly number[]; stride: readonly number[]; storageOffset?: number | null }): this;
}

export const viewsInPlace: Members = /* @__PURE__ */ membersOf<TensorViewsInPlace>({
  transpose_(...args: unknown[]) {
    return becomeView(this, 'transpose_', (t) => t.transpose(...(args as [number, number])));
  },
  swapaxes_(...args: unknown[]) {
    return becomeView(this, 'swapaxes_', (t) => t.swapaxes(...(args as [number, number])));
  },
  swapdims_(...args: unknown[]) {
    return becomeView(this, 'swapdims_', (t) => t.swapdims(...(args as [number, number])));
  },
  t_() {
    return becomeView(this, 't_', (t) => t.t());
  },
  unsqueeze_(...args: unknown[]) {
    return becomeView(this, 'unsqueeze_', (t) => t.unsqueeze(...(args as [number])));
  },
  squeeze_(...args: unknown[]) {
    return becomeView(this, 'squeeze_', (t) => t.squeeze(...(args as [number])));
  },
  asStrided_(...args: unknown[]) {
    return becomeView(this, 'asStrided_', (t) => t.asStrided(...(args as [readonly number[], readonly number[]])));
  },
}, { refusing: 't_' });
