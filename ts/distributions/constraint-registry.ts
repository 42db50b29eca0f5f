// Which transform leads from any numbers to those a constraint allows: PyTorch's `torch.distributions.constraint_registry`. The
// table is made at the first call, so that a page which asks for none carries no side effect.
import { UsageError } from '../core/errors';
import { describe } from '../core/describe';
import { callable, kind } from '../core/kinds';
import { named, parameters, type Arguments, type ParameterList, type Stated } from '../core/options';
import { Constraint, constraint, corrCholesky, lowerCholesky, realNumber, simplex, type Bounded } from './constraint';
import * as constraints from './constraint';
import { AffineTransform, ExpTransform, SigmoidTransform } from './elementwise-transforms';
import type { Real } from './parameter';
import { CatTransform, CorrCholeskyTransform, LowerCholeskyTransform, SoftmaxTransform, StackTransform, StickBreakingTransform } from './shaped-transforms';
import { ComposeTransform, IndependentTransform, type Transform } from './transform';

/** Makes the transform for a constraint. */
export type TransformFactory<C extends Constraint = Constraint> = (constraint: C) => Transform;

/** What stands for all constraints of a kind: one of them, their class, or the function that makes them. */
export type ConstraintKind = Constraint | (abstract new (...args: never[]) => Constraint) | ((...args: never[]) => Constraint);

interface Registration {
  constraint: ConstraintKind;
  factory?: TransformFactory<never> | null;
}

/** A table of transforms by kind of constraint. */
export interface ConstraintRegistry extends Stated {
  /** The transform from any numbers to those that the constraint allows. */
  (...args: Arguments<{ constraint: Constraint }, ['constraint']>): Transform;
  /**
   * Has `factory` make the transform for all constraints of the kind of `constraint`, before any that was there; returns it. Without a factory,
   * what takes one.
   */
  readonly register: Stated & ((...args: Arguments<Registration, ['constraint', 'factory']>) => unknown);
}

const isMaker = (value: unknown): boolean => typeof value === 'function';

/** Whether a function is the class of a constraint. */
const isConstraintClass = (value: ConstraintKind): boolean =>
  typeof value === 'function' && (value.prototype as unknown) instanceof Constraint;

/** What all constraints of a kind share. */
function kindOf(where: string, of: ConstraintKind): unknown {
  if (of instanceof Constraint) return of._kind;
  if (isConstraintClass(of)) return of;
  const maker = Object.entries(constraints).find(([, value]) => value === of);
  if (maker !== undefined) return maker[0];
  throw new UsageError(`${where}: constraint must be a constraint, a class of constraints, or a function of distributions.constraints, got ${describe(of)}`, where);
}

const constraintKind = /* @__PURE__ */ kind<ConstraintKind>('a constraint or a class of constraints', (value) => value instanceof Constraint || isMaker(value));

type Table = Map<unknown, TransformFactory>;

/** A registry whose first table `make` gives. */
function registry(where: string, make: (self: (constraint: Constraint) => Transform) => Table): ConstraintRegistry {
  let table: Table | null = null;
  const all = (): Table => (table ??= make(find));
  function find(of: Constraint): Transform {
    const factory = all().get(of._kind);
    if (factory !== undefined) return factory(of);
    throw new UsageError(`${where}: there is no transform for ${String(of)}; add one with ${where}.register(constraint, factory)`, where);
  }
  const list: ParameterList<{ constraint: Constraint }> = parameters(where, () => ({ constraint }));
  const register = parameters<Registration>('register', () => ({ constraint: constraintKind, factory: callable.orNull() }));
  const put = (of: ConstraintKind, factory: TransformFactory<never>): TransformFactory<never> => {
    all().set(kindOf('register', of), factory as unknown as TransformFactory);
    return factory;
  };
  return Object.defineProperty(named(list, ({ constraint }) => find(constraint)), 'register', {
    value: named(register, ({ constraint, factory }) => {
      if (factory !== null) return put(constraint, factory);
      return (made: TransformFactory<never>) => put(constraint, made);
    }),
  }) as unknown as ConstraintRegistry;
}

const shifted = (first: Transform, loc: Real, scale: Real): Transform => new ComposeTransform([first, new AffineTransform(loc, scale)]);

const above = ({ lowerBound }: Bounded): Transform => shifted(new ExpTransform(), lowerBound, 1);
const below = ({ upperBound }: Bounded): Transform => shifted(new ExpTransform(), upperBound, -1);

function between({ lowerBound, upperBound }: Bounded): Transform {
  if (lowerBound === 0 && upperBound === 1) return new SigmoidTransform();
  if (typeof upperBound === 'number') {
    return shifted(new SigmoidTransform(), lowerBound, typeof lowerBound === 'number' ? upperBound - lowerBound : lowerBound.neg().add(upperBound));
  }
  return shifted(new SigmoidTransform(), lowerBound, upperBound.sub(lowerBound));
}

/** What both tables have. */
function common(find: (of: Constraint) => Transform): Table {
  const table: Table = new Map();
  const add = <C extends Constraint>(of: unknown, factory: TransformFactory<C>): void => void table.set(of, factory as unknown as TransformFactory);
  add(realNumber._kind, () => new ComposeTransform([]));
  add('independent', (of: Constraint & { baseConstraint: Constraint; reinterpretedBatchNdims: number }) =>
    new IndependentTransform(find(of.baseConstraint), of.reinterpretedBatchNdims),
  );
  for (const name of ['greaterThan', 'greaterThanEq']) add(name, above);
  add('lessThan', below);
  for (const name of ['interval', 'halfOpenInterval']) add(name, between);
  add(corrCholesky._kind, () => new CorrCholeskyTransform());
  add('cat', (of: Constraint & { cseq: readonly Constraint[]; dim: number; lengths: readonly number[] }) => new CatTransform(of.cseq.map(find), of.dim, of.lengths));
  add('stack', (of: Constraint & { cseq: readonly Constraint[]; dim: number }) => new StackTransform(of.cseq.map(find), of.dim));
  return table;
}

/**
 * Returns a bijection from any numbers to those that a constraint allows, with a Jacobian determinant: PyTorch's
 * `torch.distributions.biject_to`.
 *
 * `bijectTo(constraints.positive)` is `exp(x) + 0`, of an interval a shifted logistic function, of the simplex `StickBreakingTransform`.
 *
 * @throws UsageError for a kind of constraint that has none; `bijectTo.register(constraint, factory)` adds one.
 */
export const bijectTo: ConstraintRegistry = /* @__PURE__ */ registry('bijectTo', (find) =>
  common(find).set(simplex._kind, () => new StickBreakingTransform()),
);

/**
 * Returns a transform from any numbers to those that a constraint allows, which need not be a bijection and is cheap and friendly to
 * optimizers: PyTorch's `torch.distributions.transform_to`. As `bijectTo`, but of the simplex it is `SoftmaxTransform`, and of Cholesky
 * factors `LowerCholeskyTransform`.
 *
 * @throws UsageError for a kind of constraint that has none; `transformTo.register(constraint, factory)` adds one.
 */
export const transformTo: ConstraintRegistry = /* @__PURE__ */ registry('transformTo', (find) =>
  common(find)
    .set(simplex._kind, () => new SoftmaxTransform())
    .set(lowerCholesky._kind, () => new LowerCholeskyTransform()),
);
