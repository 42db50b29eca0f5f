// Gamma numbers and what is made of them.
import { parameters, type Arguments } from '../core/options';
import { UsageError } from '../core/errors';
import { digamma, lgamma, stack, where, xlogy } from '../generated/functions';
import { oneHot } from '../generated/functional';
import { many, opId } from '../tensor/call';
import type { Generator } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { PowerTransform } from './elementwise-transforms';
import { standardNormal } from './location-scale';
import { broadcastAll, real, tinyOf, validateArgs, type Real } from './parameter';
import { TransformedDistribution } from './transformed';

/** Gamma numbers of these concentrations and rate 1, with the implicit gradient. */
const standardGamma = (concentration: Tensor, generator: Generator | null): Tensor => many(opId('_standardGamma'), null, [concentration, generator], false) as Tensor;

/** Points of a simplex, with the implicit gradient. */
const sampleDirichlet = (concentration: Tensor, generator: Generator | null): Tensor => many(opId('_sampleDirichlet'), null, [concentration, generator], false) as Tensor;

/** At least `least`, with the gradient as it is. */
const clampedBelow = (t: Tensor, least: number): Tensor => t.add(t.detach().clamp(least).sub(t.detach()));

interface GammaArguments {
  concentration: Real;
  rate: Real;
  validateArgs?: boolean | null;
}
const GAMMA = /* @__PURE__ */ parameters<GammaArguments>('Gamma', () => ({ concentration: real, rate: real, validateArgs: validateArgs() }));

/** The gamma distribution. */
export class Gamma extends Distribution {
  /** @internal */
  static readonly _parameters = GAMMA;
  readonly concentration: Tensor;
  readonly rate: Tensor;
  constructor(...args: Arguments<GammaArguments, ['concentration', 'rate', 'validateArgs']>) {
    const { concentration, rate, validateArgs: checks } = GAMMA.read(args);
    const [c, r] = broadcastAll('Gamma', concentration, rate);
    super(c.shape, [], checks);
    this.concentration = c;
    this.rate = r;
    this._checkParameters('concentration', 'rate');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: constraints.positive, rate: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.nonnegative;
  }
  override _mean(): Tensor {
    return this.concentration.div(this.rate);
  }
  override _mode(): Tensor {
    return this.concentration.sub(1).div(this.rate).clamp(0);
  }
  override _variance(): Tensor {
    return this.concentration.div(this.rate.square());
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const shape = this._shapeOf(sampleShape);
    const value = standardGamma(this.concentration.expand(shape), generator).div(this.rate.expand(shape));
    return clampedBelow(value, tinyOf(value));
  }
  override _logProb(value: Tensor): Tensor {
    const { concentration, rate } = this;
    return xlogy(concentration, rate).add(xlogy(concentration.sub(1), value)).sub(rate.mul(value)).sub(lgamma(concentration));
  }
  override _entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration.sub(rate.log()).add(lgamma(concentration)).add(concentration.neg().add(1).mul(digamma(concentration)));
  }
}

interface DfArguments {
  df: Real;
  validateArgs?: boolean | null;
}
const CHI2 = /* @__PURE__ */ parameters<DfArguments>('Chi2', () => ({ df: real, validateArgs: validateArgs() }));

/** The sum of squares of `df` standard normal numbers. */
export class Chi2 extends Gamma {
  /** @internal */
  static override readonly _parameters = CHI2 as never;
  constructor(...args: Arguments<DfArguments, ['df', 'validateArgs']>) {
    const { df, validateArgs: checks } = CHI2.read(args);
    super(df instanceof Tensor ? df.mul(0.5) : 0.5 * df, 0.5, checks);
  }
  get df(): Tensor {
    return this.concentration.mul(2);
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: constraints.positive };
  }
  override _checkParameters(): void {
    super._checkParameters('df');
  }
}

const INVERSE_GAMMA = /* @__PURE__ */ parameters<GammaArguments>('InverseGamma', () => ({ concentration: real, rate: real, validateArgs: validateArgs() }));

/** Reciprocals of gamma numbers. */
export class InverseGamma extends TransformedDistribution {
  /** @internal */
  static override readonly _parameters = INVERSE_GAMMA as never;
  declare readonly baseDist: Gamma;
  constructor(...args: Arguments<GammaArguments, ['concentration', 'rate', 'validateArgs']>) {
    const { concentration, rate, validateArgs: checks } = INVERSE_GAMMA.read(args);
    super(new Gamma(concentration, rate, checks), new PowerTransform(-1), checks);
  }
  get concentration(): Tensor {
    return this.baseDist.concentration;
  }
  get rate(): Tensor {
    return this.baseDist.rate;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: constraints.positive, rate: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.positive;
  }
  override _mean(): Tensor {
    const { concentration, rate } = this;
    return rate.div(concentration.sub(1)).maskedFill(concentration.gt(1).logicalNot(), Infinity);
  }
  override _mode(): Tensor {
    return this.rate.div(this.concentration.add(1));
  }
  override _variance(): Tensor {
    const { concentration, rate } = this;
    return rate.square().div(concentration.sub(1).square().mul(concentration.sub(2))).maskedFill(concentration.gt(2).logicalNot(), Infinity);
  }
  override _entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration.add(rate.log()).add(lgamma(concentration)).sub(concentration.add(1).mul(digamma(concentration)));
  }
}

