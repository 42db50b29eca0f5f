// Distributions of transformed outcomes, and of outcomes that belong together.
import { ShapeError } from '../core/errors';
import { instanceOf, integerFrom, Kind, REFUSED } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { Distribution } from './distribution';
import { sumRightmost, validateArgs } from './parameter';
import { ComposeTransform, Transform, signOf } from './transform';

/** A distribution. */
export const distribution = /* @__PURE__ */ instanceOf('a distribution', () => Distribution as unknown as { prototype: Distribution });

interface IndependentArguments<D> {
  /** The distribution. */
  baseDistribution: D;
  /** How many of its last batch dims belong to one outcome. */
  reinterpretedBatchNdims: number;
  validateArgs?: boolean | null;
}
const INDEPENDENT = /* @__PURE__ */ parameters<IndependentArguments<Distribution>>('Independent', () => ({
  baseDistribution: distribution,
  reinterpretedBatchNdims: integerFrom(0),
  validateArgs: validateArgs(),
}));

/** A distribution whose last batch dims belong to one outcome: their log probabilities are summed. */
export class Independent<D extends Distribution = Distribution> extends Distribution {
  /** @internal */
  static readonly _parameters = INDEPENDENT;
  readonly baseDist: D;
  readonly reinterpretedBatchNdims: number;

  constructor(...args: Arguments<IndependentArguments<D>, ['baseDistribution', 'reinterpretedBatchNdims', 'validateArgs']>) {
    const { baseDistribution: base, reinterpretedBatchNdims: dims, validateArgs: checks } = INDEPENDENT.read(args);
    const shape = [...base.batchShape, ...base.eventShape];
    const cut = base.batchShape.length - dims;
    if (cut < 0) throw new ShapeError(`Independent: reinterpretedBatchNdims must be at most the number of batch dims, ${base.batchShape.length}, got ${dims}`, 'Independent');
    super(shape.slice(0, cut), shape.slice(cut), checks);
    this.baseDist = base as D;
    this.reinterpretedBatchNdims = dims;
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }
  override get hasEnumerateSupport(): boolean {
    return this.reinterpretedBatchNdims === 0 && this.baseDist.hasEnumerateSupport;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }
  override get support(): Constraint {
    const { support } = this.baseDist;
    return this.reinterpretedBatchNdims === 0 ? support : constraints.independent(support, this.reinterpretedBatchNdims);
  }
  override toString(): string {
    return `Independent(${String(this.baseDist)}, ${this.reinterpretedBatchNdims})`;
  }
  override _partShape(batchShape: readonly number[]): readonly number[] {
    return [...batchShape, ...this.eventShape.slice(0, this.reinterpretedBatchNdims)];
  }
  override _mean(): Tensor {
    return this.baseDist._mean();
  }
  override _mode(): Tensor {
    return this.baseDist._mode();
  }
  override _variance(): Tensor {
    return this.baseDist._variance();
  }
  override _sample(sampleShape: readonly number[], from: Generator | null): Tensor {
    return this.baseDist._sample(sampleShape, from);
  }
  override _rsample(sampleShape: readonly number[], from: Generator | null): Tensor {
    return this.baseDist._rsample(sampleShape, from);
  }
  override _logProb(value: Tensor): Tensor {
    return sumRightmost(this.baseDist.logProb(value), this.reinterpretedBatchNdims);
  }
  override _entropy(): Tensor {
    return sumRightmost(this.baseDist._entropy(), this.reinterpretedBatchNdims);
  }
  override _enumerate(expand: boolean): Tensor {
    return this.reinterpretedBatchNdims === 0 ? this.baseDist._enumerate(expand) : super._enumerate(expand);
  }
}

interface TransformedArguments {
  /** Whose outcomes are transformed. */
  baseDistribution: Distribution;
  /** How: a transform, or several one after another. */
  transforms: Transform | readonly Transform[];
  validateArgs?: boolean | null;
}

const isTransform = (value: unknown): value is Transform => value instanceof Transform;
const transforms = /* @__PURE__ */ new Kind<Transform | readonly Transform[]>('a transform or a list of transforms', (value) =>
  isTransform(value) || (Array.isArray(value) && value.every(isTransform)) ? value : REFUSED,
);
const TRANSFORMED = /* @__PURE__ */ parameters<TransformedArguments>('TransformedDistribution', () => ({ baseDistribution: distribution, transforms, validateArgs: validateArgs() }));

