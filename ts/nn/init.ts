// `nn.init`: filling tensors with initial values. Each function writes its tensor without recording and returns it, and draws
// from the default generator, or the one given, in PyTorch's order, so the same seed gives PyTorch's weights.
import { noGrad } from '../autograd';
import { UsageError } from '../errors';
import type { Generator } from '../generator';
import { withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { calculateGain, fansOf, type FanMode, type Nonlinearity } from './fans';

export { calculateGain };

/** Fills with numbers from the uniform distribution on [a, b). */
export function uniform_<T extends Tensor>(x: T, a = 0, b = 1, generator: Generator | null = null): T {
  noGrad(() => x.uniform_(a, b, generator));
  return x;
}

/** Fills with numbers from the normal distribution. */
export function normal_<T extends Tensor>(x: T, mean = 0, std = 1, generator: Generator | null = null): T {
  noGrad(() => x.normal_(mean, std, generator));
  return x;
}

/** Fills with one value. */
export function constant_<T extends Tensor>(x: T, value: number): T {
  noGrad(() => x.fill_(value));
  return x;
}

/** Fills with 1. */
export function ones_<T extends Tensor>(x: T): T {
  return constant_(x, 1);
}

/** Fills with 0. */
export function zeros_<T extends Tensor>(x: T): T {
  return constant_(x, 0);
}

/** Fills a matrix with the identity. */
export function eye_<T extends Tensor>(x: T): T {
  if (x.ndim !== 2) throw new UsageError(`eye_: only tensors of 2 dims, got shape [${x.shape.join(', ')}]`, 'eye_', { shape: x.shape });
  zeros_(x);
  noGrad(() => {
    for (let i = Math.min(x.size(0), x.size(1)) - 1; i >= 0; i--) x.setitem(i, i, 1);
  });
  return x;
}

/** Whether there is nothing to fill, and so no fan to divide by; says so, as PyTorch does. */
function isEmpty(op: string, x: Tensor): boolean {
  if (x.numel() > 0) return false;
  console.warn(`adjoint: ${op}: initializing a tensor of no elements is a no-op (shape [${x.shape.join(', ')}])`);
  return true;
}

/** Options of Kaiming initialisation. */
export interface KaimingOptions {
  /** The negative slope of the leaky ReLU that follows; 0 by default. */
  a: number;
  /** Which fan counts; `'fanIn'` by default. */
  mode: FanMode;
  /** What follows; `'leakyRelu'` by default. */
  nonlinearity: Nonlinearity;
  /** What is drawn from; the default generator by default. */
  generator: Generator | null;
}

function kaiming(op: string, x: Tensor, args: readonly unknown[]): [std: number, generator: Generator | null] {
  const defaults: KaimingOptions = { a: 0, mode: 'fanIn', nonlinearity: 'leakyRelu', generator: null };
  const { a, mode, nonlinearity, generator } = withDefaults(op, defaults, ['a', 'mode', 'nonlinearity', 'generator'], args);
  const fans = fansOf(op, x);
  if (!(mode in fans)) throw new UsageError(`${op}: mode must be 'fanIn' or 'fanOut', got ${mode}`, op, { mode });
  return [calculateGain(nonlinearity, a) / Math.sqrt(fans[mode]), generator];
}

/**
 * Fills with the uniform distribution on [−b, b), b = gain · √(3 / fan).
 *
 * Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export function kaimingUniform_<T extends Tensor>(x: T, ...args: Suffix<KaimingOptions, ['a', 'mode', 'nonlinearity', 'generator']>): T {
  if (isEmpty('kaimingUniform_', x)) return x;
  const [std, generator] = kaiming('kaimingUniform_', x, args);
  const bound = Math.sqrt(3) * std;
  return uniform_(x, -bound, bound, generator);
}

/** Fills with the normal distribution of standard deviation gain / √fan. Source: as `kaimingUniform_`. */
export function kaimingNormal_<T extends Tensor>(x: T, ...args: Suffix<KaimingOptions, ['a', 'mode', 'nonlinearity', 'generator']>): T {
  if (isEmpty('kaimingNormal_', x)) return x;
  const [std, generator] = kaiming('kaimingNormal_', x, args);
  return normal_(x, 0, std, generator);
}

function xavierStd(op: string, x: Tensor, gain: number): number {
  const { fanIn, fanOut } = fansOf(op, x);
  if (fanIn + fanOut === 0) throw new UsageError(`${op}: a tensor of shape [${x.shape.join(', ')}] has neither inputs nor outputs`, op, { shape: x.shape });
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Fills with the uniform distribution on [−b, b), b = gain · √(6 / (fanIn + fanOut)).
 *
 * Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
 */
export function xavierUniform_<T extends Tensor>(x: T, gain = 1, generator: Generator | null = null): T {
  const bound = Math.sqrt(3) * xavierStd('xavierUniform_', x, gain);
  return uniform_(x, -bound, bound, generator);
}

/** Fills with the normal distribution of standard deviation gain · √(2 / (fanIn + fanOut)). Source: as `xavierUniform_`. */
export function xavierNormal_<T extends Tensor>(x: T, gain = 1, generator: Generator | null = null): T {
  return normal_(x, 0, xavierStd('xavierNormal_', x, gain), generator);
}
