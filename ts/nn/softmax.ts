// Softmax in its other forms.
import { ShapeError } from '../core/errors';
import { softmax, softmin } from '../generated/functional';
import { integer } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { AlongDim, chosenDim, type DimArguments } from './activation';
import { noParameters } from './elementwise';
import { INPUT } from './inputs';
import { Module } from './module';

const SOFTMIN = /* @__PURE__ */ parameters<DimArguments>('Softmin', () => ({ dim: integer.orNull() }));

/** exp(−x_i) / Σ_j exp(−x_j) along `dim`. */
export class Softmin extends AlongDim {
  /** @internal */
  static readonly _parameters = SOFTMIN;

  constructor(...args: Arguments<DimArguments, ['dim']>) {
    super(SOFTMIN, args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return softmin(input, this.dim ?? chosenDim('Softmin', input));
  }
}

const SOFTMAX2D = /* @__PURE__ */ noParameters('Softmax2d');

/** The softmax over the channels of images. **Shapes**: x and y `[N, C, H, W]` or `[C, H, W]`. */
export class Softmax2d extends Module {
  /** @internal */
  static readonly _parameters = SOFTMAX2D;

  constructor(...args: []) {
    super();
    SOFTMAX2D.read(args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    checkArgument('Softmax2d', 'input', input, tensor);
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new ShapeError(`Softmax2d: expected an input of 3 or 4 dims, got shape [${input.shape.join(', ')}]`, 'Softmax2d', { shape: input.shape });
    }
    return softmax(input, -3);
  }
}