interface DirichletArguments {
  /** Positive numbers along the last dim. */
  concentration: Tensor;
  validateArgs?: boolean | null;
}
const DIRICHLET = /* @__PURE__ */ parameters<DirichletArguments>('Dirichlet', () => ({ concentration: tensorKind, validateArgs: validateArgs() }));

/** The Dirichlet distribution: positive numbers that sum to 1. */
export class Dirichlet extends Distribution {
  /** @internal */
  static readonly _parameters = DIRICHLET;
  readonly concentration: Tensor;
  constructor(...args: Arguments<DirichletArguments, ['concentration', 'validateArgs']>) {
    const { concentration, validateArgs: checks } = DIRICHLET.read(args);
    if (concentration.ndim < 1) throw new UsageError('Dirichlet: concentration must have at least one dim, got a 0-dim tensor', 'Dirichlet');
    super(concentration.shape.slice(0, -1), concentration.shape.slice(-1), checks);
    this.concentration = concentration;
    this._checkParameters('concentration');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: constraints.independent(constraints.positive, 1) };
  }
  override get support(): Constraint {
    return constraints.simplex;
  }
  override _mean(): Tensor {
    return this.concentration.div(this.concentration.sum(-1, true));
  }
  override _mode(): Tensor {
    const above = this.concentration.sub(1).clamp(0);
    const mode = above.div(above.sum(-1, true));
    const corner = oneHot(mode.argmax(-1), mode.size(-1)).to(mode.dtype);
    return where(this.concentration.lt(1).all(-1, true), corner, mode);
  }
  override _variance(): Tensor {
    const total = this.concentration.sum(-1, true);
    return this.concentration.mul(total.sub(this.concentration)).div(total.square().mul(total.add(1)));
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return sampleDirichlet(this.concentration.expand(this._shapeOf(sampleShape)), generator);
  }
  override _logProb(value: Tensor): Tensor {
    const { concentration } = this;
    return xlogy(concentration.sub(1), value).sum(-1).add(lgamma(concentration.sum(-1))).sub(lgamma(concentration).sum(-1));
  }
  override _entropy(): Tensor {
    const { concentration } = this;
    const total = concentration.sum(-1);
    return lgamma(concentration).sum(-1)
      .sub(lgamma(total))
      .sub(total.neg().add(concentration.size(-1)).mul(digamma(total)))
      .sub(concentration.sub(1).mul(digamma(concentration)).sum(-1));
  }
}

interface BetaArguments {
  concentration1: Real;
  concentration0: Real;
  validateArgs?: boolean | null;
}
const BETA = /* @__PURE__ */ parameters<BetaArguments>('Beta', () => ({ concentration1: real, concentration0: real, validateArgs: validateArgs() }));

/** The beta distribution. */
export class Beta extends Distribution {
  /** @internal */
  static readonly _parameters = BETA;
  readonly concentration1: Tensor;
  readonly concentration0: Tensor;
  constructor(...args: Arguments<BetaArguments, ['concentration1', 'concentration0', 'validateArgs']>) {
    const { concentration1, concentration0, validateArgs: checks } = BETA.read(args);
    const [c1, c0] = broadcastAll('Beta', concentration1, concentration0);
    super(c1.shape, [], checks);
    this.concentration1 = c1;
    this.concentration0 = c0;
    this._checkParameters('concentration1', 'concentration0');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: constraints.positive, concentration0: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.unitInterval;
  }
  /** The same for both outcomes. */
  private get dirichlet(): Dirichlet {
    return new Dirichlet(stack([this.concentration1, this.concentration0], -1), false);
  }
  override _mean(): Tensor {
    return this.concentration1.div(this.concentration1.add(this.concentration0));
  }
  override _mode(): Tensor {
    return this.dirichlet._mode().select(-1, 0);
  }
  override _variance(): Tensor {
    const total = this.concentration1.add(this.concentration0);
    return this.concentration1.mul(this.concentration0).div(total.square().mul(total.add(1)));
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return this.dirichlet._rsample(sampleShape, generator).select(-1, 0);
  }
  override _logProb(value: Tensor): Tensor {
    return this.dirichlet._logProb(stack([value, value.neg().add(1)], -1));
  }
  override _entropy(): Tensor {
    return this.dirichlet._entropy();
  }
}

interface StudentArguments {
  df: Real;
  loc?: Real;
  scale?: Real;
  validateArgs?: boolean | null;
}
const STUDENT = /* @__PURE__ */ parameters<StudentArguments>('StudentT', () => ({ df: real, loc: real.or(0), scale: real.or(1), validateArgs: validateArgs() }));

