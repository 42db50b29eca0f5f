// The cross-entropy of a linear map, as a function of its weights.
import { ShapeError, UsageError, under } from '../core/errors';
import { integer, number, only } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { crossEntropy, linear } from '../generated/functional';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { reduction, type Reduction } from './reduction';

interface LinearCrossEntropy {
  /** `[N, in]` or `[in]`. */
  input: Tensor;
  /** `[C, in]`, or `[C, d₁ …, in]` for a loss of more dims, which needs a batch. */
  linearWeight: Tensor;
  /** Classes `[N, d₁ …]`, or probabilities `[N, C, d₁ …]`. */
  target: Tensor;
  /** Of the shape of the weight but its last dim. */
  linearBias?: Tensor | null;
  /** A factor for each class. */
  weight?: Tensor | null;
  /** `'mean'` by default: over the weights of the targets that count. */
  reduction?: Reduction;
  /** Targets of this value count nothing; −100 by default. Not for probabilities. */
  ignoreIndex?: number | null;
  /** How much of each target is spread over all classes, in [0, 1]; 0 by default. */
  labelSmoothing?: number;
  /** PyTorch's choice among ways of computing the same; null, there is one here. */
  options?: null;
}

const WHERE = 'linearCrossEntropy';

/**
 * The cross-entropy of the logits `input · linearWeightᵀ + linearBias`: `crossEntropy(linear(…), target)`, with the logits of a weight of
 * more dims in their shape. Source: PyTorch, `torch.nn.functional.linear_cross_entropy`.
 */
export const linearCrossEntropy: Stated & ((...args: Arguments<LinearCrossEntropy, ['input', 'linearWeight', 'target']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<LinearCrossEntropy>(
    WHERE,
    () => ({
      input: tensor,
      linearWeight: tensor,
      target: tensor,
      linearBias: tensor.orNull(),
      weight: tensor.orNull(),
      reduction: reduction(),
      ignoreIndex: integer.orNull(),
      labelSmoothing: number.or(0),
      options: only(null),
    }),
    6,
  ),
  ({ input, linearWeight, target, linearBias, ignoreIndex, weight, reduction, labelSmoothing }) => {
    const shown = (t: Tensor): string => `[${t.shape.join(', ')}]`;
    if (input.ndim !== 1 && input.ndim !== 2) throw new ShapeError(`${WHERE}: expected an input of 1 or 2 dims, got shape ${shown(input)}`, WHERE, { shape: input.shape });
    if (linearWeight.ndim < 2) throw new ShapeError(`${WHERE}: expected a linearWeight of at least 2 dims, got shape ${shown(linearWeight)}`, WHERE, { shape: linearWeight.shape });
    const features = input.shape.at(-1)!;
    if (features !== linearWeight.shape.at(-1)) {
      throw new ShapeError(`${WHERE}: the last dims of input and linearWeight must be equal, got shapes ${shown(input)} and ${shown(linearWeight)}`, WHERE);
    }
    const out = linearWeight.shape.slice(0, -1);
    if (linearBias !== null && linearBias.shape.join() !== out.join()) {
      throw new ShapeError(`${WHERE}: expected a linearBias of shape [${out.join(', ')}], got ${shown(linearBias)}`, WHERE, { shape: linearBias.shape });
    }
    if (out.length > 1 && input.ndim === 1) {
      throw new ShapeError(`${WHERE}: a linearWeight of shape ${shown(linearWeight)} needs an input with a batch, got shape ${shown(input)}`, WHERE);
    }
    const shape = [...input.shape.slice(0, -1), ...out];
    if (ignoreIndex !== null && target.shape.join() === shape.join()) {
      throw new UsageError(`${WHERE}: ignoreIndex cannot be given where target has probabilities, of the shape of the logits`, WHERE, { ignoreIndex });
    }
    return under(WHERE, () => {
      const flat = out.length > 1 ? linear(input, linearWeight.reshape([-1, features]), linearBias?.reshape([-1]) ?? null) : linear(input, linearWeight, linearBias);
      const logits = out.length > 1 ? flat.reshape(shape) : flat;
      return crossEntropy(logits, target, { weight, reduction, ignoreIndex: ignoreIndex ?? -100, labelSmoothing });
    });
  },
);
