// Random numbers, all of them made of uniform ones in [0, 1). Numbers are the engine's, not those that the CPU draws.
import type { DType } from '../../core/dtype';
import type { Builder, Id } from './builder';
import { input, numberOf, type Rule } from './rule';

/** Numbers of a standard normal distribution. Source: Box and Muller, "A note on the generation of random normal deviates" (1958). */
function normal(b: Builder, shape: readonly number[]): Id {
  // 1 − u is never 0, whose logarithm would be infinite.
  const radius = b.unary('sqrt', b.times(b.unary('log', rest(b, b.random(shape))), -2));
  return b.mul(radius, b.unary('cos', b.times(b.random(shape), 2 * Math.PI)));
}

/** 1 − u. */
const rest = (b: Builder, u: Id): Id => b.sub(b.filled(1, 'float32'), u);

/** 1 where `u` is below a probability, else 0. */
const trial = (b: Builder, shape: readonly number[], probability: Id): Id => b.binary('lt', b.random(shape), b.to(probability, 'float32'), 'bool');

/** Numbers in the shape and dtype that the call has. */
function drawn(make: (b: Builder, shape: readonly number[], number: (name: string, otherwise: number) => number) => Id): Rule {
  return (b, call) => {
    const { dtype, shape } = call.outputs[0]!;
    const made = make(b, shape, (name, otherwise) => Number(call.attributes[name] ?? otherwise));
    return [b.to(made, dtype)];
  };
}

const uniform = drawn((b, shape) => b.random(shape));
const standardNormal = drawn(normal);
const integers = drawn((b, shape, number) => {
  const low = number('low', 0);
  return b.to(b.plus(b.unary('floor', b.times(b.random(shape), number('high', 0) - low)), low), 'int64');
});

/** The rules, by op. */
export const RANDOM: Readonly<Record<string, Rule>> = {
  rand: uniform,
  randLike: uniform,
  randn: standardNormal,
  randnLike: standardNormal,
  randint: integers,
  randintLike: integers,
  uniform: drawn((b, shape, number) => {
    const from = number('from', 0);
    return b.plus(b.times(b.random(shape), number('to', 1) - from), from);
  }),
  exponential: drawn((b, shape, number) => b.times(b.unary('log', rest(b, b.random(shape))), -1 / number('lambd', 1))),
  bernoulli: (b, call) => {
    const { dtype, shape } = call.outputs[0]!;
    const probability = call.attributes['p'] === undefined || call.attributes['p'] === null ? input(call, call.inputs.length - 1) : b.filled(numberOf(call, 'p'), 'float32');
    return [b.to(trial(b, shape, probability), dtype)];
  },
  // 1 / (1 − p) with the probability 1 − p, else 0.
  _dropoutNoise: (b, call) => {
    const { dtype, shape } = call.outputs[0]!;
    const kept = 1 - numberOf(call, 'p');
    const noise = (number: number, of: DType): Id => b.filled(number, of);
    return [b.where(trial(b, shape, noise(kept, 'float32')), noise(kept === 0 ? 0 : 1 / kept, dtype), noise(0, dtype))];
  },
};
