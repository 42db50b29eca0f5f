// lazy(): operations that are computed when a value is asked for.
import { isCapturing, whenUntracked } from '../core/capturing';
import { callable } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { scope } from '../runtime/scope';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';
import { LAZY_BEGIN, LAZY_END, LAZY_SUSPEND } from '../generated/abi';

interface LazyArguments<T> {
  fn: () => T;
}

/**
 * Runs `fn`, whose operations are put off: each gives a tensor with dtype, shape and strides but no values yet, and is computed when
 * something asks for a value that needs it: `item()`, `tolist()`, printing, or an operation outside of `lazy()`. What nothing reads is
 * never computed. What `fn` returns may wait as well. The values have the bits of `fn` itself.
 *
 * What is wrong with dtypes and shapes is an error at the call, as ever; what a kernel finds wrong is one where the value is asked for, each
 * time. Computed at once are operations whose shapes depend on values, that check values (such as bounds of indices) or draw random numbers.
 * Writing any tensor in place, steps of optimizers, backward passes, captures and replays compute all that waits first; so do function
 * transforms, custom functions and checkpoints, from which on the rest of `fn` is computed at once. Inside of `capture()` `lazy()` does
 * nothing.
 *
 * A result that waits has its memory already, unless nothing holds it any more; an operation takes some hundred nanoseconds longer to be
 * put off. While anything waits, all other operations take a longer way, too.
 */
export const lazy: Stated & (<T>(fn: (() => T) | { fn: () => T }) => T) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<LazyArguments<unknown>>('lazy', () => ({ fn: callable })),
  ({ fn }) => putOff(fn) as never,
);

function putOff(fn: () => unknown): unknown {
  if (isCapturing()) return fn();
  whenUntracked(() => { checked(wasm().lazy_scope(LAZY_SUSPEND)); });
  checked(wasm().lazy_scope(LAZY_BEGIN));
  try {
    return scope(fn);
  } finally {
    wasm().lazy_scope(LAZY_END);
  }
}
