// What the compiler knows under strict and noUncheckedIndexedAccess of datasets, containers, calls and results by index. `tsc` is the judge.
import { data, einsum, func, nn, ones, tensor, zeros, type Tensor } from 'adjoint';
import { expect, expectTypeOf, test } from 'vitest';

test('batches of a dataset of tensors are tensors', () => {
  const set = new data.TensorDataset(ones([4, 2]), zeros([4]));
  expectTypeOf(set.get(0)).toEqualTypeOf<[Tensor, Tensor]>();
  for (const [x, y] of new data.DataLoader(set, { batchSize: 2 })) {
    expectTypeOf(x).toEqualTypeOf<Tensor>();
    expectTypeOf(y).toEqualTypeOf<Tensor>();
    expect([x.shape, y.shape]).toEqual([[2, 2], [2]]);
  }
  for (const [x] of new data.DataLoader(new data.Subset(set, [0, 1]), 2)) expectTypeOf(x).toEqualTypeOf<Tensor>();
  const many: Tensor[] = [ones([1])];
  expectTypeOf(new data.TensorDataset(...many).get(0)).toEqualTypeOf<Tensor[]>();
});

test('batches of other datasets are what joining their items gives', () => {
  class Pairs extends data.Dataset<[Tensor, number]> {
    get length(): number { return 2; }
    get(i: number): [Tensor, number] { return [ones([2]), i]; }
  }
  for (const [x, y] of new data.DataLoader(new Pairs(), 2)) {
    expectTypeOf(x).toEqualTypeOf<Tensor>();
    expectTypeOf(y).toEqualTypeOf<Tensor>();
    expect(y.tolist()).toEqual([0, 1]);
  }
  const records = { length: 1, get: (): { id: string; x: Tensor } => ({ id: 'a', x: ones([1]) }) };
  for (const batch of new data.DataLoader(records)) expectTypeOf(batch).toEqualTypeOf<{ id: string[]; x: Tensor }>();
});

test('Sequential and ModuleList know their items', () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
  expectTypeOf(net.at(0)).toEqualTypeOf<nn.Linear>();
  expectTypeOf(net.at(1)).toEqualTypeOf<nn.ReLU>();
  expectTypeOf(net.at(0).weight).toEqualTypeOf<nn.Parameter>();
  expectTypeOf(net.at(-1)).toEqualTypeOf<nn.Linear | nn.ReLU>();
  expectTypeOf(net[2]).toEqualTypeOf<nn.Linear>();
  expectTypeOf(net[1]).toEqualTypeOf<nn.ReLU>();
  expectTypeOf(net.call(ones([1, 2]))).toEqualTypeOf<Tensor>();
  for (const layer of net) expectTypeOf(layer).toEqualTypeOf<nn.Linear | nn.ReLU>();
  const any: nn.Sequential = net;
  expectTypeOf(any.at(0)).toEqualTypeOf<nn.Module>();
  expectTypeOf(new nn.Sequential({ a: new nn.ReLU() }).at(0)).toEqualTypeOf<nn.Module>();
  const list = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(1, 1)]);
  expectTypeOf(list.at(-1).weight).toEqualTypeOf<nn.Parameter>();
  for (const layer of list) expectTypeOf(layer.call(ones([1, 1]))).toEqualTypeOf<Tensor>();
  expectTypeOf(list[0]).toEqualTypeOf<nn.Linear | undefined>();
  class Net extends nn.Sequential<[nn.Linear, nn.ReLU]> {
    constructor() { super(new nn.Linear(1, 1), new nn.ReLU()); }
  }
  expectTypeOf(new Net().at(0)).toEqualTypeOf<nn.Linear>();
  expect(net.at(0).weight.shape).toEqual([3, 2]);
});

test('outputs are tensors by name and by index', () => {
  const top = tensor([3, 1, 2]).topk(2);
  expectTypeOf(top[0]).toEqualTypeOf<Tensor>();
  expectTypeOf(top[1]).toEqualTypeOf<Tensor>();
  expectTypeOf(top.indices).toEqualTypeOf<Tensor>();
  expect(top[1].tolist()).toEqual([0, 2]);
  const [values, indices] = tensor([[1, 2]]).max(1);
  expectTypeOf(values).toEqualTypeOf<Tensor>();
  expect(indices.tolist()).toEqual([1]);
});

