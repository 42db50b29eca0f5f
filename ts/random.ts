// The generator of random numbers.
import { describe } from './describe';
import { UsageError } from './errors';
import { wasm } from './wasm';

/** Restarts the generator, so that the same calls give the same numbers, PyTorch's for the same seed. */
export function manualSeed(seed: number | bigint): void {
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
    throw new UsageError(`manualSeed: the seed must be an integer, got ${describe(seed)}`, 'manualSeed');
  }
  const bits = BigInt.asUintN(64, BigInt(seed));
  wasm().manual_seed(Number(bits >> 32n), Number(bits & 0xffff_ffffn));
}
