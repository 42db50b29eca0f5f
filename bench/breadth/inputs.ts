// The numbers of inputs, the same as bench/peers/torch_breadth.py makes: a hash of the element's index and the input's seed, so that
// values and what depends on them (orders, counts, branches) agree on both sides.
import { tensor, type Tensor } from 'adjoint';
import type { Input, Inputs } from './case';

const TWO_32 = 2 ** 32;
const GOLDEN = 0x9e3779b9;

/** Uniform in [0, 1) for an index and a seed: the finalizer of MurmurHash3, by Austin Appleby, in the public domain. */
export function uniformAt(index: number, seed: number): number {
  let h = (index + Math.imul(seed + 1, GOLDEN)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / TWO_32;
}

/** The tensor of an input. */
export function made({ kind, shape, dtype, low, high }: Input, seed: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = kind === 'normal' || kind === 'uniform' ? (dtype === 'float64' ? new Float64Array(count) : new Float32Array(count)) : new Int32Array(count);
  for (let i = 0; i < count; i++) {
    // Three uniform numbers of variance 1/12 each.
    if (kind === 'normal') values[i] = 2 * (uniformAt(3 * i, seed) + uniformAt(3 * i + 1, seed) + uniformAt(3 * i + 2, seed) - 1.5);
    else if (kind === 'uniform') values[i] = low + (high - low) * uniformAt(i, seed);
    else values[i] = Math.floor(low + (high - low) * uniformAt(i, seed));
  }
  const flat = tensor(values);
  const cast = flat.dtype === dtype ? flat : flat.to(dtype);
  return cast.reshape(shape);
}

/** The tensors of all inputs; each has its place among them as its seed. */
export function madeAll(inputs: Inputs): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input], seed) => [name, made(input, seed)]));
}
