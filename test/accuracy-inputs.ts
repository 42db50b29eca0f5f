// Inputs of tests of accuracy, as fixtures/record/accuracy.py makes them, and what is asked of them.
import { type Tensor, grad, manualSeed, rand } from 'adjoint';
import { functionNamed } from './named-functions';

/** An input of a recorded case; null where an argument is absent. */
export type Input = readonly [shape: number[], kind: string, layout: string] | null;

/** Exact arithmetic on `rand`, whose numbers are PyTorch's. */
export const KINDS: Readonly<Record<string, (u: Tensor) => Tensor>> = {
  positive: (u) => u,
  centred: (u) => u.sub(0.5).mul(4),
  offset: (u) => u.add(4096),
  thousand: (u) => u.sub(0.5).mul(4).add(1000),
  far: (u) => u.sub(0.5).mul(4).add(1e6),
  huge: (u) => u.sub(0.5).mul(4e19).add(1e20),
  tiny: (u) => u.sub(0.5).mul(4e-19),
  constant: (u) => u.mul(0).add(0.1),
};

export const LAYOUTS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  contiguous: (x) => x,
  transposed: (x) => x.transpose(-2, -1),
  strided: (x) => x.index('...', { start: 0, step: 2 }),
  sliced: (x) => x.index('...', { start: 1, stop: -1 }),
  expanded: (x) => x.unsqueeze(0).expand([3, ...x.shape]),
  channels_last: (x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2),
};

/** The inputs, drawn one after the other from the default generator. */
export const drawn = (inputs: readonly Input[]): (Tensor | null)[] =>
  inputs.map((input) => (input === null ? null : LAYOUTS[input[2]]!(KINDS[input[1]]!(rand(input[0])))));

interface Called {
  readonly op: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The output, or with a seed of a cotangent the gradients of the inputs. */
export function called({ op, options }: Called, inputs: readonly (Tensor | null)[], dtype: 'float32' | 'float64', seed: number | null): Tensor[] {
  const f = functionNamed(op);
  if (f === undefined) throw new Error(`there is no ${op}`);
  const xs = inputs.map((x) => (x === null ? null : x.to(dtype).detach().requiresGrad_(seed !== null)));
  const { normalizedShape, numGroups, ...rest } = options;
  const second = normalizedShape ?? numGroups;
  const args = second === undefined ? xs : [xs[0], second, ...xs.slice(2)];
  const y = f(...args, ...(Object.keys(rest).length === 0 ? [] : [rest])) as Tensor;
  if (seed === null) return [y];
  manualSeed(seed);
  const c = rand(y.shape as number[]).to(dtype);
  return grad(y, xs.filter((x) => x !== null), { gradOutputs: c });
}

/** The greatest distance from a reference, in units of its greatest element. */
export function distance(got: Tensor, reference: Tensor): number {
  const greatest = (x: Tensor): number => Number(x.abs().max().item());
  return greatest(got.to('float64').sub(reference)) / (greatest(reference) || 1);
}
