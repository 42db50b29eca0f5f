// Normal distributions of vectors.
import { choleskyInverse, eye } from '../generated/functions';
import { cholesky, solveTriangular } from '../generated/linalg';
import { UsageError } from '../core/errors';
import { parameters, type Arguments } from '../core/options';
import { scoped } from '../runtime/scope';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { standardNormal } from './location-scale';
import { broadcastShapes, validateArgs } from './parameter';

const LOG_2_PI = Math.log(2 * Math.PI);

/** Products of matrices and vectors in the last dims. */
const applied = (m: Tensor, v: Tensor): Tensor => m.matmul(v.unsqueeze(-1)).squeeze(-1);

/** The matrix transposed. */
const mt = (m: Tensor): Tensor => m.transpose(-2, -1);

/** The sum of the logarithms on the diagonal. */
export const logDiagonal = (m: Tensor): Tensor => m.diagonal(0, -2, -1).log().sum(-1);

/** Lower-triangular systems. */
const below = (l: Tensor, b: Tensor): Tensor => solveTriangular(l, b, { upper: false });

/** The trace of `x xᵀ`. */
const traceOfSquare = (x: Tensor): Tensor => x.square().flatten(-2).sum(-1);

/**
 * `vᵀ (L Lᵀ)⁻¹ v` for vectors [*sample, *batch, n] and factors [*batch, n, n]: the samples are the columns of one right-hand side, so that
 * no factor is copied.
 */
export function squaredDistance(l: Tensor, v: Tensor): Tensor {
  const batch = l.shape.slice(0, -2);
  const lead = v.shape.slice(0, -1);
  const all = broadcastShapes('logProb', lead, batch);
  const sample = all.slice(0, all.length - batch.length);
  const n = v.size(-1);
  const count = sample.reduce((a, b) => a * b, 1);
  const columns = v.expand([...all, n]).reshape([count, ...all.slice(sample.length), n]).movedim(0, -1);
  return below(l.expand([...all.slice(sample.length), n, n]), columns).square().sum(-2).movedim(-1, 0).reshape(all);
}

/** The Cholesky factor of the inverse of a precision matrix. */
export function factorOfPrecision(precision: Tensor): Tensor {
  // With the order of rows reversed, the factor of the one is the inverse factor of the other.
  const factor = cholesky(precision.flip([-2, -1]));
  const inverse = mt(factor.flip([-2, -1]));
  return below(inverse, eye(precision.size(-1), { dtype: precision.dtype }));
}

/** The one matrix that was given of three. */
export function givenMatrix(where: string, matrices: Readonly<Record<string, Tensor | null>>): [string, Tensor] {
  const given = Object.entries(matrices).filter((entry): entry is [string, Tensor] => entry[1] !== null);
  if (given.length !== 1) {
    throw new UsageError(`${where}: expected exactly one of ${Object.keys(matrices).join(', ')}, got ${given.length === 0 ? 'none' : given.map(([name]) => name).join(' and ')}`, where);
  }
  const [name, matrix] = given[0]!;
  if (matrix.ndim < 2) throw new UsageError(`${where}: ${name} must be at least two-dimensional, with optional leading batch dims, got shape [${matrix.shape.join(', ')}]`, where);
  return [name, matrix];
}

interface MultivariateArguments {
  /** The mean, [*, n]. */
  loc: Tensor;
  /** A positive-definite matrix, [*, n, n]. */
  covarianceMatrix?: Tensor | null;
  /** Its inverse. */
  precisionMatrix?: Tensor | null;
  /** The lower Cholesky factor of the covariance matrix. */
  scaleTril?: Tensor | null;
  validateArgs?: boolean | null;
}
const MULTIVARIATE = /* @__PURE__ */ parameters<MultivariateArguments>('MultivariateNormal', () => ({
  loc: tensorKind,
  covarianceMatrix: tensorKind.orNull(),
  precisionMatrix: tensorKind.orNull(),
  scaleTril: tensorKind.orNull(),
  validateArgs: validateArgs(),
}));

