// The tensor class: what a tensor knows about itself. Operations come from the table (generated/methods.ts, call.ts).
import { notOnCpu } from './arguments';
import { walkBack, walkFrom } from '../autograd/autograd';
import { many, opId } from './call';
import { refuseInCapture } from '../core/capturing';
import { allclose, equal, type ToleranceOptions } from './compare';
import { brand } from '../core/copies';
import { newTensorLike, type TensorData, type TensorOptions } from './create';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { DTYPES, codeOf, isCpu, isFloatCode, type DType, type Device } from '../core/dtype';
import { AutogradError, IndexError, ShapeError, UsageError } from '../core/errors';
import type { TensorMethods } from '../generated/methods';
import { nothing, withoutArguments, type Arguments } from '../core/options';
import { isOptions } from '../core/plain-object';
import { METHODS, type TensorBackwardArguments } from './tensor-parameters';
import { becomeView } from './view-in-place';
import { gradFnFor, type GradFn } from '../autograd/grad-fn';
import { registerHook, type Hook, type HookHandle } from '../autograd/hooks';
import { index, indexPut, setItem, type IndexItem, type IndexPutArguments, type ItemValue } from './indexing';
import { leaks } from '../diagnostics/leaks';
import { OURS, checkOurs } from '../core/ours';
import { print } from './print';
import { item, peek, toJson, toList, toTypedArray, type TensorJson } from './read';
import { NOBODY, adoptOutside, extraOf, findObject, forget, handOver, innermost, note, type Extra, type Owner, type Scope } from '../runtime/scope';
import { scratch } from '../runtime/scratch';
import { dispose, inspect } from '../core/symbols';
import { aboutToMake, awaited } from '../runtime/tensors-made';
import type { Nested, TypedArray } from '../core/types';
import { checked, crashed, release, scopeTake, wasm } from '../runtime/wasm';

/** What never changes about a tensor. */
interface Meta {
  readonly dtype: number;
  readonly numel: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

const REQUIRES_GRAD = 1;
const CONTIGUOUS = 4;
const VIEW = 8;
const INFERENCE = 16;
const RETAINS_GRAD = 32;

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
  const known = guess !== null && guess._handle > 0 && isIt(guess._handle) ? guess : findObject(isIt);
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
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- installMethods() gives the prototype what the interface promises
export class Tensor {
  /** @internal */
  static readonly _methods = METHODS;

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
    Object.assign(this.prototype, { _id: 0, _owner: NOBODY, _meta: null, _extra: null });
    withoutArguments(
      this.prototype,
      'numel storageOffset isContiguous isFloatingPoint isInference retainGrad detach_ dataPtr cpu t_ tolist toTypedArray peek dispose',
    );
    wrapResult = (handle) => {
      if (awaited > 0) aboutToMake();
      const scope = innermost();
      return scope === null || leaks !== null ? wrapWatched(handle, scope) : new Tensor(OURS, handle, scope);
    };
    const wrapWatched = (handle: number, scope: Scope | null): Tensor => {
      if (scope === null) return wrapUnscoped(handle);
      const t = new Tensor(OURS, handle, scope);
      leaks?.made(t);
      return t;
    };
    wrapUnscoped = (handle) => {
      const t = new Tensor(OURS, handle, NOBODY);
      adoptOutside(t);
      if (leaks !== null) leaks.made(t);
      return t;
    };
  }

  private get meta(): Meta {
    return (this._meta ??= readMeta(this));
  }

  private flag(bit: number): boolean {
    return (live(wasm().flags_of(this._handle), this, 'flags') & bit) !== 0;
  }

  /** The size of each dim, outermost first. */
  get shape(): readonly number[] {
    return this.meta.shape;
  }

  /** The type of the elements. */
  get dtype(): DType {
    return DTYPES[this.meta.dtype]!;
  }

  /** Where the elements are: Adjoint computes on the CPU. */
  get device(): 'cpu' {
    return 'cpu';
  }

  /** The number of dims. */
  get ndim(): number {
    return this.meta.shape.length;
  }

