// Tensors of parametrised modules that are computed once, for the time of a function: `nn.utils.parametrize.cached`.
import { during, named, within, type Stated } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { dispose } from '../core/symbols';
import { innermost } from '../runtime/owner';
import { give } from '../runtime/ownership';
import { keep } from '../runtime/scope';
import type { Tensor } from '../tensor/tensor';

/** What was computed, by what computes it. */
const cache = new Map<object, Tensor>();
/** How many guards hold. */
let depth = 0;

/** What `compute` gives for `of`, or gave before while results are kept. */
export function computed(of: object, compute: () => Tensor): Tensor {
  if (depth === 0) return compute();
  let value = cache.get(of);
  if (value === undefined || value.isDisposed) cache.set(of, (value = keep(compute())));
  return value;
}

/** Forgets what was computed: it is the innermost scope's, or the garbage collector's, from now on. */
function clear(): void {
  for (const t of cache.values()) if (!t.isDisposed && innermost() !== null) give(t);
  cache.clear();
}

/** Keeps what parametrised tensors are computed to until it is disposed of. */
export class ParametrizationCache implements Disposable {
  private isOpen = true;

  /** @internal */
  constructor(key: typeof OURS) {
    checkOurs(key, 'ParametrizationCache', 'call cached()');
    depth += 1;
  }

  /** Forgets them, where no other guard holds. Twice is harmless. */
  dispose(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    depth -= 1;
    if (depth === 0) clear();
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }
}

/** The function `cached`. */
interface Cached extends Stated {
  (): ParametrizationCache;
  <T>(fn: (() => T) | { fn: () => T }): T;
}

/**
 * Runs `fn`, in which every parametrised tensor is computed at its first use and the same from then on; without `fn`, until the returned
 * guard is disposed of (`using _ = cached()`). A tensor that is assigned to meanwhile, or whose originals change, keeps its value.
 */
export const cached: Cached = /* @__PURE__ */ named(
  /* @__PURE__ */ during('cached'),
  ({ fn }) => within('cached', new ParametrizationCache(OURS), fn),
);
