// Transforms of tensors with the logarithm of their Jacobian determinants, and what every kind of them shares.
import { ShapeError, UsageError } from '../core/errors';
import { integer, kind, list } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { zerosLike } from '../generated/functions';
import { scoped } from '../runtime/scope';
import { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { sumRightmost } from './parameter';

/** 0 or 1: whether the last input and output are remembered. */
export const cacheSize = () => kind<number>('0 or 1', (value) => value === 0 || value === 1).or(0);

const METHODS = {
  call: /* @__PURE__ */ parameters<{ x: Tensor }>('call', () => ({ x: tensorKind })),
  logAbsDetJacobian: /* @__PURE__ */ parameters<{ x: Tensor; y: Tensor }>('logAbsDetJacobian', () => ({ x: tensorKind, y: tensorKind })),
  forwardShape: /* @__PURE__ */ parameters<{ shape: readonly number[] }>('forwardShape', () => ({ shape: list('sizes', integer) })),
  inverseShape: /* @__PURE__ */ parameters<{ shape: readonly number[] }>('inverseShape', () => ({ shape: list('sizes', integer) })),
};

/** A transform: `t.call(x)`, back by `t.inv.call(y)`. PyTorch's `torch.distributions.transforms.Transform`. */
export abstract class Transform {
  /** @internal */
  static readonly _methods = METHODS;
  private cached: readonly [x: Tensor, y: Tensor] | null = null;

  constructor(private readonly remembers: number = 0) {}

  /** What may be transformed. */
  abstract get domain(): Constraint;
  /** What it is transformed to. */
  abstract get codomain(): Constraint;

  /** Whether each value has one that is transformed to it. */
  get bijective(): boolean {
    return false;
  }

  /** 1 where it rises and -1 where it falls. */
  get sign(): number | Tensor {
    throw new UsageError(`sign: ${this.constructor.name} is not monotone`, 'sign');
  }

  /** How many of the last dims belong to one value, on both sides. */
  get eventDim(): number {
    const { domain, codomain } = this;
    if (domain.eventDim === codomain.eventDim) return domain.eventDim;
    throw new UsageError(`eventDim: ${this.constructor.name} has ${domain.eventDim} dims on one side and ${codomain.eventDim} on the other; ask domain or codomain`, 'eventDim');
  }

  /** The inverse, whose inverse is this. */
  get inv(): Transform {
    return new Inverse(this);
  }

  /** The transformed value. */
  call(...args: Arguments<{ x: Tensor }, ['x']>): Tensor {
    return this._apply(METHODS.call.read(args).x);
  }

  /** The logarithm of |dy/dx|, or of the determinant's. */
  logAbsDetJacobian(...args: Arguments<{ x: Tensor; y: Tensor }, ['x', 'y']>): Tensor {
    const { x, y } = METHODS.logAbsDetJacobian.read(args);
    return scoped('logAbsDetJacobian', () => this._logDet(x, y));
  }

  /** The shape of the output for an input of this shape. */
  forwardShape(...args: Arguments<{ shape: readonly number[] }, ['shape']>): number[] {
    return this._forwardShape(METHODS.forwardShape.read(args).shape);
  }

  /** The shape of the input for an output of this shape. */
  inverseShape(...args: Arguments<{ shape: readonly number[] }, ['shape']>): number[] {
    return this._inverseShape(METHODS.inverseShape.read(args).shape);
  }

  toString(): string {
    return `${this.constructor.name}()`;
  }

  /** @internal With what is remembered. */
  _apply(x: Tensor): Tensor {
    if (this.cached?.[0] === x && !this.cached[1].isDisposed) return this.cached[1];
    const y = scoped('call', () => this._call(x));
    if (this.remembers === 1) this.cached = [x, y];
    return y;
  }

  /** @internal */
  _applyInverse(y: Tensor): Tensor {
    if (this.cached?.[1] === y && !this.cached[0].isDisposed) return this.cached[0];
    const x = scoped('call', () => this._inverse(y));
    if (this.remembers === 1) this.cached = [x, y];
    return x;
  }

  /** @internal Whether another one does the same. */
  _equals(other: Transform): boolean {
    return this === other;
  }

  /** @internal */
  abstract _call(x: Tensor): Tensor;
  /** @internal */
  _inverse(_y: Tensor): Tensor {
    throw new UsageError(`inv: ${this.constructor.name} has no inverse`, 'inv');
  }
  /** @internal */
  _logDet(_x: Tensor, _y: Tensor): Tensor {
    throw new UsageError(`logAbsDetJacobian: ${this.constructor.name} has none`, 'logAbsDetJacobian');
  }
  /** @internal */
  _forwardShape(shape: readonly number[]): number[] {
    return [...shape];
  }
  /** @internal */
  _inverseShape(shape: readonly number[]): number[] {
    return [...shape];
  }
}

/** A transform. */
export const transform = /* @__PURE__ */ kind<Transform>('a transform', (value) => value instanceof Transform);

class Inverse extends Transform {
  constructor(private readonly of: Transform) {
    super();
  }
  override get domain(): Constraint {
    return this.of.codomain;
  }
  override get codomain(): Constraint {
    return this.of.domain;
  }
  override get bijective(): boolean {
    return this.of.bijective;
  }
  override get sign(): number | Tensor {
    return this.of.sign;
  }
  override get inv(): Transform {
    return this.of;
  }
  override toString(): string {
    return `Inverse(${String(this.of)})`;
  }
  override _apply(x: Tensor): Tensor {
    return this.of._applyInverse(x);
  }
  override _applyInverse(y: Tensor): Tensor {
    return this.of._apply(y);
  }
  override _equals(other: Transform): boolean {
    return other instanceof Inverse && this.of._equals(other.of);
  }
  override _call(x: Tensor): Tensor {
    return this.of._inverse(x);
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    return this.of._logDet(y, x).neg();
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return this.of._inverseShape(shape);
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return this.of._forwardShape(shape);
  }
}

interface ComposeArguments {
  parts: readonly Transform[];
  cacheSize?: number;
}
const COMPOSE = /* @__PURE__ */ parameters<ComposeArguments>('ComposeTransform', () => ({ parts: list('transforms', transform), cacheSize: cacheSize() }));

/** Transforms one after another. */
export class ComposeTransform extends Transform {
  /** @internal */
  static readonly _parameters = COMPOSE;
  readonly parts: readonly Transform[];

  constructor(...args: Arguments<ComposeArguments, ['parts', 'cacheSize']>) {
    const { parts, cacheSize: size } = COMPOSE.read(args);
    super(size);
    this.parts = parts;
  }

  override get domain(): Constraint {
    const [first] = this.parts;
    if (first === undefined) return constraints.realNumber;
    const { domain } = first;
    let dims = this.parts.at(-1)!.codomain.eventDim;
    for (const part of [...this.parts].reverse()) dims = Math.max(dims + part.domain.eventDim - part.codomain.eventDim, part.domain.eventDim);
    return dims > domain.eventDim ? constraints.independent(domain, dims - domain.eventDim) : domain;
  }

  override get codomain(): Constraint {
    const last = this.parts.at(-1);
    if (last === undefined) return constraints.realNumber;
    const { codomain } = last;
    let dims = this.parts[0]!.domain.eventDim;
    for (const part of this.parts) dims = Math.max(dims + part.codomain.eventDim - part.domain.eventDim, part.codomain.eventDim);
    return dims > codomain.eventDim ? constraints.independent(codomain, dims - codomain.eventDim) : codomain;
  }

  override get bijective(): boolean {
    return this.parts.every((part) => part.bijective);
  }

  override get sign(): number | Tensor {
    return signOf(this.parts);
  }

  override get inv(): Transform {
    return new ComposeTransform([...this.parts].reverse().map((part) => part.inv));
  }

  override toString(): string {
    return `ComposeTransform(\n    ${this.parts.map(String).join(',\n    ')}\n)`;
  }

  override _equals(other: Transform): boolean {
    return other instanceof ComposeTransform && sameTransforms(this.parts, other.parts);
  }
  override _call(x: Tensor): Tensor {
    return this.parts.reduce((at, part) => part._apply(at), x);
  }
  override _inverse(y: Tensor): Tensor {
    return this.parts.reduceRight((at, part) => part._applyInverse(at), y);
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    let dims = this.domain.eventDim;
    let at = x;
    const terms: Tensor[] = [];
    this.parts.forEach((part, i) => {
      const next = i + 1 === this.parts.length ? y : part._apply(at);
      terms.push(sumRightmost(part._logDet(at, next), dims - part.domain.eventDim));
      dims += part.codomain.eventDim - part.domain.eventDim;
      at = next;
    });
    return terms.length === 0 ? zerosLike(x) : terms.reduce((a, b) => a.add(b));
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return this.parts.reduce((at, part) => part._forwardShape(at), [...shape]);
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return this.parts.reduceRight((at, part) => part._inverseShape(at), [...shape]);
  }
}

/** The transform that leaves everything as it is: none composed. */
export const identityTransform = /* @__PURE__ */ new ComposeTransform([]);

/** Whether transforms do the same, one by one. */
export function sameTransforms(a: readonly Transform[], b: readonly Transform[]): boolean {
  return a.length === b.length && a.every((part, i) => part._equals(b[i]!));
}

/** The sign of transforms one after another. */
export function signOf(parts: readonly Transform[]): number | Tensor {
  return parts.map((part) => part.sign).reduce((a, b) => (typeof a === 'number' && typeof b === 'number' ? a * b : a instanceof Tensor ? a.mul(b) : (b as Tensor).mul(a)), 1);
}

interface IndependentArguments {
  baseTransform: Transform;
  reinterpretedBatchNdims: number;
  cacheSize?: number;
}
const INDEPENDENT = /* @__PURE__ */ parameters<IndependentArguments>('IndependentTransform', () => ({ baseTransform: transform, reinterpretedBatchNdims: integer, cacheSize: cacheSize() }));

/** A transform whose last batch dims belong to one value. */
export class IndependentTransform extends Transform {
  /** @internal */
  static readonly _parameters = INDEPENDENT;
  readonly baseTransform: Transform;
  readonly reinterpretedBatchNdims: number;

  constructor(...args: Arguments<IndependentArguments, ['baseTransform', 'reinterpretedBatchNdims', 'cacheSize']>) {
    const { baseTransform, reinterpretedBatchNdims, cacheSize: size } = INDEPENDENT.read(args);
    super(size);
    this.baseTransform = baseTransform;
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }

  override get domain(): Constraint {
    return constraints.independent(this.baseTransform.domain, this.reinterpretedBatchNdims);
  }
  override get codomain(): Constraint {
    return constraints.independent(this.baseTransform.codomain, this.reinterpretedBatchNdims);
  }
  override get bijective(): boolean {
    return this.baseTransform.bijective;
  }
  override get sign(): number | Tensor {
    return this.baseTransform.sign;
  }
  override toString(): string {
    return `IndependentTransform(${String(this.baseTransform)}, ${this.reinterpretedBatchNdims})`;
  }
  override _call(x: Tensor): Tensor {
    return this.baseTransform._apply(this._deepEnough(x, this.domain));
  }
  override _inverse(y: Tensor): Tensor {
    return this.baseTransform._applyInverse(this._deepEnough(y, this.codomain));
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    return sumRightmost(this.baseTransform._logDet(x, y), this.reinterpretedBatchNdims);
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return this.baseTransform._forwardShape(shape);
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return this.baseTransform._inverseShape(shape);
  }
  private _deepEnough(t: Tensor, { eventDim }: Constraint): Tensor {
    if (t.ndim >= eventDim) return t;
    throw new ShapeError(`IndependentTransform: expected a value of at least ${eventDim} dims, got shape [${t.shape.join(', ')}]`, 'IndependentTransform');
  }
}
