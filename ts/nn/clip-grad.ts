// `nn.utils`: bounding gradients before a step.
import { noGrad } from '../autograd/autograd';
import { AutogradError } from '../core/errors';
import { stack } from '../generated/functions';
import { tensor } from '../tensor/create';
import { Kind, REFUSED, anyWay, boolean, number } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { scope } from '../runtime/scope';
import { type Tensor } from '../tensor/tensor';
import { tensor as oneTensor, tensors, tensorsOf } from '../tensor/tensor-kinds';

/** How a norm is taken. */
export interface NormOptions {
  /** The p of the p-norm; `Infinity` or `'inf'` for the largest absolute value. A number may also be given as text. */
  normType?: number | string;
  /** Whether a norm that is infinite or NaN is an error. */
  errorIfNonfinite?: boolean;
  /** PyTorch's choice among ways of computing the same. */
  foreach?: boolean | null;
}

/** The gradients of parameters, and how large they may be. */
interface ClipArguments {
  /** The parameters whose gradients are meant. */
  parameters: Tensor | Iterable<Tensor>;
  /** What the norm is at most. */
  maxNorm: number;
}

type NormOrder = ['normType', 'errorIfNonfinite', 'foreach'];

/** What Python's `float()` makes of a text, or NaN. */
function numberOf(text: string): number {
  const [, sign, isInfinite] = /^\s*([+-]?)(inf(?:inity)?)?/i.exec(text)!;
  if (isInfinite === undefined) return text.trim() === '' ? NaN : Number(text);
  return sign === '-' ? -Infinity : Infinity;
}

/** A norm's p; PyTorch takes it as text too. */
const order = /* @__PURE__ */ new Kind<number | string>("a number or 'inf'", (value) => {
  const p = typeof value === 'string' ? numberOf(value) : number.take(value);
  return Number.isNaN(p) ? REFUSED : p;
});

const NORM = () => ({ normType: order.or(2), errorIfNonfinite: boolean.or(false), foreach: anyWay() });

/** The gradients of those parameters that have one. */
function gradientsOf(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  return tensorsOf(parameters).map((p) => p.grad).filter((g) => g !== null);
}

/**
 * Scales all gradients by the same factor so that their norm, taken together, is at most `maxNorm`, and returns what the norm
 * was. The factor is min(1, maxNorm / (norm + 1e-6)), as in PyTorch.
 *
 * @throws AutogradError if `errorIfNonfinite` and the norm is infinite or NaN; nothing was changed then.
 */
export const clipGradNorm_: Stated & ((...args: Arguments<ClipArguments & NormOptions, ['parameters', 'maxNorm', ...NormOrder]>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ClipArguments & NormOptions>('clipGradNorm_', () => ({ parameters: tensors, maxNorm: number, ...NORM() })),
  ({ parameters, maxNorm, normType, errorIfNonfinite }) => {
    const gradients = gradientsOf(parameters);
    return noGrad(() => {
      const total = totalNorm('clipGradNorm_', gradients, normType as number, errorIfNonfinite);
      scale(gradients, maxNorm, total);
      return total;
    });
  },
);

interface TotalNormArguments extends NormOptions {
  /** The tensors whose norm is taken. */
  tensors: Tensor | Iterable<Tensor>;
}

/**
 * The norm of all elements of `tensors` taken together, 0 for none.
 *
 * @throws AutogradError if `errorIfNonfinite` and the norm is infinite or NaN.
 */
export const getTotalNorm: Stated & ((...args: Arguments<TotalNormArguments, ['tensors', ...NormOrder]>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<TotalNormArguments>('getTotalNorm', () => ({ tensors, ...NORM() })),
  ({ tensors, normType, errorIfNonfinite }) => totalNorm('getTotalNorm', tensorsOf(tensors), normType as number, errorIfNonfinite),
);

interface ClipWithNormArguments extends ClipArguments {
  /** The norm there is. */
  totalNorm: Tensor;
  /** PyTorch's choice among ways of computing the same. */
  foreach?: boolean | null;
}

/** Scales all gradients as `clipGradNorm_` does, for a norm that is known already. */
export const clipGradsWithNorm_: Stated & ((...args: Arguments<ClipWithNormArguments, ['parameters', 'maxNorm', 'totalNorm', 'foreach']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ClipWithNormArguments>('clipGradsWithNorm_', () => ({ parameters: tensors, maxNorm: number, totalNorm: oneTensor, foreach: anyWay() })),
  ({ parameters, maxNorm, totalNorm }) => {
    noGrad(() => { scale(gradientsOf(parameters), maxNorm, totalNorm); });
  },
);

function totalNorm(where: string, tensors: readonly Tensor[], normType: number, errorIfNonfinite: boolean): Tensor {
  return scope(() => {
    if (tensors.length === 0) return tensor(0);
    const total = stack(tensors.map((g) => g.norm(normType))).norm(normType);
    if (errorIfNonfinite && !Number.isFinite(total.item())) {
      throw new AutogradError(`${where}: the norm of the gradients is ${total.item()}, so they cannot be clipped`, where);
    }
    return total;
  });
}

function scale(gradients: readonly Tensor[], maxNorm: number, total: Tensor): void {
  scope(() => {
    const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
    for (const g of gradients) g.mul_(factor);
  });
}

interface ClipValueArguments {
  /** The parameters whose gradients are meant. */
  parameters: Tensor | Iterable<Tensor>;
  /** The largest absolute value. */
  clipValue: number;
  /** PyTorch's choice among ways of computing the same. */
  foreach?: boolean | null;
}

/** Clamps every element of every gradient to [−clipValue, clipValue]. */
export const clipGradValue_: Stated & ((...args: Arguments<ClipValueArguments, ['parameters', 'clipValue', 'foreach']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ClipValueArguments>('clipGradValue_', () => ({ parameters: tensors, clipValue: number, foreach: anyWay() })),
  ({ parameters, clipValue }) => {
    noGrad(() => {
      for (const g of gradientsOf(parameters)) g.clamp_(-clipValue, clipValue);
    });
  },
);
