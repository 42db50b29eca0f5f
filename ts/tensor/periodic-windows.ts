// PyTorch's older windows of signals: a period by default, where those of `signal.windows` are symmetric.
import type { DType, Device } from '../core/dtype';
import { DTypeError, under } from '../core/errors';
import { boolean, device, dtype, integer, number, only } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated } from '../core/options';
import { bartlett, blackman, generalHamming, hann, kaiser } from '../generated/windows';
import type { Tensor } from './tensor';

interface WindowOptions {
  /** The dtype, a floating one; float32 by default. */
  dtype?: DType | null;
  /** PyTorch's word for tensors that have strides, which all have. */
  layout?: 'strided' | null;
  /** Where it is: on the CPU. */
  device?: Device | null;
  /** Of no effect. */
  pinMemory?: boolean;
  /** Whether gradients flow to it. */
  requiresGrad?: boolean;
}

interface WindowArguments extends WindowOptions {
  /** How many points there are. */
  windowLength: number;
  /** Whether the window is a period of one with a point more, as for spectra; true by default. */
  periodic?: boolean;
}

type Window<T extends WindowArguments, Order extends readonly unknown[]> = Stated & ((...args: Arguments<T, Order>) => Tensor);
type Usual = ['windowLength', 'periodic'];

/** The kinds of a window with further parameters before those of all factories. */
function kinds<T extends object>(own: Kinds<T>): Kinds<WindowArguments & T> {
  const all = {
    windowLength: integer,
    periodic: boolean.or(true),
    ...own,
    dtype: dtype.orNull(),
    layout: only<'strided' | null>(null, 'strided'),
    device: device(),
    pinMemory: boolean.or(false),
    requiresGrad: boolean.or(false),
  };
  return all as unknown as Kinds<WindowArguments & T>;
}

/** What `window` gives for a length and whether it is symmetric, in the dtype that is asked for. */
function made(where: string, { windowLength, periodic, dtype, requiresGrad }: Required<WindowArguments>, window: (n: number, sym: boolean, dtype: DType) => Tensor): Tensor {
  const asked = dtype ?? 'float32';
  if (!/^b?float/.test(asked)) throw new DTypeError(`${where}: expected a floating-point dtype, got ${asked}`, where, { dtype: asked });
  const isHalf = asked !== 'float32' && asked !== 'float64';
  const out = under(where, () => {
    const found = window(windowLength, !periodic, isHalf ? 'float32' : asked);
    return isHalf ? found.to(asked) : found;
  });
  if (requiresGrad) out.requiresGrad = true;
  return out;
}

/** Hann's window, `0.5 − 0.5 cos(2πk / N)`. Source: PyTorch, `torch.hann_window`. */
export const hannWindow: Window<WindowArguments, Usual> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<WindowArguments>('hannWindow', () => kinds({}), 5),
  (values) => made('hannWindow', values, (n, sym, dtype) => hann(n, sym, dtype)),
);

/** A triangle. Source: PyTorch, `torch.bartlett_window`. */
export const bartlettWindow: Window<WindowArguments, Usual> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<WindowArguments>('bartlettWindow', () => kinds({}), 5),
  (values) => made('bartlettWindow', values, (n, sym, dtype) => bartlett(n, sym, dtype)),
);

/** Blackman's window, `0.42 − 0.5 cos(2πk / N) + 0.08 cos(4πk / N)`. Source: PyTorch, `torch.blackman_window`. */
export const blackmanWindow: Window<WindowArguments, Usual> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<WindowArguments>('blackmanWindow', () => kinds({}), 5),
  (values) => made('blackmanWindow', values, (n, sym, dtype) => blackman(n, sym, dtype)),
);

interface HammingArguments extends WindowArguments {
  /** The mean of the window; 0.54 by default. */
  alpha?: number;
  /** How far it goes from there; 0.46 by default. */
  beta?: number;
}

/** Hamming's window, `alpha − beta cos(2πk / N)`. Source: PyTorch, `torch.hamming_window`. */
export const hammingWindow: Window<HammingArguments, [...Usual, 'alpha', 'beta']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<HammingArguments>('hammingWindow', () => kinds({ alpha: number.or(0.54), beta: number.or(0.46) }), 5),
  (values) =>
    made('hammingWindow', values, (n, sym, dtype) => {
      const { alpha, beta } = values;
      if (alpha === 0.54 && beta === 0.46) return generalHamming(n, alpha, sym, dtype);
      // A window of one point is 1, whatever the numbers are.
      return n === 1 ? hann(1, sym, dtype) : hann(n, sym, dtype).mul(2 * beta).add(alpha - beta);
    }),
);

interface KaiserArguments extends WindowArguments {
  /** How narrow it is, with either sign; 12 by default. */
  beta?: number;
}

/** Kaiser's window, `I₀(beta √(1 − t²)) / I₀(beta)` for t from −1 to 1. Source: PyTorch, `torch.kaiser_window`. */
export const kaiserWindow: Window<KaiserArguments, [...Usual, 'beta']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<KaiserArguments>('kaiserWindow', () => kinds({ beta: number.or(12) }), 5),
  (values) => made('kaiserWindow', values, (n, sym, dtype) => kaiser(n, Math.abs(values.beta), sym, dtype)),
);
