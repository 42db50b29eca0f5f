// Modules that apply one function to each element, or along a dim.
import { UsageError } from '../errors';
import { gelu } from '../generated/functional';
import { integerAtLeast } from '../options';
import type { Tensor } from '../tensor';
import { Module } from './module';

/** max(x, 0), with derivative 0 at 0; `inplace` writes x. */
export class ReLU extends Module {
  readonly inplace: boolean;

  constructor(inplace: boolean | { inplace?: boolean } = false) {
    super();
    this.inplace = typeof inplace === 'boolean' ? inplace : (inplace.inplace ?? false);
  }

  override forward(x: Tensor): Tensor {
    return this.inplace ? x.relu_() : x.relu();
  }

  override extraRepr(): string {
    return this.inplace ? 'inplace=true' : '';
  }
}

/** tanh x. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** 1 / (1 + exp(−x)). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/** How `GELU` is computed: by erf, or approximated by tanh. */
export type GELUApproximation = 'none' | 'tanh';

/** x · Φ(x), with Φ the distribution function of the standard normal distribution. */
export class GELU extends Module {
  readonly approximate: GELUApproximation;

  constructor(approximate: GELUApproximation | { approximate?: GELUApproximation } = 'none') {
    super();
    this.approximate = typeof approximate === 'string' ? approximate : (approximate.approximate ?? 'none');
    // The type says so; plain JavaScript does not.
    const given: string = this.approximate;
    if (given !== 'none' && given !== 'tanh') {
      throw new UsageError(`GELU: approximate must be 'none' or 'tanh', got '${given}'`, 'GELU');
    }
  }

  override forward(x: Tensor): Tensor {
    return this.approximate === 'none' ? gelu(x) : gelu(x, this.approximate);
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** A function along one dim. */
abstract class AlongDim extends Module {
  readonly dim: number;

  constructor(dim: number | { dim: number }) {
    super();
    this.dim = typeof dim === 'number' ? dim : dim.dim;
    integerAtLeast(this.constructor.name, 'dim', this.dim, -64);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** exp(x_i) / Σ_j exp(x_j) along `dim`. */
export class Softmax extends AlongDim {
  override forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }
}

/** x_i − log Σ_j exp(x_j) along `dim`. */
export class LogSoftmax extends AlongDim {
  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
  }
}
