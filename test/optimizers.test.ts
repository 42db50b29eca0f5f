// The optimizers of torch.optim against recorded runs on given gradients: parameters on the way, and state dicts, which go both ways.
import { describe, expect, it } from 'vitest';
import { type DType, Tensor, memoryStats, nn, noGrad, optim, scope, tensor } from 'adjoint';
import fixture from './fixtures/optimizers.json';

type Nested = number | Nested[];
type State = Record<string, Record<string, Nested | null>>;
interface Case {
  optimizer: string;
  options: Record<string, unknown>;
  runs: Record<string, { params: Nested[][]; state: State }>;
}
type Made = optim.Optimizer<{ lr: number }>;

interface Closure {
  options: object;
  runs: Record<string, { losses: number[]; params: Nested[]; evals: number; iters: number }>;
}

const cases = fixture.cases as unknown as Case[];
const TOLERANCE: Partial<Record<DType, number>> = { float64: 1e-13, float32: 2e-6 };

const make = (name: string, params: Tensor[], options: object): Made =>
  new (optim as unknown as Record<string, new (params: Tensor[], options: object) => Made>)[name]!(params, options);

const flat = (v: unknown): number[] => (Array.isArray(v) ? v.flatMap(flat) : [v instanceof Tensor ? flat(v.tolist()) : (v as number)].flat());

