// In which order a loader visits a dataset.
import { drawSeed, Generator, permutation } from '../tensor/generator';

/** 0, 1, 2, … */
export function inOrder(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/**
 * A random order, and the default generator advanced, as PyTorch's `DataLoader` with its `RandomSampler` does it: an iteration
 * draws a seed for workers and then, where no generator was given, one for a generator of the sampler's own.
 */
export function shuffled(length: number, generator: Generator | null): number[] {
  const own = generator ?? new Generator().manualSeed(drawSeed(null));
  const order = permutation(length, own);
  const indices = Array.from(order.toTypedArray(), Number);
  order.dispose();
  if (generator === null) own.dispose();
  return indices;
}
