// Parametrizations of weights: the namespace `nn.utils.parametrizations`.
import { noGrad } from '../autograd/autograd';
import { IndexError, UsageError } from '../core/errors';
import { normalize } from '../generated/functional';
import { dot, mv } from '../generated/functions';
import { instanceOf, integer, integerFrom, number, text, type Kind } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { nameOf } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { ConvTranspose1d, ConvTranspose2d } from './conv';
import { Module } from './module';
import { registerParametrization } from './parametrize';

const moduleKind = (): Kind<Module> => instanceOf<Module>('a module', () => Module);

/** The 2-norm over all dims but one, of size 1, or over all where `dim` is −1. */
function normExceptDim(v: Tensor, dim: number): Tensor {
  if (dim === -1) return v.norm(2);
  const others = [...v.shape.keys()].filter((d) => d !== dim);
  return others.length === 0 ? v.abs() : v.square().sum(others, true).sqrt();
}

/** g · v / ‖v‖. */
class WeightNorm extends Module {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(normExceptDim(v, this.dim)));
  }

  rightInverse(weight: Tensor): [Tensor, Tensor] {
    return [normExceptDim(weight, this.dim), weight];
  }
}

interface WeightNormArguments {
  module: Module;
  /** The name of the parameter; `'weight'` by default. */
  name?: string;
  /** The dim along which norms differ; 0 by default, null for one norm of all. */
  dim?: number | null;
}

/**
 * Has a weight computed as g · v / ‖v‖, with the lengths g (`parametrizations.weight.original0`) and the directions v
 * (`…original1`) as parameters.
 *
 * Source: Salimans and Kingma, "Weight normalization", NeurIPS 2016.
 */
export const weightNorm: Stated & {
  <M extends Module>(module: M, name?: string | { name?: string; dim?: number | null }, dim?: number | null | { dim?: number | null }): M;
  (options: WeightNormArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<WeightNormArguments>('weightNorm', () => ({ module: moduleKind(), name: text.or('weight'), dim: integer.orNull().or(0) })),
  ({ module, name, dim }) => {
    registerParametrization(module, name, new WeightNorm(dim ?? -1), true);
    const at = (prefix: string, i: number): string => `${prefix}parametrizations.${name}.original${i}`;
    // Files of PyTorch's older weight_norm.
    module.registerLoadStateDictPreHook((_module, state, prefix) => {
      ['g', 'v'].forEach((letter, i) => {
        const old = `${prefix}${name}_${letter}`;
        if (state[old] === undefined) return;
        state[at(prefix, i)] = state[old];
        Reflect.deleteProperty(state, old);
      });
    });
    return module;
  },
);

/** W / σ, with the greatest singular value σ followed by power iteration. */
class SpectralNorm extends Module {
  readonly dim: number;
  readonly eps: number;
  readonly nPowerIterations: number;
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super();
    const { ndim } = weight;
    if (dim >= ndim || dim < -ndim) throw new IndexError(`spectralNorm: dim must be within ${-ndim} and ${ndim - 1}, got ${dim}`, 'spectralNorm', { dim });
    this.dim = dim < 0 ? dim + ndim : dim;
    this.eps = eps;
    this.nPowerIterations = nPowerIterations;
    if (ndim < 2) return;
    noGrad(() => {
      const matrix = this.asMatrix(weight);
      const [u, v] = [0, 1].map((d) => normalize(matrix.newZeros([matrix.size(d)]).normal_(0, 1), 2, 0, eps)) as [Tensor, Tensor];
      this.registerBuffer('_u', u);
      this.registerBuffer('_v', v);
      this.iterate(matrix, 15);
    });
  }

  private asMatrix(weight: Tensor): Tensor {
    const moved = this.dim === 0 ? weight : weight.permute([this.dim, ...[...weight.shape.keys()].filter((d) => d !== this.dim)]);
    return moved.flatten(1);
  }

  private iterate(matrix: Tensor, times: number): void {
    noGrad(() => {
      for (let i = 0; i < times; i++) {
        this._u.copy_(normalize(mv(matrix, this._v), 2, 0, this.eps));
        this._v.copy_(normalize(mv(matrix.t(), this._u), 2, 0, this.eps));
      }
    });
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return normalize(weight, 2, 0, this.eps);
    const matrix = this.asMatrix(weight);
    if (this.training) this.iterate(matrix, this.nPowerIterations);
    // The next iteration writes them, and backward needs them as they are.
    const [u, v] = [this._u.clone(), this._v.clone()];
    return weight.div(dot(u, mv(matrix, v)));
  }

  /** The weight itself: assigned values are not undone. */
  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

interface SpectralNormArguments {
  module: Module;
  /** The name of the parameter; `'weight'` by default. */
  name?: string;
  /** Power iterations at each call in training; 1 by default. */
  nPowerIterations?: number;
  /** What norms are at least; 1e-12 by default. */
  eps?: number;
  /** The dim of outputs; 0 by default, 1 for transposed convolutions. */
  dim?: number | null;
}

type SpectralNormOptions = Omit<SpectralNormArguments, 'module'>;

/**
 * Has a weight divided by its greatest singular value, which power iteration follows in training.
 *
 * Source: Miyato, Kataoka, Koyama and Yoshida, "Spectral normalization for generative adversarial networks", ICLR 2018.
 */
export const spectralNorm: Stated & {
  <M extends Module>(module: M, name?: string | SpectralNormOptions, nPowerIterations?: number | SpectralNormOptions, eps?: number | SpectralNormOptions, dim?: number | null): M;
  (options: SpectralNormArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SpectralNormArguments>('spectralNorm', () => ({
    module: moduleKind(),
    name: text.or('weight'),
    nPowerIterations: integerFrom(1).or(1),
    eps: number.or(1e-12),
    dim: integer.orNull(),
  })),
  ({ module, name, nPowerIterations, eps, dim }) => {
    const weight = (module as unknown as Record<string, unknown>)[nameOf(module, name)];
    if (!(weight instanceof Tensor)) throw new UsageError(`spectralNorm: ${module.constructor.name} has no parameter or buffer named ${name}`, 'spectralNorm', { name });
    const isTransposed = module instanceof ConvTranspose1d || module instanceof ConvTranspose2d;
    return registerParametrization(module, name, new SpectralNorm(weight, nPowerIterations, dim ?? (isTransposed ? 1 : 0), eps));
  },
);
