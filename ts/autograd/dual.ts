// A tensor taken apart into its value and its tangent.
import { scratch } from '../runtime/scratch';
import { wrap, type Tensor } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';

/** A tensor and its tangent, by name and in order. */
export class UnpackedDualTensor implements Iterable<Tensor | null> {
  constructor(
    /** The value without the tangent. */
    readonly primal: Tensor,
    /** The tangent, or null where the value has none. */
    readonly tangent: Tensor | null,
  ) {}

  *[Symbol.iterator](): Iterator<Tensor | null> {
    yield this.primal;
    yield this.tangent;
  }
}

/** The parts of `t` at a level. */
export function unpackAt(t: Tensor, level: number): UnpackedDualTensor {
  checked(wasm().unpack_dual(t._handle, level));
  const [primal = 0, tangent = 0] = scratch(0);
  return new UnpackedDualTensor(wrap(primal), tangent === 0 ? null : wrap(tangent));
}
