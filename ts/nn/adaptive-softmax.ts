// The softmax over very many classes that are not equally frequent.
import type { DType, Device } from '../core/dtype';
import { ShapeError, UsageError } from '../core/errors';
import { noGrad } from '../autograd/autograd';
import { logSoftmax } from '../generated/functional';
import { cat, zeros } from '../generated/functions';
import { boolean, device, dtype, integer, integerFrom, list, number } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments } from '../core/options';
import { scope } from '../runtime/scope';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { ModuleList, Sequential } from './containers';
import { INPUT_AND_TARGET } from './inputs';
import { Linear } from './linear';
import { declareMembers } from './members';
import { Module } from './module';
import { part, partsOf } from './parts';

/** Options of `AdaptiveLogSoftmaxWithLoss`. */
export interface AdaptiveSoftmaxOptions {
  /** By how much the size of the projections falls from one cluster to the next; 4 by default. */
  divValue?: number;
  /** Whether the head has a bias; false by default. */
  headBias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `AdaptiveLogSoftmaxWithLoss`. */
export interface AdaptiveSoftmaxArguments extends AdaptiveSoftmaxOptions {
  /** The size of inputs. */
  inFeatures: number;
  /** How many classes there are; the frequent ones come first. */
  nClasses: number;
  /** The first class of each cluster, rising. */
  cutoffs: readonly number[];
}

const ADAPTIVE = /* @__PURE__ */ parameters<AdaptiveSoftmaxArguments>('AdaptiveLogSoftmaxWithLoss', () => ({
  inFeatures: integerFrom(0),
  nClasses: integerFrom(0),
  cutoffs: list('integers', integer),
  divValue: number.or(4),
  headBias: boolean.or(false),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

const METHODS = {
  logProb: /* @__PURE__ */ parameters<{ input: Tensor }>('logProb', () => ({ input: tensor })),
  predict: /* @__PURE__ */ parameters<{ input: Tensor }>('predict', () => ({ input: tensor })),
};

/** What `AdaptiveLogSoftmaxWithLoss` gives: the log-probability of each target, and the loss. */
export interface AdaptiveSoftmaxOutput {
  readonly output: Tensor;
  readonly loss: Tensor;
}

const WHERE = 'AdaptiveLogSoftmaxWithLoss';

/**
 * An approximation of the softmax over `nClasses` classes: the head is over those before the first cutoff and one entry for each
 * cluster, whose classes are told apart by projections that are only computed for samples of the cluster.
 *
 * **Shapes**: x `[N, inFeatures]` or `[inFeatures]`, target int64 `[N]` or `[]`; gives `{ output, loss }`, output of the target's
 * shape, loss `[]`.
 *
 * Source: Grave, Joulin, Cissé, Grangier and Jégou, "Efficient softmax approximation for GPUs", ICML 2017.
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  /** @internal */
  static readonly _parameters = ADAPTIVE;
  /** @internal */
  static override readonly _methods = { ...Module._methods, ...METHODS };
  readonly inFeatures: number;
  readonly nClasses: number;
  /** The cutoffs, and the number of classes behind them. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  readonly shortlistSize: number;
  readonly nClusters: number;
  readonly headSize: number;
  declare head: Linear;
  declare tail: ModuleList<Sequential<[Linear, Linear]>>;

  static {
    declareMembers(this, { module: ['head', 'tail'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<AdaptiveSoftmaxArguments, ['inFeatures', 'nClasses', 'cutoffs', 'divValue', 'headBias', 'device', 'dtype']>) {
    super();
    const { inFeatures, nClasses, cutoffs, divValue, headBias, dtype } = ADAPTIVE.read(args);
    const rises = cutoffs.every((c, i) => c > (cutoffs[i - 1] ?? 0) && c < nClasses);
    if (cutoffs.length === 0 || !rises) {
      throw new UsageError(`${WHERE}: cutoffs must be rising integers, at least one and each within 1 and nClasses − 1, got [${cutoffs.join(', ')}]`, WHERE);
    }
    ({ inFeatures: this.inFeatures, nClasses: this.nClasses, divValue: this.divValue, headBias: this.headBias } = { inFeatures, nClasses, divValue, headBias });
    this.cutoffs = [...cutoffs, nClasses];
    this.shortlistSize = cutoffs[0]!;
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, dtype });
    this.tail = new ModuleList();
    for (let i = 0; i < this.nClusters; i++) {
      const hidden = Math.floor(inFeatures / divValue ** (i + 1));
      const size = this.cutoffs[i + 1]! - this.cutoffs[i]!;
      this.tail.append(new Sequential(new Linear(inFeatures, hidden, { bias: false, dtype }), new Linear(hidden, size, { bias: false, dtype })));
    }
  }

  /** Draws all parameters anew. */
  resetParameters(): void {
    // What stands in the place of a linear map may have nothing to draw.
    const reset = (module: Module & { resetParameters?: () => void }): void => module.resetParameters?.();
    reset(part(this, 'head'));
    for (const cluster of this.clusters()) cluster.children().forEach(reset);
  }

  /** The modules of the clusters, as many as there are. */
  private clusters(): Sequential<[Linear, Linear]>[] {
    const clusters = partsOf<Sequential<[Linear, Linear]>>(this, 'tail');
    if (clusters.length !== this.nClusters) throw new UsageError(`${WHERE}: tail must have ${this.nClusters} modules, one for each cluster, got ${clusters.length}`, WHERE);
    return clusters;
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): AdaptiveSoftmaxOutput {
    checkArgument(WHERE, 'input', input, tensor);
    checkArgument(WHERE, 'target', target, tensor);
    const fits = target.ndim === 0 ? input.ndim === 1 : target.ndim === 1 && input.ndim === 2 && input.size(0) === target.size(0);
    if (!fits) {
      const shapes = `[${input.shape.join(', ')}] and [${target.shape.join(', ')}]`;
      throw new ShapeError(`${WHERE}: expected an input and a target of shapes [N, inFeatures] and [N], or [inFeatures] and [], got ${shapes}`, WHERE);
    }
    const isSingle = target.ndim === 0;
    const [x, classes] = isSingle ? [input.unsqueeze(0), target.unsqueeze(0)] : [input, target];
    const { entries, found } = this.ofClusters(x, classes);
    const head = logSoftmax(part(this, 'head').call(x), 1).gather(1, entries.unsqueeze(1)).squeeze(1);
    const output = found.add(head);
    const loss = output.neg().mean();
    return { output: isSingle ? output.squeeze(0) : output, loss };
  }

  /** The entry of the head for each class, and the log-probability within its cluster. */
  private ofClusters(x: Tensor, classes: Tensor): { entries: Tensor; found: Tensor } {
    let entries = classes.clone();
    let found = zeros([x.size(0)], { dtype: x.dtype });
    let count = 0;
    for (let i = 0; i <= this.nClusters; i++) {
      const [first, end] = [i === 0 ? 0 : this.cutoffs[i - 1]!, this.cutoffs[i]!];
      const rows = classes.ge(first).logicalAnd(classes.lt(end)).nonzero().squeeze(1);
      count += rows.numel();
      if (i === 0 || rows.numel() === 0) continue;
      const within = classes.indexSelect(0, rows).sub(first).unsqueeze(1);
      const logProb = logSoftmax(this.clusters()[i - 1]!.call(x.indexSelect(0, rows)), 1).gather(1, within).squeeze(1);
      entries = entries.indexFill(0, rows, this.shortlistSize + i - 1);
      found = found.indexCopy(0, rows, logProb);
    }
    if (count !== classes.numel()) {
      const [least, greatest] = [classes.min().item(), classes.max().item()];
      throw new UsageError(`${WHERE}: targets must be within 0 and ${this.nClasses - 1}, got values from ${least} to ${greatest}`, WHERE, { least, greatest });
    }
    return { entries, found };
  }

  /** The log-probabilities of all classes. **Shapes**: x `[N, inFeatures]`, y `[N, nClasses]`. */
  logProb(...args: Arguments<{ input: Tensor }, ['input']>): Tensor {
    const { input } = METHODS.logProb.read(args);
    return scope(() => {
      const head = logSoftmax(part(this, 'head').call(input), 1);
      const clusters = this.clusters().map((cluster, i) => logSoftmax(cluster.call(input), 1).add(head.select(1, this.shortlistSize + i).unsqueeze(1)));
      return cat([head.narrow(1, 0, this.shortlistSize), ...clusters], 1);
    });
  }

  /** The most probable class of each sample. **Shapes**: x `[N, inFeatures]`, y int64 `[N]`. */
  predict(...args: Arguments<{ input: Tensor }, ['input']>): Tensor {
    const { input } = METHODS.predict.read(args);
    // Clusters are only looked at for the samples whose entry of the head is one.
    return scope(() => noGrad(() => {
      const best = part(this, 'head').call(input).argmax(1);
      const rows = best.ge(this.shortlistSize).nonzero().squeeze(1);
      return rows.numel() === 0 ? best : best.indexCopy(0, rows, this.logProb(input.indexSelect(0, rows)).argmax(1));
    }));
  }
}
