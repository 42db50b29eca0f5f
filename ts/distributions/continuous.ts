// Continuous relatives of discrete distributions, and one on a circle.
import { parameters, type Arguments } from '../core/options';
import { fullLike, logSoftmax, logsumexp, rand, lgamma, where, zeros } from '../generated/functions';
import { binaryCrossEntropyWithLogits } from '../generated/functional';
import { list, number } from '../core/kinds';
import type { Generator } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Categorical } from './categorical';
import { WithOdds, type OddsArguments } from './counts';
import { Distribution } from './distribution';
import { ExpTransform, SigmoidTransform } from './elementwise-transforms';
import { uniforms } from './location-scale';
import { broadcastAll, clampProbs, eitherOf, probsOfOdds, real, validateArgs, type Real } from './parameter';
import { TransformedDistribution } from './transformed';

interface ContinuousArguments extends OddsArguments {
  /** Between which probabilities a series is used, as the formulas are 0/0 at a half. */
  lims?: readonly number[];
}
const CONTINUOUS = /* @__PURE__ */ parameters<ContinuousArguments>('ContinuousBernoulli', () => ({
  probs: real.orNull(),
  logits: real.orNull(),
  lims: list('two numbers', number).or([0.499, 0.501]),
  validateArgs: validateArgs(),
}));

/** Numbers in [0, 1] of density proportional to probs^x · (1 − probs)^(1 − x). */
export class ContinuousBernoulli extends WithOdds {
  /** @internal */
  static readonly _parameters = CONTINUOUS;
  private readonly lims: readonly [number, number];
  constructor(...args: Arguments<ContinuousArguments, ['probs', 'logits', 'lims', 'validateArgs']>) {
    const { probs, logits, lims, validateArgs: checks } = CONTINUOUS.read(args);
    const given = eitherOf('ContinuousBernoulli', probs, logits);
    const [param] = broadcastAll('ContinuousBernoulli', (probs ?? logits)!);
    super(given === 'probs' ? clampProbs(param) : param, given === 'probs', checks);
    this.lims = [lims[0]!, lims[1]!];
    if (this._validates) constraints.checkIn('ContinuousBernoulli', `parameter ${given}`, param, this.argConstraints[given]!);
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get probs(): Tensor {
    return this._probs ?? clampProbs(probsOfOdds(this._logits!));
  }
  override get support(): Constraint {
    return constraints.unitInterval;
  }
  /** Where formulas hold, and probabilities for which they do. */
  private _stable(): [isStable: Tensor, probs: Tensor] {
    const { probs } = this;
    const isStable = probs.le(this.lims[0]).logicalOr(probs.gt(this.lims[1]));
    return [isStable, probs.maskedFill(isStable.logicalNot(), this.lims[0])];
  }
  /** @internal The logarithm of what the density is divided by, negated. */
  _logNorm(): Tensor {
    const [isStable, p] = this._stable();
    const isBelow = p.le(0.5);
    const [below, above] = [p.maskedFill(isBelow.logicalNot(), 0), p.maskedFill(p.ge(0.5).logicalNot(), 1)];
    const log = p.neg().log1p().sub(p.log()).abs().log().sub(where(isBelow, below.mul(-2).log1p(), above.mul(2).sub(1).log()));
    const x = this.probs.sub(0.5).square();
    const series = x.mul(104 / 45).add(4 / 3).mul(x).add(Math.log(2));
    return where(isStable, log, series);
  }
  override _mean(): Tensor {
    const [isStable, p] = this._stable();
    const mean = p.div(p.mul(2).sub(1)).add(p.neg().log1p().sub(p.log()).reciprocal());
    const x = this.probs.sub(0.5);
    return where(isStable, mean, x.square().mul(16 / 45).add(1 / 3).mul(x).add(0.5));
  }
  override _variance(): Tensor {
    const [isStable, p] = this._stable();
    const variance = p.mul(p.sub(1)).div(p.mul(-2).add(1).square()).add(p.neg().log1p().sub(p.log()).square().reciprocal());
    const x = this.probs.sub(0.5).square();
    return where(isStable, variance, x.mul(-128 / 945).add(1 / 15).mul(x).neg().add(1 / 12));
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return this._icdf(uniforms(this._shapeOf(sampleShape), this.probs, generator));
  }
  override _logProb(value: Tensor): Tensor {
    const [logits, target] = broadcastAll('logProb', this.logits, value);
    return binaryCrossEntropyWithLogits(logits, target, { reduction: 'none' }).neg().add(this._logNorm());
  }
  override _cdf(value: Tensor): Tensor {
    const [isStable, p] = this._stable();
    const q = p.neg().add(1);
    const inside = p.pow(value).mul(q.pow(value.neg().add(1))).add(p).sub(1).div(p.mul(2).sub(1));
    return where(isStable, inside, value).maskedFill(value.gt(0).logicalNot(), 0).maskedFill(value.lt(1).logicalNot(), 1);
  }
  override _icdf(value: Tensor): Tensor {
    const [isStable, p] = this._stable();
    const log = p.neg().log1p();
    const inside = p.neg().add(value.mul(p.mul(2).sub(1))).log1p().sub(log).div(p.log().sub(log));
    return where(isStable, inside, value);
  }
  override _entropy(): Tensor {
    const { probs } = this;
    const [off, on] = [probs.neg().log1p(), probs.log()];
    return this._mean().mul(off.sub(on)).sub(this._logNorm()).sub(off);
  }
}

interface RelaxedArguments extends OddsArguments {
  /** Above 0; towards 0 outcomes come close to 0 and 1. */
  temperature: Real;
}
const LOGIT_RELAXED = /* @__PURE__ */ parameters<RelaxedArguments>('LogitRelaxedBernoulli', () => ({ temperature: real, probs: real.orNull(), logits: real.orNull(), validateArgs: validateArgs() }));
const RELAXED = /* @__PURE__ */ parameters<RelaxedArguments>('RelaxedBernoulli', () => ({ temperature: real, probs: real.orNull(), logits: real.orNull(), validateArgs: validateArgs() }));

/** Log odds of relaxed Bernoulli outcomes. */
export class LogitRelaxedBernoulli extends WithOdds {
  /** @internal */
  static readonly _parameters = LOGIT_RELAXED;
  /** @internal A list, since it is not expanded. */
  readonly _temperature: readonly [Tensor];
  constructor(...args: Arguments<RelaxedArguments, ['temperature', 'probs', 'logits', 'validateArgs']>) {
    const { temperature, probs, logits, validateArgs: checks } = LOGIT_RELAXED.read(args);
    const given = eitherOf('LogitRelaxedBernoulli', probs, logits);
    const [param] = broadcastAll('LogitRelaxedBernoulli', (probs ?? logits)!);
    super(param, given === 'probs', checks);
    const [first] = temperature instanceof Tensor ? [temperature] : broadcastAll('LogitRelaxedBernoulli', temperature);
    this._temperature = [first];
    this._checkOdds();
  }
  get temperature(): Tensor {
    return this._temperature[0];
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get support(): Constraint {
    return constraints.realNumber;
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const shape = this._shapeOf(sampleShape);
    const probs = clampProbs(this.probs.expand(shape));
    const u = clampProbs(rand(shape, { dtype: probs.dtype, generator }));
    return u.log().sub(u.neg().log1p()).add(probs.log()).sub(probs.neg().log1p()).div(this.temperature);
  }
  override _logProb(value: Tensor): Tensor {
    const [logits, v] = broadcastAll('logProb', this.logits, value);
    const difference = logits.sub(v.mul(this.temperature));
    return this.temperature.log().add(difference).sub(difference.exp().log1p().mul(2));
  }
}

/** Numbers in (0, 1) that stand for 0 and 1, with gradients. */
export class RelaxedBernoulli extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = RELAXED as never;
  declare readonly baseDist: LogitRelaxedBernoulli;
  constructor(...args: Arguments<RelaxedArguments, ['temperature', 'probs', 'logits', 'validateArgs']>) {
    const { temperature, probs, logits, validateArgs: checks } = RELAXED.read(args);
    super(new LogitRelaxedBernoulli({ temperature, probs, logits }), new SigmoidTransform(), checks);
  }
  get temperature(): Tensor {
    return this.baseDist.temperature;
  }
  get probs(): Tensor {
    return this.baseDist.probs;
  }
  get logits(): Tensor {
    return this.baseDist.logits;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: constraints.unitInterval, logits: constraints.realNumber };
  }
  override get support(): Constraint {
    return constraints.unitInterval;
  }
}

