// PyTorch's switch for backward passes on several threads, of which there is none here.
import { boolean } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { dispose } from '../core/symbols';

/** What `setMultithreadingEnabled` returns; nothing ends with it. */
export class MultithreadingGuard implements Disposable {
  /** Ends nothing. */
  dispose(): void {
    // Nothing was switched.
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }
}

/**
 * Takes the choice, which changes nothing: backward passes run on the thread that calls for them. Source: PyTorch,
 * `torch.autograd.set_multithreading_enabled`.
 */
export const setMultithreadingEnabled: Stated & ((...args: Arguments<{ mode: boolean }, ['mode']>) => MultithreadingGuard) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ mode: boolean }>('setMultithreadingEnabled', () => ({ mode: boolean })),
  () => new MultithreadingGuard(),
);