  /** The number of dims. */
  dim(): number;
  dim(...none: unknown[]): number {
    if (none.length > 0) refuse('dim', none);
    return this.meta.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return this.meta.numel;
  }

  /** The shape, or the size of one dim, which may count from the end. */
  size(): readonly number[];
  size(dim: number | { dim: number }): number;
  size(...args: unknown[]): number | readonly number[] {
    const [first] = args;
    const dim = args.length === 1 && typeof first === 'number' ? first : METHODS.size.read(args).dim;
    return dim === null ? this.shape : this.shape[this.wrapDim('size', dim)]!;
  }

  /** The strides in elements, or that of one dim. */
  stride(): readonly number[];
  stride(dim: number | { dim: number }): number;
  stride(...args: unknown[]): number | readonly number[] {
    const [first] = args;
    const dim = args.length === 1 && typeof first === 'number' ? first : METHODS.stride.read(args).dim;
    return dim === null ? this.meta.strides : this.meta.strides[this.wrapDim('stride', dim)]!;
  }

  /** How many elements of the storage come before the first of this tensor. */
  storageOffset(): number {
    return this.meta.offset;
  }

  private wrapDim(op: string, dim: number): number {
    const rank = this.ndim;
    if (!Number.isInteger(dim) || dim < -rank || dim >= rank) {
      const message = `${op}: dim ${dim} is out of range for a tensor with ${rank} dim(s), expected a value in [${-rank}, ${rank - 1}]`;
      throw new IndexError(message, op, { dim, rank });
    }
    return dim < 0 ? dim + rank : dim;
  }

  /** Whether the elements lie row-major without gaps. */
  isContiguous(): boolean {
    return this.flag(CONTIGUOUS);
  }

  /** Whether the dtype is a floating one. */
  isFloatingPoint(): boolean {
    return isFloatCode(this.meta.dtype);
  }

  /** Whether it was made in inference mode. */
  isInference(): boolean {
    return this.flag(INFERENCE);
  }

  /** Whether no recorded operation made it. */
  get isLeaf(): boolean {
    return live(wasm().is_leaf(this._handle), this, 'isLeaf') === 1;
  }

  /** The tensor this one is a window on, or null. */
  get _base(): Tensor | null {
    return this.flag(VIEW) ? objectFor(checked(wasm().base_of(this._handle)), this._extra?.of ?? null) : null;
  }

  /** How many in-place changes its storage has seen. */
  get _version(): number {
    live(wasm().meta(this._handle), this, '_version');
    const version = scratch(0)[5]!;
    if (this.isInference()) throw new AutogradError('_version: inference tensors do not track their version; clone() it first', '_version');
    return version;
  }

  /** Whether gradients flow to it. Only leaves of floating dtype can be switched. */
  get requiresGrad(): boolean {
    return this.flag(REQUIRES_GRAD);
  }

  set requiresGrad(on: boolean) {
    refuseInCapture('requiresGrad_', 'leaf');
    if (typeof on !== 'boolean') throw new UsageError(`requiresGrad: must be true or false, got ${describe(on)}`, 'requiresGrad');
    live(wasm().set_requires_grad(this._handle, on ? 1 : 0), this, 'requiresGrad_');
    // A leaf can be asked for by its node.
    if (on && this._owner !== NOBODY) note(this);
  }

  /** Asks for gradients, or no longer, and returns this tensor. */
  requiresGrad_(...args: Arguments<{ requiresGrad?: boolean }, ['requiresGrad']>): this {
    this.requiresGrad = METHODS.requiresGrad_.read(args).requiresGrad;
    return this;
  }

  /** The gradient `backward()` accumulated, or null. The same object as long as it is the same tensor. */
  get grad(): Tensor | null {
    refuseInCapture('grad', 'gradient');
    const known = this._extra?.grad ?? null;
    const handle = live(wasm().grad_of(this._handle, known === null ? 0 : known._handle), this, 'grad');
    if (known !== null && handle === known._handle) return known;
    if (known !== null) this.dropGrad(known);
    if (handle === 0) return null;
    const grad = wrapUnscoped(handle);
    extraOf(grad).isGrad = true;
    extraOf(this).grad = grad;
    note(this);
    return grad;
  }

