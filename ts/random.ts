// The default generator of random numbers.
import { seedHalves } from './generator';
import { wasm } from './wasm';

/** Restarts the generator, so that the same calls give the same numbers, PyTorch's for the same seed. */
export function manualSeed(seed: number | bigint): void {
  wasm().manual_seed(...seedHalves('manualSeed', seed));
}
