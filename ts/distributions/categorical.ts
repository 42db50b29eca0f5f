// Distributions of one of several outcomes.
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { integerFrom } from '../core/kinds';
import { UsageError } from '../core/errors';
import { arange, broadcastTensors, eye, fullLike, lgamma, logSoftmax, logsumexp, multinomial, onesLike, zeros } from '../generated/functions';
import { oneHot } from '../generated/functional';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import * as constraints from './constraint';
import { MixtureConstraint, type Constraint } from './constraint';
import { Binomial } from './counts';
import { Distribution } from './distribution';
import { broadcastAll, broadcastShapes, eitherOf, greatestOf, logitsOfProbs, normalized, probsOfLogits, validateArgs } from './parameter';
import { distribution } from './transformed';
import { instanceOf } from '../core/kinds';

interface CategoricalArguments {
  /** Weights of at least 0 along the last dim, which need not sum to 1. */
  probs?: Tensor | null;
  /** Their logarithms, instead. */
  logits?: Tensor | null;
  validateArgs?: boolean | null;
}
const weights = (where: string): ParameterList<CategoricalArguments> =>
  parameters<CategoricalArguments>(where, () => ({ probs: tensorKind.orNull(), logits: tensorKind.orNull(), validateArgs: validateArgs() }));
type CategoricalCall = Arguments<CategoricalArguments, ['probs', 'logits', 'validateArgs']>;

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const CATEGORICAL = /* @__PURE__ */ weights('Categorical');

/** An index, drawn with weights. */
export class Categorical extends Distribution {
  /** @internal */
  static readonly _parameters = CATEGORICAL;
  /** @internal */
  readonly _probs: Tensor | null;
  /** @internal */
  readonly _logits: Tensor | null;
  constructor(...args: CategoricalCall) {
    const { probs, logits, validateArgs: checks } = CATEGORICAL.read(args);
    const given = eitherOf('Categorical', probs, logits);
    const param = (probs ?? logits)!;
    if (param.ndim < 1) throw new UsageError(`Categorical: ${given} must have at least one dim, got a 0-dim tensor`, 'Categorical');
    super(param.shape.slice(0, -1), [], checks);
    this._probs = probs === null ? null : probs.div(probs.sum(-1, true));
    this._logits = logits === null ? null : normalized(logits);
    this._checkParameters(given);
  }
  /** The probabilities, which sum to 1. */
  get probs(): Tensor {
    return this._probs ?? probsOfLogits(this._logits!);
  }
  /** Their logarithms. */
  get logits(): Tensor {
    return this._logits ?? logitsOfProbs(this._probs!);
  }
  /** The shape of the parameter. */
  get paramShape(): readonly number[] {
    return this._param.shape;
  }
  /** @internal What was given. */
  get _param(): Tensor {
    return this._probs ?? this._logits!;
  }
  /** @internal How many outcomes there are. */
  get _count(): number {
    return this._param.size(-1);
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: constraints.simplex, logits: constraints.realVector };
  }
  override get support(): Constraint {
    return constraints.integerInterval(0, this._count - 1);
  }
  override _mean(): Tensor {
    return fullLike(this._param.select(-1, 0), NaN);
  }
  override _mode(): Tensor {
    return this.probs.argmax(-1);
  }
  override _variance(): Tensor {
    return this._mean();
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const rows = this.probs.reshape([-1, this._count]);
    return multinomial(rows, count(sampleShape), true, { generator }).t().reshape(this._shapeOf(sampleShape));
  }
  override _logProb(value: Tensor): Tensor {
    const [index, log] = broadcastTensors(value.to('int64').unsqueeze(-1), this.logits);
    return log.gather(-1, index.narrow(-1, 0, 1)).squeeze(-1);
  }
  override _entropy(): Tensor {
    const { logits } = this;
    // A probability of 0 times its logarithm is 0.
    return logits.clamp(-greatestOf(logits)).mul(this.probs).sum(-1).neg();
  }
  override _enumerate(expand: boolean): Tensor {
    const n = this._count;
    const values = arange(n).view([n, ...this.batchShape.map(() => 1)]);
    return expand ? values.expand([n, ...this.batchShape]) : values;
  }
}

const ONE_HOT = /* @__PURE__ */ weights('OneHotCategorical');

