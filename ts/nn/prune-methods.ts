// The ways to prune that there are.
import { IndexError, ShapeError, UsageError } from '../core/errors';
import { Kind, REFUSED, kind, number, word } from '../core/kinds';
import { nothing, parameters, type Arguments } from '../core/options';
import { rand, topk } from '../generated/functions';
import { vectorNorm, matrixNorm } from '../generated/linalg';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { BasePruningMethod, COMPUTE_MASK, type ComputeMaskCall } from './prune';

/** How many to prune: a whole number of them, or a part of all between 0 and 1. */
export const amountKind = (): Kind<number> =>
  kind<number>('a whole number of at least 0 or a part between 0 and 1', (value) => typeof value === 'number' && value >= 0 && (Number.isInteger(value) || value < 1));

/** An order of a norm: a number, `'fro'` or `'nuc'`. */
export const orderKind = (): Kind<number | 'fro' | 'nuc'> =>
  new Kind<number | 'fro' | 'nuc'>("a number, 'fro' or 'nuc'", (value) => (typeof value === 'number' ? value : typeof value === 'string' ? word('fro', 'nuc').take(value) : REFUSED));

/** How many of `size` that is; a half is rounded to even, as Python does. */
function countOf(where: string, amount: number, size: number): number {
  if (Number.isInteger(amount)) {
    if (amount > size) throw new UsageError(`${where}: amount=${amount} must be at most the number of what is pruned, ${size}`, where, { argument: 'amount' });
    return amount;
  }
  const exact = amount * size;
  const down = Math.floor(exact);
  return exact - down === 0.5 ? down + (down % 2) : Math.round(exact);
}

/** The mask without the elements at these positions, row-major. */
function without(mask: Tensor, indices: Tensor): Tensor {
  const left = mask.contiguous().clone();
  left.view(-1).setitem(indices, 0);
  return left;
}

function checkStructured(where: string, t: Tensor, dim: number): number {
  if (t.ndim <= 1) throw new ShapeError(`${where}: only tensors of at least two dims have slices to prune, got shape [${t.shape.join(', ')}]`, where);
  const at = dim < 0 ? dim + t.ndim : dim;
  if (at < 0 || at >= t.ndim) throw new IndexError(`${where}: dim ${dim} is out of range for a tensor with ${t.ndim} dim(s)`, where, { dim });
  return at;
}

/** The mask with only the slices along `dim` that `kept` names, as a bool a slice or their indices. */
function withSlices(mask: Tensor, dim: number, kept: Tensor): Tensor {
  const slices = mask.newZeros(mask.shape);
  slices.setitem(...mask.shape.map((_, d): Tensor | Record<string, never> => (d === dim ? kept : {})), 1);
  return slices.mul_(mask);
}

const IDENTITY = /* @__PURE__ */ nothing('Identity');

/** Prunes nothing: the mask is all 1. */
export class Identity extends BasePruningMethod {
  readonly pruningType = 'unstructured';

  constructor(...none: unknown[]) {
    super();
    IDENTITY.read(none);
  }

  computeMask(...args: ComputeMaskCall): Tensor {
    return COMPUTE_MASK.read(args).defaultMask;
  }
}

interface AmountArguments {
  /** How many elements: a whole number, or a part of all between 0 and 1. (1 is one element.) */
  amount: number;
}

const RANDOM = /* @__PURE__ */ parameters<AmountArguments>('RandomUnstructured', () => ({ amount: amountKind() }));

/** Prunes elements at random, PyTorch's numbers. */
export class RandomUnstructured extends BasePruningMethod {
  /** @internal */
  static readonly _parameters = RANDOM;
  readonly pruningType = 'unstructured';
  readonly amount: number;

  constructor(...args: Arguments<AmountArguments, ['amount']>) {
    super();
    this.amount = RANDOM.read(args).amount;
  }

  computeMask(...args: ComputeMaskCall): Tensor {
    const { t, defaultMask } = COMPUTE_MASK.read(args);
    const count = countOf('RandomUnstructured', this.amount, t.numel());
    if (count === 0) return defaultMask.clone();
    return without(defaultMask, topk(rand(t.shape, { dtype: t.dtype }).view(-1), count).indices);
  }
}

const L1 = /* @__PURE__ */ parameters<AmountArguments>('L1Unstructured', () => ({ amount: amountKind() }));

/** Prunes the elements that are closest to 0. */
export class L1Unstructured extends BasePruningMethod {
  /** @internal */
  static readonly _parameters = L1;
  readonly pruningType = 'unstructured';
  readonly amount: number;

