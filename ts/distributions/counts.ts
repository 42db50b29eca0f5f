// Distributions of two outcomes, and of counts.
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { UsageError } from '../core/errors';
import { arange, bernoulli, binomial, empty, lgamma, poisson, xlogy, zerosLike } from '../generated/functions';
import { binaryCrossEntropyWithLogits, logsigmoid } from '../generated/functional';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { Gamma } from './gamma';
import { broadcastAll, eitherOf, oddsOfProbs, probsOfOdds, real, tinyOf, validateArgs, type Real } from './parameter';

export interface OddsArguments {
  /** The probability of a 1. */
  probs?: Real | null;
  /** Its log odds, instead. */
  logits?: Real | null;
  validateArgs?: boolean | null;
}
export const odds = (where: string): ParameterList<OddsArguments> => parameters<OddsArguments>(where, () => ({ probs: real.orNull(), logits: real.orNull(), validateArgs: validateArgs() }));

/** What distributions of a probability share: it, or its log odds. */
export abstract class WithOdds extends Distribution {
  /** @internal */
  readonly _probs: Tensor | null;
  /** @internal */
  readonly _logits: Tensor | null;
  constructor(param: Tensor, isProbs: boolean, checks: boolean | null, shape = param.shape) {
    super(shape, [], checks);
    this._probs = isProbs ? param : null;
    this._logits = isProbs ? null : param;
  }
  /** The probability. */
  get probs(): Tensor {
    return this._probs ?? probsOfOdds(this._logits!);
  }
  /** Its log odds. */
  get logits(): Tensor {
    return this._logits ?? oddsOfProbs(this._probs!);
  }
  /** The shape of the parameter. */
  get paramShape(): readonly number[] {
    return this._param.shape;
  }
  /** @internal What was given. */
  get _param(): Tensor {
    return this._probs ?? this._logits!;
  }
  /** @internal Throws unless what was given is in order. */
  _checkOdds(...others: string[]): void {
    this._checkParameters(...others, this._probs === null ? 'logits' : 'probs');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: constraints.unitInterval, logits: constraints.realNumber };
  }
}

/** 0, 1, … along a first dim, over a batch. */
function counted(n: number, { _param, batchShape }: WithOdds, expand: boolean): Tensor {
  const values = arange(n, { dtype: _param.dtype }).view([n, ...batchShape.map(() => 1)]);
  return expand ? values.expand([n, ...batchShape]) : values;
}

const BERNOULLI = /* @__PURE__ */ odds('Bernoulli');

/** 1 with probability `probs`, else 0. */
export class Bernoulli extends WithOdds {
  /** @internal */
  static readonly _parameters = BERNOULLI;
  constructor(...args: Arguments<OddsArguments, ['probs', 'logits', 'validateArgs']>) {
    const { probs, logits, validateArgs: checks } = BERNOULLI.read(args);
    const given = eitherOf('Bernoulli', probs, logits);
    const [param] = broadcastAll('Bernoulli', (probs ?? logits)!);
    super(param, given === 'probs', checks);
    this._checkOdds();
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  override get support(): Constraint {
    return constraints.boolean;
  }
  override _mean(): Tensor {
    return this.probs;
  }
  override _mode(): Tensor {
    const { probs } = this;
    return probs.ge(0.5).to(probs.dtype).maskedFill(probs.ne(0.5).logicalNot(), NaN);
  }
  override _variance(): Tensor {
    const { probs } = this;
    return probs.mul(probs.neg().add(1));
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return bernoulli(this.probs.expand(this._shapeOf(sampleShape)), { generator });
  }
  override _logProb(value: Tensor): Tensor {
    const [logits, target] = broadcastAll('logProb', this.logits, value);
    return binaryCrossEntropyWithLogits(logits, target, { reduction: 'none' }).neg();
  }
  override _entropy(): Tensor {
    return binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: 'none' });
  }
  override _enumerate(expand: boolean): Tensor {
    return counted(2, this, expand);
  }
}

const GEOMETRIC = /* @__PURE__ */ odds('Geometric');

