// The base class of distributions: it reads arguments, checks parameters and values, and releases intermediates. A distribution
// says what is its own in methods that start with an underscore.
import { noGrad } from '../autograd/autograd';
import { UsageError } from '../core/errors';
import { boolean } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { scoped } from '../runtime/scope';
import type { Generator } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import { checkIn, type Constraint } from './constraint';
import { broadcastShapes, generator, shape } from './parameter';

interface SampleArguments {
  /** The shape before that of the batch; none by default. */
  sampleShape?: readonly number[];
  /** Draws the numbers; the default generator where there is none. */
  generator?: Generator | null;
}
type SampleCall = Arguments<SampleArguments, ['sampleShape', 'generator']>;
type ValueCall = Arguments<{ value: Tensor }, ['value']>;

const drawing = (where: string) => parameters<SampleArguments>(where, () => ({ sampleShape: shape.or([]), generator: generator() }));
const valued = (where: string) => parameters<{ value: Tensor }>(where, () => ({ value: tensorKind }));

const METHODS = {
  sample: /* @__PURE__ */ drawing('sample'),
  rsample: /* @__PURE__ */ drawing('rsample'),
  logProb: /* @__PURE__ */ valued('logProb'),
  cdf: /* @__PURE__ */ valued('cdf'),
  icdf: /* @__PURE__ */ valued('icdf'),
  expand: /* @__PURE__ */ parameters<{ batchShape: readonly number[] }>('expand', () => ({ batchShape: shape })),
  enumerateSupport: /* @__PURE__ */ parameters<{ expand?: boolean }>('enumerateSupport', () => ({ expand: boolean.or(true) })),
};

const DEFAULT = /* @__PURE__ */ parameters<{ value: boolean }>('setDefaultValidateArgs', () => ({ value: boolean }));

let validatesByDefault = true;

/** A probability distribution: PyTorch's `torch.distributions.Distribution`. */
export abstract class Distribution {
  /** @internal */
  static readonly _methods = METHODS;

  static {
    withoutArguments(this.prototype, 'entropy perplexity');
  }

  /** The shape of a batch of distributions. */
  readonly batchShape: readonly number[];
  /** The shape of one outcome. */
  readonly eventShape: readonly number[];
  /** @internal Whether values are checked. */
  readonly _validates: boolean;

  constructor(batchShape: readonly number[], eventShape: readonly number[], validateArgs: boolean | null) {
    this.batchShape = batchShape;
    this.eventShape = eventShape;
    this._validates = validateArgs ?? validatesByDefault;
  }

  /** Says whether distributions made from now on check their parameters and values, unless they are told; true at first. */
  static setDefaultValidateArgs(...args: Arguments<{ value: boolean }, ['value']>): void {
    validatesByDefault = DEFAULT.read(args).value;
  }

  /** Whether gradients flow from samples to parameters. */
  get hasRsample(): boolean {
    return false;
  }

  /** Whether `enumerateSupport()` is there. */
  get hasEnumerateSupport(): boolean {
    return false;
  }

  /** What each parameter must satisfy, by name. */
  abstract get argConstraints(): Readonly<Record<string, Constraint>>;

  /** What outcomes satisfy. */
  abstract get support(): Constraint;

  get mean(): Tensor {
    return scoped('mean', () => this._mean());
  }

  /** The most probable outcome. */
  get mode(): Tensor {
    return scoped('mode', () => this._mode());
  }

  get variance(): Tensor {
    return scoped('variance', () => this._variance());
  }

  /** The standard deviation. */
  get stddev(): Tensor {
    return scoped('stddev', () => this._stddev());
  }

  /** Draws outcomes, of shape [sampleShape, batchShape, eventShape], without gradients. */
  sample(...args: SampleCall): Tensor {
    const { sampleShape, generator: from } = METHODS.sample.read(args);
    return noGrad(() => scoped('sample', () => this._sample(sampleShape, from)));
  }

  /**
   * The same with gradients that flow to the parameters, along how an outcome moves with them.
   *
   * @throws UsageError where `hasRsample` is false.
   */
  rsample(...args: SampleCall): Tensor {
    const { sampleShape, generator: from } = METHODS.rsample.read(args);
    if (!this.hasRsample) throw this._lacks('rsample', 'samples with gradients; use sample()');
    return scoped('rsample', () => this._rsample(sampleShape, from));
  }

  /** The logarithm of the density, or probability, at `value`. */
  logProb(...args: ValueCall): Tensor {
    return this._at('logProb', args, (value) => this._logProb(value));
  }

  /** The probability of an outcome of at most `value`. */
  cdf(...args: ValueCall): Tensor {
    return this._at('cdf', args, (value) => this._cdf(value));
  }

  /** The outcome that a probability of `value` lies below: the inverse of `cdf`. */
  icdf(...args: ValueCall): Tensor {
    const { value } = METHODS.icdf.read(args);
    return scoped('icdf', () => this._icdf(value));
  }

  /** The entropy, of shape `batchShape`. */
  entropy(): Tensor {
    return scoped('entropy', () => this._entropy());
  }

