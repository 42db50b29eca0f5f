// The exponential distribution and what is made of it, and others given by the inverse of their cdf.
import { parameters, type Arguments } from '../core/options';
import { digamma, empty, fullLike, isclose, lgamma, onesLike, where, zerosLike } from '../generated/functions';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { AffineTransform, ExpTransform, PowerTransform } from './elementwise-transforms';
import { EULER, Uniform, uniforms } from './location-scale';
import { broadcastAll, real, validateArgs, type Real } from './parameter';
import { TransformedDistribution } from './transformed';

interface RateArguments {
  rate: Real;
  validateArgs?: boolean | null;
}
const EXPONENTIAL = /* @__PURE__ */ parameters<RateArguments>('Exponential', () => ({ rate: real, validateArgs: validateArgs() }));

/** The exponential distribution: density rate · exp(−rate · x). */
export class Exponential extends Distribution {
  /** @internal */
  static readonly _parameters = EXPONENTIAL;
  readonly rate: Tensor;
  constructor(...args: Arguments<RateArguments, ['rate', 'validateArgs']>) {
    const { rate, validateArgs: checks } = EXPONENTIAL.read(args);
    const [r] = broadcastAll('Exponential', rate);
    super(r.shape, [], checks);
    this.rate = r;
    this._checkParameters('rate');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { rate: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.nonnegative;
  }
  override _mean(): Tensor {
    return this.rate.reciprocal();
  }
  override _mode(): Tensor {
    return zerosLike(this.rate);
  }
  override _stddev(): Tensor {
    return this.rate.reciprocal();
  }
  override _variance(): Tensor {
    return this.rate.pow(-2);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return empty(this._shapeOf(sampleShape), { dtype: this.rate.dtype }).exponential_({ generator }).div(this.rate);
  }
  override _logProb(value: Tensor): Tensor {
    return this.rate.log().sub(this.rate.mul(value));
  }
  override _cdf(value: Tensor): Tensor {
    return this.rate.mul(value).neg().exp().neg().add(1);
  }
  override _icdf(value: Tensor): Tensor {
    return value.neg().log1p().neg().div(this.rate);
  }
  override _entropy(): Tensor {
    return this.rate.log().neg().add(1);
  }
}

interface ParetoArguments {
  scale: Real;
  alpha: Real;
  validateArgs?: boolean | null;
}
const PARETO = /* @__PURE__ */ parameters<ParetoArguments>('Pareto', () => ({ scale: real, alpha: real, validateArgs: validateArgs() }));

/** The Pareto distribution: numbers from `scale` on whose tail falls as x^−alpha. */
export class Pareto extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = PARETO as never;
  readonly scale: Tensor;
  readonly alpha: Tensor;
  constructor(...args: Arguments<ParetoArguments, ['scale', 'alpha', 'validateArgs']>) {
    const { scale, alpha, validateArgs: checks } = PARETO.read(args);
    const [s, a] = broadcastAll('Pareto', scale, alpha);
    super(new Exponential(a, checks), [new ExpTransform(), new AffineTransform(0, s)], checks);
    this.scale = s;
    this.alpha = a;
    this._checkParameters('scale', 'alpha');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { alpha: constraints.positive, scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.greaterThanEq(this.scale);
  }
  override _mean(): Tensor {
    const a = this.alpha.clamp(1);
    return a.mul(this.scale).div(a.sub(1));
  }
  override _mode(): Tensor {
    return this.scale;
  }
  override _variance(): Tensor {
    const a = this.alpha.clamp(2);
    return this.scale.square().mul(a).div(a.sub(1).square().mul(a.sub(2)));
  }
  override _entropy(): Tensor {
    return this.scale.div(this.alpha).log().add(this.alpha.reciprocal().add(1));
  }
}

interface WeibullArguments {
  scale: Real;
  concentration: Real;
  validateArgs?: boolean | null;
}
const WEIBULL = /* @__PURE__ */ parameters<WeibullArguments>('Weibull', () => ({ scale: real, concentration: real, validateArgs: validateArgs() }));

/** The Weibull distribution. */
export class Weibull extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = WEIBULL as never;
  readonly scale: Tensor;
  readonly concentration: Tensor;
  constructor(...args: Arguments<WeibullArguments, ['scale', 'concentration', 'validateArgs']>) {
    const { scale, concentration, validateArgs: checks } = WEIBULL.read(args);
    const [s, c] = broadcastAll('Weibull', scale, concentration);
    super(new Exponential(onesLike(s), checks), [new PowerTransform(c.reciprocal()), new AffineTransform(0, s)], checks);
    this.scale = s;
    this.concentration = c;
    this._checkParameters('scale', 'concentration');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: constraints.positive, concentration: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.positive;
  }
  override _mean(): Tensor {
    return this.scale.mul(this._moment(1));
  }
  override _mode(): Tensor {
    const { concentration } = this;
    return this.scale.mul(concentration.sub(1).div(concentration).pow(concentration.reciprocal()));
  }
  override _variance(): Tensor {
    return this.scale.square().mul(this._moment(2).sub(lgamma(this.concentration.reciprocal().add(1)).mul(2).exp()));
  }
  override _entropy(): Tensor {
    const inverse = this.concentration.reciprocal();
    return inverse.neg().add(1).mul(EULER).add(this.scale.mul(inverse).log()).add(1);
  }
  private _moment(k: number): Tensor {
    return lgamma(this.concentration.reciprocal().mul(k).add(1)).exp();
  }
}

