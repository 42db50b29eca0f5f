// Random omission in training.
import { UsageError } from '../core/errors';
import { dropout } from '../generated/functional';
import { boolean, number } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';

/** Options of dropout. */
export interface DropoutOptions {
  /** The probability that an element becomes 0; 0.5 by default. */
  p?: number;
  /** Whether x is written; false by default. */
  inplace?: boolean;
}

const DROPOUT = /* @__PURE__ */ parameters<DropoutOptions>('Dropout', () => ({ p: number.or(0.5), inplace: boolean.or(false) }));

/** In training sets each element to 0 with probability `p` and divides the others by 1 − p; in evaluation returns x. */
export class Dropout extends Module {
  /** @internal */
  static readonly _parameters = DROPOUT;
  readonly p: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<DropoutOptions, ['p', 'inplace']>) {
    super();
    ({ p: this.p, inplace: this.inplace } = DROPOUT.read(args));
    if (!(this.p >= 0 && this.p <= 1)) throw new UsageError(`Dropout: p must be a probability, got ${this.p}`, 'Dropout', { p: this.p });
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    if (!this.training) return input;
    const out = dropout(input, this.p, true);
    return this.inplace ? input.copy_(out) : out;
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=${this.inplace}`;
  }
}