/** The normal distribution of vectors, by its mean and one of covariance, precision and Cholesky factor, which is what it computes with. */
export class MultivariateNormal extends Distribution {
  /** @internal */
  static readonly _parameters = MULTIVARIATE;
  readonly loc: Tensor;
  /** @internal */
  readonly _covarianceMatrix: Tensor | null = null;
  /** @internal */
  readonly _precisionMatrix: Tensor | null = null;
  /** @internal The factor, of the shape of the batch. */
  readonly _factor: Tensor;
  constructor(...args: Arguments<MultivariateArguments, ['loc', 'covarianceMatrix', 'precisionMatrix', 'scaleTril', 'validateArgs']>) {
    const { loc, covarianceMatrix, precisionMatrix, scaleTril, validateArgs: checks } = MULTIVARIATE.read(args);
    if (loc.ndim < 1) throw new UsageError('MultivariateNormal: loc must be at least one-dimensional, got a 0-dim tensor', 'MultivariateNormal');
    const [name, matrix] = givenMatrix('MultivariateNormal', { covarianceMatrix, precisionMatrix, scaleTril });
    const batch = broadcastShapes('MultivariateNormal', matrix.shape.slice(0, -2), loc.shape.slice(0, -1));
    super(batch, loc.shape.slice(-1), checks);
    this.loc = loc.expand([...batch, loc.size(-1)]);
    const wide = matrix.expand([...batch, ...matrix.shape.slice(-2)]);
    if (name === 'covarianceMatrix') this._covarianceMatrix = wide;
    if (name === 'precisionMatrix') this._precisionMatrix = wide;
    this._factor = wide;
    this._checkParameters('loc', name);
    if (name === 'covarianceMatrix') this._factor = scoped('MultivariateNormal', () => cholesky(matrix).expand(wide.shape));
    if (name === 'precisionMatrix') this._factor = scoped('MultivariateNormal', () => factorOfPrecision(matrix).expand(wide.shape));
  }
  /** The lower Cholesky factor of the covariance matrix. */
  get scaleTril(): Tensor {
    return this._factor;
  }
  get covarianceMatrix(): Tensor {
    return this._covarianceMatrix ?? scoped('covarianceMatrix', () => this._factor.matmul(mt(this._factor)));
  }
  get precisionMatrix(): Tensor {
    return this._precisionMatrix ?? choleskyInverse(this._factor);
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      loc: constraints.realVector,
      covarianceMatrix: constraints.positiveDefinite,
      precisionMatrix: constraints.positiveDefinite,
      scaleTril: constraints.lowerCholesky,
    };
  }
  override get support(): Constraint {
    return constraints.realVector;
  }
  override _mean(): Tensor {
    return this.loc;
  }
  override _mode(): Tensor {
    return this.loc;
  }
  override _variance(): Tensor {
    return this._factor.square().sum(-1);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return this.loc.add(applied(this._factor, standardNormal(this._shapeOf(sampleShape), this.loc, generator)));
  }
  override _logProb(value: Tensor): Tensor {
    const distance = squaredDistance(this._factor, value.sub(this.loc));
    return distance.add(this.eventShape[0]! * LOG_2_PI).mul(-0.5).sub(logDiagonal(this._factor));
  }
  override _entropy(): Tensor {
    return logDiagonal(this._factor).add(0.5 * this.eventShape[0]! * (1 + LOG_2_PI));
  }
}

interface LowRankArguments {
  /** The mean, [*, n]. */
  loc: Tensor;
  /** W, [*, n, rank]. */
  covFactor: Tensor;
  /** D, positive, [*, n]. */
  covDiag: Tensor;
  validateArgs?: boolean | null;
}
const LOW_RANK = /* @__PURE__ */ parameters<LowRankArguments>('LowRankMultivariateNormal', () => ({
  loc: tensorKind,
  covFactor: tensorKind,
  covDiag: tensorKind,
  validateArgs: validateArgs(),
}));

