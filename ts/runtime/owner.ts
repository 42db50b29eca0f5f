// Ownership: what a tensor belongs to, a scope or none, and what few tensors have besides.
import { notCloned } from '../core/not-data';

/** What the registry holds for a tensor; the handle becomes 0 when it is released before. */
export interface Held {
  handle: number;
}

/** The object that owns a handle of the instance: a tensor, as far as lifetimes go. */
export interface Owned {
  /** The handle while it has one: 0 after dispose(), but still there after a scope released it. */
  _id: number;
  /** What it belongs to. */
  _owner: Owner;
  /** What never changes about it, once asked for. */
  _meta: object | null;
  _extra: Extra | null;
  /** The handle; 0 after dispose(), -1 after a scope released it. */
  readonly _handle: number;
  /** Gives its memory back. */
  dispose(): void;
}

/** What few tensors have. */
export interface Extra {
  held: Held | null;
  /** No scope releases it. */
  kept: boolean;
  /** It stands for the gradient of another tensor, which owns it. */
  isGrad: boolean;
  /** The object that stands for its gradient. */
  grad: Owned | null;
  /** The tensor it was made a window on, perhaps. */
  of: Owned | null;
  /** The scope that knows of all this. */
  notedBy: Owner | null;
}

const NOT_CLONED = /* @__PURE__ */ notCloned("a tensor's memory", 'clone t.toJSON() or t.toTypedArray()');

/** What a tensor belongs to. */
export class Owner {
  /** @internal Makes `structuredClone` of a tensor an error that says what to do, instead of an object of internals. */
  readonly notCloned: symbol = NOT_CLONED;

  /** @internal Whether all its tensors were released. */
  isOver = false;
}

/** What a scope is to the tensors it releases. */
export interface Collector extends Owner {
  /** The list of its handles in the instance. */
  readonly list: number;
  /** Its tensors of which more than the handle must be known. */
  noted: Owned[] | null;
  /** The scope around it. */
  readonly parent: Collector | null;
  /** Whether it is that of a call of a module. */
  isCall: boolean;
}

/** The owner of tensors that no scope releases. */
export const UNSCOPED = new Owner();

/** The scope that an owner is, or null. */
export function scopeOf(owner: Owner): Collector | null {
  return owner === UNSCOPED ? null : (owner as Collector);
}

let top: Collector | null = null;

/** The innermost open scope. */
export function innermost(): Collector | null {
  return top;
}

/** Makes `scope` the innermost one. */
export function setInnermost(scope: Collector | null): void {
  top = scope;
}

/** The list of the innermost scope; 0 where there is none. */
export function topList(): number {
  return top === null ? 0 : top.list;
}

/** The rest of a tensor's state, made at first use. */
export function extraOf(t: Owned): Extra {
  return (t._extra ??= { held: null, kept: false, isGrad: false, grad: null, of: null, notedBy: null });
}

/** A tensor was released: nothing else may release it, and the object for its gradient goes to `next`. */
export function forget(extra: Extra, next: (grad: Owned) => void): void {
  if (extra.held !== null) extra.held.handle = 0;
  const grad = extra.grad;
  extra.grad = null;
  if (grad !== null && grad._extra?.isGrad === true) next(grad);
}