interface KumaraswamyArguments {
  concentration1: Real;
  concentration0: Real;
  validateArgs?: boolean | null;
}
const KUMARASWAMY = /* @__PURE__ */ parameters<KumaraswamyArguments>('Kumaraswamy', () => ({ concentration1: real, concentration0: real, validateArgs: validateArgs() }));

/** The Kumaraswamy distribution: like beta, with a cdf in closed form. */
export class Kumaraswamy extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = KUMARASWAMY as never;
  readonly concentration1: Tensor;
  readonly concentration0: Tensor;
  constructor(...args: Arguments<KumaraswamyArguments, ['concentration1', 'concentration0', 'validateArgs']>) {
    const { concentration1, concentration0, validateArgs: checks } = KUMARASWAMY.read(args);
    const [c1, c0] = broadcastAll('Kumaraswamy', concentration1, concentration0);
    const base = new Uniform(zerosLike(c0), onesLike(c0), checks);
    super(base, [new PowerTransform(c0.reciprocal()), new AffineTransform(1, -1), new PowerTransform(c1.reciprocal())], checks);
    this.concentration1 = c1;
    this.concentration0 = c0;
    this._checkParameters('concentration1', 'concentration0');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: constraints.positive, concentration0: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.unitInterval;
  }
  override _mean(): Tensor {
    return this._moment(1);
  }
  override _mode(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const log = b.reciprocal().mul(b.neg().log1p()).sub(b.neg().mul(a).log1p());
    return log.maskedFill(b.ge(1).logicalAnd(a.ge(1)).logicalNot(), NaN).exp();
  }
  override _variance(): Tensor {
    return this._moment(2).sub(this._mean().square());
  }
  override _entropy(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const harmonic = digamma(b.add(1)).add(EULER);
    return b.reciprocal().neg().add(1).add(a.reciprocal().neg().add(1).mul(harmonic)).sub(a.log()).sub(b.log());
  }
  private _moment(n: number): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const x = a.reciprocal().mul(n).add(1);
    return b.mul(lgamma(x).add(lgamma(b)).sub(lgamma(x.add(b))).exp());
  }
}

interface GeneralizedArguments {
  loc: Real;
  scale: Real;
  concentration: Real;
  validateArgs?: boolean | null;
}
const GENERALIZED = /* @__PURE__ */ parameters<GeneralizedArguments>('GeneralizedPareto', () => ({ loc: real, scale: real, concentration: real, validateArgs: validateArgs() }));

/** The generalized Pareto distribution: of numbers above a threshold `loc`. */
export class GeneralizedPareto extends Distribution {
  /** @internal */
  static readonly _parameters = GENERALIZED;
  readonly loc: Tensor;
  readonly scale: Tensor;
  readonly concentration: Tensor;
  constructor(...args: Arguments<GeneralizedArguments, ['loc', 'scale', 'concentration', 'validateArgs']>) {
    const { loc, scale, concentration, validateArgs: checks } = GENERALIZED.read(args);
    const [l, s, c] = broadcastAll('GeneralizedPareto', loc, scale, concentration);
    super(l.shape, [], checks);
    this.loc = l;
    this.scale = s;
    this.concentration = c;
    this._checkParameters('loc', 'scale', 'concentration');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: constraints.realNumber, scale: constraints.positive, concentration: constraints.realNumber };
  }
  override get support(): Constraint {
    const { loc, scale, concentration } = this;
    return constraints.interval(loc, where(concentration.lt(0), loc.sub(scale.div(concentration)), fullLike(loc, Infinity)));
  }
  /** Where the concentration is 0, and one that is not 0 there. */
  private _safe(): [isZero: Tensor, concentration: Tensor] {
    const isZero = isclose(this.concentration, zerosLike(this.concentration));
    return [isZero, where(isZero, onesLike(this.concentration), this.concentration)];
  }
  override _mean(): Tensor {
    const valid = this.concentration.lt(1);
    return this.loc.add(this.scale.div(this.concentration.maskedFill(valid.logicalNot(), 0.5).neg().add(1))).maskedFill(valid.logicalNot(), NaN);
  }
  override _mode(): Tensor {
    return this.loc;
  }
  override _variance(): Tensor {
    const valid = this.concentration.lt(0.5);
    const c = this.concentration.maskedFill(valid.logicalNot(), 0.25);
    return this.scale.square().div(c.neg().add(1).square().mul(c.mul(-2).add(1))).maskedFill(valid.logicalNot(), NaN);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return this._icdf(uniforms(this._shapeOf(sampleShape), this.loc, generator));
  }
  override _logProb(value: Tensor): Tensor {
    const z = value.sub(this.loc).div(this.scale);
    const [isZero, c] = this._safe();
    const power = c.reciprocal().add(onesLike(z));
    const other = where(power.eq(0), power, power.mul(c.mul(z).log1p()));
    return this.scale.log().neg().sub(where(isZero, z, other));
  }
  override _cdf(value: Tensor): Tensor {
    const z = value.sub(this.loc).div(this.scale);
    const [isZero, c] = this._safe();
    const survival = where(isZero, z.neg(), c.mul(z).log1p().neg().div(c));
    return survival.exp().neg().log1p().exp();
  }
  override _icdf(value: Tensor): Tensor {
    const [isZero, c] = this._safe();
    const log = value.neg().log1p();
    const other = this.loc.add(this.scale.div(c).mul(c.neg().mul(log).expm1()));
    return where(isZero, this.loc.sub(this.scale.mul(log)), other);
  }
  override _entropy(): Tensor {
    return this.scale.log().add(this.concentration).add(1);
  }
}
