// Parameters of distributions: numbers and tensors, broadcast against one another.
import { ShapeError, UsageError } from '../core/errors';
import { Kind, REFUSED, boolean, instanceOf, kind } from '../core/kinds';
import { broadcastTensors, logsumexp, softmax } from '../generated/functions';
import { Generator } from '../tensor/generator';
import { tensor } from '../tensor/create';
import { Tensor } from '../tensor/tensor';

/** A parameter: a number, or a tensor of one for each element of a batch. */
export type Real = Tensor | number;

/** A number or a tensor. */
export const real = /* @__PURE__ */ kind<Real>('a number or a tensor', (value) => typeof value === 'number' || value instanceof Tensor);

/** Whether parameters and values are checked; null stands for the default of all distributions. */
export const validateArgs: () => Kind<boolean | null> = () => boolean.orNull();

/** Draws the numbers; null stands for the default generator. */
export const generator: () => Kind<Generator | null> = () => instanceOf('a generator', () => Generator).orNull();

/** The sizes of a shape. */
export const shape = /* @__PURE__ */ new Kind<readonly number[]>('a list of sizes', (value) =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0) ? value : REFUSED,
);

/**
 * Parameters as tensors of one shape. Numbers get the dtype of the first tensor; float32 where there is none.
 *
 * @throws ShapeError for shapes that do not broadcast.
 */
export function broadcastAll<N extends readonly Real[]>(where: string, ...values: N): { [K in keyof N]: Tensor } {
  const first = values.find((value) => value instanceof Tensor);
  const tensors = values.map((value) => (value instanceof Tensor ? value : tensor(value, { dtype: first?.dtype ?? 'float32' })));
  if (tensors.length === 1) return tensors as never;
  try {
    return broadcastTensors(tensors) as never;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(`${where}: parameters of shapes ${tensors.map((t) => `[${t.shape.join(', ')}]`).join(' and ')} cannot be broadcast`, where);
  }
}

/** The shape that shapes broadcast to. */
export function broadcastShapes(where: string, ...shapes: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length }, (_, i) => {
    const sizes = shapes.map((s) => s[s.length - length + i] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) {
      throw new ShapeError(`${where}: shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} cannot be broadcast`, where);
    }
    return sizes[0] ?? 1;
  });
}

/** Which of the two was given: probabilities, or their logarithms (log odds where there are two outcomes). */
export function eitherOf(where: string, probs: Real | null, logits: Real | null): 'probs' | 'logits' {
  if ((probs === null) === (logits === null)) throw new UsageError(`${where}: pass probs or logits, and not both`, where);
  return probs === null ? 'logits' : 'probs';
}

/** The sum over the last `count` dims. */
export function sumRightmost(t: Tensor, count: number): Tensor {
  return count === 0 ? t : t.sum(Array.from({ length: count }, (_, i) => -1 - i));
}

/** Bits of the mantissa and the least exponent of normal numbers. */
const FORMATS: Readonly<Record<string, readonly [number, number]>> = { float64: [52, -1022], float16: [10, -14], bfloat16: [7, -126] };
const FLOAT32 = [23, -126] as const;

/** The distance from 1 to the next number of the dtype. */
export const epsilonOf = (t: Tensor): number => 2 ** -(FORMATS[t.dtype] ?? FLOAT32)[0];

/** The least positive normal number of the dtype. */
export const tinyOf = (t: Tensor): number => 2 ** (FORMATS[t.dtype] ?? FLOAT32)[1];

/** The greatest number of the dtype. */
export function greatestOf(t: Tensor): number {
  const [bits, least] = FORMATS[t.dtype] ?? FLOAT32;
  return (2 - 2 ** -bits) * 2 ** (1 - least);
}

/** Probabilities away from 0 and 1. */
export const clampProbs = (probs: Tensor): Tensor => probs.clamp(epsilonOf(probs), 1 - epsilonOf(probs));

/** Probabilities of log odds. */
export const probsOfOdds = (logits: Tensor): Tensor => logits.sigmoid();

/** Log odds of probabilities. */
export function oddsOfProbs(probs: Tensor): Tensor {
  const clamped = clampProbs(probs);
  return clamped.log().sub(clamped.neg().log1p());
}

/** Probabilities of logarithms, along the last dim. */
export const probsOfLogits = (logits: Tensor): Tensor => softmax(logits, -1);

/** Logarithms of probabilities. */
export const logitsOfProbs = (probs: Tensor): Tensor => clampProbs(probs).log();

/** Logarithms that sum, as probabilities, to 1 along the last dim. */
export const normalized = (logits: Tensor): Tensor => logits.sub(logsumexp(logits, -1, true));
