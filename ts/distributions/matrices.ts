// Distributions of matrices.
import { UsageError } from '../core/errors';
import { integerFrom } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { arange, cat, choleskyInverse, choleskySolve, digamma, lgamma, slogdet, zeros } from '../generated/functions';
import { cholesky } from '../generated/linalg';
import { scoped } from '../runtime/scope';
import type { Generator } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import { tensor } from '../tensor/create';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { Beta, Chi2 } from './gamma';
import { standardNormal } from './location-scale';
import { factorOfPrecision, givenMatrix, logDiagonal } from './multivariate';
import { broadcastShapes, epsilonOf, real, tinyOf, validateArgs, type Real } from './parameter';
import { matrixOf } from './shaped-transforms';

/** The logarithm of the multivariate gamma function, `log Γ_p(a)`. Source: https://dlmf.nist.gov/35.3. */
const multivariateLgamma = (a: Tensor, p: number): Tensor => lgamma(shifted(a, p)).sum(-1).add((p * (p - 1) * Math.log(Math.PI)) / 4);
/** Its derivative. */
const multivariateDigamma = (a: Tensor, p: number): Tensor => digamma(shifted(a, p)).sum(-1);
/** a, a − 1/2, …, of which there are p. */
const shifted = (a: Tensor, p: number): Tensor => a.unsqueeze(-1).sub(arange(p, { dtype: a.dtype }).mul(0.5));

interface WishartArguments {
  /** The degrees of freedom, more than the size of the matrices less one. */
  df: Real;
  /** A positive-definite matrix, [*, n, n]. */
  covarianceMatrix?: Tensor | null;
  /** Its inverse. */
  precisionMatrix?: Tensor | null;
  /** The lower Cholesky factor of the covariance matrix. */
  scaleTril?: Tensor | null;
  validateArgs?: boolean | null;
}
const WISHART = /* @__PURE__ */ parameters<WishartArguments>('Wishart', () => ({
  df: real,
  covarianceMatrix: tensorKind.orNull(),
  precisionMatrix: tensorKind.orNull(),
  scaleTril: tensorKind.orNull(),
  validateArgs: validateArgs(),
}));

/** How often singular matrices are drawn anew. */
const CORRECTIONS = 10;

/** The distribution of `Σ x xᵀ` over `df` normal vectors x. */
export class Wishart extends Distribution {
  /** @internal */
  static readonly _parameters = WISHART;
  readonly df: Tensor;
  /** @internal */
  readonly _covarianceMatrix: Tensor | null = null;
  /** @internal */
  readonly _precisionMatrix: Tensor | null = null;
  /** @internal The factor, of the shape of the batch. */
  readonly _factor: Tensor;
  constructor(...args: Arguments<WishartArguments, ['df', 'covarianceMatrix', 'precisionMatrix', 'scaleTril', 'validateArgs']>) {
    const { df, covarianceMatrix, precisionMatrix, scaleTril, validateArgs: checks } = WISHART.read(args);
    const [name, matrix] = givenMatrix('Wishart', { covarianceMatrix, precisionMatrix, scaleTril });
    const degrees = df instanceof Tensor ? df : tensor(df, { dtype: matrix.dtype });
    const batch = broadcastShapes('Wishart', matrix.shape.slice(0, -2), degrees.shape);
    const n = matrix.size(-1);
    if (degrees.le(n - 1).any().item<boolean>()) {
      throw new UsageError(`Wishart: df must be greater than ${n - 1}, the size of the matrices less one, got ${String(degrees.detach())}`, 'Wishart');
    }
    super(batch, matrix.shape.slice(-2), checks);
    this.df = degrees.expand(batch);
    const wide = matrix.expand([...batch, ...matrix.shape.slice(-2)]);
    if (name === 'covarianceMatrix') this._covarianceMatrix = wide;
    if (name === 'precisionMatrix') this._precisionMatrix = wide;
    this._factor = wide;
    this._checkParameters('df', name);
    if (name === 'covarianceMatrix') this._factor = scoped('Wishart', () => cholesky(matrix).expand(wide.shape));
    if (name === 'precisionMatrix') this._factor = scoped('Wishart', () => factorOfPrecision(matrix).expand(wide.shape));
  }
  private get size(): number {
    return this.eventShape[0]!;
  }
  /** The lower Cholesky factor of the covariance matrix. */
  get scaleTril(): Tensor {
    return this._factor;
  }
  get covarianceMatrix(): Tensor {
    return this._covarianceMatrix ?? scoped('covarianceMatrix', () => this._factor.matmul(this._factor.transpose(-2, -1)));
  }
  get precisionMatrix(): Tensor {
    return this._precisionMatrix ?? choleskyInverse(this._factor);
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      df: constraints.greaterThan(this.size - 1),
      covarianceMatrix: constraints.positiveDefinite,
      precisionMatrix: constraints.positiveDefinite,
      scaleTril: constraints.lowerCholesky,
    };
  }
  override get support(): Constraint {
    return constraints.positiveDefinite;
  }
  override _mean(): Tensor {
    return this.covarianceMatrix.mul(this.df.unsqueeze(-1).unsqueeze(-1));
  }
  override _mode(): Tensor {
    const factor = this.df.sub(this.size + 1);
    return this.covarianceMatrix.mul(factor.maskedFill(factor.le(0), NaN).unsqueeze(-1).unsqueeze(-1));
  }
  override _variance(): Tensor {
    const v = this.covarianceMatrix;
    const diagonal = v.diagonal(0, -2, -1);
    const products = diagonal.unsqueeze(-1).mul(diagonal.unsqueeze(-2));
    return v.square().add(products).mul(this.df.unsqueeze(-1).unsqueeze(-1));
  }
  /** Bartlett's decomposition: chi-squared numbers on the diagonal of a triangle, normal ones below. */
  private bartlett(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const n = this.size;
    const df = this.df.unsqueeze(-1).sub(arange(n, { dtype: this.df.dtype }));
    const roots = new Chi2(df, false)._rsample(sampleShape, generator).sqrt();
    const diagonal = roots.clamp(epsilonOf(roots));
    const below = standardNormal([...sampleShape, ...this.batchShape, (n * (n - 1)) / 2], diagonal, generator);
    const factor = this._factor.matmul(diagonal.diagEmbed().add(matrixOf(below, n)));
    return factor.matmul(factor.transpose(-2, -1));
  }
  /** Which matrices of a list are in the support in any batch, or, with `inside` false, are not. */
  private places(of: Tensor, inside: boolean): number[] {
    if (of.size(0) === 0) return [];
    const good = this.support._check(of.detach());
    const hits = (inside ? good : good.logicalNot()).reshape([of.size(0), -1]).any(-1).tolist() as boolean[];
    return hits.flatMap((hit, i) => (hit ? [i] : []));
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const part = [...this.batchShape, this.size, this.size];
    let sample = this.bartlett(sampleShape, generator).reshape([sampleShape.reduce((a, b) => a * b, 1), ...part]);
    // PyTorch 2.15 first draws anew those that are in the support, and then those that are not: the same seed gives its numbers.
    let again = this.places(sample, true);
    for (let i = 0; i < CORRECTIONS && again.length > 0; i++) {
      const fresh = this.bartlett([again.length], generator);
      sample = sample.indexCopy(0, tensor(again, { dtype: 'int64' }), fresh);
      const drawn = again;
      again = this.places(fresh, false).map((at) => drawn[at]!);
    }
    return sample.reshape([...sampleShape, ...part]);
  }
  override _logProb(value: Tensor): Tensor {
    const { df, size: p } = this;
    const trace = choleskySolve(value, this._factor).diagonal(0, -2, -1).sum(-1);
    const norm = logDiagonal(this._factor).add((p * Math.LN2) / 2).mul(df).neg().sub(multivariateLgamma(df.div(2), p));
    return norm.add(df.sub(p + 1).div(2).mul(slogdet(value).logabsdet)).sub(trace.div(2));
  }
  override _entropy(): Tensor {
    const { df, size: p } = this;
    const half = df.div(2);
    return logDiagonal(this._factor).add((p * Math.LN2) / 2).mul(p + 1)
      .add(multivariateLgamma(half, p))
      .sub(df.sub(p + 1).div(2).mul(multivariateDigamma(half, p)))
      .add(df.mul(p / 2));
  }
}