function close(got: unknown, want: unknown, tolerance: number, what: string): void {
  const [a, b] = [flat(got), flat(want)];
  expect(a.length, what).toBe(b.length);
  a.forEach((v, i) => expect(Math.abs(v - b[i]!), `${what} at ${i}: ${v}, not ${b[i]}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b[i]!))));
}

function step(optimizer: Made, params: Tensor[], grads: Nested[], dtype: DType): void {
  params.forEach((p, i) => { p.grad = tensor(grads[i] as never, { dtype }); });
  optimizer.step();
}

/** Whether parameters, on the way, and the state dict are those of a recorded run. */
function follow(of: Case, params: Tensor[], all: readonly unknown[], dtype: DType, tolerance = TOLERANCE[dtype]!): void {
  const optimizer = make(of.optimizer, params, of.options);
  const { params: shown, state } = of.runs[dtype]!;
  let next = 0;
  all.forEach((grads, i) => {
    step(optimizer, params, grads as Nested[], dtype);
    if (i + 1 === fixture.shown[next]) {
      params.forEach((p, k) => { close(p.detach(), shown[next]![k], tolerance, `parameter ${k} after step ${i + 1}`); });
      next += 1;
    }
  });
  const ours = optimizer.stateDict().state as unknown as State;
  for (const [i, want] of Object.entries(state)) {
    const keys = Object.keys(want).filter((key) => want[key] !== null);
    expect(Object.keys(ours[i] ?? {}).sort()).toEqual(keys.sort());
    for (const key of keys) close(ours[i]![key], want[key], tolerance, `${key} of parameter ${i}`);
  }
}

const start = (dtype: DType): Tensor[] => fixture.start.map((v) => new nn.Parameter(tensor(v as never, { dtype })));

describe.each(cases.map((of) => [`${of.optimizer} ${JSON.stringify(of.options)}`, of] as const))('%s', (_, of) => {
  it('rounds as PyTorch in bfloat16', () => {
    const params = fixture.whole.map((v) => new nn.Parameter(tensor(v, { dtype: 'bfloat16' })));
    const optimizer = make(of.optimizer, params, of.options);
    for (const grads of fixture.wholeGrads) step(optimizer, params, grads, 'bfloat16');
    close(params[0]!.detach(), of.runs['bfloat16']!.params[0]![0], 0, 'the parameter');
  });

  it.each(['float64', 'float32'] as const)('is that of PyTorch in %s', (dtype) => {
    follow(of, start(dtype), fixture.grads, dtype);
  });

  it('goes on from the state dict of PyTorch, whose numbers are tensors', () => {
    const run = of.runs['float64']!;
    const [whole, resumed] = [start('float64'), start('float64')];
    const first = make(of.optimizer, whole, of.options);
    for (const grads of fixture.grads) step(first, whole, grads, 'float64');
    noGrad(() => resumed.forEach((p, i) => p.copy_(whole[i]!)));
    const second = make(of.optimizer, resumed, { ...of.options, lr: 99 });
    const state = Object.fromEntries(
      Object.entries(run.state).map(([i, values]) => [
        i,
        Object.fromEntries(Object.entries(values).map(([key, v]) => [key, v === null ? null : tensor(v as never, { dtype: 'float64' })])),
      ]),
    );
    second.loadStateDict({ state: state as never, param_groups: first.stateDict().param_groups });
    for (const [optimizer, params] of [[first, whole], [second, resumed]] as const) step(optimizer, params, fixture.grads[0] as Nested[], 'float64');
    whole.forEach((p, i) => close(resumed[i]!.detach(), p.detach(), 1e-13, `parameter ${i}`));
  });
});

describe.each((fixture.onMatrices as unknown as Case[]).map((of) => [`${of.optimizer} ${JSON.stringify(of.options)}`, of] as const))('%s', (_, of) => {
  it.each(['float64', 'float32'] as const)('is that of PyTorch on matrices in %s', (dtype) => {
    const params = fixture.matrices.map((v) => new nn.Parameter(tensor(v as never, { dtype })));
    follow(of, params, fixture.matrixGrads, dtype);
  });
});

describe.each((fixture.closures as unknown as Closure[]).map((of) => [`LBFGS ${JSON.stringify(of.options)}`, of] as const))('%s', (_, of) => {
  it.each(['float64', 'float32'] as const)('follows PyTorch down the function of Rosenbrock in %s', (dtype) => {
    const params = fixture.place.map((v) => new nn.Parameter(tensor(v, { dtype })));
    const optimizer = new optim.LBFGS(params, of.options);
    const [a, b] = params as [nn.Parameter, nn.Parameter];
    const want = of.runs[dtype]!;
    const sign = 'maximize' in of.options ? -1 : 1;
    const closure = (): Tensor => {
      optimizer.zeroGrad();
      const loss = a.rsub(1).square().sum().add(b.sub(a.mul(a)).square().sum().mul(10)).mul(sign);
      loss.backward();
      return loss;
    };
    const losses = want.losses.map(() => optimizer.step(closure).item());
    const tolerance = dtype === 'float64' ? 1e-9 : 1e-3;
    close(losses, want.losses, tolerance, 'losses');
    params.forEach((p, i) => { close(p.detach(), want.params[i], tolerance, `parameter ${i}`); });
    const { func_evals, n_iter } = optimizer.stateDict().state[0]!;
    if (dtype === 'float64') expect([func_evals, n_iter]).toEqual([want.evals, want.iters]);
  });
});

describe('LBFGS', () => {
  it('needs a closure, and one group', () => {
    const p = new nn.Parameter(tensor([1, 2]));
    expect(() => { new optim.LBFGS([p]).step(); }).toThrow(/LBFGS: step needs a closure/);
    expect(() => new optim.LBFGS([{ params: [p] }, { params: [new nn.Parameter(tensor([1]))] }])).toThrow(/LBFGS: there can be only one group/);
  });

  it('goes on from a state dict as if it had not stopped, and leaves no tensors behind', () => {
    const p = (): nn.Parameter => new nn.Parameter(tensor([3, -2, 1], { dtype: 'float64' }));
    const options = { maxIter: 3, historySize: 2, lineSearchFn: 'strong_wolfe' } as const;
    const stepper = (x: nn.Parameter, optimizer: optim.LBFGS) => (): void =>
      scope(() => {
        optimizer.step(() => {
          optimizer.zeroGrad();
          const loss = x.pow(4).sum().add(x.sum().square());
          loss.backward();
          return loss;
        });
      });
    const [whole, resumed] = [p(), p()];
    const first = new optim.LBFGS([whole], options);
    const step1 = stepper(whole, first);
    step1();
    step1();
    const before = memoryStats().tensors;
    step1();
    expect(memoryStats().tensors).toBe(before);
    noGrad(() => resumed.copy_(whole));
    const second = new optim.LBFGS([resumed], options);
    second.loadStateDict(first.stateDict());
    step1();
    stepper(resumed, second)();
    expect(resumed.tolist()).toEqual(whole.tolist());
  });
});
