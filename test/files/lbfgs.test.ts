// The state of LBFGS in files of PyTorch, both ways: lists of tensors and of numbers, some of which are tensors there.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Tensor, load, nn, optim, save } from 'adjoint';
import wanted from '../fixtures/files/lbfgs.json';

const FILE = readFileSync(new URL('../fixtures/files/lbfgs.pt', import.meta.url));

interface Held {
  a: Tensor;
  b: Tensor;
  optimizer: { state: Record<number, Record<string, unknown>>; param_groups: object[] };
}

/** The parameters and the optimizer of a file. */
function resumed(file: Uint8Array): { params: [nn.Parameter, nn.Parameter]; optimizer: optim.LBFGS; step: () => number } {
  const held = load(file) as unknown as Held;
  const params: [nn.Parameter, nn.Parameter] = [new nn.Parameter(held.a), new nn.Parameter(held.b)];
  const optimizer = new optim.LBFGS(params, { lr: 1, maxIter: 3, historySize: 4, lineSearchFn: 'strong_wolfe' });
  optimizer.loadStateDict(held.optimizer as never);
  const [a, b] = params;
  const closure = (): Tensor => {
    optimizer.zeroGrad();
    const loss = a.rsub(1).square().sum().add(b.sub(a.mul(a)).square().sum().mul(10));
    loss.backward();
    return loss;
  };
  return { params, optimizer, step: () => Number(optimizer.step(closure).item()) };
}

function expectTheWay(file: Uint8Array): void {
  const { params, optimizer, step } = resumed(file);
  wanted.losses.forEach((loss) => { expect(Math.abs(step() - loss) / loss).toBeLessThan(1e-9); });
  params.forEach((p, i) => {
    (p.tolist() as number[]).forEach((v, j) => { expect(v).toBeCloseTo(wanted.params[i]![j]!, 9); });
  });
  const { n_iter, func_evals } = optimizer.stateDict().state[0]!;
  expect([n_iter, func_evals]).toEqual([wanted.iterations, wanted.evaluations]);
}

describe('the state of LBFGS in a file', () => {
  it('of PyTorch goes on as PyTorch does', () => {
    expectTheWay(FILE);
  });

  it('written back goes on as well, with the keys and kinds of PyTorch', () => {
    const { params: [a, b], optimizer } = resumed(FILE);
    const written = save({ a: a.detach(), b: b.detach(), optimizer: optimizer.stateDict() });
    expectTheWay(written);
    const [theirs, ours] = [FILE, written].map((file) => (load(file) as unknown as Held).optimizer) as [Held['optimizer'], Held['optimizer']];
    expect(Object.keys(ours.state[0]!).sort()).toEqual(Object.keys(theirs.state[0]!).sort());
    expect(Object.keys(ours.param_groups[0]!).sort()).toEqual(Object.keys(theirs.param_groups[0]!).sort());
    const lengths = (held: Held['optimizer']): unknown => ['old_dirs', 'old_stps', 'ro'].map((key) => (held.state[0]![key] as unknown[]).length);
    expect(lengths(ours)).toEqual(lengths(theirs));
  });
});
