// The parameters of the methods of tensors that are not ops.
import type { BackwardOptions } from '../autograd/autograd';
import { anything, boolean, callable, number } from '../core/kinds';
import { parameters } from '../core/options';
import type { Tensor } from './tensor';

/** The arguments of `backward`. */
export interface TensorBackwardArguments extends BackwardOptions {
  /** The gradient of the tensor itself; may be left out where it has one element. */
  gradient?: Tensor | null;
}

/** The lists, by method. */
export const METHODS = {
  size: /* @__PURE__ */ parameters<{ dim?: number | null }>('size', () => ({ dim: number.orNull() })),
  stride: /* @__PURE__ */ parameters<{ dim?: number | null }>('stride', () => ({ dim: number.orNull() })),
  requiresGrad_: /* @__PURE__ */ parameters<{ requiresGrad?: boolean }>('requiresGrad_', () => ({ requiresGrad: boolean.or(true) })),
  backward: /* @__PURE__ */ parameters<TensorBackwardArguments>('backward', () => ({
    gradient: anything.orNull(),
    retainGraph: boolean.orNull(),
    createGraph: boolean.or(false),
    inputs: anything.orNull(),
  })),
  registerHook: /* @__PURE__ */ parameters<{ hook: (gradient: Tensor) => Tensor | null | undefined }>('registerHook', () => ({ hook: callable })),
  registerPostAccumulateGradHook: /* @__PURE__ */ parameters<{ hook: (t: Tensor) => void }>('registerPostAccumulateGradHook', () => ({ hook: callable })),
};