/** The normal distribution of vectors with the covariance `W Wᵀ + diag(D)`, at the cost of the small matrix `I + Wᵀ D⁻¹ W`. */
export class LowRankMultivariateNormal extends Distribution {
  /** @internal */
  static readonly _parameters = LOW_RANK;
  readonly loc: Tensor;
  readonly covFactor: Tensor;
  readonly covDiag: Tensor;
  /** @internal The Cholesky factor of `I + Wᵀ D⁻¹ W`. */
  readonly _capacitance: Tensor;
  constructor(...args: Arguments<LowRankArguments, ['loc', 'covFactor', 'covDiag', 'validateArgs']>) {
    const { loc, covFactor, covDiag, validateArgs: checks } = LOW_RANK.read(args);
    const where = 'LowRankMultivariateNormal';
    const fail = (what: string): never => {
      throw new UsageError(`${where}: ${what}`, where);
    };
    if (loc.ndim < 1) fail('loc must be at least one-dimensional, got a 0-dim tensor');
    const n = loc.size(-1);
    const shown = (t: Tensor): string => `[${t.shape.join(', ')}]`;
    if (covFactor.ndim < 2 || covFactor.size(-2) !== n) fail(`covFactor must be a batch of matrices of ${n} rows, as loc ${shown(loc)} has elements, got shape ${shown(covFactor)}`);
    if (covDiag.ndim < 1 || covDiag.size(-1) !== n) fail(`covDiag must be a batch of vectors of ${n} elements, as loc ${shown(loc)} has, got shape ${shown(covDiag)}`);
    const batch = broadcastShapes(where, loc.shape.slice(0, -1), covFactor.shape.slice(0, -2), covDiag.shape.slice(0, -1));
    super(batch, [n], checks);
    this.loc = loc.expand([...batch, n]);
    this.covFactor = covFactor.expand([...batch, ...covFactor.shape.slice(-2)]);
    this.covDiag = covDiag.expand([...batch, n]);
    this._checkParameters('loc', 'covFactor', 'covDiag');
    this._capacitance = scoped(where, () => {
      const scaled = mt(this.covFactor).div(this.covDiag.unsqueeze(-2));
      return cholesky(scaled.matmul(this.covFactor).add(eye(covFactor.size(-1), { dtype: loc.dtype })));
    });
  }
  get scaleTril(): Tensor {
    return scoped('scaleTril', () => {
      const root = this.covDiag.sqrt().unsqueeze(-1);
      const scaled = this.covFactor.div(root);
      return root.mul(cholesky(scaled.matmul(mt(scaled)).add(eye(this.eventShape[0]!, { dtype: this.loc.dtype }))));
    });
  }
  get covarianceMatrix(): Tensor {
    return scoped('covarianceMatrix', () => this.covFactor.matmul(mt(this.covFactor)).add(this.covDiag.diagEmbed()));
  }
  get precisionMatrix(): Tensor {
    return scoped('precisionMatrix', () => {
      const a = this._whitened();
      return this.covDiag.reciprocal().diagEmbed().sub(mt(a).matmul(a));
    });
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      loc: constraints.realVector,
      covFactor: constraints.independent(constraints.realNumber, 2),
      covDiag: constraints.independent(constraints.positive, 1),
    };
  }
  override get support(): Constraint {
    return constraints.realVector;
  }
  /** @internal The logarithm of the determinant of the covariance. */
  _logDet(): Tensor {
    return logDiagonal(this._capacitance).mul(2).add(this.covDiag.log().sum(-1));
  }
  /** @internal `C⁻¹ Wᵀ D⁻¹` with the capacitance `C Cᵀ`. */
  _whitened(): Tensor {
    return below(this._capacitance, mt(this.covFactor).div(this.covDiag.unsqueeze(-2)));
  }
  /** @internal `vᵀ (W Wᵀ + D)⁻¹ v`, by Woodbury's formula. */
  _distance(v: Tensor): Tensor {
    const small = applied(mt(this.covFactor).div(this.covDiag.unsqueeze(-2)), v);
    return v.square().div(this.covDiag).sum(-1).sub(squaredDistance(this._capacitance, small));
  }
  override _mean(): Tensor {
    return this.loc;
  }
  override _mode(): Tensor {
    return this.loc;
  }
  override _variance(): Tensor {
    return this.covFactor.square().sum(-1).add(this.covDiag);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const shape = this._shapeOf(sampleShape);
    const along = standardNormal([...shape.slice(0, -1), this.covFactor.size(-1)], this.loc, generator);
    const each = standardNormal(shape, this.loc, generator);
    return this.loc.add(applied(this.covFactor, along)).add(this.covDiag.sqrt().mul(each));
  }
  override _logProb(value: Tensor): Tensor {
    return this._distance(value.sub(this.loc)).add(this._logDet()).add(this.eventShape[0]! * LOG_2_PI).mul(-0.5);
  }
  override _entropy(): Tensor {
    return this._logDet().add(this.eventShape[0]! * (1 + LOG_2_PI)).mul(0.5);
  }
}

