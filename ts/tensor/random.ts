// The default generator of random numbers.
import { refuseInCapture } from '../core/capturing';
import { OURS, checkOurs } from '../core/ours';
import { seedHalves } from './generator';
import { anything } from '../core/kinds';
import { during, isAlone, named, nothing, parameters, stating, within, type Arguments, type Stated } from '../core/options';
import { dispose } from '../core/symbols';
import { keep } from '../runtime/scope';
import { wrap, type Tensor } from './tensor';
import { tensor } from './tensor-kinds';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';

/** Restarts the generator, so that the same calls give the same numbers, PyTorch's for the same seed. */
export const manualSeed: Stated & ((...args: Arguments<{ seed: number | bigint }, ['seed']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ seed: number | bigint }>('manualSeed', () => ({ seed: anything })),
  ({ seed }) => {
    refuseInCapture('manualSeed', 'random');
    wasm().manual_seed(...seedHalves('manualSeed', seed));
  },
);

/** The state of the generator: a uint8 tensor of 5056 bytes, laid out as PyTorch's `torch.get_rng_state()`. */
export const getRngState: Stated & (() => Tensor) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('getRngState'), () => {
  refuseInCapture('getRngState', 'random');
  return wrap(checked(wasm().rng_state()));
});

/** Goes on from a state `getRngState()` gave, here or in PyTorch. */
export const setRngState: Stated & ((...args: Arguments<{ newState: Tensor }, ['newState']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ newState: Tensor }>('setRngState', () => ({ newState: tensor })),
  ({ newState }) => {
    refuseInCapture('setRngState', 'random');
    checked(wasm().set_rng_state(newState._handle));
  },
);

/** The seed the generator started with, which its state begins with. Source: PyTorch, `torch.initial_seed`. */
export const initialSeed: Stated & (() => bigint) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('initialSeed'), () => {
  const state = getRngState();
  const bytes = state.toTypedArray() as Uint8Array;
  state.dispose();
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
});

/** Restarts the generator with a seed that nothing tells, and returns it. Source: PyTorch, `torch.seed`. */
export const seed: Stated & (() => bigint) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('seed'), () => {
  const drawn = BigInt(Math.floor(Math.random() * 2 ** 53));
  manualSeed(drawn);
  return drawn;
});

/** Goes back to the state of the generator it was made in, when it is disposed of. */
export class RngFork implements Disposable {
  private state: Tensor | null;

  /** @internal */
  constructor(key: typeof OURS) {
    checkOurs(key, 'RngFork', 'call forkRng()');
    this.state = keep(getRngState());
  }

  /** Goes back. Twice is harmless. */
  dispose(): void {
    const { state } = this;
    this.state = null;
    if (state === null) return;
    setRngState(state);
    state.dispose();
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }
}

/** The function `forkRng`. */
interface ForkRng extends Stated {
  (): RngFork;
  <T>(fn: (() => T) | { fn: () => T }): T;
}

/**
 * Runs `fn` and sets the default generator back to where it was before; without `fn`, when the returned guard is disposed of
 * (`using _ = forkRng()`). PyTorch's `torch.random.fork_rng`.
 */
export const forkRng: ForkRng = /* @__PURE__ */ (() => {
  const of = during('forkRng');
  return stating(of, ((...args: unknown[]): unknown => {
    const fn = isAlone(args) ? args[0] : of.read(args).fn;
    return within('forkRng', new RngFork(OURS), fn);
  }) as ForkRng);
})();