/** A 1 at a random index, zeros elsewhere. */
export class OneHotCategorical extends Distribution {
  /** @internal */
  static readonly _parameters = ONE_HOT;
  /** @internal */
  readonly _categorical: Categorical;
  constructor(...args: CategoricalCall) {
    const { probs, logits, validateArgs: checks } = ONE_HOT.read(args);
    const categorical = new Categorical(probs, logits, checks);
    super(categorical.batchShape, categorical.paramShape.slice(-1), checks);
    this._categorical = categorical;
  }
  get probs(): Tensor {
    return this._categorical.probs;
  }
  get logits(): Tensor {
    return this._categorical.logits;
  }
  get paramShape(): readonly number[] {
    return this._categorical.paramShape;
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return this._categorical.argConstraints;
  }
  override get support(): Constraint {
    return constraints.oneHot;
  }
  override toString(): string {
    return `${this.constructor.name}${String(this._categorical).slice('Categorical'.length)}`;
  }
  override _mean(): Tensor {
    return this.probs;
  }
  override _mode(): Tensor {
    return this._hot(this.probs.argmax(-1));
  }
  override _variance(): Tensor {
    const { probs } = this;
    return probs.mul(probs.neg().add(1));
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    return this._hot(this._categorical._sample(sampleShape, generator));
  }
  override _logProb(value: Tensor): Tensor {
    return this._categorical._logProb(value.argmax(-1));
  }
  override _entropy(): Tensor {
    return this._categorical._entropy();
  }
  override _enumerate(expand: boolean): Tensor {
    const [n] = this.eventShape as [number];
    const values = eye(n, { dtype: this._categorical._param.dtype }).view([n, ...this.batchShape.map(() => 1), n]);
    return expand ? values.expand([n, ...this.batchShape, n]) : values;
  }
  private _hot(index: Tensor): Tensor {
    return oneHot(index, this.eventShape[0]).to(this._categorical._param.dtype);
  }
}

/** The same with gradients that flow to the probabilities as if they were the outcome. */
export class OneHotCategoricalStraightThrough extends OneHotCategorical {
  override get hasRsample(): boolean {
    return true;
  }
  override _rsample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const { probs } = this;
    return this._sample(sampleShape, generator).detach().add(probs.sub(probs.detach()));
  }
}

interface MultinomialArguments extends CategoricalArguments {
  /** How many are drawn; 1 by default. */
  totalCount?: number;
}
const MULTINOMIAL = /* @__PURE__ */ parameters<MultinomialArguments>('Multinomial', () => ({
  totalCount: integerFrom(0).or(1),
  probs: tensorKind.orNull(),
  logits: tensorKind.orNull(),
  validateArgs: validateArgs(),
}));

/** How often each of several outcomes comes in `totalCount` draws. */
export class Multinomial extends Distribution {
  /** @internal */
  static readonly _parameters = MULTINOMIAL;
  readonly totalCount: number;
  /** @internal */
  readonly _categorical: Categorical;
  constructor(...args: Arguments<MultinomialArguments, ['totalCount', 'probs', 'logits', 'validateArgs']>) {
    const { totalCount, probs, logits, validateArgs: checks } = MULTINOMIAL.read(args);
    const categorical = new Categorical(probs, logits, checks);
    super(categorical.batchShape, categorical.paramShape.slice(-1), checks);
    this.totalCount = totalCount;
    this._categorical = categorical;
  }
  get probs(): Tensor {
    return this._categorical.probs;
  }
  get logits(): Tensor {
    return this._categorical.logits;
  }
  get paramShape(): readonly number[] {
    return this._categorical.paramShape;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return this._categorical.argConstraints;
  }
  override get support(): Constraint {
    return constraints.multinomial(this.totalCount);
  }
  override toString(): string {
    return `Multinomial${String(this._categorical).slice('Categorical'.length)}`;
  }
  override _mean(): Tensor {
    return this.probs.mul(this.totalCount);
  }
  override _variance(): Tensor {
    const { probs } = this;
    return probs.mul(this.totalCount).mul(probs.neg().add(1));
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const drawn = this._categorical._sample([this.totalCount, ...sampleShape], generator).movedim(0, -1);
    const counts = zeros(this._shapeOf(sampleShape), { dtype: 'int64' });
    return counts.scatterAdd(-1, drawn, onesLike(drawn)).to(this.probs.dtype);
  }
  override _logProb(value: Tensor): Tensor {
    const [logits, v] = broadcastAll('logProb', this.logits, value);
    const safe = logits.maskedFill(v.eq(0).logicalAnd(logits.eq(-Infinity)), 0);
    return lgamma(v.sum(-1).add(1)).sub(lgamma(v.add(1)).sum(-1)).add(safe.mul(v).sum(-1));
  }
  override _entropy(): Tensor {
    const { probs, totalCount: n } = this;
    const logOfFactorial = lgamma(fullLike(probs.select(-1, 0), n + 1));
    const first = this._categorical._entropy().mul(n).sub(logOfFactorial);
    const binomial = new Binomial(n, probs, { validateArgs: false });
    const support = binomial._enumerate(false).narrow(0, 1, n);
    const second = binomial._logProb(support).exp().mul(lgamma(support.add(1))).sum([0, -1]);
    return first.add(second);
  }
}

