// Gradients, as members of tensors: whether they flow to it, where they end, hooks that see them, and the same values without history.
import { refuseInCapture, replacements } from '../core/capturing';
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { anything, boolean, callable } from '../core/kinds';
import { nothing, parameters, type Arguments } from '../core/options';
import { disposedError } from '../runtime/disposed';
import { UNSCOPED, extraOf, type Owned } from '../runtime/owner';
import { transfer, note } from '../runtime/ownership';
import { wasm } from '../runtime/wasm';
import { membersOf, type Members } from '../tensor/members';
import { FLAG_REQUIRES_GRAD, FLAG_RETAINS_GRAD } from '../generated/abi';
import { hasFlag, live } from '../tensor/meta';
import { Tensor, wrapResult, wrapUnscoped } from '../tensor/tensor';
import { runBackward, runBackwardFrom, type BackwardOptions } from './autograd';
import { gradFnFor, type GradFn } from './grad-fn';
import { registerHook, type Hook, type HookHandle } from './hooks';

/** The arguments of `backward`. */
export interface TensorBackwardArguments extends BackwardOptions {
  /** The gradient of the tensor itself; may be left out where it has one element. */
  gradient?: Tensor | null;
}

export interface TensorGradients {
  /** Whether no recorded operation made it. */
  get isLeaf(): boolean;

  /** Whether gradients flow to it. Only leaves of floating dtype can be switched. */
  get requiresGrad(): boolean;
  set requiresGrad(on: boolean);

  /** Asks for gradients, or no longer, and returns this tensor. */
  requiresGrad_(...args: Arguments<{ requiresGrad?: boolean }, ['requiresGrad']>): this;

  /** The gradient `backward()` accumulated, or null. The same object as long as it is the same tensor. */
  get grad(): Tensor | null;
  set grad(grad: Tensor | null);

  /** Asks for `.grad` of a computed tensor; no effect on leaves. */
  retainGrad(): void;

  /** Whether `.grad` is filled although it is not a leaf. */
  get retainsGrad(): boolean;

  /** The operation that made it, or null for leaves. */
  get gradFn(): GradFn | null;

  /** The same values, shared, without history. */
  detach(): Tensor;

  /**
   * The same values, shared, without history and, unlike with `detach()`, with a version of their own: changes made through it
   * are not noticed by backward. Assigning gives this tensor the values of another one, which it then shares; its gradient, its
   * hooks and its place in the graph stay.
   */
  get data(): Tensor;
  set data(source: Tensor);

  /** Forgets its history, in place: it becomes a leaf that does not require grad. Views cannot be detached so. */
  detach_(): this;

  /**
   * Adds the gradients of this tensor to the `.grad` of the leaves it was computed from. `gradient` stands for that of this
   * tensor itself and may be left out for tensors of one element.
   */
  backward(...args: Arguments<TensorBackwardArguments, ['gradient', 'retainGraph', 'createGraph', 'inputs']>): void;

  /**
   * Runs `hook` with the gradient of this tensor whenever one is computed; a tensor it returns replaces the gradient.
   * Hooks run in the order they were registered, on the whole gradient of one backward pass; an error in one ends the pass.
   */
  registerHook(...args: Arguments<{ hook: Hook }, ['hook']>): HookHandle;

  /** Runs `hook` with this leaf after its `.grad` was written. */
  registerPostAccumulateGradHook(...args: Arguments<{ hook: (t: Tensor) => void }, ['hook']>): HookHandle;
}

const LISTS = {
  requiresGrad_: /* @__PURE__ */ parameters<{ requiresGrad?: boolean }>('requiresGrad_', () => ({ requiresGrad: boolean.or(true) })),
  backward: /* @__PURE__ */ parameters<TensorBackwardArguments>('backward', () => ({
    gradient: anything.orNull(),
    retainGraph: boolean.orNull(),
    createGraph: boolean.or(false),
    inputs: anything.orNull(),
  })),
  registerHook: /* @__PURE__ */ parameters<{ hook: Hook }>('registerHook', () => ({ hook: callable })),
  registerPostAccumulateGradHook: /* @__PURE__ */ parameters<{ hook: (t: Tensor) => void }>('registerPostAccumulateGradHook', () => ({ hook: callable })),
};

/** The object that stood for the gradient of `t` does no longer: like any tensor, it is now the scope's to release. */
function dropGrad(t: Owned, known: Owned): void {
  t._extra!.grad = null;
  transfer(known);
}