/** Outcomes of a distribution, transformed. PyTorch's `torch.distributions.TransformedDistribution`. */
export class TransformedDistribution extends Distribution {
  /** @internal */
  static readonly _parameters = TRANSFORMED;
  readonly baseDist: Distribution;
  readonly transforms: readonly Transform[];

  constructor(...args: Arguments<TransformedArguments, ['baseDistribution', 'transforms', 'validateArgs']>) {
    const { baseDistribution: given, transforms: listed, validateArgs: checks } = TRANSFORMED.read(args);
    const list = isTransform(listed) ? [listed] : listed;
    const whole = new ComposeTransform(list);
    const { domain, codomain } = whole;
    const shape = [...given.batchShape, ...given.eventShape];
    const dims = given.eventShape.length;
    if (shape.length < domain.eventDim) {
      throw new ShapeError(`TransformedDistribution: the transforms need at least ${domain.eventDim} dims, the distribution has shape [${shape.join(', ')}]`, 'TransformedDistribution');
    }
    const forward = whole._forwardShape(shape);
    const expanded = whole._inverseShape(forward);
    let base = shape.length === expanded.length && shape.every((size, i) => size === expanded[i]) ? given : given._expand(expanded.slice(0, expanded.length - dims));
    if (domain.eventDim > dims) base = new Independent(base, domain.eventDim - dims);
    const eventDims = Math.max(codomain.eventDim, dims + codomain.eventDim - domain.eventDim);
    const cut = forward.length - eventDims;
    super(forward.slice(0, cut), forward.slice(cut), checks);
    this.baseDist = base;
    this.transforms = list;
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }
  override get support(): Constraint {
    const last = this.transforms.at(-1);
    if (last === undefined) return this.baseDist.support;
    const { codomain } = last;
    const more = this.eventShape.length - codomain.eventDim;
    return more > 0 ? constraints.independent(codomain, more) : codomain;
  }

  override _partShape(batchShape: readonly number[]): readonly number[] {
    const shape = this.transforms.reduceRight((at, t) => t._inverseShape(at), [...batchShape, ...this.eventShape]);
    return shape.slice(0, shape.length - this.baseDist.eventShape.length);
  }
  override _sample(sampleShape: readonly number[], from: Generator | null): Tensor {
    return this._forward(this.baseDist._sample(sampleShape, from));
  }
  override _rsample(sampleShape: readonly number[], from: Generator | null): Tensor {
    return this._forward(this.baseDist._rsample(sampleShape, from));
  }
  override _logProb(value: Tensor): Tensor {
    let dims = this.eventShape.length;
    let sum: Tensor | null = null;
    const y = this.transforms.reduceRight((at, t) => {
      const x = t._applyInverse(at);
      dims += t.domain.eventDim - t.codomain.eventDim;
      const term = sumRightmost(t._logDet(x, at), dims - t.domain.eventDim);
      sum = sum === null ? term.neg() : sum.sub(term);
      return x;
    }, value);
    const base = sumRightmost(this.baseDist.logProb(y), dims - this.baseDist.eventShape.length);
    return (sum as Tensor | null)?.add(base) ?? base;
  }
  override _cdf(value: Tensor): Tensor {
    const x = this.transforms.reduceRight((at, t) => t._applyInverse(at), value);
    if (this._validates) this.baseDist._checkValue('cdf', x);
    return this._rising(this.baseDist._cdf(x));
  }
  override _icdf(value: Tensor): Tensor {
    return this._forward(this.baseDist._icdf(this._rising(value)));
  }
  private _forward(x: Tensor): Tensor {
    return this.transforms.reduce((at, t) => t._apply(at), x);
  }
  /** A probability, counted from the other end where the transforms fall. */
  private _rising(p: Tensor): Tensor {
    const sign = signOf(this.transforms);
    return sign === 1 ? p : p.sub(0.5).mul(sign).add(0.5);
  }
  override _checkValue(where: string, value: Tensor): void {
    // The base distribution checks what a cdf is asked for.
    if (where !== 'cdf') super._checkValue(where, value);
  }
}