interface LkjArguments {
  /** The size of the matrices, 2 or more; 2 by default. */
  dim?: number;
  /** 1, the default, for all correlation matrices alike; more for those nearer the identity. */
  concentration?: Real;
  validateArgs?: boolean | null;
}
const LKJ = /* @__PURE__ */ parameters<LkjArguments>('LKJCholesky', () => ({ dim: integerFrom(2).or(2), concentration: real.or(1), validateArgs: validateArgs() }));

/**
 * The distribution of Cholesky factors of correlation matrices, by the determinant of the matrix to the power concentration − 1.
 *
 * Source: Lewandowski, Kurowicka and Joe, "Generating random correlation matrices based on vines and extended onion method", 2009.
 */
export class LKJCholesky extends Distribution {
  /** @internal */
  static readonly _parameters = LKJ;
  readonly dim: number;
  readonly concentration: Tensor;
  constructor(...args: Arguments<LkjArguments, ['dim', 'concentration', 'validateArgs']>) {
    const { dim, concentration, validateArgs: checks } = LKJ.read(args);
    const c = concentration instanceof Tensor ? concentration : tensor(concentration, { dtype: 'float32' });
    super(c.shape, [dim, dim], checks);
    this.dim = dim;
    this.concentration = c;
    this._checkParameters('concentration');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.corrCholesky;
  }
  /** The squared lengths of rows without their last element. */
  private get lengths(): Beta {
    const { dim, concentration: c } = this;
    const offset = cat([zeros([1], { dtype: c.dtype }), arange(dim - 1, { dtype: c.dtype })]);
    return new Beta(offset.add(0.5), c.add(0.5 * (dim - 2)).unsqueeze(-1).sub(offset.mul(0.5)), false);
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const y = this.lengths._rsample(sampleShape, generator).unsqueeze(-1);
    const normal = standardNormal(this._shapeOf(sampleShape), this.concentration, generator).tril(-1);
    // The first row has no direction.
    const length = normal.square().sum(-1, true).sqrt();
    const direction = normal.div(length.maskedFill(length.eq(0), 1));
    const below = y.sqrt().mul(direction);
    const rest = below.square().sum(-1).neg().add(1).clamp(tinyOf(below)).sqrt();
    return below.add(rest.diagEmbed());
  }
  override _logProb(value: Tensor): Tensor {
    const { dim, concentration: c } = this;
    const logs = value.diagonal(0, -2, -1).narrow(-1, 1, dim - 1).log();
    const powers = c.sub(1).mul(2).unsqueeze(-1).add(dim).sub(arange(2, dim + 1, { dtype: c.dtype }));
    const alpha = c.add(0.5 * (dim - 1));
    const norm = multivariateLgamma(alpha.sub(0.5), dim - 1).sub(lgamma(alpha).mul(dim - 1)).add(0.5 * (dim - 1) * Math.log(Math.PI));
    return powers.mul(logs).sum(-1).sub(norm);
  }
}
