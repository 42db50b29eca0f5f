// Distributions with a location and a scale.
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { empty, fullLike, normal, rand, zerosLike } from '../generated/functions';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { broadcastAll, epsilonOf, real, tinyOf, validateArgs, type Real } from './parameter';
import { AbsTransform, AffineTransform, ExpTransform } from './elementwise-transforms';
import { StickBreakingTransform } from './shaped-transforms';
import { TransformedDistribution, type Independent } from './transformed';

export interface LocScaleArguments {
  loc: Real;
  scale: Real;
  validateArgs?: boolean | null;
}
type LocScaleCall = Arguments<LocScaleArguments, ['loc', 'scale', 'validateArgs']>;
export const locScale = (where: string): ParameterList<LocScaleArguments> => parameters<LocScaleArguments>(where, () => ({ loc: real, scale: real, validateArgs: validateArgs() }));

/** Numbers of the standard normal distribution. */
export const standardNormal = (shape: readonly number[], like: Tensor, generator: Generator | null): Tensor =>
  empty(shape, { dtype: like.dtype }).normal_({ generator });

/** Uniform numbers in [0, 1). */
export const uniforms = (shape: readonly number[], like: Tensor, generator: Generator | null): Tensor => rand(shape, { dtype: like.dtype, generator });

/** What distributions with a location and a scale share. */
abstract class LocScale extends Distribution {
  readonly loc: Tensor;
  readonly scale: Tensor;
  constructor(where: string, { loc, scale, validateArgs: checks }: { loc: Real; scale: Real; validateArgs: boolean | null }) {
    const [l, s] = broadcastAll(where, loc, scale);
    super(l.shape, [], checks);
    this.loc = l;
    this.scale = s;
    this._checkParameters('loc', 'scale');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: constraints.realNumber, scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.realNumber;
  }
  override _mean(): Tensor {
    return this.loc;
  }
  override _mode(): Tensor {
    return this.loc;
  }
  /** @internal (value − loc) / scale. */
  _standard(value: Tensor): Tensor {
    return value.sub(this.loc).div(this.scale);
  }
}

const NORMAL = /* @__PURE__ */ locScale('Normal');

/** The normal distribution, of mean `loc` and standard deviation `scale`. */
export class Normal extends LocScale {
  /** @internal */
  static readonly _parameters = NORMAL;
  constructor(...args: LocScaleCall) {
    super('Normal', NORMAL.read(args));
  }
  override _stddev(): Tensor {
    return this.scale;
  }
  override _variance(): Tensor {
    return this.scale.square();
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const shape = this._shapeOf(sampleShape);
    return normal(this.loc.expand(shape), this.scale.expand(shape), { generator });
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return standardNormal(this._shapeOf(sampleShape), this.loc, generator).mul(this.scale).add(this.loc);
  }
  override _logProb(value: Tensor): Tensor {
    const variance = this.scale.square();
    return value.sub(this.loc).square().neg().div(variance.mul(2)).sub(this.scale.log()).sub(Math.log(Math.sqrt(2 * Math.PI)));
  }
  override _cdf(value: Tensor): Tensor {
    return value.sub(this.loc).mul(this.scale.reciprocal()).div(Math.SQRT2).erf().add(1).mul(0.5);
  }
  override _icdf(value: Tensor): Tensor {
    return value.mul(2).sub(1).erfinv().mul(this.scale).mul(Math.SQRT2).add(this.loc);
  }
  override _entropy(): Tensor {
    return this.scale.log().add(0.5 + 0.5 * Math.log(2 * Math.PI));
  }
}

const LAPLACE = /* @__PURE__ */ locScale('Laplace');

/** The Laplace distribution: density exp(−|x − loc| / scale) / (2 scale). */
export class Laplace extends LocScale {
  /** @internal */
  static readonly _parameters = LAPLACE;
  constructor(...args: LocScaleCall) {
    super('Laplace', LAPLACE.read(args));
  }
  override _variance(): Tensor {
    return this.scale.square().mul(2);
  }
  override _stddev(): Tensor {
    return this.scale.mul(Math.SQRT2);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const u = empty(this._shapeOf(sampleShape), { dtype: this.loc.dtype }).uniform_(epsilonOf(this.loc) - 1, 1, { generator });
    return this.loc.sub(this.scale.mul(u.sign()).mul(u.abs().neg().log1p()));
  }
  override _logProb(value: Tensor): Tensor {
    return this.scale.mul(2).log().neg().sub(value.sub(this.loc).abs().div(this.scale));
  }
  override _cdf(value: Tensor): Tensor {
    const distance = value.sub(this.loc);
    return distance.sign().mul(-0.5).mul(distance.abs().neg().div(this.scale).expm1()).add(0.5);
  }
  override _icdf(value: Tensor): Tensor {
    const term = value.sub(0.5);
    return this.loc.sub(this.scale.mul(term.sign()).mul(term.abs().mul(-2).log1p()));
  }
  override _entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }
}

