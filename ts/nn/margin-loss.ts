// Losses over classes that ask for a margin between the right classes and the others.
import { ShapeError, UsageError } from '../core/errors';
import { zerosLike } from '../generated/functions';
import { boolean, number, only } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { WeightedLossOptions } from './binary-loss';
import { INPUT_AND_TARGET } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { reduced, reduction, reductionKinds, reductionOf, type Reduction, type ReductionOptions } from './reduction';

/** Options of `MultiMarginLoss`. */
export interface MultiMarginLossOptions extends WeightedLossOptions {
  /** The power of each term: 1, the default, or 2. */
  p?: 1 | 2;
  /** How much greater the right class is to be; 1 by default. */
  margin?: number;
  /** A factor for each class, applied to the samples of that class. */
  weight?: Tensor | null;
}

const MULTI_MARGIN_LOSS = /* @__PURE__ */ parameters<MultiMarginLossOptions>('MultiMarginLoss', () => ({
  p: only<1 | 2>(1, 2),
  margin: number.or(1),
  weight: tensor.orNull(),
  sizeAverage: boolean.orNull(),
  reduce: boolean.orNull(),
  reduction: reduction(),
}));

/**
 * Σ_i max(0, margin − x_target + x_i)^p / C over the classes i other than the target, reduced over the batch.
 *
 * **Shapes**: x `[N, C]` or `[C]`, target int64 `[N]` or `[]`, weight `[C]`.
 */
export class MultiMarginLoss extends Module {
  /** @internal */
  static readonly _parameters = MULTI_MARGIN_LOSS;
  readonly p: 1 | 2;
  readonly margin: number;
  declare readonly weight: Tensor | null;
  readonly reduction: Reduction;

  static {
    declareMembers(this, { buffer: ['weight'] });
  }

  constructor(...args: Arguments<MultiMarginLossOptions, ['p', 'margin', 'weight', 'sizeAverage', 'reduce', 'reduction']>) {
    super();
    const options = MULTI_MARGIN_LOSS.read(args);
    const { weight } = options;
    if (weight !== null && weight.ndim !== 1) {
      throw new UsageError(`MultiMarginLoss: weight must have one dim, got shape [${weight.shape.join(', ')}]`, 'MultiMarginLoss', { shape: weight.shape });
    }
    ({ p: this.p, margin: this.margin } = options);
    this.registerBuffer('weight', weight);
    this.reduction = reductionOf(options);
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { scores, classes } = batch('MultiMarginLoss', input, target, 0);
    const right = classes.unsqueeze(1);
    // A term that is 0 has gradient 0, as relu's.
    let terms = scores.add(this.margin).sub(scores.gather(1, right)).relu();
    if (this.p === 2) terms = terms.square();
    if (this.weight !== null) terms = terms.mul(this.weight.indexSelect(0, classes).unsqueeze(1));
    const losses = terms.scatter(1, right, 0).mean(1);
    return reduced(input.ndim < 2 ? losses.squeeze(0) : losses, this.reduction);
  }
}

const MULTI_LABEL_MARGIN_LOSS = /* @__PURE__ */ parameters<ReductionOptions>('MultiLabelMarginLoss', reductionKinds);

/**
 * Σ_j Σ_i max(0, 1 − x_j + x_i) / C over the right classes j and the others i, reduced over the batch.
 *
 * **Shapes**: x `[N, C]` or `[C]`, target int64 of x's shape: the right classes, in any order, and −1 behind the last one.
 */
export class MultiLabelMarginLoss extends Module {
  /** @internal */
  static readonly _parameters = MULTI_LABEL_MARGIN_LOSS;
  readonly reduction: Reduction;

  constructor(...args: Arguments<ReductionOptions, ['sizeAverage', 'reduce', 'reduction']>) {
    super();
    this.reduction = reductionOf(MULTI_LABEL_MARGIN_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { scores, classes } = batch('MultiLabelMarginLoss', input, target, 1);
    // What stands behind the first −1 does not count.
    const isListed = classes.lt(0).cumsum(1).eq(0);
    const right = classes.clampMin(0);
    const isRight = zerosLike(classes).scatterAdd(1, right, isListed.to('int64')).gt(0);
    const terms = scores.unsqueeze(1).sub(scores.gather(1, right).unsqueeze(2)).add(1).relu();
    const counts = isListed.unsqueeze(2).logicalAnd(isRight.logicalNot().unsqueeze(1));
    const losses = terms.mul(counts).sum([1, 2]).div(scores.size(1));
    return reduced(input.ndim < 2 ? losses.squeeze(0) : losses, this.reduction);
  }
}

/** Scores and classes with a batch in front; targets have `dims` dims where the input has one. */
function batch(where: string, input: Tensor, target: Tensor, dims: number): { scores: Tensor; classes: Tensor } {
  checkArgument(where, 'input', input, tensor);
  checkArgument(where, 'target', target, tensor);
  const single = input.ndim < 2;
  const fits = single ? target.ndim <= 1 : target.ndim === dims + 1 && target.size(0) === input.size(0);
  const width = single ? input.numel() : input.shape[1]!;
  const targets = dims === 0 ? (single ? 1 : input.shape[0]!) : input.numel();
  if (input.ndim > 2 || width === 0 || !fits || target.numel() !== targets) {
    const shapes = `[${input.shape.join(', ')}] and [${target.shape.join(', ')}]`;
    const expected = dims === 0 ? '[N, C] and [N], or [C] and []' : '[N, C] twice, or [C] twice';
    throw new ShapeError(`${where}: expected an input and a target of shapes ${expected}, got ${shapes}`, where, { input: input.shape, target: target.shape });
  }
  const batched = dims === 0 ? [targets] : [targets / width, width];
  return { scores: single ? input.reshape([1, width]) : input, classes: target.reshape(batched) };
}
