// `nn.init`: filling tensors with initial values. Each function writes its tensor without recording and returns it, and draws
// from the default generator, or the one given, in PyTorch's order, so the same seed gives PyTorch's weights.
import { noGrad } from '../autograd/autograd';
import { UsageError, under } from '../core/errors';
import { Generator } from '../tensor/generator';
import { instanceOf, number, word } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { NONLINEARITIES, calculateGain, fansOf, type FanMode, type Nonlinearity } from './fans';

export { calculateGain };

/** The function of an initialiser that takes a tensor and, in this order, the arguments `K` of `T`. */
export type Initializer<T = object, K extends readonly unknown[] = []> = Stated & {
  <X extends Tensor>(tensor: X, ...rest: Arguments<T, K>): X;
  <X extends Tensor>(options: T & { tensor: X }): X;
};

/** The initialiser `where`: what fails inside goes by its name. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the callers know the signature
function initializer<F extends (...args: never[]) => unknown, T extends { tensor: Tensor }>(where: string, kinds: () => Kinds<T>, fill: (values: Values<T>) => Tensor): F & Stated {
  return named(parameters(where, kinds), (values) => under(where, () => fill(values)));
}

/** What is drawn from. */
interface Drawing {
  /** The default generator by default. */
  generator?: Generator | null;
}

const generator = () => instanceOf('a generator', () => Generator).orNull();

interface UniformOptions extends Drawing {
  /** The lower bound; 0 by default. */
  a?: number;
  /** The upper bound; 1 by default. */
  b?: number;
}

/** Fills with numbers from the uniform distribution on [a, b). */
export const uniform_: Initializer<UniformOptions, ['a', 'b', 'generator']> = /* @__PURE__ */ initializer(
  'uniform_',
  () => ({ tensor, a: number.or(0), b: number.or(1), generator: generator() }),
  ({ tensor, a, b, generator }) => uniform(tensor, a, b, generator),
);

interface NormalOptions extends Drawing {
  /** 0 by default. */
  mean?: number;
  /** The standard deviation; 1 by default. */
  std?: number;
}

/** Fills with numbers from the normal distribution. */
export const normal_: Initializer<NormalOptions, ['mean', 'std', 'generator']> = /* @__PURE__ */ initializer(
  'normal_',
  () => ({ tensor, mean: number.or(0), std: number.or(1), generator: generator() }),
  ({ tensor, mean, std, generator }) => normal(tensor, mean, std, generator),
);

/** Fills with one value. */
export const constant_: Initializer<{ val: number }, ['val']> = /* @__PURE__ */ initializer(
  'constant_',
  () => ({ tensor, val: number }),
  ({ tensor, val }) => constant(tensor, val),
);

/** Fills with 1. */
export const ones_: Initializer = /* @__PURE__ */ initializer(
  'ones_',
  () => ({ tensor }),
  ({ tensor }) => constant(tensor, 1),
);

/** Fills with 0. */
export const zeros_: Initializer = /* @__PURE__ */ initializer(
  'zeros_',
  () => ({ tensor }),
  ({ tensor }) => constant(tensor, 0),
);

/** Fills a matrix with the identity. */
export const eye_: Initializer = /* @__PURE__ */ initializer(
  'eye_',
  () => ({ tensor }),
  ({ tensor: x }) => {
    if (x.ndim !== 2) throw new UsageError(`eye_: only tensors of 2 dims, got shape [${x.shape.join(', ')}]`, 'eye_', { shape: x.shape });
    constant(x, 0);
    noGrad(() => {
      for (let i = Math.min(x.size(0), x.size(1)) - 1; i >= 0; i--) x.setitem(i, i, 1);
    });
    return x;
  },
);

/** Whether there is nothing to fill, and so no fan to divide by; says so, as PyTorch does. */
function isEmpty(op: string, x: Tensor): boolean {
  if (x.numel() > 0) return false;
  console.warn(`adjoint: ${op}: initializing a tensor of no elements is a no-op (shape [${x.shape.join(', ')}])`);
  return true;
}

