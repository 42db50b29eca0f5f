// The parametrization of matrices with orthonormal rows or columns.
import { noGrad } from '../autograd/autograd';
import { UsageError } from '../core/errors';
import { boolean, instanceOf, text, word, type Kind } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { cat, eye, geqrf, randn, where, zeros, zerosLike } from '../generated/functions';
import { householderProduct, matrixExp, solve } from '../generated/linalg';
import { allclose } from '../tensor/compare';
import { nameOf } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { Module } from './module';
import { registerParametrization } from './parametrize';

const MAPS = ['matrixExp', 'cayley', 'householder'] as const;
type Map = (typeof MAPS)[number];

const mt = (x: Tensor): Tensor => x.transpose(-2, -1);
const EPSILONS: Readonly<Record<string, number>> = { float64: 2 ** -52 };

/** Whether the columns are orthonormal, to a few roundings. */
function isOrthogonal(q: Tensor): boolean {
  const identity = eye(q.size(-1), { dtype: q.dtype });
  return allclose(mt(q).matmul(q), identity.expand([...q.shape.slice(0, -2), ...identity.shape]), { atol: 10 * q.size(-2) * (EPSILONS[q.dtype] ?? 2 ** -23) });
}

/** The Q of a tall matrix, with the diagonal of R positive. */
function orthogonalized(a: Tensor): Tensor {
  const packed = geqrf(a);
  return householderProduct(packed.a, packed.tau).mul(packed.a.diagonal(0, -2, -1).sign().unsqueeze(-2));
}

/** A matrix with orthonormal columns, or rows where there are fewer, made of any. */
class Orthogonal extends Module {
  readonly orthogonalMap: Map;
  private readonly shape: readonly number[];
  private readonly hasBase: boolean;
  declare base: Tensor | null;
  /** What makes an original of a value; a rotation of no base has none. */
  readonly rightInverse?: (given: Tensor) => Tensor;

  constructor(weight: Tensor, map: Map, useTrivialization: boolean) {
    super();
    this.shape = weight.shape;
    this.orthogonalMap = map;
    this.hasBase = useTrivialization;
    if (useTrivialization) this.registerBuffer('base', null);
    if (useTrivialization || map === 'householder') this.rightInverse = (given) => this.original(given);
  }

  override forward(original: Tensor): Tensor {
    const isWide = original.size(-2) < original.size(-1);
    const x = isWide ? mt(original) : original;
    let q = this.orthogonalMap === 'householder' ? reflections(x) : rotation(x, this.orthogonalMap);
    if (this.hasBase && this.base !== null) q = this.base.matmul(q);
    return isWide ? mt(q) : q;
  }

  private original(given: Tensor): Tensor {
    if (given.shape.join() !== this.shape.join()) {
      throw new UsageError(`orthogonal: expected a matrix or batch of matrices of shape [${this.shape.join(', ')}], got [${given.shape.join(', ')}]`, 'orthogonal');
    }
    return noGrad(() => (this.hasBase ? this.rebase(given) : this.reflected(given)));
  }

  /** The matrix whose reflections make `given`, as far as that is orthogonal. */
  private reflected(given: Tensor): Tensor {
    const isWide = given.size(-2) < given.size(-1);
    const { a, tau } = geqrf(isWide ? mt(given) : given);
    // A positive diagonal makes the factorisation unique; a reflection that is not one leaves R's sign.
    const signs = a.diagonal(0, -2, -1).sign();
    const settled = where(tau.ne(0), signs, signs.neg());
    const packed = a.sub(diagonalOf(a, a.diagonal(0, -2, -1))).add(diagonalOf(a, settled));
    return isWide ? mt(packed).contiguous() : packed;
  }

