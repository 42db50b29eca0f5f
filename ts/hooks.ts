// Functions of the user's that run while gradients are computed.
import { describe } from './describe';
import { disposedError } from './disposed';
import { UsageError } from './errors';
import { Tensor, wrap } from './tensor';
import { checked, release, rememberThrown, setHost, wasm } from './wasm';

/** Sees a gradient; a tensor it returns replaces it. */
export type Hook = (gradient: Tensor) => Tensor | null | undefined | void; // eslint-disable-line @typescript-eslint/no-invalid-void-type -- a hook without return is the usual one

/** A registered hook. */
export interface HookHandle {
  /** Takes the hook away. */
  remove(): void;
}

const callbacks = new Map<number, Hook>();
let lastId = 0;

setHost({
  hook(id, gradient) {
    try {
      const callback = callbacks.get(id);
      if (callback === undefined) {
        // It was removed from a tensor that no longer leads to the node that holds it.
        release(gradient);
        return 0;
      }
      const result = callback(wrap(gradient));
      if (result == null) return 0;
      if (!(result instanceof Tensor)) {
        throw new UsageError(`registerHook: a hook must return a tensor or nothing, got ${describe(result)}`, 'registerHook');
      }
      if (result._handle <= 0) throw disposedError('registerHook', result);
      return checked(wasm().alias(result._handle));
    } catch (error) {
      rememberThrown(error);
      return -1;
    }
  },
  forget(id) {
    callbacks.delete(id);
  },
});

/** Registers `hook` for the gradient of `t`, or for the moment it has been accumulated. */
export function registerHook(t: Tensor, hook: Hook, when: 'gradient' | 'accumulated'): HookHandle {
  if (typeof hook !== 'function') throw new UsageError(`registerHook: must be given a function, got ${describe(hook)}`, 'registerHook');
  if (t._handle <= 0) throw disposedError('registerHook', t);
  const id = ++lastId;
  callbacks.set(id, hook);
  const exports = wasm();
  const number = checked(
    when === 'gradient' ? exports.register_hook(t._handle, id) : exports.register_post_accumulate_hook(t._handle, id),
  );
  return {
    remove() {
      // The graph may hold the hook where the tensor no longer leads to it: without its function it does nothing.
      callbacks.delete(id);
      if (t._handle > 0) wasm().remove_hook(t._handle, number);
    },
  };
}
