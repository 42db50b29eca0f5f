// The library as a subject of the breadth bench.
//
// Workloads are called ID:forward, ID:backward, and ID:forward:N, which has inputs of N quarters of the usual size.
import { Tensor, autograd, scope, type DType } from 'adjoint';
import { ceiling, hasRelaxed } from '../subjects/ceiling';
import { serve, type Call } from '../subjects/protocol';
import { isProgram, type Case } from './case';
import { CASES } from './families';
import { made, madeAll } from './inputs';

/** `[shape, sum, sum of magnitudes]` of a tensor, and its bytes. */
export interface Facts {
  readonly values: readonly (readonly [shape: readonly number[], sum: number, magnitudes: number])[];
  /** Of inputs and outputs together. */
  readonly bytes: number;
}

let last: { run: () => unknown; inputs: readonly Tensor[] } = { run: () => null, inputs: [] };

const tensorsIn = (result: unknown): Tensor[] =>
  result instanceof Tensor ? [result] : Array.isArray(result) ? result.filter((t): t is Tensor => t instanceof Tensor) : [];

/** `each` calls within a scope of their own. */
const inScope = (run: () => unknown, each = 1): Call => () => { scope(() => { for (let i = 0; i < each; i++) run(); }); };

function forward(one: Case, n: number, each?: number): Call {
  const inputs = madeAll(one.inputs(n));
  last = { run: () => one.ours(inputs), inputs: Object.values(inputs) };
  return inScope(last.run, each);
}

function backward(one: Case, each?: number): Call {
  const inputs = madeAll(one.inputs(1));
  const of = one.of!.map((name) => inputs[name]!.requiresGrad_());
  const outputs = tensorsIn(one.ours(inputs)).filter((t) => t.requiresGrad);
  const given = outputs.map(({ shape, dtype }, i) => made({ kind: 'uniform', shape, dtype, low: 0.1, high: 1 }, 99 + i));
  last = { run: () => autograd.grad(outputs, of, given, { retainGraph: true }), inputs: Object.values(inputs) };
  return inScope(last.run, each);
}

function facts(): Facts {
  return scope(() => {
    const outputs = tensorsIn(last.run());
    const bytes = [...last.inputs, ...outputs].reduce((sum, t) => sum + t.nbytes, 0);
    const values = outputs.map((t) => {
      const wide = t.detach().to('float64' satisfies DType);
      return [[...t.shape], wide.sum().item(), wide.abs().sum().item()] as const;
    });
    return { values, bytes };
  });
}

const workloads: Record<string, () => Call> = {};
for (const { id, family, made: one } of CASES) {
  if (isProgram(one)) {
    workloads[`${id}:forward`] = () => {
      last = { run: () => null, inputs: [] };
      return one.prepare();
    };
    continue;
  }
  workloads[`${id}:forward`] = () => forward(one, 1, family.each);
  for (const n of [1, 2, 4]) workloads[`${id}:forward:${n}`] = () => forward(one, n / 4, family.each);
  if (one.of !== undefined && one.of.length > 0) workloads[`${id}:backward`] = () => backward(one, family.each);
}

const { multiplyAdd, copy } = ceiling();

await serve({
  about: { name: 'adjoint', flavour: hasRelaxed() ? 'relaxed' : 'simd128', node: process.versions.node },
  workloads,
  limits: { multiplyAdd, copy },
  metrics: { result: facts },
});