  /** Makes `given` the base, which is turned by what is learned; that starts at the identity. */
  private rebase(given: Tensor): Tensor {
    const isWide = given.size(-2) < given.size(-1);
    const tall = isWide ? mt(given) : given;
    const [n, k] = [tall.size(-2), tall.size(-1)];
    if (n === k) this.base = isOrthogonal(tall) ? tall.clone() : orthogonalized(tall);
    else this.base = orthogonalized(cat([tall, randn([...tall.shape.slice(0, -2), n, n - k], { dtype: tall.dtype })], -1));
    // Reflections of zeros with −1 on the diagonal make the identity.
    const identity = zerosLike(given);
    identity.diagonal(0, -2, -1).fill_(-1);
    return identity;
  }
}

/** The diagonal `d` in zeros of the shape of `like`. */
function diagonalOf(like: Tensor, d: Tensor): Tensor {
  const n = d.size(-1);
  const square = d.diagEmbed();
  const rest = like.size(-2) - n;
  return rest === 0 ? square : cat([square, zeros([...like.shape.slice(0, -2), rest, n], { dtype: like.dtype })], -2);
}

/** A product of reflections, each by what is below the diagonal of a column; the signs of the diagonal are not differentiated. */
function reflections(x: Tensor): Tensor {
  const a = x.tril(-1);
  const tau = a.square().sum(-2).add(1).reciprocal().mul(2);
  return householderProduct(a, tau).mul(x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2));
}

/** The exponential of a skew-symmetric matrix, or its Cayley transform, of which the first columns are taken. */
function rotation(x: Tensor, map: 'matrixExp' | 'cayley'): Tensor {
  const [n, k] = [x.size(-2), x.size(-1)];
  const lower = x.tril();
  const square = n === k ? lower : cat([lower, zeros([...x.shape.slice(0, -2), n, n - k], { dtype: x.dtype })], -1);
  const skew = square.sub(mt(square));
  const identity = eye(n, { dtype: x.dtype });
  const q = map === 'matrixExp' ? matrixExp(skew) : solve(identity.sub(skew.mul(0.5)), identity.add(skew.mul(0.5)));
  return n === k ? q : q.narrow(-1, 0, k);
}

interface OrthogonalArguments {
  module: Module;
  /** The name of the parameter; `'weight'` by default. */
  name?: string;
  /** How the matrix is made: by default the exponential of a skew-symmetric one for squares, else a product of reflections. */
  orthogonalMap?: Map | 'matrix_exp' | null;
  /** Whether what is learned turns the matrix that there was, or that was assigned last; true by default. */
  useTrivialization?: boolean;
}
type OrthogonalOptions = Omit<OrthogonalArguments, 'module'>;

/**
 * Has a matrix computed so that its columns are orthonormal, or its rows where there are fewer.
 *
 * Source: Lezcano-Casado, "Trivializations for gradient-based optimization on manifolds", NeurIPS 2019.
 */
export const orthogonal: Stated & {
  <M extends Module>(module: M, name?: string | OrthogonalOptions, orthogonalMap?: Map | 'matrix_exp' | null | OrthogonalOptions, useTrivialization?: boolean): M;
  (options: OrthogonalArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<OrthogonalArguments>('orthogonal', () => ({
    module: instanceOf<Module>('a module', () => Module),
    name: text.or('weight'),
    orthogonalMap: (word(...MAPS) as Kind<Map | 'matrix_exp'>).orNull(),
    useTrivialization: boolean.or(true),
  })),
  ({ module, name, orthogonalMap, useTrivialization }) => {
    const weight = (module as unknown as Record<string, unknown>)[nameOf(module, name)];
    if (!(weight instanceof Tensor)) throw new UsageError(`orthogonal: ${module.constructor.name} has no parameter or buffer named ${name}`, 'orthogonal', { name });
    if (weight.ndim < 2) throw new UsageError(`orthogonal: expected a matrix or batch of matrices, got a tensor of ${weight.ndim} dims`, 'orthogonal', { shape: weight.shape });
    const map = (orthogonalMap as Map | null) ?? (weight.size(-2) === weight.size(-1) ? 'matrixExp' : 'householder');
    return registerParametrization(module, name, new Orthogonal(weight, map, useTrivialization), true);
  },
);
