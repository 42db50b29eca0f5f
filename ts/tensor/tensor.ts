// The tensor class: its handle, its owner, what never changes about it, and its end. Operations come from the table
// (generated/methods.ts, call.ts), all other members from the files of their subjects (members.ts).
import type { TensorGradients } from '../autograd/tensor-gradients';
import { brand } from '../core/copies';
import { DTYPES, isFloatCode, type DType } from '../core/dtype';
import { AutogradError } from '../core/errors';
import { withoutArguments, type ParameterList } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { dispose } from '../core/symbols';
import type { TensorMethods } from '../generated/methods';
import { disposedError } from '../runtime/disposed';
import { leaks } from '../runtime/leak-watch';
import { UNSCOPED, forget, innermost, type Collector, type Extra, type Owner } from '../runtime/owner';
import { findObject, transfer } from '../runtime/ownership';
import { scratch } from '../runtime/scratch';
import { aboutToMake, awaited } from '../runtime/tensors-made';
import { trackForFinalization } from '../runtime/unscoped';
import { checked } from '../runtime/last-error';
import { release, scopeTake, wasm } from '../runtime/wasm';
import type { TensorComparing } from './compare';
import type { TensorWhere } from './where';
import type { TensorConverting } from './convert';
import type { TensorDims } from './dims';
import type { TensorFacts } from './facts';
import type { TensorIndexing } from './index-members';
import { FLAG_CONTIGUOUS, FLAG_INFERENCE, FLAG_VIEW } from '../generated/abi';
import { hasFlag, live, readMeta, type Meta } from './meta';
import type { TensorPrinting } from './print';
import type { TensorReading } from './read';
import type { TensorViewsInPlace } from './view-in-place';

/** Makes the object for a handle it will own, which is the current scope's already if there is one: a result of an operation. */
export let wrapResult: (handle: number) => Tensor;

/** Makes the object for a handle it will own; the current scope releases it. */
export function wrap(handle: number): Tensor {
  const scope = innermost();
  if (scope !== null) scopeTake(scope.list, handle);
  return wrapResult(handle);
}

/** Makes the object for a handle that no scope releases: a gradient. */
export let wrapUnscoped: (handle: number) => Tensor;

/**
 * The object for a handle the caller owns: the one its tensor already has, where that is `guess` or known otherwise, or a new
 * one.
 */
export function objectFor(handle: number, guess: Tensor | null = null): Tensor {
  const isIt = (other: number) => wasm().same_tensor(handle, other) !== 0;
  const known = guess !== null && guess._handle > 0 && isIt(guess._handle) ? guess : (findObject(isIt) as Tensor | null);
  if (known === null) return wrap(handle);
  release(handle);
  return known;
}

