// Transforms of each element alone.
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { integerFrom } from '../core/kinds';
import { fullLike } from '../generated/functions';
import { softplus } from '../generated/functional';
import { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { broadcastShapes, epsilonOf, real, sumRightmost, tinyOf, type Real } from './parameter';
import { Transform, cacheSize } from './transform';

interface Caching {
  cacheSize?: number;
}
const caching = (where: string): ParameterList<Caching> => parameters<Caching>(where, () => ({ cacheSize: cacheSize() }));

/** A transform that rises and has an inverse. */
abstract class Rising extends Transform {
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number | Tensor {
    return 1;
  }
  override _equals(other: Transform): boolean {
    return other.constructor === this.constructor;
  }
}

const EXP = /* @__PURE__ */ caching('ExpTransform');

/** `y = exp(x)`. */
export class ExpTransform extends Rising {
  /** @internal */
  static readonly _parameters = EXP;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(EXP.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realNumber;
  }
  override get codomain(): Constraint {
    return constraints.positive;
  }
  override _call(x: Tensor): Tensor {
    return x.exp();
  }
  override _inverse(y: Tensor): Tensor {
    return y.log();
  }
  override _logDet(x: Tensor): Tensor {
    return x;
  }
}

/** The logistic function, away from 0 and 1. */
export const clippedSigmoid = (x: Tensor): Tensor => x.sigmoid().clamp(tinyOf(x), 1 - epsilonOf(x));

const SIGMOID = /* @__PURE__ */ caching('SigmoidTransform');

/** `y = 1 / (1 + exp(−x))`, away from 0 and 1; back by the log odds. */
export class SigmoidTransform extends Rising {
  /** @internal */
  static readonly _parameters = SIGMOID;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(SIGMOID.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realNumber;
  }
  override get codomain(): Constraint {
    return constraints.unitInterval;
  }
  override _call(x: Tensor): Tensor {
    return clippedSigmoid(x);
  }
  override _inverse(y: Tensor): Tensor {
    const inside = y.clamp(tinyOf(y), 1 - epsilonOf(y));
    return inside.log().sub(inside.neg().log1p());
  }
  override _logDet(x: Tensor): Tensor {
    return softplus(x.neg()).neg().sub(softplus(x));
  }
}

const SOFTPLUS = /* @__PURE__ */ caching('SoftplusTransform');

/** `y = log(1 + exp(x))`. */
export class SoftplusTransform extends Rising {
  /** @internal */
  static readonly _parameters = SOFTPLUS;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(SOFTPLUS.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realNumber;
  }
  override get codomain(): Constraint {
    return constraints.positive;
  }
  override _call(x: Tensor): Tensor {
    return softplus(x);
  }
  override _inverse(y: Tensor): Tensor {
    return y.neg().expm1().neg().log().add(y);
  }
  override _logDet(x: Tensor): Tensor {
    return softplus(x.neg()).neg();
  }
}

const TANH = /* @__PURE__ */ caching('TanhTransform');

/** `y = tanh(x)`. Near −1 and 1 the inverse loses digits: `cacheSize: 1` remembers the input. */
export class TanhTransform extends Rising {
  /** @internal */
  static readonly _parameters = TANH;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(TANH.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realNumber;
  }
  override get codomain(): Constraint {
    return constraints.interval(-1, 1);
  }
  override _call(x: Tensor): Tensor {
    return x.tanh();
  }
  override _inverse(y: Tensor): Tensor {
    return y.atanh();
  }
  override _logDet(x: Tensor): Tensor {
    // log(1 − tanh²) without cancellation.
    return x.neg().sub(softplus(x.mul(-2))).add(Math.log(2)).mul(2);
  }
}

const ABS = /* @__PURE__ */ caching('AbsTransform');

/** `y = |x|`; back to the positive of the two. */
export class AbsTransform extends Transform {
  /** @internal */
  static readonly _parameters = ABS;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(ABS.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realNumber;
  }
  override get codomain(): Constraint {
    return constraints.positive;
  }
  override _equals(other: Transform): boolean {
    return other instanceof AbsTransform;
  }
  override _call(x: Tensor): Tensor {
    return x.abs();
  }
  override _inverse(y: Tensor): Tensor {
    return y;
  }
}

const shapeOf = (value: Real): readonly number[] => (value instanceof Tensor ? value.shape : []);

/** Whether numbers or tensors are the same. */
function same(a: Real, b: Real): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const t = a instanceof Tensor ? a : (b as Tensor);
  return t.eq(t === a ? b : a).all().item<boolean>();
}