export const gradients: Members = /* @__PURE__ */ membersOf<TensorGradients>({
  get isLeaf(): boolean {
    return live(wasm().is_leaf(this._handle), this, 'isLeaf') === 1;
  },
  get requiresGrad(): boolean {
    return hasFlag(this, FLAG_REQUIRES_GRAD);
  },
  set requiresGrad(on: boolean) {
    refuseInCapture('requiresGrad_', 'leaf');
    if (typeof on !== 'boolean') throw new UsageError(`requiresGrad: must be true or false, got ${describe(on)}`, 'requiresGrad');
    live(wasm().set_requires_grad(this._handle, on ? 1 : 0), this, 'requiresGrad_');
    // A leaf can be asked for by its node.
    if (on && this._owner !== UNSCOPED) note(this);
  },
  requiresGrad_(...args: unknown[]) {
    this.requiresGrad = LISTS.requiresGrad_.read(args).requiresGrad;
    return this;
  },
  get grad(): Tensor | null {
    const known = this._extra?.grad ?? null;
    const handle = live(wasm().grad_of(this._handle, known === null ? 0 : known._handle), this, 'grad');
    if (known !== null && handle === known._handle) return known as Tensor;
    if (known !== null) dropGrad(this, known);
    if (handle === 0) return null;
    const grad = wrapUnscoped(handle);
    extraOf(grad).isGrad = true;
    extraOf(this).grad = grad;
    note(this);
    return grad;
  },
  set grad(grad: Tensor | null) {
    if (grad !== null && !(grad instanceof Tensor)) {
      throw new UsageError(`grad: must be a tensor or null, got ${describe(grad)}`, 'grad');
    }
    if (grad !== null && grad._handle <= 0) throw disposedError('grad', grad);
    live(wasm().set_grad(this._handle, grad === null ? 0 : grad._handle), this, 'grad');
    const known = this._extra?.grad ?? null;
    if (known === grad) return;
    if (known !== null) dropGrad(this, known);
    if (grad === null) return;
    extraOf(this).grad = grad;
    note(this);
  },
  retainGrad() {
    refuseInCapture('retainGrad', 'gradient');
    live(wasm().retain_grad(this._handle), this, 'retainGrad');
  },
  get retainsGrad(): boolean {
    return hasFlag(this, FLAG_RETAINS_GRAD);
  },
  get gradFn(): GradFn | null {
    const node = live(wasm().grad_fn(this._handle), this, 'gradFn');
    return node === 0 ? null : gradFnFor(node, this);
  },
  detach(...none: unknown[]) {
    if (none.length > 0) nothing('detach').read(none);
    return wrapResult(live(wasm().detach(this._handle), this, 'detach'));
  },
  get data(): Tensor {
    return wrapResult(live(wasm().data_of(this._handle), this, 'data'));
  },
  set data(source: Tensor) {
    if (!(source instanceof Tensor)) throw new UsageError(`data: must be a tensor, got ${describe(source)}`, 'data');
    if (source._handle <= 0) throw disposedError('data', source);
    replacements?.rebound(this);
    live(wasm().set_data(this._handle, source._handle), this, 'data');
    this._meta = null;
  },
  detach_() {
    refuseInCapture('detach_', 'leaf');
    live(wasm().detach_in_place(this._handle), this, 'detach_');
    return this;
  },
  backward(...args: unknown[]) {
    const [first] = args;
    if (args.length === 0 || (args.length === 1 && first instanceof Tensor)) {
      runBackward(this, (first as Tensor | undefined) ?? null);
      return;
    }
    const { gradient, ...options } = LISTS.backward.read(args);
    if (gradient !== null && !(gradient instanceof Tensor)) throw new UsageError(`backward: gradient must be a tensor, got ${describe(gradient)}`, 'backward');
    runBackwardFrom(this, gradient, options);
  },
  registerHook(...args: unknown[]) {
    return registerHook(this, LISTS.registerHook.read(args).hook, 'gradient');
  },
  registerPostAccumulateGradHook(...args: unknown[]) {
    const { hook } = LISTS.registerPostAccumulateGradHook.read(args);
    const run = (): void => { hook(this); };
    return registerHook(this, run, 'accumulated');
  },
}, { refusing: 'retainGrad detach_', lists: LISTS });