  set grad(grad: Tensor | null) {
    refuseInCapture('grad', 'gradient');
    if (grad !== null && !(grad instanceof Tensor)) {
      throw new UsageError(`grad: must be a tensor or null, got ${describe(grad)}`, 'grad');
    }
    if (grad !== null && grad._handle <= 0) throw disposedError('grad', grad);
    live(wasm().set_grad(this._handle, grad === null ? 0 : grad._handle), this, 'grad');
    const known = this._extra?.grad ?? null;
    if (known === grad) return;
    if (known !== null) this.dropGrad(known);
    if (grad === null) return;
    extraOf(this).grad = grad;
    note(this);
  }

  /** The object that stood for the gradient does no longer: like any tensor, it is now the scope's to release. */
  private dropGrad(known: Tensor): void {
    this._extra!.grad = null;
    handOver(known);
  }

  /** Asks for `.grad` of a computed tensor; no effect on leaves. */
  retainGrad(): void {
    refuseInCapture('retainGrad', 'gradient');
    live(wasm().retain_grad(this._handle), this, 'retainGrad');
  }

  /** Whether `.grad` is filled although it is not a leaf. */
  get retainsGrad(): boolean {
    return this.flag(RETAINS_GRAD);
  }

  /** The operation that made it, or null for leaves. */
  get gradFn(): GradFn | null {
    const node = live(wasm().grad_fn(this._handle), this, 'gradFn');
    return node === 0 ? null : gradFnFor(node, this);
  }

  /** The same values, shared, without history. */
  detach(): Tensor;
  detach(...none: unknown[]): Tensor {
    if (none.length > 0) refuse('detach', none);
    return wrapResult(live(wasm().detach(this._handle), this, 'detach'));
  }

  /**
   * The same values, shared, without history and, unlike with `detach()`, with a version of their own: changes made through it
   * are not noticed by backward. Assigning gives this tensor the values of another one, which it then shares; its gradient, its
   * hooks and its place in the graph stay.
   */
  get data(): Tensor {
    return wrapResult(live(wasm().data_of(this._handle), this, 'data'));
  }

  set data(source: Tensor) {
    if (!(source instanceof Tensor)) throw new UsageError(`data: must be a tensor, got ${describe(source)}`, 'data');
    if (source._handle <= 0) throw disposedError('data', source);
    live(wasm().set_data(this._handle, source._handle), this, 'data');
    this._meta = null;
  }

  /** Forgets its history, in place: it becomes a leaf that does not require grad. Views cannot be detached so. */
  detach_(): this {
    refuseInCapture('detach_', 'leaf');
    live(wasm().detach_in_place(this._handle), this, 'detach_');
    return this;
  }

  /** The address of the first element in the instance's memory, to tell whether tensors share it. */
  dataPtr(): number {
    if (this._handle <= 0) throw disposedError('dataPtr', this);
    return wasm().data_ptr(this._handle) >>> 0;
  }

  /**
   * Adds the gradients of this tensor to the `.grad` of the leaves it was computed from. `gradient` stands for that of this
   * tensor itself and may be left out for tensors of one element.
   */
  backward(...args: Arguments<TensorBackwardArguments, ['gradient', 'retainGraph', 'createGraph', 'inputs']>): void {
    if (args.length === 0 || (args.length === 1 && args[0] instanceof Tensor)) {
      walkBack(this, (args[0] as Tensor | undefined) ?? null);
      return;
    }
    const { gradient, ...options } = METHODS.backward.read(args);
    if (gradient !== null && !(gradient instanceof Tensor)) throw new UsageError(`backward: gradient must be a tensor, got ${describe(gradient)}`, 'backward');
    walkFrom(this, gradient, options);
  }

  /**
   * Runs `hook` with the gradient of this tensor whenever one is computed; a tensor it returns replaces the gradient.
   * Hooks run in the order they were registered, on the whole gradient of one walk; an error in one ends the walk.
   */
  registerHook(...args: Arguments<{ hook: Hook }, ['hook']>): HookHandle {
    const hook = METHODS.registerHook.read(args).hook as Hook;
    return registerHook(this, hook, 'gradient');
  }