interface PowerArguments extends Caching {
  exponent: Real;
}
const POWER = /* @__PURE__ */ parameters<PowerArguments>('PowerTransform', () => ({ exponent: real, cacheSize: cacheSize() }));

/** `y = x ^ exponent` of positive numbers. */
export class PowerTransform extends Transform {
  /** @internal */
  static readonly _parameters = POWER;
  readonly exponent: Real;
  constructor(...args: Arguments<PowerArguments, ['exponent', 'cacheSize']>) {
    const { exponent, cacheSize: size } = POWER.read(args);
    super(size);
    this.exponent = exponent;
  }
  override get domain(): Constraint {
    return constraints.positive;
  }
  override get codomain(): Constraint {
    return constraints.positive;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number | Tensor {
    return typeof this.exponent === 'number' ? Math.sign(this.exponent) : this.exponent.sign();
  }
  override _equals(other: Transform): boolean {
    return other instanceof PowerTransform && same(this.exponent, other.exponent);
  }
  override _call(x: Tensor): Tensor {
    return x.pow(this.exponent);
  }
  override _inverse(y: Tensor): Tensor {
    return y.pow(typeof this.exponent === 'number' ? 1 / this.exponent : this.exponent.reciprocal());
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    return y.mul(this.exponent).div(x).abs().log();
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return broadcastShapes('PowerTransform', shape, shapeOf(this.exponent));
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return this._forwardShape(shape);
  }
}

interface AffineArguments extends Caching {
  loc: Real;
  scale: Real;
  eventDim?: number;
}
const AFFINE = /* @__PURE__ */ parameters<AffineArguments>('AffineTransform', () => ({ loc: real, scale: real, eventDim: integerFrom(0).or(0), cacheSize: cacheSize() }));

/** `y = loc + scale · x`; the last `eventDim` dims belong to one value. */
export class AffineTransform extends Transform {
  /** @internal */
  static readonly _parameters = AFFINE;
  readonly loc: Real;
  readonly scale: Real;
  private readonly dims: number;
  constructor(...args: Arguments<AffineArguments, ['loc', 'scale', 'eventDim', 'cacheSize']>) {
    const { loc, scale, eventDim, cacheSize: size } = AFFINE.read(args);
    super(size);
    this.loc = loc;
    this.scale = scale;
    this.dims = eventDim;
  }
  override get eventDim(): number {
    return this.dims;
  }
  override get domain(): Constraint {
    return this.dims === 0 ? constraints.realNumber : constraints.independent(constraints.realNumber, this.dims);
  }
  override get codomain(): Constraint {
    return this.domain;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number | Tensor {
    return typeof this.scale === 'number' ? Math.sign(this.scale) : this.scale.sign();
  }
  override _equals(other: Transform): boolean {
    return other instanceof AffineTransform && same(this.loc, other.loc) && same(this.scale, other.scale);
  }
  override _call(x: Tensor): Tensor {
    return x.mul(this.scale).add(this.loc);
  }
  override _inverse(y: Tensor): Tensor {
    return y.sub(this.loc).div(this.scale);
  }
  override _logDet(x: Tensor): Tensor {
    const each = typeof this.scale === 'number' ? fullLike(x, Math.log(Math.abs(this.scale))) : this.scale.abs().log();
    return this.dims === 0 ? each.expand([...x.shape]) : sumRightmost(each, this.dims).expand(x.shape.slice(0, -this.dims));
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return broadcastShapes('AffineTransform', shape, shapeOf(this.loc), shapeOf(this.scale));
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return this._forwardShape(shape);
  }
}