const CAUCHY = /* @__PURE__ */ locScale('Cauchy');

/** The Cauchy distribution, which has no mean and infinite variance. */
export class Cauchy extends LocScale {
  /** @internal */
  static readonly _parameters = CAUCHY;
  constructor(...args: LocScaleCall) {
    super('Cauchy', CAUCHY.read(args));
  }
  override _mean(): Tensor {
    return fullLike(this.loc, NaN);
  }
  override _variance(): Tensor {
    return fullLike(this.loc, Infinity);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return empty(this._shapeOf(sampleShape), { dtype: this.loc.dtype }).cauchy_({ generator }).mul(this.scale).add(this.loc);
  }
  override _logProb(value: Tensor): Tensor {
    return this.scale.log().neg().sub(Math.log(Math.PI)).sub(this._standard(value).square().log1p());
  }
  override _cdf(value: Tensor): Tensor {
    return this._standard(value).atan().div(Math.PI).add(0.5);
  }
  override _icdf(value: Tensor): Tensor {
    return value.sub(0.5).mul(Math.PI).tan().mul(this.scale).add(this.loc);
  }
  override _entropy(): Tensor {
    return this.scale.log().add(Math.log(4 * Math.PI));
  }
}

const LOG_NORMAL = /* @__PURE__ */ locScale('LogNormal');

/** Numbers whose logarithm is normal of mean `loc` and standard deviation `scale`. */
export class LogNormal extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = LOG_NORMAL as never;
  declare readonly baseDist: Normal;
  constructor(...args: LocScaleCall) {
    const { loc, scale, validateArgs: checks } = LOG_NORMAL.read(args);
    super(new Normal(loc, scale, checks), new ExpTransform(), checks);
  }
  get loc(): Tensor {
    return this.baseDist.loc;
  }
  get scale(): Tensor {
    return this.baseDist.scale;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: constraints.realNumber, scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.positive;
  }
  override _mean(): Tensor {
    return this.scale.square().div(2).add(this.loc).exp();
  }
  override _mode(): Tensor {
    return this.loc.sub(this.scale.square()).exp();
  }
  override _variance(): Tensor {
    const square = this.scale.square();
    return square.expm1().mul(this.loc.mul(2).add(square).exp());
  }
  override _entropy(): Tensor {
    return this.baseDist._entropy().add(this.loc);
  }
}

const LOGISTIC = /* @__PURE__ */ locScale('LogisticNormal');

/** Normal vectors, transformed to positive numbers that sum to 1 by breaking a stick. */
export class LogisticNormal extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = LOGISTIC as never;
  declare readonly baseDist: Independent<Normal>;
  constructor(...args: LocScaleCall) {
    const { loc, scale, validateArgs: checks } = LOGISTIC.read(args);
    const base = new Normal(loc, scale, checks);
    super(base.batchShape.length === 0 ? base.expand([1]) : base, new StickBreakingTransform(), checks);
  }
  get loc(): Tensor {
    return this.baseDist.baseDist.loc;
  }
  get scale(): Tensor {
    return this.baseDist.baseDist.scale;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: constraints.realNumber, scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.simplex;
  }
}

interface ScaleArguments {
  scale: Real;
  validateArgs?: boolean | null;
}
const scaleOnly = (where: string): ParameterList<ScaleArguments> => parameters<ScaleArguments>(where, () => ({ scale: real, validateArgs: validateArgs() }));

/** Absolute values of a distribution around 0. */
abstract class Half<D extends LocScale> extends TransformedDistribution {
  declare readonly baseDist: D;
  constructor(base: D, checks: boolean | null) {
    super(base, new AbsTransform(), checks);
    this._checkParameters('scale');
  }
  get scale(): Tensor {
    return this.baseDist.scale;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.nonnegative;
  }
  override _checkValue(where: string, value: Tensor): void {
    Distribution.prototype._checkValue.call(this, where, value);
  }
  override _mode(): Tensor {
    return zerosLike(this.scale);
  }
  override _logProb(value: Tensor): Tensor {
    return this.baseDist._logProb(value).add(Math.log(2)).maskedFill(value.ge(0).logicalNot(), -Infinity);
  }
  override _cdf(value: Tensor): Tensor {
    return this.baseDist._cdf(value).mul(2).sub(1);
  }
  override _icdf(value: Tensor): Tensor {
    return this.baseDist._icdf(value.add(1).div(2));
  }
  override _entropy(): Tensor {
    return this.baseDist._entropy().sub(Math.log(2));
  }
}

const HALF_NORMAL = /* @__PURE__ */ scaleOnly('HalfNormal');

