// Arguments of backward(), grad() and functionalCall() as PyTorch takes them, and what checkpoints do again.
import { UsageError, checkpoint, eye, func, grad, nn, noGrad, ones, tensor, type Tensor } from 'adjoint';
import { test } from 'vitest';
import { behaves, fails } from './behaves';
import { raises } from './raises';

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

behaves('gradients and flags by position', [[[4, 6]], true, [8, 12]], () => {
  const x = leaf(2, 3), y = x.mul(x);
  const seen = [grad(y, x, ones([2]), true), grad(y, x, ones([2]), true, true)[0].requiresGrad];
  y.backward(ones([2]), true);
  y.backward(ones([2]));
  return [...seen, x.grad];
});
behaves('many gradients in one call', [[[4, 0], [0, 6]]], () => {
  const x = leaf(2, 3), y = x.mul(x);
  return grad(y, x, { gradOutputs: eye(2), isGradsBatched: true });
});
behaves('a gradient left out beside one that is given must be of a scalar', ['error', [[8, 18]]], () => {
  const x = leaf(2, 3), y = x.mul(x);
  return [fails(() => grad([y.sum(), y], x, [null, null])), grad([y.sum(), y], x, [null, tensor([1, 2])])];
});
test('unknown options are errors', () => {
  const x = leaf(2);
  raises(() => { x.mul(2).backward(null, { retain: true } as never); }, UsageError, 'no argument named retain');
  raises(() => grad(x.mul(2), x, { retain: true } as never), UsageError, 'no argument named retain');
});

class Tied extends nn.Module {
  a = new nn.Linear(1, 1, false);
  b = new nn.Linear(1, 1, false);
  constructor() {
    super();
    this.b.weight = this.a.weight;
  }
  override forward(x: Tensor): Tensor {
    return this.b.call(this.a.call(x));
  }
}

behaves('functionalCall ignores unknown names unless it is strict, and ties count as given', [[[9]], [[9]], [[9]], [[6]], 'error', 'error', 'error'], () => {
  const m = new Tied(), x = ones([1, 1]);
  const [three, two] = [tensor([[3]]), tensor([[2]])];
  const call = (p: Record<string, Tensor> | Record<string, Tensor>[], options = {}) => func.functionalCall(m, p, x, options);
  return [
    call({ 'a.weight': three, nope: two }),
    call({ 'b.weight': three }),
    call({ 'a.weight': three }, { strict: true }),
    call({ 'a.weight': three, 'b.weight': two }, { tieWeights: false }),
    fails(() => call({ 'a.weight': three, nope: two }, { strict: true })),
    fails(() => call([{ 'a.weight': three }, { 'a.weight': two }])),
    fails(() => call({}, { strict: true })),
  ];
});

behaves('the second run of a checkpoint ends when all that was saved is there', [['a', 'b', 'a'], [436.79], ['a', 'b', 'a', 'b']], () => {
  const run = (log: string[], options: { earlyStop?: boolean }): Tensor => {
    const x = leaf(2);
    const f = (a: Tensor): Tensor => {
      const b = a.mul(a);
      log.push('a');
      const c = b.exp().add(0);
      log.push('b');
      return c.mul(2);
    };
    checkpoint(f, x, options).backward();
    return x.grad!;
  };
  const [stopped, whole]: [string[], string[]] = [[], []];
  const g = run(stopped, {});
  run(whole, { earlyStop: false });
  return [stopped, g, whole];
});
behaves('a checkpoint inside a checkpoint that stops early', [[[-1.2267]], 3], () => {
  const x = leaf(2);
  let runs = 0;
  const inner = (a: Tensor): Tensor => { runs += 1; return a.sin(); };
  checkpoint((a: Tensor) => checkpoint(inner, a.mul(a)).exp(), x).backward();
  return [[x.grad], noGrad(() => runs)];
});
