// What ops with several outputs return, as signatures name it.
import type { Tensor } from './tensor';

/** The outputs of an op that has several: by name, and by index and iterable in PyTorch's order. */
export type Outputs<Names extends string> = { readonly [Name in Names]: Tensor } & {
  readonly 0: Tensor;
  readonly 1: Tensor;
  readonly [index: number]: Tensor;
} & Iterable<Tensor>;
