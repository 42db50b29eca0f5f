// Dropout of whole channels, and dropout that keeps mean and variance, as functions: those of `nn.functional`, and those of the root,
// which have no defaults.
import { boolean, number } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { alphaNoise, ofAxes, ofChannels, omitted, zeroNoise, type NoiseOf } from './omission';

interface Omitting {
  /** The tensor. */
  input: Tensor;
  /** The probability that an element, or a channel, is left out; 0.5 by default. */
  p?: number;
  /** Whether anything is. */
  training?: boolean;
  /** Whether the input is written; false by default. */
  inplace?: boolean;
}

type Dropout = Stated & ((...args: Arguments<Omitting, ['input', 'p', 'training', 'inplace']>) => Tensor);
type ShapeOf = (input: Tensor) => readonly number[];

const all: ShapeOf = ({ shape }) => shape;
const channels = (where: string): ShapeOf => ({ shape }) => ofChannels(where, shape);

function functional(where: string, trains: boolean, noise: NoiseOf, shapeOf: ShapeOf): Dropout {
  return named(
    parameters<Omitting>(where, () => ({ input: tensor, p: number.or(0.5), training: boolean.or(trains), inplace: boolean.or(false) })),
    ({ input, p, training, inplace }) => omitted(where, input, p, training, inplace, noise, shapeOf),
  );
}

/**
 * Returns `input` with each channel set to 0 with probability `p` and the others divided by 1 − p, unless `training` is false. **Shapes**:
 * `[N, C, L]` or `[C, L]`. The same seed gives PyTorch's channels. Source: PyTorch, `torch.nn.functional.dropout1d`.
 */
export const dropout1d: Dropout = /* @__PURE__ */ functional('dropout1d', true, zeroNoise, /* @__PURE__ */ ofAxes('dropout1d', 1));

/**
 * The same of images, `[N, C, H, W]`. As in PyTorch the first two dims of any input are those of samples and channels. Source: PyTorch,
 * `torch.nn.functional.dropout2d`.
 */
export const dropout2d: Dropout = /* @__PURE__ */ functional('dropout2d', true, zeroNoise, /* @__PURE__ */ ofAxes('dropout2d', 2));

/** The same of volumes, `[N, C, D, H, W]` or `[C, D, H, W]`. Source: PyTorch, `torch.nn.functional.dropout3d`. */
export const dropout3d: Dropout = /* @__PURE__ */ functional('dropout3d', true, zeroNoise, /* @__PURE__ */ ofAxes('dropout3d', 3));

/**
 * Returns `input` with each element set to the value at which SELU saturates with probability `p`, then scaled and moved so that mean and
 * variance stay; only where `training` is true, which it is not by default. Source: PyTorch, `torch.nn.functional.alpha_dropout`; Klambauer
 * et al., "Self-normalizing neural networks", NeurIPS 2017.
 */
export const alphaDropout: Dropout = /* @__PURE__ */ functional('alphaDropout', false, alphaNoise, all);

/** {@link alphaDropout} of whole channels, `[N, C, *]`. Source: PyTorch, `torch.nn.functional.feature_alpha_dropout`. */
export const featureAlphaDropout: Dropout = /* @__PURE__ */ functional('featureAlphaDropout', false, alphaNoise, /* @__PURE__ */ channels('featureAlphaDropout'));

interface Given {
  /** The tensor. */
  input: Tensor;
  /** The probability that an element, or a channel, is left out. */
  p: number;
  /** Whether anything is. */
  train: boolean;
}

type OfRoot = Stated & ((...args: Arguments<Given, ['input', 'p', 'train']>) => Tensor);

function ofRoot(where: string, inplace: boolean, noise: NoiseOf, shapeOf: ShapeOf): OfRoot {
  return named(
    parameters<Given>(where, () => ({ input: tensor, p: number, train: boolean })),
    ({ input, p, train }) => omitted(where, input, p, train, inplace, noise, shapeOf),
  );
}

/** PyTorch's `torch.alpha_dropout`: `nn.functional.alphaDropout` with all arguments given. */
export const alphaDropoutOfRoot: OfRoot = /* @__PURE__ */ ofRoot('alphaDropout', false, alphaNoise, all);

/** The same, in place. */
export const alphaDropout_: OfRoot = /* @__PURE__ */ ofRoot('alphaDropout_', true, alphaNoise, all);

/** PyTorch's `torch.feature_alpha_dropout`: `nn.functional.featureAlphaDropout` with all arguments given. */
export const featureAlphaDropoutOfRoot: OfRoot = /* @__PURE__ */ ofRoot('featureAlphaDropout', false, alphaNoise, /* @__PURE__ */ channels('featureAlphaDropout'));

/** The same, in place. */
export const featureAlphaDropout_: OfRoot = /* @__PURE__ */ ofRoot('featureAlphaDropout_', true, alphaNoise, /* @__PURE__ */ channels('featureAlphaDropout_'));

/** PyTorch's `torch.feature_dropout`: whole channels become 0 with probability `p`, the others are divided by 1 − p. */
export const featureDropout: OfRoot = /* @__PURE__ */ ofRoot('featureDropout', false, zeroNoise, /* @__PURE__ */ channels('featureDropout'));

/** The same, in place. */
export const featureDropout_: OfRoot = /* @__PURE__ */ ofRoot('featureDropout_', true, zeroNoise, /* @__PURE__ */ channels('featureDropout_'));