/** Student's t distribution with `df` degrees of freedom. */
export class StudentT extends Distribution {
  /** @internal */
  static readonly _parameters = STUDENT;
  readonly df: Tensor;
  readonly loc: Tensor;
  readonly scale: Tensor;
  constructor(...args: Arguments<StudentArguments, ['df', 'loc', 'scale', 'validateArgs']>) {
    const { df, loc, scale, validateArgs: checks } = STUDENT.read(args);
    const [d, l, s] = broadcastAll('StudentT', df, loc, scale);
    super(d.shape, [], checks);
    this.df = d;
    this.loc = l;
    this.scale = s;
    this._checkParameters('df', 'loc', 'scale');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: constraints.positive, loc: constraints.realNumber, scale: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.realNumber;
  }
  override _mean(): Tensor {
    return this.loc.maskedFill(this.df.gt(1).logicalNot(), NaN);
  }
  override _mode(): Tensor {
    return this.loc;
  }
  override _variance(): Tensor {
    const { df, scale } = this;
    const finite = scale.square().mul(df).div(df.sub(2));
    return finite.maskedFill(df.gt(2).logicalNot(), Infinity).maskedFill(df.gt(1).logicalNot(), NaN);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const x = standardNormal(this._shapeOf(sampleShape), this.df, generator);
    const z = new Chi2(this.df, false)._rsample(sampleShape, generator);
    return x.mul(z.div(this.df).rsqrt()).mul(this.scale).add(this.loc);
  }
  override _logProb(value: Tensor): Tensor {
    const { df, scale } = this;
    const y = value.sub(this.loc).div(scale);
    const z = scale.log()
      .add(df.log().mul(0.5))
      .add(0.5 * Math.log(Math.PI))
      .add(lgamma(df.mul(0.5)))
      .sub(lgamma(df.add(1).mul(0.5)));
    return df.add(1).mul(-0.5).mul(y.square().div(df).log1p()).sub(z);
  }
  override _entropy(): Tensor {
    const { df, scale } = this;
    const [half, more] = [df.mul(0.5), df.add(1).mul(0.5)];
    const beta = lgamma(half).add(Math.log(Math.PI) / 2).sub(lgamma(more));
    return scale.log().add(more.mul(digamma(more).sub(digamma(half)))).add(df.log().mul(0.5)).add(beta);
  }
}

interface FisherArguments {
  df1: Real;
  df2: Real;
  validateArgs?: boolean | null;
}
const FISHER = /* @__PURE__ */ parameters<FisherArguments>('FisherSnedecor', () => ({ df1: real, df2: real, validateArgs: validateArgs() }));

/** The F distribution: ratios of two sums of squares. */
export class FisherSnedecor extends Distribution {
  /** @internal */
  static readonly _parameters = FISHER;
  readonly df1: Tensor;
  readonly df2: Tensor;
  constructor(...args: Arguments<FisherArguments, ['df1', 'df2', 'validateArgs']>) {
    const { df1, df2, validateArgs: checks } = FISHER.read(args);
    const [a, b] = broadcastAll('FisherSnedecor', df1, df2);
    super(a.shape, [], checks);
    this.df1 = a;
    this.df2 = b;
    this._checkParameters('df1', 'df2');
  }
  override get hasRsample(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df1: constraints.positive, df2: constraints.positive };
  }
  override get support(): Constraint {
    return constraints.positive;
  }
  override _mean(): Tensor {
    return this.df2.div(this.df2.sub(2)).maskedFill(this.df2.gt(2).logicalNot(), NaN);
  }
  override _mode(): Tensor {
    const { df1, df2 } = this;
    return df1.sub(2).div(df1).mul(df2).div(df2.add(2)).maskedFill(df1.gt(2).logicalNot(), NaN);
  }
  override _variance(): Tensor {
    const { df1, df2 } = this;
    const ratio = df2.square().mul(2).mul(df1.add(df2).sub(2));
    return ratio.div(df1.mul(df2.sub(2).square()).mul(df2.sub(4))).maskedFill(df2.gt(4).logicalNot(), NaN);
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const part = (df: Tensor): Tensor => new Gamma(df.mul(0.5), df, false)._rsample(sampleShape, generator);
    const above = part(this.df1);
    const ratio = above.div(part(this.df2));
    return clampedBelow(ratio, tinyOf(ratio));
  }
  override _logProb(value: Tensor): Tensor {
    const [a, b, ratio] = [this.df1.mul(0.5), this.df2.mul(0.5), this.df1.div(this.df2)];
    const total = a.add(b);
    return lgamma(total).sub(lgamma(a)).sub(lgamma(b))
      .add(a.mul(ratio.log()).add(a.sub(1).mul(value.log())))
      .sub(total.mul(ratio.mul(value).log1p()));
  }
}