  /** exp of the entropy. */
  perplexity(): Tensor {
    return scoped('perplexity', () => this._entropy().exp());
  }

  /** All outcomes along a first dim; with `expand` false, in shape [count, 1, …]. */
  enumerateSupport(...args: Arguments<{ expand?: boolean }, ['expand']>): Tensor {
    const { expand } = METHODS.enumerateSupport.read(args);
    return scoped('enumerateSupport', () => this._enumerate(expand));
  }

  /** The same distribution with parameters expanded to another batch shape. */
  expand(...args: Arguments<{ batchShape: readonly number[] }, ['batchShape']>): this {
    return this._expand(METHODS.expand.read(args).batchShape);
  }

  toString(): string {
    const shown = Object.keys(this.argConstraints).flatMap((name) => {
      const own = Object.getOwnPropertyDescriptor(this, name) as { value?: unknown } | undefined;
      const value = (this as Record<string, unknown>)[`_${name}`] ?? own?.value;
      return value instanceof Tensor ? [`${name}: ${value.numel() === 1 ? String(value.item()) : `[${value.shape.join(', ')}]`}`] : [];
    });
    return `${this.constructor.name}(${shown.join(', ')})`;
  }

  private _at(where: 'logProb' | 'cdf', args: ValueCall, of: (value: Tensor) => Tensor): Tensor {
    const { value } = METHODS[where].read(args);
    return scoped(where, () => {
      if (this._validates) this._checkValue(where, value);
      return of(value);
    });
  }

  /** @internal Throws for what is not an outcome. */
  _checkValue(where: string, value: Tensor): void {
    const { batchShape, eventShape } = this;
    const name = `${where} of ${this.constructor.name}`;
    const tail = value.shape.slice(Math.max(0, value.ndim - eventShape.length));
    if (tail.length < eventShape.length || tail.some((size, i) => size !== eventShape[i])) {
      throw new UsageError(`${name}: the last sizes of value must be those of an outcome, [${eventShape.join(', ')}], got shape [${value.shape.join(', ')}]`, where);
    }
    broadcastShapes(name, value.shape, [...batchShape, ...eventShape]);
    checkIn(name, 'value', value, this.support);
  }

  /** @internal Throws unless these parameters satisfy what they must. */
  _checkParameters(...names: string[]): void {
    if (!this._validates) return;
    const where = this.constructor.name;
    for (const name of names) {
      scoped(where, () => { checkIn(where, `parameter ${name}`, (this as unknown as Record<string, Tensor>)[name]!, this.argConstraints[name]!); });
    }
  }

  /** @internal The shape of samples. */
  _shapeOf(sampleShape: readonly number[]): number[] {
    return [...sampleShape, ...this.batchShape, ...this.eventShape];
  }

  /** @internal Parameters are the tensors among the properties, and distributions it is made of. */
  _expand(batchShape: readonly number[]): this {
    const copy = Object.create(Object.getPrototypeOf(this) as object) as Record<string, unknown>;
    const before = this.batchShape.length;
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Tensor) copy[name] = value.expand([...batchShape, ...value.shape.slice(before)]);
      else copy[name] = value instanceof Distribution ? value._expand(this._partShape(batchShape)) : value;
    }
    copy['batchShape'] = batchShape;
    return copy as unknown as this;
  }

  /** @internal The batch shape of the distributions it is made of, for its own. */
  _partShape(batchShape: readonly number[]): readonly number[] {
    return batchShape;
  }

  private _lacks(method: string, what: string): UsageError {
    return new UsageError(`${method}: ${this.constructor.name} has no ${what}`, method);
  }

  /** @internal */
  _sample(sampleShape: readonly number[], from: Generator | null): Tensor {
    return this._rsample(sampleShape, from);
  }
  /** @internal */
  _rsample(_sampleShape: readonly number[], _from: Generator | null): Tensor {
    throw this._lacks('rsample', 'samples with gradients; use sample()');
  }
  /** @internal */
  _mean(): Tensor {
    throw this._lacks('mean', 'mean in closed form');
  }
  /** @internal */
  _mode(): Tensor {
    throw this._lacks('mode', 'mode in closed form');
  }
  /** @internal */
  _variance(): Tensor {
    throw this._lacks('variance', 'variance in closed form');
  }
  /** @internal */
  _stddev(): Tensor {
    return this._variance().sqrt();
  }
  /** @internal */
  _logProb(_value: Tensor): Tensor {
    throw this._lacks('logProb', 'density in closed form');
  }
  /** @internal */
  _cdf(_value: Tensor): Tensor {
    throw this._lacks('cdf', 'cdf in closed form');
  }
  /** @internal */
  _icdf(_value: Tensor): Tensor {
    throw this._lacks('icdf', 'inverse of its cdf in closed form');
  }
  /** @internal */
  _entropy(): Tensor {
    throw this._lacks('entropy', 'entropy in closed form');
  }
  /** @internal */
  _enumerate(_expand: boolean): Tensor {
    throw this._lacks('enumerateSupport', 'list of all outcomes');
  }
}