/** Options of Kaiming initialisation. */
export interface KaimingOptions extends Drawing {
  /** The negative slope of the leaky ReLU that follows; 0 by default. */
  a?: number;
  /** Which fan counts; `'fanIn'` by default. */
  mode?: FanMode;
  /** What follows; `'leakyRelu'` by default. */
  nonlinearity?: Nonlinearity;
}

interface Kaiming extends KaimingOptions {
  tensor: Tensor;
}

const KAIMING = (): Kinds<Kaiming> => ({
  tensor,
  a: number.or(0),
  mode: word('fanIn', 'fanOut').or('fanIn'),
  nonlinearity: word(...NONLINEARITIES).or('leakyRelu'),
  generator: generator(),
});

function kaimingStd(op: string, { tensor: x, a, mode, nonlinearity }: Required<Kaiming>): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(fansOf(op, x)[camelMode(mode)]);
}

const camelMode = (mode: FanMode): 'fanIn' | 'fanOut' => (mode === 'fanOut' || mode === 'fan_out' ? 'fanOut' : 'fanIn');


/**
 * Fills with the uniform distribution on [−b, b), b = gain · √(3 / fan).
 *
 * Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export const kaimingUniform_: Initializer<KaimingOptions, ['a', 'mode', 'nonlinearity', 'generator']> = /* @__PURE__ */ initializer(
  'kaimingUniform_',
  KAIMING,
  (values) => {
    if (isEmpty('kaimingUniform_', values.tensor)) return values.tensor;
    const bound = Math.sqrt(3) * kaimingStd('kaimingUniform_', values);
    return uniform(values.tensor, -bound, bound, values.generator);
  },
);

/** Fills with the normal distribution of standard deviation gain / √fan. Source: as `kaimingUniform_`. */
export const kaimingNormal_: Initializer<KaimingOptions, ['a', 'mode', 'nonlinearity', 'generator']> = /* @__PURE__ */ initializer(
  'kaimingNormal_',
  KAIMING,
  (values) =>
    isEmpty('kaimingNormal_', values.tensor) ? values.tensor : normal(values.tensor, 0, kaimingStd('kaimingNormal_', values), values.generator),
);

interface Xavier extends Drawing {
  tensor: Tensor;
  /** The factor on the standard deviation; 1 by default. */
  gain?: number;
}

const XAVIER = (): Kinds<Xavier> => ({ tensor, gain: number.or(1), generator: generator() });

function xavierStd(op: string, { tensor: x, gain }: Required<Xavier>): number {
  const { fanIn, fanOut } = fansOf(op, x);
  if (fanIn + fanOut === 0) throw new UsageError(`${op}: a tensor of shape [${x.shape.join(', ')}] has neither inputs nor outputs`, op, { shape: x.shape });
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Fills with the uniform distribution on [−b, b), b = gain · √(6 / (fanIn + fanOut)).
 *
 * Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
 */
export const xavierUniform_: Initializer<{ gain?: number } & Drawing, ['gain', 'generator']> = /* @__PURE__ */ initializer(
  'xavierUniform_',
  XAVIER,
  (values) => {
    const bound = Math.sqrt(3) * xavierStd('xavierUniform_', values);
    return uniform(values.tensor, -bound, bound, values.generator);
  },
);

/** Fills with the normal distribution of standard deviation gain · √(2 / (fanIn + fanOut)). Source: as `xavierUniform_`. */
export const xavierNormal_: Initializer<{ gain?: number } & Drawing, ['gain', 'generator']> = /* @__PURE__ */ initializer(
  'xavierNormal_',
  XAVIER,
  (values) => normal(values.tensor, 0, xavierStd('xavierNormal_', values), values.generator),
);

function uniform(x: Tensor, a: number, b: number, generator: Generator | null): Tensor {
  noGrad(() => (generator === null ? x.uniform_(a, b) : x.uniform_(a, b, generator)));
  return x;
}

function normal(x: Tensor, mean: number, std: number, generator: Generator | null): Tensor {
  noGrad(() => (generator === null ? x.normal_(mean, std) : x.normal_(mean, std, generator)));
  return x;
}

function constant(x: Tensor, value: number): Tensor {
  noGrad(() => x.fill_(value));
  return x;
}
