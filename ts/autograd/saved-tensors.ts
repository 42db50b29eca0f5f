// Hooks on what the graph keeps of the forward pass.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { AutogradError, UsageError } from '../core/errors';
import { callable, text } from '../core/kinds';
import { named, parameters, within, type Stated } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { Scope } from '../runtime/scope';
import { handToTape } from '../runtime/tape-held';
import { outsideScopes } from '../runtime/unscoped';
import { dispose } from '../core/symbols';
import { CALLBACK_THREW } from '../generated/abi';
import { Tensor, wrap } from '../tensor/tensor';
import { checked, rememberThrown } from '../runtime/last-error';
import { setHost, wasm } from '../runtime/wasm';

interface Pair {
  readonly pack: (t: Tensor) => unknown;
  readonly unpack: (packed: never) => Tensor;
}

const pairs = new Map<number, Pair>();
/** What pack hooks returned, by key, with the pair that unpacks it and how its tensors are let go of. */
const packed = new Map<number, { readonly pair: Pair; readonly value: unknown; readonly letGo: () => void }>();
let lastPair = 0;
let lastKey = 0;
/** How many pairs are on, and why none may be switched on. */
let active = 0;
let forbidden: string | null = null;

setHost({
  pack(id, handle) {
    try {
      const pair = pairs.get(id)!;
      // The tape outlives the scope the call is in.
      const made = new Set<Tensor>();
      const value = outsideScopes(made, () => pair.pack(wrap(handle)));
      const key = ++lastKey;
      packed.set(key, { pair, value, letGo: handToTape('savedTensorsHooks', value, made) });
      return key;
    } catch (error) {
      rememberThrown(error);
      return CALLBACK_THREW;
    }
  },
  unpack(key) {
    try {
      const { pair, value } = packed.get(key)!;
      // What it makes is needed for one derivative, which gets a handle of its own.
      const s = new Scope();
      try {
        const t: unknown = pair.unpack(value as never);
        if (!(t instanceof Tensor)) {
          throw new UsageError(`savedTensorsHooks: the unpack hook must return a tensor, got ${describe(t)}`, 'savedTensorsHooks');
        }
        if (t._handle <= 0) throw disposedError('savedTensorsHooks', t);
        return checked(wasm().alias(t._handle));
      } finally {
        s.end();
      }
    } catch (error) {
      rememberThrown(error);
      return CALLBACK_THREW;
    }
  },
  forgetPacked(key) {
    const gone = packed.get(key);
    packed.delete(key);
    gone?.letGo();
  },
});

/** Ends a pair of hooks when it is disposed of. */
export class SavedTensorsHooks {
  declare readonly [Symbol.dispose]: () => void;
  private readonly id: number;

  /** @internal */
  constructor(key: typeof OURS, pair: Pair) {
    checkOurs(key, 'SavedTensorsHooks', 'call savedTensorsHooks()');
    refuseInCapture('savedTensorsHooks', 'hook');
    if (forbidden !== null) throw new AutogradError(`savedTensorsHooks: ${forbidden}`, 'savedTensorsHooks');
    this.id = ++lastPair;
    wasm().push_saved_hooks(this.id);
    pairs.set(this.id, pair);
    active += 1;
  }

  /** What is saved from now on is kept as it is. Twice is harmless. */
  dispose(): void {
    if (!pairs.delete(this.id)) return;
    wasm().remove_saved_hooks(this.id);
    active -= 1;
  }
}

// Not a method of the class: the symbol may be a stand-in.
Object.defineProperty(SavedTensorsHooks.prototype, dispose, {
  value(this: SavedTensorsHooks) {
    this.dispose();
  },
});

/**
 * While `fn` runs, or until the returned guard is disposed of, what operations keep for their derivatives goes through
 * `pack`, and what it returns through `unpack` when a derivative needs it: to keep it in half precision, on disk, or to
 * count it. Of nested pairs the innermost is used. Tensors in what `pack` returns belong to the graph, whatever scope the call is in, and
 * are released with it; where there are none in it, as in a key of a store, all that `pack` was given and made, unless it disposes of it. What `unpack` makes is released when the derivative has it. `pack` is given the values without history and must leave them as they
 * are; `unpack` returns a tensor of the same shape and dtype. PyTorch's `torch.autograd.graph.saved_tensors_hooks`.
 */
export const savedTensorsHooks: SavedTensorsHooksFunction = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<HookArguments>('savedTensorsHooks', () => ({ packHook: callable, unpackHook: callable, fn: callable.orNull() })),
  ({ packHook, unpackHook, fn }) => within('savedTensorsHooks', new SavedTensorsHooks(OURS, { pack: packHook, unpack: unpackHook }), fn),
);

interface HookArguments {
  packHook: (t: Tensor) => unknown;
  unpackHook: (packed: never) => Tensor;
  fn?: (() => unknown) | null;
}

/** The function `savedTensorsHooks`. */
export interface SavedTensorsHooksFunction extends Stated {
  <P>(packHook: (t: Tensor) => P, unpackHook: (packed: P) => Tensor): SavedTensorsHooks;
  <P, T>(packHook: (t: Tensor) => P, unpackHook: (packed: P) => Tensor, fn: () => T): T;
  <P>(options: { packHook: (t: Tensor) => P; unpackHook: (packed: P) => Tensor }): SavedTensorsHooks;
}

/** Allows hooks on saved tensors again when it is disposed of. */
export class SavedTensorsHooksBan {
  declare readonly [Symbol.dispose]: () => void;
  private readonly before: string | null;
  private isOver = false;

  /** @internal */
  constructor(key: typeof OURS, message: string) {
    checkOurs(key, 'SavedTensorsHooksBan', 'call disableSavedTensorsHooks()');
    if (active > 0) throw new AutogradError(`disableSavedTensorsHooks: ${message}`, 'disableSavedTensorsHooks');
    this.before = forbidden;
    forbidden = message;
  }

  /** Restores what was before. Twice is harmless. */
  dispose(): void {
    if (this.isOver) return;
    this.isOver = true;
    forbidden = this.before;
  }
}

// As above.
Object.defineProperty(SavedTensorsHooksBan.prototype, dispose, {
  value(this: SavedTensorsHooksBan) {
    this.dispose();
  },
});

/**
 * While `fn` runs, or until the returned guard is disposed of, `savedTensorsHooks` is an error with this message; so is this
 * call where such hooks are on already.
 */
export const disableSavedTensorsHooks: DisableSavedTensorsHooks = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ errorMessage: string; fn?: (() => unknown) | null }>('disableSavedTensorsHooks', () => ({
    errorMessage: text,
    fn: callable.orNull(),
  })),
  ({ errorMessage, fn }) => within('disableSavedTensorsHooks', new SavedTensorsHooksBan(OURS, errorMessage), fn),
);

/** The function `disableSavedTensorsHooks`. */
interface DisableSavedTensorsHooks extends Stated {
  (errorMessage: string | { errorMessage: string }): SavedTensorsHooksBan;
  <T>(errorMessage: string, fn: () => T): T;
}
