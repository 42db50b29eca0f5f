// The default generator of random numbers.
import { refuseInCapture } from './capturing';
import { seedHalves } from './generator';
import { wrap, type Tensor } from './tensor';
import { checked, wasm } from './wasm';

/** Restarts the generator, so that the same calls give the same numbers, PyTorch's for the same seed. */
export function manualSeed(seed: number | bigint): void {
  refuseInCapture('manualSeed', 'random');
  wasm().manual_seed(...seedHalves('manualSeed', seed));
}

/** The state of the generator: a uint8 tensor of 5056 bytes, laid out as PyTorch's `torch.get_rng_state()`. */
export function getRngState(): Tensor {
  refuseInCapture('getRngState', 'random');
  return wrap(checked(wasm().rng_state()));
}

/** Goes on from a state `getRngState()` gave, here or in PyTorch. */
export function setRngState(newState: Tensor): void {
  refuseInCapture('setRngState', 'random');
  checked(wasm().set_rng_state(newState._handle));
}
