// Runs a call under a transform, with the tensors among its arguments as inputs.
import * as adjoint from 'adjoint';
import { Tensor } from 'adjoint';
import { type Context } from './program';
import { watch } from './promises';

type Call = (...args: unknown[]) => unknown;

/** The call as a function of its floating tensors. */
function ofTensors(call: Call, args: readonly unknown[]): [(...inputs: Tensor[]) => unknown, Tensor[]] {
  const inputs: Tensor[] = [];
  const isInput = (value: unknown): value is Tensor => value instanceof Tensor && !value.isDisposed && value.isFloatingPoint();
  const note = (value: unknown): void => {
    if (isInput(value)) inputs.push(value);
    else if (Array.isArray(value)) for (const part of value) if (isInput(part)) inputs.push(part);
  };
  args.forEach(note);
  const f = (...given: Tensor[]): unknown => {
    let next = 0;
    const replaced = (value: unknown): unknown => {
      if (isInput(value)) return given[next++];
      return Array.isArray(value) ? value.map((part: unknown) => (isInput(part) ? given[next++] : part)) : value;
    };
    return call(...args.map(replaced));
  };
  return [f, inputs];
}

/** How many parts of a result are looked at: what is iterated over may have no end, as `steps(Infinity)`. */
const MOST = 256;

/** The tensors that a call gave. */
function outputsOf(value: unknown): Tensor[] {
  // A promise derived from the call's is dropped here, as a caller who is not interested would; one who is handles it.
  watch(value);
  if (value instanceof Tensor) return [value];
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return [];
  const found: Tensor[] = [];
  let seen = 0;
  for (const part of value as Iterable<unknown>) {
    if (part instanceof Tensor) found.push(part);
    if (++seen === MOST) break;
  }
  return found;
}

function total(outputs: readonly Tensor[]): Tensor | null {
  const sums = outputs.filter((out) => out.isFloatingPoint()).map((out) => out.sum().double());
  return sums.reduce<Tensor | null>((sum, part) => (sum === null ? part : sum.add(part)), null);
}

const leaves = (inputs: readonly Tensor[]): Tensor[] => inputs.map((input) => input.detach().requiresGrad_());

const RUNS: Readonly<Record<Context, (f: (...inputs: Tensor[]) => unknown, inputs: Tensor[]) => unknown>> = {
  scope: (f, inputs) => adjoint.scope(() => f(...inputs)),
  noGrad: (f, inputs) => adjoint.noGrad(() => f(...inputs)),
  inferenceMode: (f, inputs) => adjoint.inferenceMode(() => f(...inputs)),
  backward(f, inputs) {
    const variables = leaves(inputs);
    const out = total(outputsOf(f(...variables)));
    if (out?.requiresGrad) out.backward();
    return variables.map((variable) => variable.grad);
  },
  doubleBackward(f, inputs) {
    const variables = leaves(inputs);
    const out = total(outputsOf(f(...variables)));
    if (!out?.requiresGrad || variables.length === 0) return out;
    const first = adjoint.grad(out, variables, { createGraph: true, allowUnused: true });
    const again = total(first.filter((gradient) => gradient !== null).map((gradient) => gradient.mul(gradient)));
    if (again?.requiresGrad) again.backward();
    return [...first, ...variables.map((variable) => variable.grad)];
  },
  vmap: (f, inputs) => adjoint.vmap((...given: Tensor[]) => f(...given) as Tensor)(...inputs.map((input) => adjoint.stack([input, input]))),
  jvp: (f, inputs) => adjoint.func.jvp(f as (...inputs: Tensor[]) => Tensor, inputs, inputs.map((input) => adjoint.onesLike(input))),
  jacobian: (f, inputs) => adjoint.autograd.functional.jacobian((...given: Tensor[]) => f(...given) as Tensor, inputs),
  capture(f, inputs) {
    const captured = adjoint.capture((...given) => outputsOf(f(...given)), ...inputs);
    return [captured, captured.runAll(...inputs), captured.runAll(...inputs)];
  },
  checkpoint(f, inputs) {
    const variables = leaves(inputs);
    const out = total(outputsOf(adjoint.checkpoint((...given: Tensor[]) => f(...given) as Tensor, ...variables, { useReentrant: false })));
    if (out?.requiresGrad) out.backward();
    return variables.map((variable) => variable.grad);
  },
};

/** Runs the call in a context. */
export function under(context: Context, call: Call, args: readonly unknown[]): unknown {
  const [f, inputs] = ofTensors(call, args);
  return RUNS[context](f, inputs);
}