  /** Runs `hook` with this leaf after its `.grad` was written. */
  registerPostAccumulateGradHook(...args: Arguments<{ hook: (t: Tensor) => void }, ['hook']>): HookHandle {
    const { hook } = METHODS.registerPostAccumulateGradHook.read(args);
    const run = (): void => { hook(this); };
    return registerHook(this, run, 'accumulated');
  }

  /**
   * The part of this tensor that the items select, PyTorch's `x[...]`: an integer takes one element of a dim, `{ start, stop,
   * step }` a range, `null` adds a dim, `'...'` stands for all dims not named, a tensor or array of integers or booleans
   * gathers. An array is a list of indices of one dim: `x.index([0, 2])` is `x[[0, 2]]`, `x.index(0, 2)` is `x[0, 2]`.
   */
  index(...items: readonly IndexItem[]): Tensor {
    return index(this, items);
  }

  /**
   * Writes the last argument, broadcast, into the part that the others select: `x.setitem(0, { start: 1 }, 5)` is PyTorch's
   * `x[0, 1:] = 5`, and `x.setitem([0, 2], 5)` is `x[[0, 2]] = 5`.
   */
  setitem(...args: [...items: IndexItem[], value: ItemValue]): this;
  setitem(options: { index: IndexItem; value: ItemValue }): this;
  setitem(...args: readonly unknown[]): this {
    setItem(this, args);
    return this;
  }

  /**
   * This tensor with `values` written, or with `accumulate` added, at `indices`: PyTorch's tuple of tensors and nulls, one for
   * each dim from the first on. They may be spread out, `x.indexPut(i, j, values)`, and then also be arrays.
   */
  indexPut(...args: IndexPutArguments): Tensor {
    return indexPut(this, args, false);
  }

  /** In-place form of `indexPut`: writes the result into this tensor. */
  indexPut_(...args: IndexPutArguments): this {
    return indexPut(this, args, true) as this;
  }

  /**
   * This tensor in another dtype, that of `other`, or on a device, of which there is one: itself where nothing changes and no
   * copy is asked for. Floats become integers by dropping the fraction and bools by `!= 0`; the gradient is cast back.
   */
  to(dtypeOrOther: DType | Tensor, nonBlocking?: boolean, copy?: boolean): Tensor;
  to(device: Device | null, dtype?: DType | null, nonBlocking?: boolean, copy?: boolean): Tensor;
  to(first: DType | Device | Tensor, options: ToOptions): Tensor;
  to(options?: ToOptions & { other?: Tensor }): Tensor;
  to(...args: unknown[]): Tensor {
    if (args.length === 1 && codeOf(args[0]) === this.meta.dtype) return this;
    return many(opId('to'), this, withoutDevice(this, args), false) as Tensor;
  }

  /** A tensor that holds a copy of `data`, as `tensor(data)` makes it, of the dtype of this one where none is given. */
  newTensor(data: TensorData, options?: TensorOptions): Tensor;
  newTensor(options: { data: TensorData } & TensorOptions): Tensor;
  newTensor(...args: unknown[]): Tensor {
    return newTensorLike(this, args);
  }

  /** This tensor, which is on the CPU. */
  cpu(): this {
    return this;
  }

  /** Exchanges two dims of this tensor itself; its storage stays as it is. As for all in-place forms of views, not for leaves that require grad. */
  transpose_(dim0: number, dim1: number | { dim1: number }): this;
  transpose_(options: { dim0: number; dim1: number }): this;
  transpose_(...args: unknown[]): this {
    return becomeView(this, 'transpose_', (t) => t.transpose(...(args as [number, number])));
  }

  /** Another name of `transpose_`. */
  swapaxes_(axis0: number, axis1: number | { axis1: number }): this;
  swapaxes_(options: { axis0: number; axis1: number }): this;
  swapaxes_(...args: unknown[]): this {
    return becomeView(this, 'swapaxes_', (t) => t.swapaxes(...(args as [number, number])));
  }

