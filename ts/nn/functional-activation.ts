// Activations of `nn.functional` that draw random numbers.
import { noGrad } from '../autograd/autograd';
import { boolean, instanceOf, integer, number } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { UsageError, under } from '../core/errors';
import { leakyRelu } from '../generated/functional';
import { empty, onesLike, zerosLike } from '../generated/functions';
import { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';

/** A slope for each element: 1 where x > 0, elsewhere drawn, of double precision and in the order of the elements, as PyTorch does. */
function slopesOf(input: Tensor, lower: number, upper: number, generator: Generator | null): Tensor {
  return noGrad(() => {
    const negative = input.le(0);
    const drawn = empty([negative.sum().item()], { dtype: 'float64' }).uniform_(lower, upper, generator);
    return onesLike(input).maskedScatter(negative, drawn.to(input.dtype));
  });
}

/** The leaky rectifier whose slope is drawn, or in evaluation the mean of those there are. */
export function drawnRelu(where: string, input: Tensor, lower: number, upper: number, training: boolean, inplace: boolean, generator: Generator | null = null): Tensor {
  if (!(lower <= upper)) throw new UsageError(`${where}: lower must be at most upper, got ${lower} and ${upper}`, where, { lower, upper });
  if (!training) {
    const negativeSlope = (lower + upper) / 2;
    return under(where, () => (inplace ? leakyRelu(input, { negativeSlope, inplace: true }) : leakyRelu(input, negativeSlope)));
  }
  const slopes = slopesOf(input, lower, upper, generator);
  return inplace ? input.mul_(slopes) : input.mul(slopes);
}

interface Drawn {
  input: Tensor;
  /** The least slope; 1/8 by default. */
  lower?: number;
  /** The greatest; 1/3 by default. */
  upper?: number;
  /** Whether slopes are drawn; false by default. */
  training?: boolean;
}

const drawn = () => ({ input: tensor, lower: number.or(1 / 8), upper: number.or(1 / 3), training: boolean.or(false) });

/**
 * Returns x where x > 0, else a · x, with a slope a that in training is drawn for each such element from [lower, upper), and in evaluation
 * is the mean of these. The same seed gives PyTorch's slopes. Source: PyTorch, `torch.nn.functional.rrelu`.
 */
export const rrelu: Stated & ((...args: Arguments<Drawn & { inplace?: boolean }, ['input', 'lower', 'upper', 'training', 'inplace']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Drawn & { inplace?: boolean }>('rrelu', () => ({ ...drawn(), inplace: boolean.or(false) })),
  ({ input, lower, upper, training, inplace }) => drawnRelu('rrelu', input, lower, upper, training, inplace),
);

type WithGenerator = Drawn & {
  /** Where slopes are drawn from; null, the default, for the default generator. */
  generator?: Generator | null;
};

type OfRoot = Stated & ((...args: Arguments<WithGenerator, ['input', 'lower', 'upper', 'training', 'generator']>) => Tensor);

function ofRoot(where: string, inplace: boolean): OfRoot {
  return named(
    parameters<WithGenerator>(where, () => ({ ...drawn(), generator: instanceOf('a generator', () => Generator).orNull() })),
    ({ input, lower, upper, training, generator }) => drawnRelu(where, input, lower, upper, training, inplace, generator),
  );
}

/** PyTorch's `torch.rrelu`: `nn.functional.rrelu` with a generator in place of `inplace`. */
export const rreluOfRoot: OfRoot = /* @__PURE__ */ ofRoot('rrelu', false);

/** {@link rrelu} in place. */
export const rrelu_: OfRoot = /* @__PURE__ */ ofRoot('rrelu_', true);

interface Gumbel {
  /** Unnormalised logarithms of probabilities. */
  logits: Tensor;
  /** The temperature; 1 by default. */
  tau?: number;
  /** Whether samples are one-hot, with the gradient of those that are not; false by default. */
  hard?: boolean;
  /** Of no effect, as in PyTorch. */
  eps?: number;
  /** The dim of the classes; the last by default. */
  dim?: number;
}

/**
 * Samples from the Gumbel-softmax distribution: softmax((logits + g) / tau) with g of Gumbel's distribution. The same seed gives PyTorch's
 * numbers. Source: PyTorch, `torch.nn.functional.gumbel_softmax`; Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax",
 * ICLR 2017.
 */
export const gumbelSoftmax: Stated & ((...args: Arguments<Gumbel, ['logits', 'tau', 'hard', 'eps', 'dim']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Gumbel>('gumbelSoftmax', () => ({ logits: tensor, tau: number.or(1), hard: boolean.or(false), eps: number.or(1e-10), dim: integer.or(-1) })),
  ({ logits, tau, hard, dim }) =>
    under('gumbelSoftmax', () => {
      const gumbels = noGrad(() => empty(logits.shape, { dtype: logits.dtype }).exponential_().log().neg());
      const soft = logits.add(gumbels).div(tau).softmax(dim);
      if (!hard) return soft;
      const index = soft.detach().argmax(dim, true);
      const one = noGrad(() => zerosLike(soft, { memoryFormat: 'contiguous_format' }).scatter_(dim, index, 1));
      return one.sub(soft.detach()).add(soft);
    }),
);