/** Absolute values of normal numbers of mean 0. */
export class HalfNormal extends Half<Normal> {
  /** @internal */
  static override readonly _parameters = HALF_NORMAL as never;
  constructor(...args: Arguments<ScaleArguments, ['scale', 'validateArgs']>) {
    const { scale, validateArgs: checks } = HALF_NORMAL.read(args);
    super(new Normal(0, scale, false), checks);
  }
  override _mean(): Tensor {
    return this.scale.mul(Math.sqrt(2 / Math.PI));
  }
  override _variance(): Tensor {
    return this.scale.square().mul(1 - 2 / Math.PI);
  }
}

const HALF_CAUCHY = /* @__PURE__ */ scaleOnly('HalfCauchy');

/** Absolute values of Cauchy numbers around 0. */
export class HalfCauchy extends Half<Cauchy> {
  /** @internal */
  static override readonly _parameters = HALF_CAUCHY as never;
  constructor(...args: Arguments<ScaleArguments, ['scale', 'validateArgs']>) {
    const { scale, validateArgs: checks } = HALF_CAUCHY.read(args);
    super(new Cauchy(0, scale, false), checks);
  }
  override _mean(): Tensor {
    return fullLike(this.scale, Infinity);
  }
  override _variance(): Tensor {
    return this.baseDist._variance();
  }
}

interface UniformArguments {
  low: Real;
  high: Real;
  validateArgs?: boolean | null;
}
const UNIFORM = /* @__PURE__ */ parameters<UniformArguments>('Uniform', () => ({ low: real, high: real, validateArgs: validateArgs() }));

/** The uniform distribution from `low` to below `high`. */
export class Uniform extends Distribution {
  /** @internal */
  static readonly _parameters = UNIFORM;
  readonly low: Tensor;
  readonly high: Tensor;
  constructor(...args: Arguments<UniformArguments, ['low', 'high', 'validateArgs']>) {
    const { low, high, validateArgs: checks } = UNIFORM.read(args);
    const [l, h] = broadcastAll('Uniform', low, high);
    super(l.shape, [], checks);
    this.low = l;
    this.high = h;
    this._checkParameters('low', 'high');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { low: constraints.lessThan(this.high), high: constraints.greaterThan(this.low) };
  }
  override get support(): Constraint {
    return constraints.interval(this.low, this.high);
  }
  override _mean(): Tensor {
    return this.high.add(this.low).div(2);
  }
  override _mode(): Tensor {
    return this.high.mul(NaN);
  }
  override _stddev(): Tensor {
    return this.high.sub(this.low).div(Math.sqrt(12));
  }
  override _variance(): Tensor {
    return this.high.sub(this.low).square().div(12);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return uniforms(this._shapeOf(sampleShape), this.low, generator).mul(this.high.sub(this.low)).add(this.low);
  }
  override _logProb(value: Tensor): Tensor {
    const inside = this.low.le(value).logicalAnd(this.high.gt(value)).to(this.low.dtype);
    return inside.log().sub(this.high.sub(this.low).log());
  }
  override _cdf(value: Tensor): Tensor {
    return value.sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }
  override _icdf(value: Tensor): Tensor {
    return value.mul(this.high.sub(this.low)).add(this.low);
  }
  override _entropy(): Tensor {
    return this.high.sub(this.low).log();
  }
}

/** Euler's constant. */
export const EULER = 0.577_215_664_901_532_9;

const GUMBEL = /* @__PURE__ */ locScale('Gumbel');

/** The Gumbel distribution: of the greatest of many numbers. */
export class Gumbel extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = GUMBEL as never;
  readonly loc: Tensor;
  readonly scale: Tensor;
  constructor(...args: LocScaleCall) {
    const { loc, scale, validateArgs: checks } = GUMBEL.read(args);
    const [l, s] = broadcastAll('Gumbel', loc, scale);
    const base = new Uniform(fullLike(l, tinyOf(l)), fullLike(l, 1 - epsilonOf(l)), checks);
    // loc − scale · log(−log u)
    super(base, [new ExpTransform().inv, new AffineTransform(0, -1), new ExpTransform().inv, new AffineTransform(l, s.neg())], checks);
    this.loc = l;
    this.scale = s;
    this._checkParameters('loc', 'scale');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: constraints.realNumber, scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.realNumber;
  }
  override _mean(): Tensor {
    return this.scale.mul(EULER).add(this.loc);
  }
  override _mode(): Tensor {
    return this.loc;
  }
  override _stddev(): Tensor {
    return this.scale.mul(Math.PI / Math.sqrt(6));
  }
  override _variance(): Tensor {
    return this._stddev().square();
  }
  override _logProb(value: Tensor): Tensor {
    const y = this.loc.sub(value).div(this.scale);
    return y.sub(y.exp()).sub(this.scale.log());
  }
  override _entropy(): Tensor {
    return this.scale.log().add(1 + EULER);
  }
}