  /** Another name of `transpose_`. */
  swapdims_(dim0: number, dim1: number | { dim1: number }): this;
  swapdims_(options: { dim0: number; dim1: number }): this;
  swapdims_(...args: unknown[]): this {
    return becomeView(this, 'swapdims_', (t) => t.swapdims(...(args as [number, number])));
  }

  /** Transposes this tensor of at most two dims itself. */
  t_(): this {
    return becomeView(this, 't_', (t) => t.t());
  }

  /** Adds a dim of size 1 to this tensor itself. */
  unsqueeze_(...args: [dim: number | { dim: number }]): this {
    return becomeView(this, 'unsqueeze_', (t) => t.unsqueeze(...(args as [number])));
  }

  /** Removes dims of size 1 from this tensor itself: all, or those named. */
  squeeze_(...args: [dim?: number | readonly number[] | { dim?: number | readonly number[] }]): this {
    return becomeView(this, 'squeeze_', (t) => t.squeeze(...(args as [number])));
  }

  /** Makes this tensor another window on its storage. */
  asStrided_(size: readonly number[], stride: readonly number[], storageOffset?: number | null | { storageOffset?: number | null }): this;
  asStrided_(options: { size: readonly number[]; stride: readonly number[]; storageOffset?: number | null }): this;
  asStrided_(...args: unknown[]): this {
    return becomeView(this, 'asStrided_', (t) => t.asStrided(...(args as [readonly number[], readonly number[]])));
  }

  /** With its dims reversed. */
  get T(): Tensor {
    const dims = this.shape.map((_, i) => this.ndim - 1 - i);
    return (this as unknown as { permute(dims: readonly number[]): Tensor }).permute(dims);
  }

  /** With its last two dims exchanged. */
  get mT(): Tensor {
    if (this.ndim < 2) {
      throw new ShapeError(`mT: only supported on matrices and batches of matrices, got shape [${this.shape.join(', ')}]`, 'mT');
    }
    return (this as unknown as { transpose(a: number, b: number): Tensor }).transpose(-2, -1);
  }

  /** Of a matrix, with its dims exchanged; real numbers are their own conjugates. */
  get H(): Tensor {
    if (this.ndim !== 0 && this.ndim !== 2) {
      throw new ShapeError(`H: only supported on matrices and 0-dim tensors, got shape [${this.shape.join(', ')}]; use mH for batches`, 'H');
    }
    return this.ndim === 0 ? this.T : this.mT;
  }

  /** The same as `mT`: real numbers are their own conjugates. */
  get mH(): Tensor {
    return this.mT;
  }

  /** Whether `|this − other| ≤ atol + rtol · |other|` everywhere. */
  allclose(...args: Arguments<{ other: Tensor } & ToleranceOptions, ['other', 'rtol', 'atol', 'equalNan']>): boolean {
    return allclose(this, ...args);
  }

  /** Whether both have the same shape and the same elements. */
  equal(...args: Arguments<{ other: Tensor }, ['other']>): boolean {
    return equal(this, ...args);
  }

  /** The value of a tensor of one element; an integer beyond 2^53 is a bigint. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the dtype, the compiler does not
  item<T extends number | boolean | bigint = number>(): T;
  item(...none: unknown[]): number | boolean | bigint {
    if (none.length > 0) refuse('item', none);
    return item(this);
  }

  /** The values as nested arrays, one level a dim; a 0-dim tensor gives its value. */
  tolist<T extends number | boolean | bigint = number>(): Nested<T> {
    return toList(this) as Nested<T>;
  }

  /**
   * What `JSON.stringify` takes: `{ shape, dtype, data }` with the values row-major in one array, where NaN, the infinities,
   * minus zero and integers beyond 2^53 are strings, since JSON has no such numbers.
   */
  toJSON(): TensorJson {
    return toJson(this);
  }

  /** A copy of the values, row-major: BigInt64Array for int64, Uint8Array for bool, Float32Array for the half dtypes. */
  toTypedArray(): TypedArray {
    return toTypedArray(this);
  }