/** How many trials fail before one succeeds, with probability `probs`. */
export class Geometric extends WithOdds {
  /** @internal */
  static readonly _parameters = GEOMETRIC;
  constructor(...args: Arguments<OddsArguments, ['probs', 'logits', 'validateArgs']>) {
    const { probs, logits, validateArgs: checks } = GEOMETRIC.read(args);
    const given = eitherOf('Geometric', probs, logits);
    const [param] = broadcastAll('Geometric', (probs ?? logits)!);
    super(param, given === 'probs', checks);
    this._checkOdds();
    if (this._validates && this._probs !== null) constraints.checkIn('Geometric', 'parameter probs', this._probs, constraints.positive);
  }
  override get support(): Constraint {
    return constraints.nonnegativeInteger;
  }
  override _mean(): Tensor {
    return this.probs.reciprocal().sub(1);
  }
  override _mode(): Tensor {
    return zerosLike(this.probs);
  }
  override _variance(): Tensor {
    const { probs } = this;
    return probs.reciprocal().sub(1).div(probs);
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const { probs } = this;
    const u = empty(this._shapeOf(sampleShape), { dtype: probs.dtype }).uniform_(tinyOf(probs), 1, { generator });
    return u.log().div(probs.neg().log1p()).floor();
  }
  override _logProb(value: Tensor): Tensor {
    const [v, probs] = broadcastAll('logProb', value, this.probs);
    const safe = probs.maskedFill(probs.eq(1).logicalAnd(v.eq(0)), 0);
    return v.mul(safe.neg().log1p()).add(this.probs.log());
  }
  override _entropy(): Tensor {
    const { probs } = this;
    return binaryCrossEntropyWithLogits(this.logits, probs, { reduction: 'none' }).div(probs);
  }
}

interface RateArguments {
  rate: Real;
  validateArgs?: boolean | null;
}
const POISSON = /* @__PURE__ */ parameters<RateArguments>('Poisson', () => ({ rate: real, validateArgs: validateArgs() }));

/** How often something happens that happens `rate` times on average. */
export class Poisson extends Distribution {
  /** @internal */
  static readonly _parameters = POISSON;
  readonly rate: Tensor;
  constructor(...args: Arguments<RateArguments, ['rate', 'validateArgs']>) {
    const { rate, validateArgs: checks } = POISSON.read(args);
    const [r] = broadcastAll('Poisson', rate);
    super(r.shape, [], checks);
    this.rate = r;
    this._checkParameters('rate');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { rate: constraints.nonnegative };
  }
  override get support(): Constraint {
    return constraints.nonnegativeInteger;
  }
  override _mean(): Tensor {
    return this.rate;
  }
  override _mode(): Tensor {
    return this.rate.floor();
  }
  override _variance(): Tensor {
    return this.rate;
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return poisson(this.rate.expand(this._shapeOf(sampleShape)), { generator });
  }
  override _logProb(value: Tensor): Tensor {
    const [rate, v] = broadcastAll('logProb', this.rate, value);
    return xlogy(v, rate).sub(rate).sub(lgamma(v.add(1)));
  }
}

interface BinomialArguments extends OddsArguments {
  /** How many trials there are; 1 by default. */
  totalCount?: Real;
}
const BINOMIAL = /* @__PURE__ */ parameters<BinomialArguments>('Binomial', () => ({ totalCount: real.or(1), probs: real.orNull(), logits: real.orNull(), validateArgs: validateArgs() }));

