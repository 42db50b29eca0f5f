// PyTorch's forms of losses at the root, where `reduction` is a number: 0 none, which is also the default, 1 the mean, 2 the sum.
import { under } from '../core/errors';
import { Kind, REFUSED, boolean, integer, list, number } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated, type Values } from '../core/options';
import * as functional from '../generated/functional';
import { tensor as make } from '../tensor/create';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Reduction } from './reduction';

const WORDS: readonly Reduction[] = ['none', 'mean', 'sum'];

/** How losses are reduced: 0 for none, 1 for the mean, 2 for the sum, or these words as `nn.functional` has them. */
export type ReductionNumber = 0 | 1 | 2 | Reduction;

/** The kind of a `reduction`; the callee gets the word. */
const reduction = (): Kind<ReductionNumber> =>
  new Kind<ReductionNumber>("0 for 'none', 1 for 'mean' or 2 for 'sum'", (value) => (typeof value === 'number' ? WORDS[value] : WORDS.find((word) => word === value)) ?? REFUSED);

/** The kind where it may be left out: PyTorch's functions at the root then reduce nothing, whatever their documentation says. */
const orNone = (): Kind<ReductionNumber> => reduction().or('none');

/** A loss by a list of kinds. */
function loss<T extends object, Order extends readonly (keyof T)[]>(
  where: string,
  kinds: () => Kinds<T>,
  body: (values: Values<T>, reduction: Reduction) => Tensor,
): Stated & ((...args: Arguments<T, Order>) => Tensor) {
  return named(parameters<T>(where, kinds), (values) => under(where, () => body(values, (values as unknown as { reduction: Reduction }).reduction)));
}

interface WithLogits {
  input: Tensor;
  target: Tensor;
  /** A factor for each element. */
  weight?: Tensor | null;
  /** A factor for positive targets. */
  posWeight?: Tensor | null;
  reduction?: ReductionNumber;
}

/** PyTorch's `torch.binary_cross_entropy_with_logits`: that of `nn.functional`, with `posWeight` before `reduction`. */
export const binaryCrossEntropyWithLogits = /* @__PURE__ */ loss<WithLogits, ['input', 'target', 'weight', 'posWeight', 'reduction']>(
  'binaryCrossEntropyWithLogits',
  () => ({ input: tensor, target: tensor, weight: tensor.orNull(), posWeight: tensor.orNull(), reduction: orNone() }),
  ({ input, target, weight, posWeight }, reduction) => functional.binaryCrossEntropyWithLogits(input, target, { weight, posWeight, reduction }),
);

interface OfPairs {
  input1: Tensor;
  input2: Tensor;
  /** 1 or −1. */
  target: Tensor;
  margin?: number;
  reduction?: ReductionNumber;
}

const pairs = (): Kinds<OfPairs> => ({ input1: tensor, input2: tensor, target: tensor, margin: number.or(0), reduction: orNone() });

/** PyTorch's `torch.cosine_embedding_loss`. */
export const cosineEmbeddingLoss = /* @__PURE__ */ loss<OfPairs, ['input1', 'input2', 'target', 'margin', 'reduction']>(
  'cosineEmbeddingLoss',
  pairs,
  ({ input1, input2, target, margin }, reduction) => functional.cosineEmbeddingLoss(input1, input2, target, { margin, reduction }),
);

/** PyTorch's `torch.margin_ranking_loss`. */
export const marginRankingLoss = /* @__PURE__ */ loss<OfPairs, ['input1', 'input2', 'target', 'margin', 'reduction']>(
  'marginRankingLoss',
  pairs,
  ({ input1, input2, target, margin }, reduction) => functional.marginRankingLoss(input1, input2, target, { margin, reduction }),
);

interface Hinge {
  input: Tensor;
  /** 1 or −1. */
  target: Tensor;
  margin?: number;
  reduction?: ReductionNumber;
}

/** PyTorch's `torch.hinge_embedding_loss`. */
export const hingeEmbeddingLoss = /* @__PURE__ */ loss<Hinge, ['input', 'target', 'margin', 'reduction']>(
  'hingeEmbeddingLoss',
  () => ({ input: tensor, target: tensor, margin: number.or(1), reduction: orNone() }),
  ({ input, target, margin }, reduction) => functional.hingeEmbeddingLoss(input, target, { margin, reduction }),
);

interface Poisson {
  input: Tensor;
  target: Tensor;
  logInput: boolean;
  full: boolean;
  eps: number;
  reduction: ReductionNumber;
}

/** PyTorch's `torch.poisson_nll_loss`, of which all arguments are given. */
export const poissonNllLoss = /* @__PURE__ */ loss<Poisson, ['input', 'target', 'logInput', 'full', 'eps', 'reduction']>(
  'poissonNllLoss',
  () => ({ input: tensor, target: tensor, logInput: boolean, full: boolean, eps: number, reduction: reduction() }),
  ({ input, target, logInput, full, eps }, reduction) => functional.poissonNllLoss(input, target, { logInput, full, eps, reduction }),
);

interface Triplet {
  anchor: Tensor;
  positive: Tensor;
  negative: Tensor;
  margin?: number;
  p?: number;
  eps?: number;
  swap?: boolean;
  reduction?: ReductionNumber;
}

/** PyTorch's `torch.triplet_margin_loss`. */
export const tripletMarginLoss = /* @__PURE__ */ loss<Triplet, ['anchor', 'positive', 'negative', 'margin', 'p', 'eps', 'swap', 'reduction']>(
  'tripletMarginLoss',
  () => ({ anchor: tensor, positive: tensor, negative: tensor, margin: number.or(1), p: number.or(2), eps: number.or(1e-6), swap: boolean.or(false), reduction: orNone() }),
  ({ anchor, positive, negative, margin, p, eps, swap }, reduction) => functional.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction }),
);

/** Lengths of sequences: a tensor, or numbers. */
type Lengths = Tensor | readonly number[];

interface Ctc {
  logProbs: Tensor;
  targets: Tensor;
  inputLengths: Lengths;
  targetLengths: Lengths;
  blank?: number;
  reduction?: ReductionNumber;
  zeroInfinity?: boolean;
}

const lengths = (): Kind<Lengths> => {
  const numbers = list('integers', integer);
  return new Kind<Lengths>('a tensor or a list of integers', (value) => (typeof tensor.take(value) === 'symbol' ? numbers.take(value) : value));
};

const inTensor = (of: Lengths): Tensor => (Array.isArray(of) ? make(of as readonly number[], { dtype: 'int64' }) : (of as Tensor));

/** PyTorch's `torch.ctc_loss`. */
export const ctcLoss = /* @__PURE__ */ loss<Ctc, ['logProbs', 'targets', 'inputLengths', 'targetLengths', 'blank', 'reduction', 'zeroInfinity']>(
  'ctcLoss',
  () => ({ logProbs: tensor, targets: tensor, inputLengths: lengths(), targetLengths: lengths(), blank: integer.or(0), reduction: orNone(), zeroInfinity: boolean.or(false) }),
  ({ logProbs, targets, inputLengths, targetLengths, blank, zeroInfinity }, reduction) =>
    functional.ctcLoss(logProbs, targets, inTensor(inputLengths), inTensor(targetLengths), { blank, reduction, zeroInfinity }),
);
