// What the compiler knows of containers, captured functions and indices, under strict, noUncheckedIndexedAccess and exactOptionalPropertyTypes.
import { capture, data, func, nn, ones, tensor, zeros, type CapturedFunction, type Tensor } from 'adjoint';
import { expect, expectTypeOf, test } from 'vitest';

test('indices of a Sequential are those of its items', () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
  expectTypeOf(net[0]).toEqualTypeOf<nn.Linear>();
  expectTypeOf(net[1]).toEqualTypeOf<nn.ReLU>();
  expectTypeOf(net[2].weight).toEqualTypeOf<nn.Parameter>();
  const i: number = 2;
  expectTypeOf(net[i]).toEqualTypeOf<nn.Linear | nn.ReLU | undefined>();
  const any: nn.Sequential = net;
  expectTypeOf(any[i]).toEqualTypeOf<nn.Module | undefined>();
  expectTypeOf(any[0].train()).toEqualTypeOf<nn.Module>();
  expectTypeOf(new nn.Sequential(net, net)[1][2]).toEqualTypeOf<nn.Linear>();
  expect(net[2].weight.shape).toEqual([1, 3]);
});

test('classes extend a Sequential of items they know, of any, and of items they are generic in', () => {
  class Known extends nn.Sequential<[nn.Linear, nn.ReLU]> {
    constructor() { super(new nn.Linear(1, 1), new nn.ReLU()); }
    weight(): nn.Parameter { return this[0].weight; }
  }
  class Any extends nn.Sequential {
    first(): nn.Module { return this[0]; }
  }
  class Generic<Items extends readonly nn.Module[]> extends nn.Sequential<Items> {
    twice(x: Tensor): Tensor { return this.call(this.call(x)); }
  }
  const sequentials: nn.Sequential[] = [new Known(), new Any(), new Generic(new nn.ReLU())];
  expectTypeOf(new Generic(new nn.ReLU(), new nn.Tanh())[1]).toEqualTypeOf<nn.Tanh>();
  expectTypeOf(new Known()[1]).toEqualTypeOf<nn.ReLU>();
  expect([sequentials.length, new Known().weight().shape, new Generic(new nn.ReLU()).twice(ones([1])).tolist()]).toEqual([3, [1, 1], [1]]);
});

test('modules with names are found by them', () => {
  const net = new nn.Sequential({ fc: new nn.Linear(1, 1), act: new nn.ReLU() });
  expectTypeOf(net.get('fc')).toEqualTypeOf<nn.Linear>();
  expectTypeOf(net.get('act')).toEqualTypeOf<nn.ReLU>();
  const name: string = 'fc';
  expectTypeOf(net.get(name)).toEqualTypeOf<nn.Module>();
  expectTypeOf(net.keys()).toEqualTypeOf<string[]>();
  const any: nn.Sequential = net;
  expect([net.get('fc').weight.shape, any.length]).toEqual([[1, 1], 2]);
});

test('what is added to a Sequential may be any module, to a ModuleList one of its kind', () => {
  const net = new nn.Sequential(new nn.Linear(1, 1)).append(new nn.ReLU()).insert(0, new nn.Tanh()).extend([new nn.Sigmoid()]);
  const list = new nn.ModuleList([new nn.Linear(1, 1)]);
  expectTypeOf(list.get('0')).toEqualTypeOf<nn.Linear>();
  expectTypeOf(list.append(new nn.Linear(1, 1)).pop(0)).toEqualTypeOf<nn.Linear>();
  // @ts-expect-error -- a ReLU is no Linear
  list.append(new nn.ReLU());
  expect([net.length, list.append({ module: new nn.Linear(1, 1) }).length]).toEqual([4, 3]);
});

test('captured functions return tensors, several as any iterable of them', () => {
  const x = ones([2]);
  expectTypeOf(capture((t) => t.mul(2), x)).toEqualTypeOf<CapturedFunction>();
  expect(capture((t) => t.topk(1), x).runAll(x)).toHaveLength(2);
  // @ts-expect-error -- a number is no tensor
  expect(() => capture(() => 3, x)).toThrow();
  // @ts-expect-error -- a record is no tensor
  expect(() => capture((t) => ({ t }), x)).toThrow();
  // @ts-expect-error -- a promise is no tensor
  expect(() => capture(async (t) => Promise.resolve(t), x)).toThrow();
});

test('bounds of a slice may be undefined, and lists of indices hold integers of every form', () => {
  const x = zeros([3, 4]);
  const stop = undefined as number | undefined;
  expect(x.index({ start: 1, stop }).shape).toEqual([2, 4]);
  expect(x.index([tensor(1n), 0], [Int32Array.of(1, 2)]).shape).toEqual([1, 2]);
  // @ts-expect-error -- a slice has no end
  expect(() => x.index({ end: 2 })).toThrow();
});

test('batches, results by index and derivatives of several arguments are tensors', () => {
  const set = new data.TensorDataset(ones([4, 2]), zeros([4]), ones([4]));
  for (const [x, y, w] of new data.DataLoader(set, { batchSize: 2, shuffle: true })) expectTypeOf([x, y, w] as const).toEqualTypeOf<readonly [Tensor, Tensor, Tensor]>();
  for (const result of [ones([2]).sort(), ones([2]).topk(1), ones([2]).max(0)]) expectTypeOf(result[1]).toEqualTypeOf<Tensor>();
  const f = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum();
  expectTypeOf(func.grad(f, { argnums: [0, 1] })(ones([1]), ones([1]))).toEqualTypeOf<[Tensor, Tensor]>();
  expectTypeOf(func.jacfwd(f, { argnums: 1 })(ones([1]), ones([1]))).toEqualTypeOf<Tensor>();
  expectTypeOf(func.hessian(f, { argnums: [1] })(ones([1]), ones([1]))).toEqualTypeOf<[[Tensor]]>();
  expect(func.hessian(f, { argnums: [0, 1] })(ones([1]), ones([1]))[0][1].tolist()).toEqual([[1]]);
});

test('modules with names are properties of a Sequential', () => {
  const net = new nn.Sequential({ fc: new nn.Linear(2, 3), act: new nn.ReLU() });
  const fc: nn.Linear = net.fc;
  const act: nn.ReLU = net.act;
  expect([fc.outFeatures, act.constructor.name]).toEqual([3, 'ReLU']);
  // @ts-expect-error -- there is no such module
  expect(net.fc2).toBeUndefined();
  class Own extends nn.Sequential {
    constructor() {
      super(new nn.Linear(1, 1), new nn.Tanh());
    }
  }
  const own: nn.Sequential = new Own();
  expect(own.length).toBe(2);
});