/** How many of `totalCount` trials succeed, each with probability `probs`. */
export class Binomial extends WithOdds {
  /** @internal */
  static readonly _parameters = BINOMIAL;
  readonly totalCount: Tensor;
  constructor(...args: Arguments<BinomialArguments, ['totalCount', 'probs', 'logits', 'validateArgs']>) {
    const { totalCount, probs, logits, validateArgs: checks } = BINOMIAL.read(args);
    const given = eitherOf('Binomial', probs, logits);
    const [param, count] = broadcastAll('Binomial', (probs ?? logits)!, totalCount);
    super(param, given === 'probs', checks);
    this.totalCount = count.to(param.dtype);
    this._checkOdds('totalCount');
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { totalCount: constraints.nonnegativeInteger, ...super.argConstraints };
  }
  override get support(): Constraint {
    return constraints.integerInterval(0, this.totalCount);
  }
  override _mean(): Tensor {
    return this.totalCount.mul(this.probs);
  }
  override _mode(): Tensor {
    return this.totalCount.add(1).mul(this.probs).floor().minimum(this.totalCount);
  }
  override _variance(): Tensor {
    const { probs } = this;
    return this.totalCount.mul(probs).mul(probs.neg().add(1));
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const shape = this._shapeOf(sampleShape);
    return binomial(this.totalCount.expand(shape), this.probs.expand(shape), { generator });
  }
  override _logProb(value: Tensor): Tensor {
    const { totalCount: n, logits } = this;
    // log (1 − p)^n, of the log odds: exact for large ones of either sign. At 0 the gradient is the mean of both sides'.
    const above = logits.clamp(0).add(logits).sub(logits.clampMax(0)).div(2);
    const rest = n.mul(above).add(n.mul(logits.abs().neg().exp().log1p())).sub(lgamma(n.add(1)));
    return value.mul(logits).sub(lgamma(value.add(1))).sub(lgamma(n.sub(value).add(1))).sub(rest);
  }
  override _entropy(): Tensor {
    const log = this._logProb(counted(this._count('entropy') + 1, this, false));
    return log.exp().mul(log).sum(0).neg();
  }
  override _enumerate(expand: boolean): Tensor {
    return counted(this._count('enumerateSupport') + 1, this, expand);
  }
  private _count(where: string): number {
    const most = this.totalCount.max().item();
    if (this.totalCount.min().item() === most) return most;
    throw new UsageError(`${where}: the distributions of the batch have different total counts; ask those of one count`, where);
  }
}

interface NegativeBinomialArguments extends OddsArguments {
  totalCount: Real;
}
const NEGATIVE = /* @__PURE__ */ parameters<NegativeBinomialArguments>('NegativeBinomial', () => ({ totalCount: real, probs: real.orNull(), logits: real.orNull(), validateArgs: validateArgs() }));

/** How many trials succeed, each with probability `probs`, before `totalCount` failed. */
export class NegativeBinomial extends WithOdds {
  /** @internal */
  static readonly _parameters = NEGATIVE;
  readonly totalCount: Tensor;
  constructor(...args: Arguments<NegativeBinomialArguments, ['totalCount', 'probs', 'logits', 'validateArgs']>) {
    const { totalCount, probs, logits, validateArgs: checks } = NEGATIVE.read(args);
    const given = eitherOf('NegativeBinomial', probs, logits);
    const [param, count] = broadcastAll('NegativeBinomial', (probs ?? logits)!, totalCount);
    super(param, given === 'probs', checks);
    this.totalCount = count.to(param.dtype);
    this._checkOdds('totalCount');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { totalCount: constraints.greaterThanEq(0), probs: constraints.halfOpenInterval(0, 1), logits: constraints.realNumber };
  }
  override get support(): Constraint {
    return constraints.nonnegativeInteger;
  }
  override _mean(): Tensor {
    return this.totalCount.mul(this.logits.exp());
  }
  override _mode(): Tensor {
    return this.totalCount.sub(1).mul(this.logits.exp()).floor().clamp(0);
  }
  override _variance(): Tensor {
    return this._mean().div(this.logits.neg().sigmoid());
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const rates = new Gamma(this.totalCount, this.logits.neg().exp(), false);
    return poisson(rates._sample(sampleShape, generator), { generator });
  }
  override _logProb(value: Tensor): Tensor {
    const { totalCount: n, logits } = this;
    const weights = n.mul(logsigmoid(logits.neg())).add(value.mul(logsigmoid(logits)));
    const total = n.add(value);
    const rest = lgamma(total).neg().add(lgamma(value.add(1))).add(lgamma(n));
    return weights.sub(rest.maskedFill(total.eq(0), 0));
  }
}