/** The divergence of normal distributions of vectors. */
export function divergenceOfVectors(p: MultivariateNormal, q: MultivariateNormal): Tensor {
  const spread = traceOfSquare(below(q._factor, p._factor));
  const terms = spread.add(squaredDistance(q._factor, q.loc.sub(p.loc))).sub(sameLength(p, q));
  return logDiagonal(q._factor).sub(logDiagonal(p._factor)).add(terms.mul(0.5));
}

/** The same of two of low rank. */
export function divergenceOfLowRanks(p: LowRankMultivariateNormal, q: LowRankMultivariateNormal): Tensor {
  const a = q._whitened();
  const spread = p.covDiag.div(q.covDiag).sum(-1)
    .add(traceOfSquare(p.covFactor.mul(q.covDiag.rsqrt().unsqueeze(-1))))
    .sub(traceOfSquare(a.mul(p.covDiag.sqrt().unsqueeze(-2))))
    .sub(traceOfSquare(a.matmul(p.covFactor)));
  return q._logDet().sub(p._logDet()).add(spread).add(q._distance(q.loc.sub(p.loc))).sub(sameLength(p, q)).mul(0.5);
}

/** The same where the second is of low rank. */
export function divergenceToLowRank(p: MultivariateNormal, q: LowRankMultivariateNormal): Tensor {
  const spread = traceOfSquare(p._factor.mul(q.covDiag.rsqrt().unsqueeze(-1))).sub(traceOfSquare(q._whitened().matmul(p._factor)));
  return q._logDet().sub(logDiagonal(p._factor).mul(2)).add(spread).add(q._distance(q.loc.sub(p.loc))).sub(sameLength(p, q)).mul(0.5);
}

/** The same where the first is. */
export function divergenceFromLowRank(p: LowRankMultivariateNormal, q: MultivariateNormal): Tensor {
  const spread = traceOfSquare(below(q._factor, p.covFactor)).add(traceOfSquare(below(q._factor, p.covDiag.sqrt().diagEmbed())));
  const distance = squaredDistance(q._factor, q.loc.sub(p.loc));
  return logDiagonal(q._factor).mul(2).sub(p._logDet()).add(spread).add(distance).sub(sameLength(p, q)).mul(0.5);
}

/** The length of outcomes, which must be the same. */
function sameLength(p: Distribution, q: Distribution): number {
  const [n, m] = [p.eventShape[0]!, q.eventShape[0]!];
  if (n === m) return n;
  throw new UsageError(`klDivergence: distributions of vectors must have outcomes of one length, got ${n} and ${m}`, 'klDivergence');
}
