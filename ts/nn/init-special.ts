// Initialisers that draw by rejection, or write a pattern.
import { noGrad } from '../autograd/autograd';
import { UsageError } from '../core/errors';
import { empty, emptyLike, logicalAnd, randperm, where } from '../generated/functions';
import { instanceOf, integerFrom, number } from '../core/kinds';
import { named, parameters } from '../core/options';
import { scope } from '../runtime/scope';
import { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Initializer } from './init';

const generator = () => instanceOf('a generator', () => Generator).orNull();

interface TruncNormalOptions {
  /** 0 by default. */
  mean?: number;
  /** The standard deviation before anything is cut off; 1 by default. */
  std?: number;
  /** The least value; −2 by default. */
  a?: number;
  /** The greatest; 2 by default. */
  b?: number;
  /** The default generator by default. */
  generator?: Generator | null;
}

interface Truncated extends Required<Omit<TruncNormalOptions, 'generator'>> {
  readonly generator: Generator | null;
}

/** How much of the normal distribution is below each of these. */
function below(values: readonly number[]): number[] {
  const x = empty([values.length], { dtype: 'float64' });
  values.forEach((value, i) => { x.setitem(i, value / Math.SQRT2); });
  return (x.erf().tolist() as number[]).map((v) => (1 + v) / 2);
}

/**
 * Fills with numbers from the normal distribution that are within [a, b]. Where much of the distribution is within, numbers outside are
 * drawn again from it, else numbers of the uniform distribution are taken or left; the same seed gives PyTorch's numbers.
 */
export const truncNormal_: Initializer<TruncNormalOptions, ['mean', 'std', 'a', 'b', 'generator']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('truncNormal_', () => ({
    tensor,
    mean: number.or(0),
    std: number.or(1),
    a: number.or(-2),
    b: number.or(2),
    generator: generator(),
  })),
  ({ tensor: x, ...options }) => {
    const { mean, std, a, b } = options;
    if (!(a <= b) || !(std > 0)) {
      throw new UsageError(`truncNormal_: expected a positive std and a ≤ b, got std ${std}, a ${a} and b ${b}`, 'truncNormal_', { std, a, b });
    }
    if (mean < a - 2 * std || mean > b + 2 * std) {
      console.warn('adjoint: truncNormal_: mean is more than 2 std from [a, b]; the distribution of the values may be incorrect');
    }
    scope(() => {
      noGrad(() => {
        const [low, high] = below([(a - mean) / std, (b - mean) / std]) as [number, number];
        if (high - low > 0.3) redraw(x, options);
        else accept(x, options);
      });
    });
    return x;
  },
);

const normal = (x: Tensor, { mean, std, generator }: Truncated): Tensor => (generator === null ? x.normal_(mean, std) : x.normal_(mean, std, generator));
const uniform = (x: Tensor, from: number, to: number, generator: Generator | null): Tensor =>
  generator === null ? x.uniform_(from, to) : x.uniform_(from, to, generator);
const any = (mask: Tensor): boolean => Number(mask.any().item()) !== 0;

/** Draws from the normal distribution, and all of it again as often as anything is outside. */
function redraw(x: Tensor, options: Truncated): void {
  // As numbers of the tensor's dtype.
  const [low, high] = [options.a, options.b].map((bound) => x.newTensor(bound).to('float64').item()) as [number, number];
  let drawn = normal(x, options);
  for (;;) {
    const isOutside = drawn.lt(low).logicalOr(drawn.gt(high));
    if (!any(isOutside)) break;
    drawn = where(isOutside, normal(emptyLike(x), options), drawn);
  }
  if (drawn !== x) x.copy_(drawn);
}

/** Draws from the uniform distribution, and takes a number as often as the density there says. */
function accept(x: Tensor, { mean, std, a, b, generator }: Truncated): void {
  const mode = Math.max(a, Math.min(mean, b));
  const peak = -0.5 * ((mode - mean) / std) ** 2;
  const [candidates, chance] = [emptyLike(x), emptyLike(x)];
  const isRefused = (): Tensor => {
    const density = candidates.sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak);
    return uniform(chance, 0, 1, generator).log_().gt(density);
  };
  candidates.copy_(uniform(x, a, b, generator));
  let pending = isRefused();
  let drawn = x;
  while (any(pending)) {
    uniform(candidates, a, b, generator);
    drawn = where(pending, candidates, drawn);
    pending = logicalAnd(pending, isRefused());
  }
  if (drawn !== x) x.copy_(drawn);
}

/**
 * Fills the weight of a convolution so that it hands on as many channels as it can: 1 in the middle of the kernel from channel i to channel i
 * of each of `groups` groups, and else 0.
 */
export const dirac_: Initializer<{ groups?: number }, ['groups']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('dirac_', () => ({ tensor, groups: integerFrom(1).or(1) })),
  ({ tensor: x, groups }) => {
    const { shape } = x;
    if (shape.length < 3 || shape.length > 5) throw new UsageError(`dirac_: only tensors of 3, 4 or 5 dims, got shape [${shape.join(', ')}]`, 'dirac_', { shape });
    const [out, channels, ...kernel] = shape as [number, number, ...number[]];
    if (out % groups !== 0) throw new UsageError(`dirac_: dim 0 (${out}) must be divisible by groups (${groups})`, 'dirac_', { shape, groups });
    const size = out / groups;
    const middle = kernel.map((k) => Math.floor(k / 2));
    scope(() => {
      noGrad(() => {
        x.zero_();
        for (let g = 0; g < groups; g++) {
          for (let d = 0; d < Math.min(size, channels); d++) x.index(g * size + d, d, ...middle).fill_(1);
        }
      });
    });
    return x;
  },
);

interface SparseOptions {
  /** The part of each column that is 0. */
  sparsity: number;
  /** The standard deviation of the others; 0.01 by default. */
  std?: number;
  /** The default generator by default; the places of zeros are drawn from the default generator always. */
  generator?: Generator | null;
}

/**
 * Fills a matrix from the normal distribution, and sets a part of each column to 0.
 *
 * Source: Martens, "Deep learning via Hessian-free optimization", ICML 2010.
 */
export const sparse_: Initializer<SparseOptions, ['sparsity', 'std', 'generator']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('sparse_', () => ({ tensor, sparsity: number, std: number.or(0.01), generator: generator() })),
  ({ tensor: x, sparsity, std, generator }) => {
    if (x.ndim !== 2) throw new UsageError(`sparse_: only tensors of 2 dims, got shape [${x.shape.join(', ')}]`, 'sparse_', { shape: x.shape });
    const [rows, columns] = x.shape as [number, number];
    const zeros = Math.ceil(sparsity * rows);
    scope(() => {
      noGrad(() => {
        normal(x, { mean: 0, std, a: 0, b: 0, generator });
        for (let column = 0; column < columns; column++) x.select(1, column).indexFill_(0, randperm(rows).narrow(0, 0, Math.min(zeros, rows)), 0);
      });
    });
    return x;
  },
);