/**
 * A tensor: numbers of one dtype in a box of any rank, with a place in the graph of gradients.
 *
 * Made by `tensor()`, `zeros()` and the like, and by operations. It owns memory outside the JavaScript heap, which
 * `scope()`, `using`, `dispose()` or, last of all, the garbage collector gives back.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- ts/index.ts installs what the interface promises
export class Tensor {
  /** @internal */
  static readonly _methods: Record<string, ParameterList<object>> = {};

  /** @internal The handle while it has one: 0 after dispose(), but still there after a scope released it. */
  declare _id: number;
  /** @internal What it belongs to. */
  declare _owner: Owner;
  /** @internal What never changes, once asked for. */
  declare _meta: Meta | null;
  /** @internal What few tensors have. */
  declare _extra: Extra | null;

  /** @internal The object owns `handle`, and `owner` the object. (The fields are only declared: others would be made undefined first.) */
  protected constructor(key: typeof OURS, handle: number, owner: Owner) {
    if (key !== OURS) checkOurs(key, 'Tensor', 'call tensor(), zeros() and the like');
    this._id = handle;
    this._owner = owner;
    this._meta = null;
    this._extra = null;
  }

  /** @internal The handle; 0 after dispose(), -1 after a scope released it. */
  get _handle(): number {
    // Few words and no more, so that engines inline it wherever a call is made.
    return this._owner.isOver ? handleOfGone(this) : this._id;
  }

  static {
    // A bundler may have renamed the class.
    Object.defineProperty(this, 'name', { value: 'Tensor' });
    brand(this.prototype);
    // What has the prototype but was not made here is as a tensor that was disposed of.
    Object.assign(this.prototype, { _id: 0, _owner: UNSCOPED, _meta: null, _extra: null });
    withoutArguments(this.prototype, 'numel storageOffset isContiguous isFloatingPoint isInference dataPtr dispose');
    wrapResult = (handle) => {
      if (awaited > 0) aboutToMake();
      const scope = innermost();
      return scope === null || leaks !== null ? wrapWatched(handle, scope) : new Tensor(OURS, handle, scope);
    };
    const wrapWatched = (handle: number, scope: Collector | null): Tensor => {
      if (scope === null) return wrapUnscoped(handle);
      const t = new Tensor(OURS, handle, scope);
      leaks?.made(t);
      return t;
    };
    wrapUnscoped = (handle) => {
      const t = new Tensor(OURS, handle, UNSCOPED);
      trackForFinalization(t);
      if (leaks !== null) leaks.made(t);
      return t;
    };
  }

  /** @internal What never changes about it. */
  get _facts(): Meta {
    return (this._meta ??= readMeta(this));
  }

  /** The size of each dim, outermost first. */
  get shape(): readonly number[] {
    return this._facts.shape;
  }

  /** The type of the elements. */
  get dtype(): DType {
    return DTYPES[this._facts.dtype]!;
  }

  /** Where the elements are: Adjoint computes on the CPU. */
  get device(): 'cpu' {
    return 'cpu';
  }

  /** The number of dims. */
  get ndim(): number {
    return this._facts.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return this._facts.numel;
  }

  /** How many elements of the storage come before the first of this tensor. */
  storageOffset(): number {
    return this._facts.offset;
  }

  /** Whether the elements lie row-major without gaps. */
  isContiguous(): boolean {
    return hasFlag(this, FLAG_CONTIGUOUS);
  }

  /** Whether the dtype is a floating one. */
  isFloatingPoint(): boolean {
    return isFloatCode(this._facts.dtype);
  }

  /** Whether it was made in inference mode. */
  isInference(): boolean {
    return hasFlag(this, FLAG_INFERENCE);
  }

  /** The tensor this one is a window on, or null. */
  get _base(): Tensor | null {
    return hasFlag(this, FLAG_VIEW) ? objectFor(checked(wasm().base_of(this._handle)), (this._extra?.of ?? null) as Tensor | null) : null;
  }

  /** How many in-place changes its storage has seen. */
  get _version(): number {
    live(wasm().meta(this._handle), this, '_version');
    const version = scratch(0)[5]!;
    if (this.isInference()) throw new AutogradError('_version: inference tensors do not track their version; clone() it first', '_version');
    return version;
  }

  /** The address of the first element in the instance's memory, to tell whether tensors share it. */
  dataPtr(): number {
    if (this._handle <= 0) throw disposedError('dataPtr', this);
    return wasm().data_ptr(this._handle) >>> 0;
  }

  /** Gives the tensor's hold on its memory back. Twice is harmless; the graph keeps what backward needs. */
  dispose(): void {
    const handle = this._handle;
    if (handle > 0) {
      this._owner = UNSCOPED;
      this._id = 0;
      release(handle);
      if (leaks !== null) leaks.gone(this, handle);
      if (this._extra !== null) forget(this._extra, transfer);
    }
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }

  /** Whether it was released. */
  get isDisposed(): boolean {
    return this._handle <= 0;
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the class
export interface Tensor
  extends TensorMethods,
    TensorComparing,
    TensorWhere,
    TensorConverting,
    TensorDims,
    TensorFacts,
    TensorGradients,
    TensorIndexing,
    TensorPrinting,
    TensorReading,
    TensorViewsInPlace {}

/** The handle of a tensor whose scope is over. */
function handleOfGone(t: Tensor): number {
  return t._id > 0 ? -1 : t._id;
}