interface MixtureArguments {
  /** The weights of the components. */
  mixtureDistribution: Categorical;
  /** The components, along the last dim of its batch. */
  componentDistribution: Distribution;
  validateArgs?: boolean | null;
}
const MIXTURE = /* @__PURE__ */ parameters<MixtureArguments>('MixtureSameFamily', () => ({
  mixtureDistribution: instanceOf('a Categorical', () => Categorical as unknown as { prototype: Categorical }),
  componentDistribution: distribution,
  validateArgs: validateArgs(),
}));

/** A mixture: an outcome of one of the components, drawn with weights. */
export class MixtureSameFamily extends Distribution {
  /** @internal */
  static readonly _parameters = MIXTURE;
  readonly mixtureDistribution: Categorical;
  readonly componentDistribution: Distribution;
  constructor(...args: Arguments<MixtureArguments, ['mixtureDistribution', 'componentDistribution', 'validateArgs']>) {
    const { mixtureDistribution: mixture, componentDistribution: component, validateArgs: checks } = MIXTURE.read(args);
    const batch = component.batchShape.slice(0, -1);
    broadcastShapes('MixtureSameFamily', mixture.batchShape, batch);
    const [weighted, present] = [mixture._count, component.batchShape.at(-1)];
    if (weighted !== present) {
      throw new UsageError(`MixtureSameFamily: the mixture has ${weighted} weights for ${present ?? 'no dim of'} components; give componentDistribution a last batch dim of that size`, 'MixtureSameFamily');
    }
    super(batch, component.eventShape, checks);
    this.mixtureDistribution = mixture;
    this.componentDistribution = component;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }
  override get support(): Constraint {
    return new MixtureConstraint(this.componentDistribution.support);
  }
  override toString(): string {
    return `MixtureSameFamily(\n  ${String(this.mixtureDistribution)},\n  ${String(this.componentDistribution)})`;
  }
  override _expand(batchShape: readonly number[]): this {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(this) as object) as this, this);
    return Object.assign(copy, {
      batchShape,
      mixtureDistribution: this.mixtureDistribution._expand(batchShape),
      componentDistribution: this.componentDistribution._expand([...batchShape, this.mixtureDistribution._count]),
    });
  }
  override _mean(): Tensor {
    return this._weighted(this.componentDistribution._mean());
  }
  override _variance(): Tensor {
    const means = this.componentDistribution._mean();
    const spread = means.sub(this._pad(this._weighted(means))).square();
    return this._weighted(this.componentDistribution._variance()).add(this._weighted(spread));
  }
  override _sample(sampleShape: readonly number[], generator: Generator | null): Tensor {
    const dim = sampleShape.length + this.batchShape.length;
    const index = this.mixtureDistribution._sample(sampleShape, generator);
    const all = this.componentDistribution._sample(sampleShape, generator);
    const wide = index.reshape([...index.shape, 1, ...this.eventShape.map(() => 1)]);
    return all.gather(dim, wide.expand([...all.shape.slice(0, dim), 1, ...this.eventShape])).squeeze(dim);
  }
  override _logProb(value: Tensor): Tensor {
    const each = this.componentDistribution._logProb(this._pad(value));
    return logsumexp(each.add(logSoftmax(this.mixtureDistribution.logits, -1)), -1);
  }
  override _cdf(value: Tensor): Tensor {
    return this.componentDistribution._cdf(this._pad(value)).mul(this.mixtureDistribution.probs).sum(-1);
  }
  /** With a dim of components. */
  private _pad(value: Tensor): Tensor {
    return value.unsqueeze(-1 - this.eventShape.length);
  }
  /** The mean over components. */
  private _weighted(each: Tensor): Tensor {
    const { probs } = this.mixtureDistribution;
    return each.mul(probs.reshape([...probs.shape, ...this.eventShape.map(() => 1)])).sum(-1 - this.eventShape.length);
  }
}