interface RelaxedOneHotArguments {
  temperature: Real;
  probs?: Tensor | null;
  logits?: Tensor | null;
  validateArgs?: boolean | null;
}
const RELAXED_ONE_HOT = /* @__PURE__ */ parameters<RelaxedOneHotArguments>('RelaxedOneHotCategorical', () => ({
  temperature: real,
  probs: tensorKind.orNull(),
  logits: tensorKind.orNull(),
  validateArgs: validateArgs(),
}));

/** Logarithms of relaxed one-hot outcomes. */
class ExpRelaxedCategorical extends Distribution {
  /** @internal */
  readonly _categorical: Categorical;
  private readonly temperatures: readonly [Tensor];
  constructor(temperature: Tensor, categorical: Categorical, checks: boolean | null) {
    super(categorical.batchShape, categorical.paramShape.slice(-1), checks);
    this._categorical = categorical;
    this.temperatures = [temperature];
  }
  get temperature(): Tensor {
    return this.temperatures[0];
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return this._categorical.argConstraints;
  }
  override get support(): Constraint {
    return constraints.realVector;
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const { logits } = this._categorical;
    const u = clampProbs(rand(this._shapeOf(sampleShape), { dtype: logits.dtype, generator }));
    const scores = logits.add(u.log().neg().log().neg()).div(this.temperature);
    return scores.sub(logsumexp(scores, -1, true));
  }
  override _logProb(value: Tensor): Tensor {
    const n = this._categorical._count;
    const [logits, v] = broadcastAll('logProb', this._categorical.logits, value);
    const scale = lgamma(fullLike(this.temperature, n)).sub(this.temperature.log().mul(1 - n));
    return logSoftmax(logits.sub(v.mul(this.temperature)), -1).sum(-1).add(scale);
  }
}