test('einsum takes its operands one by one, or as a list', () => {
  expectTypeOf(einsum('ij,jk->ik', ones([2, 2]), ones([2, 2]))).toEqualTypeOf<Tensor>();
  expectTypeOf(einsum('ij,jk->ik', [ones([2, 2]), ones([2, 2])])).toEqualTypeOf<Tensor>();
  expect(einsum('i,i->', ones([2]), ones([2])).item()).toBe(2);
});

test('Jacobians and Hessians of records are records', () => {
  interface Weights { w: Tensor; b: Tensor }
  const f = (p: Weights, x: Tensor): { out: Tensor; rest: [Tensor] } => ({ out: p.w.mul(x).add(p.b), rest: [x.sum()] });
  const found = func.jacrev(f)({ w: ones([2]), b: ones([2]) }, ones([2]));
  expectTypeOf(found.out.w).toEqualTypeOf<Tensor>();
  expectTypeOf(found.rest[0].b).toEqualTypeOf<Tensor>();
  expectTypeOf(func.jacrev(f, { argnums: [0, 1] })({ w: ones([2]), b: ones([2]) }, ones([2])).out[0].w).toEqualTypeOf<Tensor>();
  // @ts-expect-error -- there is no such weight
  expect(found.out.v).toBe(undefined);
  const second = func.hessian((p: Weights) => p.w.mul(p.b).sum())({ w: ones([2]), b: ones([2]) });
  expectTypeOf(second.w.b).toEqualTypeOf<Tensor>();
  expect([found.out.w.shape, second.w.b.tolist()]).toEqual([[2, 2], [[1, 0], [0, 1]]]);
});

test('Hessians and Jacobians have the structure of their arguments', () => {
  const f = (a: Tensor, b: Tensor): Tensor => a.mul(b).mul(b).sum();
  expectTypeOf(func.hessian(f)).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(func.hessian(f, { argnums: 1 })).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(func.hessian(f, 1)).parameters.toEqualTypeOf<[a: Tensor, b: Tensor]>();
  expect(func.hessian(f, { argnums: 1 })(ones([1]), ones([1])).tolist()).toEqual([[2]]);
  const all = func.hessian(f, { argnums: [0, 1] })(ones([1]), ones([1]));
  expectTypeOf(all).toEqualTypeOf<[[Tensor, Tensor], [Tensor, Tensor]]>();
  expect(all[0][1].tolist()).toEqual([[2]]);
  const byName = func.jacrev((p: { w: Tensor }, x: Tensor) => x.mul(p.w))({ w: ones([1]) }, ones([1]));
  expectTypeOf(byName).toEqualTypeOf<{ w: Tensor }>();
});

test('item is a number unless asked otherwise', () => {
  expectTypeOf(tensor(1n).item()).toEqualTypeOf<number>();
  expectTypeOf(tensor(1n).item<bigint>()).toEqualTypeOf<bigint>();
  expectTypeOf(tensor(true).item<boolean>()).toEqualTypeOf<boolean>();
  expect([tensor(1n).item(), tensor(2n ** 60n).item<bigint>()]).toEqual([1, 2n ** 60n]);
});

test('modules call themselves and modules they are generic in', () => {
  class Net extends nn.Module {
    layer = new nn.Linear(1, 1);
    override forward(x: Tensor, times = 1): Tensor { return this.layer.call(x).mul(times); }
    predict(x: Tensor): Tensor {
      const y = this.call(x, 2);
      expectTypeOf(y).toEqualTypeOf<Tensor>();
      return y;
    }
  }
  class Residual<M extends nn.Module> extends nn.Module {
    constructor(readonly inner: M) { super(); }
    override forward(x: Tensor): Tensor { return x.add(this.inner.call(x) as Tensor); }
    twice(x: Tensor): Tensor { return this.call(this.call(x)); }
  }
  class Typed<M extends nn.Linear> extends nn.Module {
    constructor(readonly inner: M) { super(); }
    override forward(x: Tensor): Tensor { return this.inner.call(x); }
  }
  const net = new Net();
  expect([net.predict(ones([1, 1])).shape, new Residual(net).twice(ones([1, 1])).shape, new Typed(net.layer).call(ones([1, 1])).shape]).toEqual([[1, 1], [1, 1], [1, 1]]);
  // @ts-expect-error -- the argument is a tensor
  expect(() => net.call('x')).toThrow();
  expectTypeOf<Parameters<Net['call']>>().toEqualTypeOf<[x: Tensor, times?: number]>();
});