  /**
   * The values, row-major, without copying where the tensor is contiguous. **Valid only until the next call of anything in
   * this package**: memory may then move or be given to another tensor. Do not write to it.
   */
  peek(): TypedArray {
    return peek(this);
  }

  /** Gives the tensor's hold on its memory back. Twice is harmless; the graph keeps what backward needs. */
  dispose(): void {
    const handle = this._handle;
    if (handle > 0) {
      this._owner = NOBODY;
      this._id = 0;
      release(handle);
      if (leaks !== null) leaks.gone(this, handle);
      if (this._extra !== null) forget(this._extra, handOver);
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

  /** The length of the first dim, for `for (const row of x)`. */
  *[Symbol.iterator](): Iterator<Tensor> {
    const rows = this.size(0);
    for (let i = 0; i < rows; i++) yield this.index(i);
  }

  /** As PyTorch prints it. */
  toString(): string {
    return print(this);
  }

  /** As Node shows it. */
  [inspect](): string {
    return this.toString();
  }

  /** JavaScript has no operators for tensors; quietly making numbers of them would lose gradients. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new UsageError('tensors have no operators in JavaScript; use methods such as add() and mul(), or item() for a number', '');
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- see the class
export interface Tensor extends TensorMethods {}

/** What `to` takes by name. */
export interface ToOptions {
  dtype?: DType | null;
  device?: Device | null;
  nonBlocking?: boolean;
  copy?: boolean;
  /** The strides of a copy: those of the tensor without gaps, or row-major. */
  memoryFormat?: 'preserve_format' | 'contiguous_format' | null;
}

/** Names of devices PyTorch has, to tell them from misspelt dtypes. */
const DEVICES = /^(cpu|cuda|mps|xpu|xla|meta|hpu|mtia|ipu|vulkan|privateuseone)(:\d+)?$/;

/** The arguments of `to` without a device, which must be the one there is, and with a dtype. */
function withoutDevice(t: Tensor, args: readonly unknown[]): unknown[] {
  const rest = [...args];
  if (rest[0] === null || (typeof rest[0] === 'string' && DEVICES.test(rest[0]))) {
    if (rest[0] !== null && !isCpu(rest[0])) throw notOnCpu('to', rest[0]);
    rest.shift();
    if (!isOptions(rest[0])) rest[0] ??= t.dtype;
  }
  const last = rest[rest.length - 1];
  if (rest.length > 1 || (rest.length === 1 && !isOptions(last))) return rest;
  const { device, ...options } = isOptions(last) ? last : {};
  if (device != null && !isCpu(device)) throw notOnCpu('to', device);
  return [options['dtype'] == null && options['other'] == null ? { ...options, dtype: t.dtype } : options];
}

/** The handle of a tensor whose scope is over. */
function handleOfGone(t: Tensor): number {
  return t._id > 0 ? -1 : t._id;
}

/** The result of an export, or the error it left; one about a disposed tensor says where. */
function live(result: number, t: Tensor, op: string): number {
  if (result >= 0) return result;
  if (t._handle <= 0) throw disposedError(op, t);
  return checked(result);
}

/** The error for arguments of a method that has none. */
function refuse(op: string, args: readonly unknown[]): void {
  nothing(op).read(args);
}

/** Strides as they are, or of a tensor without elements that are too large for the instance, row-major. */
function stridesOf(shape: readonly number[], strides: number[]): number[] {
  if (!strides.includes(2 ** 31 - 1)) return strides;
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(shape[d]!, 1);
  }
  return strides;
}

function readMeta(t: Tensor): Meta {
  let result: number;
  try {
    result = wasm().meta(t._handle);
  } catch (e) {
    throw crashed(e);
  }
  live(result, t, 'shape');
  const words = scratch(0);
  const rank = words[3]!;
  const shape = Array.from(words.subarray(6, 6 + rank));
  return {
    dtype: words[0]!,
    numel: words[2]!,
    offset: words[4]!,
    shape: Object.freeze(shape),
    strides: Object.freeze(stridesOf(shape, Array.from(words.subarray(6 + rank, 6 + 2 * rank)))),
  };
}
