// Which values a parameter or an outcome may have.
import { UsageError } from '../core/errors';
import { describe } from '../core/describe';
import { integer, integerFrom, kind, list, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { cat, full, isclose, stack } from '../generated/functions';
import { choleskyEx, eigvalsh } from '../generated/linalg';
import { Tensor } from '../tensor/tensor';
import { tensor as tensorKind } from '../tensor/tensor-kinds';
import { epsilonOf, real, type Real } from './parameter';

const CHECK = /* @__PURE__ */ parameters<{ value: Tensor }>('check', () => ({ value: tensorKind }));

/** A region that values lie in. */
export abstract class Constraint {
  /** Whether values are integers. */
  get isDiscrete(): boolean {
    return false;
  }

  /** How many of the last dims make one value. */
  get eventDim(): number {
    return 0;
  }

  /** @internal What it shares with the constraints of its kind: here its class. */
  get _kind(): unknown {
    return this.constructor;
  }

  /** Which values lie in it: a bool tensor without the last `eventDim` dims. */
  check(...args: Arguments<{ value: Tensor }, ['value']>): Tensor {
    return this._check(CHECK.read(args).value);
  }

  /** @internal */
  abstract _check(value: Tensor): Tensor;

  toString(): string {
    return this.constructor.name;
  }
}

/** A constraint. */
export const constraint = /* @__PURE__ */ kind<Constraint>('a constraint', (value) => value instanceof Constraint);

const isInteger = (value: Tensor): Tensor => value.eq(value.floor());
const shown = (bound: Real): string => (typeof bound === 'number' ? String(bound) : String(bound.numel() === 1 ? bound.item() : `shape [${bound.shape.join(', ')}]`));

/** A constraint on each element alone. */
class Elementwise extends Constraint {
  readonly #test: (value: Tensor) => Tensor;
  constructor(
    private readonly name: string,
    test: (value: Tensor) => Tensor,
    private readonly discrete = false,
    private readonly bounds: Readonly<Record<string, Real>> = {},
  ) {
    super();
    this.#test = test;
    for (const [key, bound] of Object.entries(bounds)) Object.defineProperty(this, key, { value: bound, enumerable: true });
  }

  override get _kind(): string {
    return this.name;
  }

  override get isDiscrete(): boolean {
    return this.discrete;
  }

  override _check(value: Tensor): Tensor {
    return this.#test(value);
  }

  override toString(): string {
    return `${this.name}(${Object.entries(this.bounds).map(([key, bound]) => `${key}: ${shown(bound)}`).join(', ')})`;
  }
}

/** A constraint with bounds, which are its properties. */
export type Bounded = Constraint & { readonly lowerBound: Real; readonly upperBound: Real };

const bounded = (name: string, test: (value: Tensor) => Tensor, bounds: Record<string, Real>, discrete = false): Bounded =>
  new Elementwise(name, test, discrete, bounds) as unknown as Bounded;

/** 0 or 1. */
export const boolean: Constraint = /* @__PURE__ */ new Elementwise('boolean', (v) => v.eq(0).logicalOr(v.eq(1)), true);
/** Any number but NaN. */
export const realNumber: Constraint = /* @__PURE__ */ new Elementwise('real', (v) => v.eq(v));

const LOWER = (where: string) => parameters<{ lowerBound: Real }>(where, () => ({ lowerBound: real }));
const UPPER = (where: string) => parameters<{ upperBound: Real }>(where, () => ({ upperBound: real }));
const BOTH = (where: string) => parameters<{ lowerBound: Real; upperBound: Real }>(where, () => ({ lowerBound: real, upperBound: real }));
const GREATER = /* @__PURE__ */ LOWER('greaterThan');
const GREATER_EQ = /* @__PURE__ */ LOWER('greaterThanEq');
const LESS = /* @__PURE__ */ UPPER('lessThan');
const INTERVAL = /* @__PURE__ */ BOTH('interval');
const HALF_OPEN = /* @__PURE__ */ BOTH('halfOpenInterval');
const INTEGERS = /* @__PURE__ */ BOTH('integerInterval');
const COUNTS = /* @__PURE__ */ UPPER('multinomial');

/** Above `lowerBound`. */
export const greaterThan: Stated & ((...args: Arguments<{ lowerBound: Real }, ['lowerBound']>) => Bounded) = /* @__PURE__ */ named(GREATER, ({ lowerBound }) =>
  bounded('greaterThan', (v) => v.gt(lowerBound), { lowerBound }),
);
/** `lowerBound` or above. */
export const greaterThanEq: Stated & ((...args: Arguments<{ lowerBound: Real }, ['lowerBound']>) => Bounded) = /* @__PURE__ */ named(GREATER_EQ, ({ lowerBound }) =>
  bounded('greaterThanEq', (v) => v.ge(lowerBound), { lowerBound }),
);
/** Below `upperBound`. */
export const lessThan: Stated & ((...args: Arguments<{ upperBound: Real }, ['upperBound']>) => Bounded) = /* @__PURE__ */ named(LESS, ({ upperBound }) =>
  bounded('lessThan', (v) => v.lt(upperBound), { upperBound }),
);
/** From `lowerBound` to `upperBound`. */
export const interval: Stated & ((...args: Arguments<{ lowerBound: Real; upperBound: Real }, ['lowerBound', 'upperBound']>) => Bounded) = /* @__PURE__ */ named(INTERVAL, ({ lowerBound, upperBound }) =>
  bounded('interval', (v) => v.ge(lowerBound).logicalAnd(v.le(upperBound)), { lowerBound, upperBound }),
);
/** From `lowerBound` to below `upperBound`. */
export const halfOpenInterval: Stated & ((...args: Arguments<{ lowerBound: Real; upperBound: Real }, ['lowerBound', 'upperBound']>) => Bounded) = /* @__PURE__ */ named(HALF_OPEN, ({ lowerBound, upperBound }) =>
  bounded('halfOpenInterval', (v) => v.ge(lowerBound).logicalAnd(v.lt(upperBound)), { lowerBound, upperBound }),
);
/** Integers from `lowerBound` to `upperBound`. */
export const integerInterval: Stated & ((...args: Arguments<{ lowerBound: Real; upperBound: Real }, ['lowerBound', 'upperBound']>) => Bounded) = /* @__PURE__ */ named(INTEGERS, ({ lowerBound, upperBound }) =>
  bounded('integerInterval', (v) => isInteger(v).logicalAnd(v.ge(lowerBound)).logicalAnd(v.le(upperBound)), { lowerBound, upperBound }, true),
);
const integersFrom = (lowerBound: number): Bounded => bounded('integerGreaterThan', (v) => isInteger(v).logicalAnd(v.ge(lowerBound)), { lowerBound }, true);

export const nonnegativeInteger: Bounded = /* @__PURE__ */ integersFrom(0);
export const positiveInteger: Bounded = /* @__PURE__ */ integersFrom(1);
export const positive: Bounded = /* @__PURE__ */ greaterThan(0);
export const nonnegative: Bounded = /* @__PURE__ */ greaterThanEq(0);
export const unitInterval: Bounded = /* @__PURE__ */ interval(0, 1);

/** A constraint on vectors or matrices. */
class Shaped extends Constraint {
  readonly #test: (value: Tensor) => Tensor;
  constructor(
    private readonly name: string,
    private readonly dims: number,
    test: (value: Tensor) => Tensor,
    private readonly discrete = false,
  ) {
    super();
    this.#test = test;
  }

  override get _kind(): string {
    return this.name;
  }
  override get isDiscrete(): boolean {
    return this.discrete;
  }
  override get eventDim(): number {
    return this.dims;
  }
  override _check(value: Tensor): Tensor {
    return this.#test(value);
  }
  override toString(): string {
    return `${this.name}()`;
  }
}

const all = (t: Tensor, dims: number): Tensor => (dims === 0 ? t : t.flatten(-dims).all(-1));

/** Positive numbers, or 0, that sum to 1 along the last dim. */
export const simplex: Constraint = /* @__PURE__ */ new Shaped('simplex', 1, (v) => v.ge(0).all(-1).logicalAnd(v.sum(-1).sub(1).abs().lt(1e-6)));
/** A 1 among zeros, along the last dim. */
export const oneHot: Constraint = /* @__PURE__ */ new Shaped('oneHot', 1, (v) => boolean._check(v).all(-1).logicalAnd(v.sum(-1).eq(1)), true);
const triangular = (v: Tensor): Tensor => all(v.tril().eq(v), 2);
const cholesky = (v: Tensor): Tensor => triangular(v).logicalAnd(v.diagonal(0, -2, -1).gt(0).all(-1));
const isSquare = (v: Tensor): Tensor => full(v.shape.slice(0, -2), v.shape.at(-2) === v.shape.at(-1));
/** Matrices with zeros above the diagonal. */
export const lowerTriangular: Constraint = /* @__PURE__ */ new Shaped('lowerTriangular', 2, triangular);
/** The same with a positive diagonal. */
export const lowerCholesky: Constraint = /* @__PURE__ */ new Shaped('lowerCholesky', 2, cholesky);
/** The same with rows of length 1. */
export const corrCholesky: Constraint = /* @__PURE__ */ new Shaped('corrCholesky', 2, (v) => {
  const lengths = v.detach().square().sum(-1).sqrt();
  return cholesky(v).logicalAnd(lengths.sub(1).abs().le(epsilonOf(v) * v.size(-1) * 10).all(-1));
});
export const square: Constraint = /* @__PURE__ */ new Shaped('square', 2, isSquare);
export const symmetric: Constraint = /* @__PURE__ */ new Shaped('symmetric', 2, (v) =>
  v.shape.at(-2) === v.shape.at(-1) ? all(isclose(v, v.transpose(-2, -1), { atol: 1e-6 }), 2) : isSquare(v),
);
/** Symmetric matrices without negative eigenvalues. */
export const positiveSemidefinite: Constraint = /* @__PURE__ */ new Shaped('positiveSemidefinite', 2, (v) => {
  const good = symmetric._check(v);
  return v.shape.at(-2) === v.shape.at(-1) ? good.logicalAnd(eigvalsh(v).ge(0).all(-1)) : good;
});
/** Symmetric matrices that have a Cholesky factor. */
export const positiveDefinite: Constraint = /* @__PURE__ */ new Shaped('positiveDefinite', 2, (v) => {
  const good = symmetric._check(v);
  return v.shape.at(-2) === v.shape.at(-1) ? good.logicalAnd(choleskyEx(v).info.eq(0)) : good;
});
/** Counts that sum to at most `upperBound` along the last dim. */
export const multinomial: Stated & ((...args: Arguments<{ upperBound: Real }, ['upperBound']>) => Constraint) = /* @__PURE__ */ named(COUNTS, ({ upperBound }) =>
  new Shaped('multinomial', 1, (v) => v.ge(0).all(-1).logicalAnd(v.sum(-1).le(upperBound)), true),
);

interface IndependentArguments {
  baseConstraint: Constraint;
  reinterpretedBatchNdims: number;
}
const INDEPENDENT = /* @__PURE__ */ parameters<IndependentArguments>('independent', () => ({ baseConstraint: constraint, reinterpretedBatchNdims: integerFrom(0) }));

/** A constraint whose last batch dims belong to one value. */
class Independent extends Constraint {
  constructor(
    readonly baseConstraint: Constraint,
    readonly reinterpretedBatchNdims: number,
  ) {
    super();
  }

  override get _kind(): string {
    return 'independent';
  }
  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }
  override get eventDim(): number {
    return this.baseConstraint.eventDim + this.reinterpretedBatchNdims;
  }
  override _check(value: Tensor): Tensor {
    const result = this.baseConstraint._check(value);
    if (result.ndim >= this.reinterpretedBatchNdims) return all(result, this.reinterpretedBatchNdims);
    throw new UsageError(`check: expected a value of at least ${this.eventDim} dims, got shape [${value.shape.join(', ')}]`, 'check');
  }
  override toString(): string {
    return `independent(${String(this.baseConstraint)}, ${this.reinterpretedBatchNdims})`;
  }
}

