// Losses that compare inputs with one another.
import { cosineEmbeddingLoss, marginRankingLoss, tripletMarginLoss } from '../generated/functional';
import { Kind, REFUSED, boolean, callable, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { MarginLossOptions } from './binary-loss';
import { PairwiseDistance } from './distance';
import { checkMargin, tripletLoss } from './functional-triplet';
import type { Inputs } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { reduction, reductionKinds, reductionOf, type Reduction, type ReductionOptions } from './reduction';

interface Pair {
  input1: Tensor;
  input2: Tensor;
  /** 1 or −1 for each. */
  target: Tensor;
}

const PAIR: Inputs<Pair, ['input1', 'input2', 'target']> = /* @__PURE__ */ parameters('forward', () => ({
  input1: tensor,
  input2: tensor,
  target: tensor,
}));

type MarginOrder = ['margin', 'sizeAverage', 'reduce', 'reduction'];

const margins = (where: string): ParameterList<MarginLossOptions> =>
  parameters<MarginLossOptions>(where, () => ({ margin: number.or(0), ...reductionKinds() }));

const COSINE_EMBEDDING_LOSS = /* @__PURE__ */ margins('CosineEmbeddingLoss');

/**
 * 1 − cos(x1, x2) where the target is 1, and max(0, cos(x1, x2) − margin) where it is −1, reduced; the margin is 0 by default.
 *
 * **Shapes**: x1 and x2 `[N, D]` or `[D]`, target `[N]` or `[]`.
 */
export class CosineEmbeddingLoss extends Module {
  /** @internal */
  static readonly _parameters = COSINE_EMBEDDING_LOSS;
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(...args: Arguments<MarginLossOptions, MarginOrder>) {
    super();
    const options = COSINE_EMBEDDING_LOSS.read(args);
    this.margin = options.margin;
    this.reduction = reductionOf(options);
  }

  /** @internal */
  get _inputs(): typeof PAIR {
    return PAIR;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, this.margin, this.reduction);
  }
}

const MARGIN_RANKING_LOSS = /* @__PURE__ */ margins('MarginRankingLoss');

/** max(0, −y · (x1 − x2) + margin), reduced: where y is 1, x1 is to be the greater. The margin is 0 by default. */
export class MarginRankingLoss extends Module {
  /** @internal */
  static readonly _parameters = MARGIN_RANKING_LOSS;
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(...args: Arguments<MarginLossOptions, MarginOrder>) {
    super();
    const options = MARGIN_RANKING_LOSS.read(args);
    this.margin = options.margin;
    this.reduction = reductionOf(options);
  }

  /** @internal */
  get _inputs(): typeof PAIR {
    return PAIR;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this.margin, this.reduction);
  }
}

interface Triplet {
  anchor: Tensor;
  /** What is to be near the anchor. */
  positive: Tensor;
  /** What is to be far from it. */
  negative: Tensor;
}

const TRIPLET: Inputs<Triplet, ['anchor', 'positive', 'negative']> = /* @__PURE__ */ parameters('forward', () => ({
  anchor: tensor,
  positive: tensor,
  negative: tensor,
}));

/** Options of `TripletMarginLoss`. */
export interface TripletMarginLossOptions extends ReductionOptions {
  /** How much farther the negative is to be; 1 by default. */
  margin?: number;
  /** The p of the norm; 2 by default. */
  p?: number;
  /** Added to differences; 1e-6 by default. */
  eps?: number;
  /** Whether the distance from positive to negative counts where it is the smaller; false by default. */
  swap?: boolean;
}

const TRIPLET_MARGIN_LOSS = /* @__PURE__ */ parameters<TripletMarginLossOptions>('TripletMarginLoss', () => ({
  margin: number.or(1),
  p: number.or(2),
  eps: number.or(1e-6),
  swap: boolean.or(false),
  ...reductionKinds(),
}));

/** max(0, d(anchor, positive) − d(anchor, negative) + margin) with the p-norm as distance, reduced. **Shapes**: `[N, D]` or `[D]`. */
export class TripletMarginLoss extends Module {
  /** @internal */
  static readonly _parameters = TRIPLET_MARGIN_LOSS;
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(...args: Arguments<TripletMarginLossOptions, ['margin', 'p', 'eps', 'swap', 'sizeAverage', 'reduce', 'reduction']>) {
    super();
    const options = TRIPLET_MARGIN_LOSS.read(args);
    checkMargin('TripletMarginLoss', options.margin);
    ({ margin: this.margin, p: this.p, eps: this.eps, swap: this.swap } = options);
    this.reduction = reductionOf(options);
  }

  /** @internal */
  get _inputs(): typeof TRIPLET {
    return TRIPLET;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.margin, this.p, this.eps, this.swap, this.reduction);
  }
}

/** A distance of two batches, one number for each pair: a function, or a module that is called. */
export type DistanceFunction = ((a: Tensor, b: Tensor) => Tensor) | (Module & { forward(a: Tensor, b: Tensor): Tensor });

const distance = /* @__PURE__ */ new Kind<DistanceFunction>('a function or a module', (value) => (value instanceof Module ? value : callable.take(value)) ?? REFUSED);

/** Options of `TripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceLossOptions {
  /** The distance; null, the default, for `nn.PairwiseDistance`. */
  distanceFunction?: DistanceFunction | null;
  /** How much farther the negative is to be; 1 by default. */
  margin?: number;
  /** Whether the distance from positive to negative counts where it is the smaller; false by default. */
  swap?: boolean;
  /** `'mean'` by default. */
  reduction?: Reduction;
}

const TRIPLET_WITH_DISTANCE = /* @__PURE__ */ parameters<TripletMarginWithDistanceLossOptions>(
  'TripletMarginWithDistanceLoss',
  () => ({ distanceFunction: distance.orNull(), margin: number.or(1), swap: boolean.or(false), reduction: reduction() }),
  4,
);

/** max(0, d(anchor, positive) − d(anchor, negative) + margin) with a distance of the user's, reduced. */
export class TripletMarginWithDistanceLoss extends Module {
  /** @internal */
  static readonly _parameters = TRIPLET_WITH_DISTANCE;
  declare distanceFunction: DistanceFunction;
  readonly margin: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  static {
    declareMembers(this, { module: ['distanceFunction'] });
  }

  constructor(...args: Arguments<TripletMarginWithDistanceLossOptions, []>) {
    super();
    const { distanceFunction, margin, swap, reduction } = TRIPLET_WITH_DISTANCE.read(args);
    checkMargin('TripletMarginWithDistanceLoss', margin);
    this.distanceFunction = distanceFunction ?? new PairwiseDistance();
    this.margin = margin;
    this.swap = swap;
    this.reduction = reduction;
  }

  /** @internal */
  get _inputs(): typeof TRIPLET {
    return TRIPLET;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const where = 'TripletMarginWithDistanceLoss';
    for (const [name, value] of Object.entries({ anchor, positive, negative })) checkArgument(where, name, value, tensor);
    const { distanceFunction } = this;
    const between = (a: Tensor, b: Tensor): Tensor => (distanceFunction instanceof Module ? (distanceFunction.call(a, b) as Tensor) : distanceFunction(a, b));
    return tripletLoss(where, [anchor, positive, negative], between, this.margin, this.swap, this.reduction);
  }
}
