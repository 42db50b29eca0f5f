// Random directions that leave the generator of random numbers alone.
import { tensor } from '../../tensor/create';
import type { Tensor } from '../../tensor/tensor';

/** The elements of a tensor, row-major. */
export type Values = Float64Array;

/**
 * A stream of numbers in [-1, 1), the same at every check: a Weyl sequence through a 32-bit mixer whose constants are those of
 * the hash-prospector search (github.com/skeeto/hash-prospector).
 */
export class Directions {
  private state = 0x2545_f491;

  /** The next number. */
  next(): number {
    this.state = (this.state + 0x9e37_79b9) | 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 31 - 1;
  }

  /** The next `n` numbers. */
  values(n: number): Values {
    return Float64Array.from({ length: n }, () => this.next());
  }

  /** A tensor of the shape and dtype of `t`. */
  like(t: Tensor): Tensor {
    return tensorOf(this.values(t.numel()), t);
  }
}

/** The tensor with these elements and the shape and dtype of `like`. */
export function tensorOf(values: Values, like: Tensor): Tensor {
  const flat = tensor(values, { dtype: like.dtype });
  const shaped = flat.reshape(like.shape).clone();
  flat.dispose();
  return shaped;
}

/** The same direction with length 1. */
export function unit(v: Values): Values {
  const length = Math.sqrt(dot(v, v)) || 1;
  return v.map((value) => value / length);
}

/** The sum of products. */
export function dot(a: Values, b: Values): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
