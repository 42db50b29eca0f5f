// `nn.utils`: a convolution or linear map and the batch normalisation behind it as one, for evaluation.
import { UsageError } from '../core/errors';
import { onesLike, rsqrt, zerosLike } from '../generated/functions';
import { noGrad } from '../autograd/autograd';
import { boolean, instanceOf, kind, number } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { Module } from './module';
import { Parameter } from './parameter';

/** A module with a weight and perhaps a bias, such as a convolution. */
interface Weighted extends Module {
  weight: Parameter;
  bias: Parameter | null;
}

/** What of a batch normalisation is needed. */
interface Normalising extends Module {
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;
}

const tensorOrNull = /* @__PURE__ */ kind<Tensor | null>('a tensor or null', (value) => value === null || typeof tensor.take(value) !== 'symbol');
const moduleKind = <M extends Module>() => instanceOf<M>('a module', () => Module as unknown as { readonly prototype: M });

/** Weight and bias of both together; `shape` is that of a number for each output channel beside the weight. */
function fused(weight: Tensor, bias: Tensor | null, mean: Tensor, variance: Tensor, eps: number, scale: Tensor | null, shift: Tensor | null, shape: readonly number[]): [Parameter, Parameter] {
  return noGrad(() => {
    const factor = (scale ?? onesLike(mean)).mul(rsqrt(variance.add(eps)));
    const moved = (bias ?? zerosLike(mean)).sub(mean).mul(factor).add(shift ?? zerosLike(mean));
    const isLearned = weight.requiresGrad;
    return [new Parameter(weight.mul(factor.reshape(shape)).to(weight.dtype), isLearned), new Parameter(moved.to((bias ?? weight).dtype), bias?.requiresGrad ?? false)];
  });
}

/** A number for each output channel beside a weight, which is its dim 0, or 1 where the convolution is transposed. */
const besideWeight = (weight: Tensor, transpose: boolean): number[] => weight.shape.map((_, d) => (d === (transpose ? 1 : 0) ? -1 : 1));

interface WeightsArguments {
  /** The weight of the convolution. */
  convW: Tensor;
  /** Its bias. */
  convB: Tensor | null;
  /** The running mean. */
  bnRm: Tensor;
  /** The running variance. */
  bnRv: Tensor;
  bnEps: number;
  /** The weight of the normalisation. */
  bnW: Tensor | null;
  /** Its bias. */
  bnB: Tensor | null;
  /** Whether the convolution is transposed; false by default. */
  transpose?: boolean;
}

type WeightsOrder = ['convW', 'convB', 'bnRm', 'bnRv', 'bnEps', 'bnW', 'bnB', 'transpose'];

/** Weight and bias of a convolution that does what it and a batch normalisation behind it do. */
export const fuseConvBnWeights: Stated & ((...args: Arguments<WeightsArguments, WeightsOrder>) => [weight: Parameter, bias: Parameter]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<WeightsArguments>('fuseConvBnWeights', () => ({
    convW: tensor,
    convB: tensorOrNull,
    bnRm: tensor,
    bnRv: tensor,
    bnEps: number,
    bnW: tensorOrNull,
    bnB: tensorOrNull,
    transpose: boolean.or(false),
  })),
  ({ convW, convB, bnRm, bnRv, bnEps, bnW, bnB, transpose }) => fused(convW, convB, bnRm, bnRv, bnEps, bnW, bnB, besideWeight(convW, transpose)),
);

interface LinearWeightsArguments {
  /** The weight of the linear map. */
  linearW: Tensor;
  /** Its bias. */
  linearB: Tensor | null;
  /** The running mean. */
  bnRm: Tensor;
  /** The running variance. */
  bnRv: Tensor;
  bnEps: number;
  /** The weight of the normalisation. */
  bnW: Tensor;
  /** Its bias. */
  bnB: Tensor;
}

/** Weight and bias of a linear map that does what it and a batch normalisation behind it do. */
export const fuseLinearBnWeights: Stated &
  ((...args: Arguments<LinearWeightsArguments, ['linearW', 'linearB', 'bnRm', 'bnRv', 'bnEps', 'bnW', 'bnB']>) => [weight: Parameter, bias: Parameter]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<LinearWeightsArguments>('fuseLinearBnWeights', () => ({
    linearW: tensor,
    linearB: tensorOrNull,
    bnRm: tensor,
    bnRv: tensor,
    bnEps: number,
    bnW: tensor,
    bnB: tensor,
  })),
  ({ linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB }) => fused(linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB, [-1, 1]),
);

/** A copy of `module` with the normalisation in its weights. */
function fusedCopy(where: string, module: Weighted, bn: Normalising, transpose: boolean): Module {
  if (module.training || bn.training) throw new UsageError(`${where}: both modules must be in evaluation mode; call eval() first`, where);
  const { runningMean, runningVar } = bn;
  if (runningMean == null || runningVar == null) throw new UsageError(`${where}: the batch normalisation has no running mean and variance`, where);
  const copy = module.clone();
  [copy.weight, copy.bias] = fused(copy.weight, copy.bias, runningMean, runningVar, bn.eps, bn.weight, bn.bias, besideWeight(copy.weight, transpose));
  return copy;
}

interface ConvArguments {
  /** The convolution, in evaluation mode. */
  conv: Module;
  /** The batch normalisation behind it, in evaluation mode. */
  bn: Module;
  /** Whether the convolution is transposed; false by default. */
  transpose?: boolean;
}

/** A copy of a convolution that does in evaluation what it and a batch normalisation behind it do. */
export const fuseConvBnEval: Stated & {
  <M extends Module>(conv: M, bn: Module, transpose?: boolean | { transpose?: boolean }): M;
  (options: ConvArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ConvArguments>('fuseConvBnEval', () => ({ conv: moduleKind(), bn: moduleKind(), transpose: boolean.or(false) })),
  ({ conv, bn, transpose }) => fusedCopy('fuseConvBnEval', conv as Weighted, bn as Normalising, transpose),
);

interface LinearArguments {
  /** The linear map, in evaluation mode. */
  linear: Module;
  /** The batch normalisation behind it, in evaluation mode. */
  bn: Module;
}

/** A copy of a linear map that does in evaluation what it and a batch normalisation behind it do. */
export const fuseLinearBnEval: Stated & {
  <M extends Module>(linear: M, bn: Module): M;
  (options: LinearArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<LinearArguments>('fuseLinearBnEval', () => ({ linear: moduleKind(), bn: moduleKind() })),
  ({ linear, bn }) => {
    const { outFeatures } = linear as unknown as { outFeatures?: number };
    const { numFeatures } = bn as unknown as { numFeatures?: number };
    if (outFeatures !== numFeatures && numFeatures !== 1) {
      throw new UsageError(`fuseLinearBnEval: outFeatures (${outFeatures}) must be numFeatures (${numFeatures}), or that 1`, 'fuseLinearBnEval');
    }
    return fusedCopy('fuseLinearBnEval', linear as Weighted, bn as Normalising, false);
  },
);
