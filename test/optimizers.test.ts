// The optimizers of torch.optim against recorded runs on given gradients: parameters on the way, and state dicts, which go both ways.
import { describe, expect, it } from 'vitest';
import { type DType, Tensor, nn, noGrad, optim, tensor } from 'adjoint';
import fixture from './fixtures/optimizers.json';

type Nested = number | Nested[];
type State = Record<string, Record<string, Nested | null>>;
interface Case {
  optimizer: string;
  options: Record<string, unknown>;
  runs: Record<string, { params: Nested[][]; state: State }>;
}
type Made = optim.Optimizer<{ lr: number }>;

const cases = fixture.cases as unknown as Case[];
const TOLERANCE: Partial<Record<DType, number>> = { float64: 1e-13, float32: 2e-6, bfloat16: 1e-12 };

const make = (name: string, params: Tensor[], options: object): Made =>
  new (optim as unknown as Record<string, new (params: Tensor[], options: object) => Made>)[name]!(params, options);

const flat = (v: unknown): number[] => (Array.isArray(v) ? v.flatMap(flat) : [v instanceof Tensor ? flat(v.tolist()) : (v as number)].flat());

function close(got: unknown, want: unknown, dtype: DType, what: string): void {
  const [a, b] = [flat(got), flat(want)];
  expect(a.length, what).toBe(b.length);
  a.forEach((v, i) => expect(Math.abs(v - b[i]!), `${what} at ${i}: ${v}, not ${b[i]}`).toBeLessThanOrEqual(TOLERANCE[dtype]! * (1 + Math.abs(b[i]!))));
}

function step(optimizer: Made, params: Tensor[], grads: Nested[], dtype: DType): void {
  params.forEach((p, i) => { p.grad = tensor(grads[i] as never, { dtype }); });
  optimizer.step();
}

const start = (dtype: DType): Tensor[] => fixture.start.map((v) => new nn.Parameter(tensor(v as never, { dtype })));

describe.each(cases.map((of) => [`${of.optimizer} ${JSON.stringify(of.options)}`, of] as const))('%s', (_, of) => {
  it('rounds as PyTorch in bfloat16', () => {
    const params = fixture.whole.map((v) => new nn.Parameter(tensor(v, { dtype: 'bfloat16' })));
    const optimizer = make(of.optimizer, params, of.options);
    for (const grads of fixture.wholeGrads) step(optimizer, params, grads, 'bfloat16');
    close(params[0]!.detach(), of.runs['bfloat16']!.params[0]![0], 'bfloat16', 'the parameter');
  });

  it.each(['float64', 'float32'] as const)('is that of PyTorch in %s', (dtype) => {
    const params = start(dtype);
    const optimizer = make(of.optimizer, params, of.options);
    const { params: shown, state } = of.runs[dtype]!;
    let next = 0;
    fixture.grads.forEach((grads, i) => {
      step(optimizer, params, grads, dtype);
      if (i + 1 === fixture.shown[next]) {
        params.forEach((p, k) => close(p.detach(), shown[next]![k], dtype, `parameter ${k} after step ${i + 1}`));
        next += 1;
      }
    });
    const ours = optimizer.stateDict().state as unknown as State;
    for (const [i, want] of Object.entries(state)) {
      const keys = Object.keys(want).filter((key) => want[key] !== null);
      expect(Object.keys(ours[i] ?? {}).sort()).toEqual(keys.sort());
      for (const key of keys) close(ours[i]![key], want[key], dtype, `${key} of parameter ${i}`);
    }
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
    whole.forEach((p, i) => close(resumed[i]!.detach(), p.detach(), 'float64', `parameter ${i}`));
  });
});