/** Positive numbers that sum to 1 and stand for a 1 among zeros, with gradients. */
export class RelaxedOneHotCategorical extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = RELAXED_ONE_HOT as never;
  declare readonly baseDist: ExpRelaxedCategorical;
  constructor(...args: Arguments<RelaxedOneHotArguments, ['temperature', 'probs', 'logits', 'validateArgs']>) {
    const { temperature, probs, logits, validateArgs: checks } = RELAXED_ONE_HOT.read(args);
    const [first] = temperature instanceof Tensor ? [temperature] : broadcastAll('RelaxedOneHotCategorical', temperature);
    super(new ExpRelaxedCategorical(first, new Categorical(probs, logits, checks), checks), new ExpTransform(), checks);
  }
  get temperature(): Tensor {
    return this.baseDist.temperature;
  }
  get probs(): Tensor {
    return this.baseDist._categorical.probs;
  }
  get logits(): Tensor {
    return this.baseDist._categorical.logits;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: constraints.simplex, logits: constraints.realVector };
  }
  override get support(): Constraint {
    return constraints.simplex;
  }
}

interface VonMisesArguments {
  loc: Real;
  concentration: Real;
  validateArgs?: boolean | null;
}
const VON_MISES = /* @__PURE__ */ parameters<VonMisesArguments>('VonMises', () => ({ loc: real, concentration: real, validateArgs: validateArgs() }));

/** Polynomials of the modified Bessel functions of order 0 and 1 (Abramowitz and Stegun 9.8.1 to 9.8.4), below and above 3.75. */
const BESSEL = {
  small: [
    [1, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813],
    [0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411],
  ],
  large: [
    [0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377],
    [0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059],
  ],
} as const;

/** The logarithm of the modified Bessel function of order 0 or 1. */
function logBessel(x: Tensor, order: 0 | 1): Tensor {
  const polynomial = (y: Tensor, c: readonly number[]): Tensor => c.slice(0, -1).reduceRight((sum, v) => sum.mul(y).add(v), fullLike(y, c.at(-1)!));
  const low = polynomial(x.div(3.75).square(), BESSEL.small[order]);
  const small = (order === 1 ? x.abs().mul(low) : low).log();
  const large = x.sub(x.log().mul(0.5)).add(polynomial(x.reciprocal().mul(3.75), BESSEL.large[order]).log());
  return where(x.lt(3.75), small, large);
}

/** Angles around `loc`: the normal distribution of a circle. */
export class VonMises extends Distribution {
  /** @internal */
  static readonly _parameters = VON_MISES;
  readonly loc: Tensor;
  readonly concentration: Tensor;
  constructor(...args: Arguments<VonMisesArguments, ['loc', 'concentration', 'validateArgs']>) {
    const { loc, concentration, validateArgs: checks } = VON_MISES.read(args);
    const [l, c] = broadcastAll('VonMises', loc, concentration);
    super(l.shape, [], checks);
    this.loc = l;
    this.concentration = c;
    this._checkParameters('loc', 'concentration');
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: constraints.realNumber, concentration: constraints.positive };
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
  override _variance(): Tensor {
    return logBessel(this.concentration, 1).sub(logBessel(this.concentration, 0)).exp().neg().add(1);
  }
  /** Best and Fisher's rejection (1979), in double precision. */
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const [loc, kappa] = [this.loc.to('float64'), this.concentration.to('float64')];
    const tau = kappa.square().mul(4).add(1).sqrt().add(1);
    const rho = tau.sub(tau.mul(2).sqrt()).div(kappa.mul(2));
    const r = where(kappa.lt(1e-5), kappa.reciprocal().add(kappa), rho.square().add(1).div(rho.mul(2)));
    const shape = this._shapeOf(sampleShape);
    let x = zeros(shape, { dtype: 'float64' });
    let done = zeros(shape, { dtype: 'bool' });
    while (!done.all().item<boolean>()) {
      const [u1, u2, u3] = rand([3, ...shape], { dtype: 'float64', generator }).unbind() as [Tensor, Tensor, Tensor];
      const z = u1.mul(Math.PI).cos();
      const f = r.mul(z).add(1).div(r.add(z));
      const c = kappa.mul(r.sub(f));
      const accept = c.mul(c.neg().add(2)).sub(u2).gt(0).logicalOr(c.div(u2).log().add(1).sub(c).ge(0));
      x = where(accept, u3.sub(0.5).sign().mul(f.acos()), x);
      done = done.logicalOr(accept);
    }
    return x.add(Math.PI).add(loc).remainder(2 * Math.PI).sub(Math.PI).to(this.loc.dtype);
  }
  override _logProb(value: Tensor): Tensor {
    return this.concentration.mul(value.sub(this.loc).cos()).sub(Math.log(2 * Math.PI)).sub(logBessel(this.concentration, 0));
  }
}
