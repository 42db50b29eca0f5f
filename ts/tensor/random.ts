// The default generator of random numbers.
import { refuseInCapture } from '../core/capturing';
import { seedHalves } from './generator';
import { anything } from '../core/kinds';
import { named, nothing, parameters, type Arguments, type Stated } from '../core/options';
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