/** A constraint that holds where it holds for all of the last `reinterpretedBatchNdims` dims of a batch. */
export const independent: Stated & ((...args: Arguments<IndependentArguments, ['baseConstraint', 'reinterpretedBatchNdims']>) => Constraint) = /* @__PURE__ */ named(INDEPENDENT, ({ baseConstraint, reinterpretedBatchNdims }) =>
  new Independent(baseConstraint, reinterpretedBatchNdims),
);
/** Vectors of any numbers but NaN. */
export const realVector: Constraint = /* @__PURE__ */ new Independent(realNumber, 1);

/** What a mixture's components allow, for values without the dim of components. */
export class MixtureConstraint extends Constraint {
  constructor(readonly baseConstraint: Constraint) {
    super();
  }
  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }
  override get eventDim(): number {
    return this.baseConstraint.eventDim;
  }
  override _check(value: Tensor): Tensor {
    const { eventDim } = this;
    const result = this.baseConstraint._check(value.unsqueeze(-1 - eventDim));
    const kept = value.ndim - eventDim;
    return result.ndim === kept ? result : result.flatten(kept).all(-1);
  }
}

interface JoinedArguments {
  cseq: readonly Constraint[];
  dim?: number;
  lengths?: readonly number[] | null;
}
const constraints: Kind<readonly Constraint[]> = /* @__PURE__ */ list('constraints', constraint);
const CAT = /* @__PURE__ */ parameters<JoinedArguments>('cat', () => ({ cseq: constraints, dim: integer.or(0), lengths: list('integers', integerFrom(0)).orNull() }));
const STACK = /* @__PURE__ */ parameters<Omit<JoinedArguments, 'lengths'>>('stack', () => ({ cseq: constraints, dim: integer.or(0) }));

