// Random omission in training.
import { UsageError } from '../errors';
import { dropout } from '../generated/functional';
import { withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { Module } from './module';

/** Options of dropout. */
export interface DropoutOptions {
  /** The probability that an element becomes 0; 0.5 by default. */
  p: number;
  /** Whether x is written; false by default. */
  inplace: boolean;
}

/** In training sets each element to 0 with probability `p` and divides the others by 1 − p; in evaluation returns x. */
export class Dropout extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(...args: Suffix<DropoutOptions, ['p', 'inplace']>) {
    super();
    ({ p: this.p, inplace: this.inplace } = withDefaults('Dropout', { p: 0.5, inplace: false }, ['p', 'inplace'], args));
    if (!(this.p >= 0 && this.p <= 1)) throw new UsageError(`Dropout: p must be a probability, got ${this.p}`, 'Dropout', { p: this.p });
  }

  override forward(x: Tensor): Tensor {
    if (!this.training) return x;
    const out = dropout(x, this.p, true);
    return this.inplace ? x.copy_(out) : out;
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=${this.inplace}`;
  }
}