  constructor(...args: Arguments<AmountArguments, ['amount']>) {
    super();
    this.amount = L1.read(args).amount;
  }

  computeMask(...args: ComputeMaskCall): Tensor {
    const { t, defaultMask } = COMPUTE_MASK.read(args);
    const count = countOf('L1Unstructured', this.amount, t.numel());
    if (count === 0) return defaultMask.clone();
    return without(defaultMask, topk(t.abs().reshape([-1]), { k: count, largest: false }).indices);
  }
}

interface SliceArguments extends AmountArguments {
  /** The dim whose slices are pruned; −1 by default. */
  dim?: number;
}

const RANDOM_SLICES = /* @__PURE__ */ parameters<SliceArguments>('RandomStructured', () => ({ amount: amountKind(), dim: number.or(-1) }));

/** Prunes whole slices at random, PyTorch's numbers. */
export class RandomStructured extends BasePruningMethod {
  /** @internal */
  static readonly _parameters = RANDOM_SLICES;
  readonly pruningType = 'structured';
  readonly amount: number;
  readonly dim: number;

  constructor(...args: Arguments<SliceArguments, ['amount', 'dim']>) {
    super();
    ({ amount: this.amount, dim: this.dim } = RANDOM_SLICES.read(args));
  }

  computeMask(...args: ComputeMaskCall): Tensor {
    const { t, defaultMask } = COMPUTE_MASK.read(args);
    const dim = checkStructured('RandomStructured', t, this.dim);
    const size = t.shape[dim]!;
    const count = countOf('RandomStructured', this.amount, size);
    if (count === 0) return defaultMask;
    const drawn = rand(size);
    return withSlices(defaultMask, dim, drawn.gt(drawn.sort()[0].index(count - 1)));
  }
}

interface NormArguments extends SliceArguments {
  /** The order of the norm by which slices are compared: a number, `'fro'` or `'nuc'`. */
  n: number | 'fro' | 'nuc';
}

const NORM_SLICES = /* @__PURE__ */ parameters<NormArguments>('LnStructured', () => ({ amount: amountKind(), n: orderKind(), dim: number.or(-1) }));

/** Prunes the whole slices with the smallest norms. */
export class LnStructured extends BasePruningMethod {
  /** @internal */
  static readonly _parameters = NORM_SLICES;
  readonly pruningType = 'structured';
  readonly amount: number;
  readonly n: number | 'fro' | 'nuc';
  readonly dim: number;

  constructor(...args: Arguments<NormArguments, ['amount', 'n', 'dim']>) {
    super();
    ({ amount: this.amount, n: this.n, dim: this.dim } = NORM_SLICES.read(args));
  }

  computeMask(...args: ComputeMaskCall): Tensor {
    const { t, defaultMask } = COMPUTE_MASK.read(args);
    const dim = checkStructured('LnStructured', t, this.dim);
    const size = t.shape[dim]!;
    const count = countOf('LnStructured', this.amount, size);
    if (count === 0) return defaultMask;
    const others = t.shape.map((_, d) => d).filter((d) => d !== dim);
    const { n } = this;
    const norms =
      n === 'nuc' || (n === 'fro' && others.length === 2)
        ? matrixNorm(t, { ord: n, dim: others.length === 2 ? others : [-2, -1] })
        : vectorNorm(t, { ord: n === 'fro' ? 2 : n, dim: others });
    return withSlices(defaultMask, dim, topk(norms, size - count).indices);
  }
}

const MASK = /* @__PURE__ */ parameters<{ mask: Tensor }>('CustomFromMask', () => ({ mask: tensor }));

/** Prunes where a mask of the caller's is 0. */
export class CustomFromMask extends BasePruningMethod {
  /** @internal */
  static readonly _parameters = MASK;
  readonly pruningType = 'global';
  readonly mask: Tensor;

  constructor(...args: Arguments<{ mask: Tensor }, ['mask']>) {
    super();
    this.mask = MASK.read(args).mask;
  }

  computeMask(...args: ComputeMaskCall): Tensor {
    const { defaultMask } = COMPUTE_MASK.read(args);
    const { mask } = this;
    if (mask.shape.join() !== defaultMask.shape.join()) {
      throw new ShapeError(`CustomFromMask: mask must have shape [${defaultMask.shape.join(', ')}], got [${mask.shape.join(', ')}]`, 'CustomFromMask');
    }
    return defaultMask.mul(mask.to(defaultMask.dtype));
  }
}
