// Transforms of vectors and matrices, and of parts of them.
import { ShapeError, UsageError } from '../core/errors';
import { integer, integerFrom, list } from '../core/kinds';
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { arange, cat, eye, maskedSelect, stack, zeros } from '../generated/functions';
import { logsigmoid, pad, softplus } from '../generated/functional';
import { cholesky } from '../generated/linalg';
import type { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import { clippedSigmoid } from './elementwise-transforms';
import { epsilonOf, shape as shapeKind, sumRightmost, tinyOf } from './parameter';
import { Transform, cacheSize, transform } from './transform';

interface Caching {
  cacheSize?: number;
}
const caching = (where: string): ParameterList<Caching> => parameters<Caching>(where, () => ({ cacheSize: cacheSize() }));

interface ReshapeArguments extends Caching {
  inShape: readonly number[];
  outShape: readonly number[];
}
const RESHAPE = /* @__PURE__ */ parameters<ReshapeArguments>('ReshapeTransform', () => ({ inShape: shapeKind, outShape: shapeKind, cacheSize: cacheSize() }));

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Another shape of the last dims. */
export class ReshapeTransform extends Transform {
  /** @internal */
  static readonly _parameters = RESHAPE;
  readonly inShape: readonly number[];
  readonly outShape: readonly number[];
  constructor(...args: Arguments<ReshapeArguments, ['inShape', 'outShape', 'cacheSize']>) {
    const { inShape, outShape, cacheSize: size } = RESHAPE.read(args);
    super(size);
    if (count(inShape) !== count(outShape)) {
      throw new ShapeError(`ReshapeTransform: shapes [${inShape.join(', ')}] and [${outShape.join(', ')}] have different numbers of elements`, 'ReshapeTransform');
    }
    this.inShape = inShape;
    this.outShape = outShape;
  }
  override get domain(): Constraint {
    return constraints.independent(constraints.realNumber, this.inShape.length);
  }
  override get codomain(): Constraint {
    return constraints.independent(constraints.realNumber, this.outShape.length);
  }
  override get bijective(): boolean {
    return true;
  }
  override _call(x: Tensor): Tensor {
    return x.reshape(this._forwardShape(x.shape));
  }
  override _inverse(y: Tensor): Tensor {
    return y.reshape(this._inverseShape(y.shape));
  }
  override _logDet(x: Tensor): Tensor {
    return zeros(x.shape.slice(0, x.ndim - this.inShape.length), { dtype: x.dtype });
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return replaced(shape, this.inShape, this.outShape);
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return replaced(shape, this.outShape, this.inShape);
  }
}

function replaced(shape: readonly number[], from: readonly number[], to: readonly number[]): number[] {
  const cut = shape.length - from.length;
  if (cut >= 0 && from.every((size, i) => size === shape[cut + i])) return [...shape.slice(0, cut), ...to];
  throw new ShapeError(`ReshapeTransform: expected a shape that ends in [${from.join(', ')}], got [${shape.join(', ')}]`, 'ReshapeTransform');
}

function deep(where: string, shape: readonly number[], dims: number): readonly number[] {
  if (shape.length >= dims) return shape;
  throw new ShapeError(`${where}: expected at least ${dims} dims, got shape [${shape.join(', ')}]`, where);
}

const SOFTMAX = /* @__PURE__ */ caching('SoftmaxTransform');

/** Logarithms of probabilities to probabilities along the last dim; back by the logarithm. It has no Jacobian determinant. */
export class SoftmaxTransform extends Transform {
  /** @internal */
  static readonly _parameters = SOFTMAX;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(SOFTMAX.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realVector;
  }
  override get codomain(): Constraint {
    return constraints.simplex;
  }
  override _equals(other: Transform): boolean {
    return other instanceof SoftmaxTransform;
  }
  override _call(x: Tensor): Tensor {
    const powers = x.sub(x.amax(-1, true)).exp();
    return powers.div(powers.sum(-1, true));
  }
  override _inverse(y: Tensor): Tensor {
    return y.log();
  }
  override _forwardShape(shape: readonly number[]): number[] {
    return [...deep('SoftmaxTransform', shape, 1)];
  }
  override _inverseShape(shape: readonly number[]): number[] {
    return [...deep('SoftmaxTransform', shape, 1)];
  }
}

const STICK = /* @__PURE__ */ caching('StickBreakingTransform');

/** n numbers to n + 1 that are positive and sum to 1: each takes a part of what is left of a stick. */
export class StickBreakingTransform extends Transform {
  /** @internal */
  static readonly _parameters = STICK;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(STICK.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realVector;
  }
  override get codomain(): Constraint {
    return constraints.simplex;
  }
  override get bijective(): boolean {
    return true;
  }
  override _equals(other: Transform): boolean {
    return other instanceof StickBreakingTransform;
  }
  override _call(x: Tensor): Tensor {
    const part = clippedSigmoid(x.sub(offsets(x, x.size(-1))));
    const left = part.neg().add(1).cumprod(-1);
    return pad(part, [0, 1], 'constant', 1).mul(pad(left, [1, 0], 'constant', 1));
  }
  override _inverse(y: Tensor): Tensor {
    const n = y.size(-1) - 1;
    const first = y.narrow(-1, 0, n);
    // Rounding must not leave less than nothing.
    const left = first.cumsum(-1).neg().add(1).clamp(tinyOf(y));
    return first.log().sub(left.log()).add(offsets(y, n));
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    const n = x.size(-1);
    const moved = x.sub(offsets(x, n));
    return logsigmoid(moved).sub(moved).add(y.narrow(-1, 0, n).log()).sum(-1);
  }
  override _forwardShape(shape: readonly number[]): number[] {
    deep('StickBreakingTransform', shape, 1);
    return [...shape.slice(0, -1), shape.at(-1)! + 1];
  }
  override _inverseShape(shape: readonly number[]): number[] {
    deep('StickBreakingTransform', shape, 1);
    return [...shape.slice(0, -1), shape.at(-1)! - 1];
  }
}

/** log n, …, log 2, log 1. */
const offsets = (like: Tensor, n: number): Tensor => arange(n, 0, -1, { dtype: like.dtype }).log();

const LOWER = /* @__PURE__ */ caching('LowerCholeskyTransform');

/** Square matrices to lower triangular ones with a positive diagonal. */
export class LowerCholeskyTransform extends Transform {
  /** @internal */
  static readonly _parameters = LOWER;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(LOWER.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.independent(constraints.realNumber, 2);
  }
  override get codomain(): Constraint {
    return constraints.lowerCholesky;
  }
  override _equals(other: Transform): boolean {
    return other instanceof LowerCholeskyTransform;
  }
  override _call(x: Tensor): Tensor {
    return x.tril(-1).add(x.diagonal(0, -2, -1).exp().diagEmbed());
  }
  override _inverse(y: Tensor): Tensor {
    return y.tril(-1).add(y.diagonal(0, -2, -1).log().diagEmbed());
  }
}

const DEFINITE = /* @__PURE__ */ caching('PositiveDefiniteTransform');

/** Square matrices to positive-definite ones: `L Lᵀ` with the L of `LowerCholeskyTransform`. */
export class PositiveDefiniteTransform extends Transform {
  /** @internal */
  static readonly _parameters = DEFINITE;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(DEFINITE.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.independent(constraints.realNumber, 2);
  }
  override get codomain(): Constraint {
    return constraints.positiveDefinite;
  }
  override _equals(other: Transform): boolean {
    return other instanceof PositiveDefiniteTransform;
  }
  override _call(x: Tensor): Tensor {
    const factor = new LowerCholeskyTransform()._call(x);
    return factor.matmul(factor.transpose(-2, -1));
  }
  override _inverse(y: Tensor): Tensor {
    return new LowerCholeskyTransform()._inverse(cholesky(y));
  }
}

const CORR = /* @__PURE__ */ caching('CorrCholeskyTransform');

/** D (D − 1) / 2 numbers to a Cholesky factor of a correlation matrix of D rows. */
export class CorrCholeskyTransform extends Transform {
  /** @internal */
  static readonly _parameters = CORR;
  constructor(...args: Arguments<Caching, ['cacheSize']>) {
    super(CORR.read(args).cacheSize);
  }
  override get domain(): Constraint {
    return constraints.realVector;
  }
  override get codomain(): Constraint {
    return constraints.corrCholesky;
  }
  override get bijective(): boolean {
    return true;
  }
  override _call(x: Tensor): Tensor {
    const [n] = this._forwardShape(x.shape).slice(-1) as [number];
    const eps = epsilonOf(x);
    const r = matrixOf(x.tanh().clamp(-1 + eps, 1 - eps), n);
    const left = r.square().neg().add(1).sqrt().cumprod(-1);
    return r.add(eye(n, { dtype: x.dtype })).mul(pad(left.narrow(-1, 0, n - 1), [1, 0], 'constant', 1));
  }
  override _inverse(y: Tensor): Tensor {
    const n = y.size(-1);
    const left = y.square().cumsum(-1).neg().add(1);
    const before = pad(left.narrow(-1, 0, n - 1), [1, 0], 'constant', 1);
    const t = below(y, -1).div(below(before, -1).sqrt());
    return t.log1p().sub(t.neg().log1p()).div(2);
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    const left = y.square().cumsum(-1).neg().add(1);
    const sticks = below(left, -2).log().sum(-1).mul(0.5);
    const tanhs = x.add(softplus(x.mul(-2))).sub(Math.log(2)).sum(-1).mul(-2);
    return sticks.add(tanhs);
  }
  override _forwardShape(shape: readonly number[]): number[] {
    const n = deep('CorrCholeskyTransform', shape, 1).at(-1)!;
    const d = Math.round(Math.sqrt(0.25 + 2 * n) + 0.5);
    if ((d * (d - 1)) / 2 === n) return [...shape.slice(0, -1), d, d];
    throw new ShapeError(`CorrCholeskyTransform: ${n} numbers do not fill the part of a square matrix below its diagonal`, 'CorrCholeskyTransform');
  }
  override _inverseShape(shape: readonly number[]): number[] {
    const [rows, columns] = deep('CorrCholeskyTransform', shape, 2).slice(-2) as [number, number];
    if (rows === columns) return [...shape.slice(0, -2), (rows * (rows - 1)) / 2];
    throw new ShapeError(`CorrCholeskyTransform: expected a square matrix, got shape [${shape.join(', ')}]`, 'CorrCholeskyTransform');
  }
}

/** Where elements below a diagonal are in a matrix of n rows, row by row. */
function placesBelow(n: number, diagonal: number): Tensor {
  const all = arange(n * n).view([n, n]);
  const [rows, columns] = [arange(n).unsqueeze(1), arange(n)];
  return maskedSelect(all, columns.le(rows.add(diagonal)));
}

/** The elements of matrices up to a diagonal, as vectors. */
function below(m: Tensor, diagonal: number): Tensor {
  return m.flatten(-2).indexSelect(-1, placesBelow(m.size(-1), diagonal));
}

/** Vectors as the elements of matrices of n rows below their diagonal. */
export function matrixOf(v: Tensor, n: number): Tensor {
  const lead = v.shape.slice(0, -1);
  const empty = zeros([...lead, n * n], { dtype: v.dtype });
  return empty.indexAdd(-1, placesBelow(n, -1), v).view([...lead, n, n]);
}

interface CatArguments extends Caching {
  tseq: readonly Transform[];
  dim?: number;
  lengths?: readonly number[] | null;
}
const CAT = /* @__PURE__ */ parameters<CatArguments>('CatTransform', () => ({
  tseq: list('transforms', transform),
  dim: integer.or(0),
  lengths: list('integers', integerFrom(0)).orNull(),
  cacheSize: cacheSize(),
}));

/** A transform for each part of a value along `dim`, of the given lengths, 1 each by default. */
export class CatTransform extends Transform {
  /** @internal */
  static readonly _parameters = CAT;
  readonly transforms: readonly Transform[];
  readonly dim: number;
  readonly lengths: readonly number[];
  constructor(...args: Arguments<CatArguments, ['tseq', 'dim', 'lengths', 'cacheSize']>) {
    const { tseq, dim, lengths, cacheSize: size } = CAT.read(args);
    super(size);
    this.transforms = tseq;
    this.dim = dim;
    this.lengths = lengths ?? tseq.map(() => 1);
    if (this.lengths.length !== tseq.length) throw new UsageError(`CatTransform: there are ${this.lengths.length} lengths for ${tseq.length} transforms`, 'CatTransform');
  }
  /** The length of all parts. */
  get length(): number {
    return this.lengths.reduce((a, b) => a + b, 0);
  }
  override get eventDim(): number {
    return this.transforms.reduce((most, t) => Math.max(most, t.eventDim), 0);
  }
  override get bijective(): boolean {
    return this.transforms.every((t) => t.bijective);
  }
  override get domain(): Constraint {
    return constraints.cat(this.transforms.map((t) => t.domain), this.dim, this.lengths);
  }
  override get codomain(): Constraint {
    return constraints.cat(this.transforms.map((t) => t.codomain), this.dim, this.lengths);
  }
  override _call(x: Tensor): Tensor {
    return cat(this._slices(x).map((part, i) => this.transforms[i]!._apply(part)), this.dim);
  }
  override _inverse(y: Tensor): Tensor {
    return cat(this._slices(y).map((part, i) => this.transforms[i]!._applyInverse(part)), this.dim);
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    const ys = this._slices(y);
    const terms = this._slices(x).map((part, i) => {
      const t = this.transforms[i]!;
      return sumRightmost(t._logDet(part, ys[i]!), this.eventDim - t.eventDim);
    });
    const dim = (this.dim >= 0 ? this.dim - x.ndim : this.dim) + this.eventDim;
    return dim < 0 ? cat(terms, dim) : terms.reduce((a, b) => a.add(b));
  }
  private _slices(t: Tensor): Tensor[] {
    if (t.size(this.dim) !== this.length) {
      throw new ShapeError(`CatTransform: expected a size of ${this.length} in dim ${this.dim}, got shape [${t.shape.join(', ')}]`, 'CatTransform');
    }
    let start = 0;
    return this.lengths.map((length) => t.narrow(this.dim, (start += length) - length, length));
  }
}

interface StackArguments extends Caching {
  tseq: readonly Transform[];
  dim?: number;
}
const STACK = /* @__PURE__ */ parameters<StackArguments>('StackTransform', () => ({ tseq: list('transforms', transform), dim: integer.or(0), cacheSize: cacheSize() }));

/** A transform for each slice of a value along `dim`. */
export class StackTransform extends Transform {
  /** @internal */
  static readonly _parameters = STACK;
  readonly transforms: readonly Transform[];
  readonly dim: number;
  constructor(...args: Arguments<StackArguments, ['tseq', 'dim', 'cacheSize']>) {
    const { tseq, dim, cacheSize: size } = STACK.read(args);
    super(size);
    this.transforms = tseq;
    this.dim = dim;
  }
  override get bijective(): boolean {
    return this.transforms.every((t) => t.bijective);
  }
  override get domain(): Constraint {
    return constraints.stack(this.transforms.map((t) => t.domain), this.dim);
  }
  override get codomain(): Constraint {
    return constraints.stack(this.transforms.map((t) => t.codomain), this.dim);
  }
  override _call(x: Tensor): Tensor {
    return stack(this._slices(x).map((part, i) => this.transforms[i]!._apply(part)), this.dim);
  }
  override _inverse(y: Tensor): Tensor {
    return stack(this._slices(y).map((part, i) => this.transforms[i]!._applyInverse(part)), this.dim);
  }
  override _logDet(x: Tensor, y: Tensor): Tensor {
    const ys = this._slices(y);
    return stack(this._slices(x).map((part, i) => this.transforms[i]!._logDet(part, ys[i]!)), this.dim);
  }
  private _slices(t: Tensor): Tensor[] {
    if (t.size(this.dim) !== this.transforms.length) {
      throw new ShapeError(`StackTransform: expected a size of ${this.transforms.length} in dim ${this.dim}, got shape [${t.shape.join(', ')}]`, 'StackTransform');
    }
    return this.transforms.map((_, i) => t.select(this.dim, i));
  }
}