/** Constraints on parts of a value along a dim. */
class Joined extends Constraint {
  readonly #checkParts: (value: Tensor) => Tensor;
  constructor(
    private readonly name: string,
    readonly cseq: readonly Constraint[],
    readonly dim: number,
    private readonly dims: number,
    checkParts: (value: Tensor) => Tensor,
    /** How long each part of a `cat` is. */
    readonly lengths: readonly number[] = [],
  ) {
    super();
    this.#checkParts = checkParts;
  }
  override get _kind(): string {
    return this.name;
  }
  override get isDiscrete(): boolean {
    return this.cseq.some((c) => c.isDiscrete);
  }
  override get eventDim(): number {
    return this.dims;
  }
  override _check(value: Tensor): Tensor {
    return this.#checkParts(value);
  }
  override toString(): string {
    return `${this.name}([${this.cseq.map(String).join(', ')}], ${this.dim})`;
  }
}

/** The most dims that one event of any of them has. */
function mostEventDims(all: readonly { readonly eventDim: number }[]): number {
  return all.reduce((most, { eventDim }) => Math.max(most, eventDim), 0);
}

/** Constraints on parts of the given lengths along `dim`, 1 each by default. */
const joinedCat: Stated & ((...args: Arguments<JoinedArguments, ['cseq', 'dim', 'lengths']>) => Constraint) = /* @__PURE__ */ named(CAT, ({ cseq, dim, lengths }) => {
  const sizes = lengths ?? cseq.map(() => 1);
  if (sizes.length !== cseq.length) throw new UsageError(`cat: there are ${sizes.length} lengths for ${cseq.length} constraints`, 'cat');
  return new Joined('cat', cseq, dim, mostEventDims(cseq), (value) => {
    let start = 0;
    return cat(cseq.map((c, i) => c._check(value.narrow(dim, (start += sizes[i]!) - sizes[i]!, sizes[i]!))), dim);
  }, sizes);
});

/** Constraints on the slices along `dim`. */
const joinedStack: Stated & ((...args: Arguments<Omit<JoinedArguments, 'lengths'>, ['cseq', 'dim']>) => Constraint) = /* @__PURE__ */ named(STACK, ({ cseq, dim }) => {
  const most = mostEventDims(cseq);
  return new Joined('stack', cseq, dim, dim + most < 0 ? most + 1 : most, (value) => stack(cseq.map((c, i) => c._check(value.select(dim, i))), dim));
});
export { joinedCat as cat, joinedStack as stack };

/** Throws unless all of a value lies in a constraint. */
export function checkIn(where: string, what: string, value: Tensor, region: Constraint): void {
  if (region._check(value).all().item<boolean>()) return;
  throw new UsageError(`${where}: ${what} of shape [${value.shape.join(', ')}] must satisfy ${String(region)}, but holds invalid values: ${String(value.detach())}`, where);
}

/** The same for what may not be a tensor. */
export function tensorValue(where: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  throw new UsageError(`${where}: value must be a tensor, got ${describe(value)}; wrap it in tensor()`, where);
}
