// The types of `model(x)` under strict: those of the `forward` of the subclass, its overloads and inputs by name. `tsc` is the judge.
import { nn, ones, zeros, type Tensor } from 'adjoint';
import { expect, expectTypeOf, test } from 'vitest';

test('a module takes what its forward takes and gives what that returns', () => {
  class Pair extends nn.Module {
    body = new nn.Linear(2, 1);
    override forward(x: Tensor, scale = 1): [Tensor, number] {
      return [this.body(x).mul(scale), scale];
    }
  }
  const pair = new Pair();
  expectTypeOf(pair(ones(1, 2))).toEqualTypeOf<[Tensor, number]>();
  expectTypeOf(pair(ones(1, 2), 2)).toEqualTypeOf<[Tensor, number]>();
  // @ts-expect-error -- the scale is a number
  expect(() => pair(ones(1, 2), 'two')).toThrow();
  // @ts-expect-error -- two arguments at most
  pair(ones(1, 2), 2, 3);
  const run: (x: Tensor, scale: number) => [Tensor, number] = pair;
  expect(run(ones(1, 2), 3)[1]).toBe(3);
});

test('modules of the package, and inputs by name', () => {
  expectTypeOf(new nn.Linear(2, 1)(ones(1, 2))).toEqualTypeOf<Tensor>();
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
  expectTypeOf(net(ones(1, 2))).toEqualTypeOf<Tensor>();
  expectTypeOf(net.at(0)(ones(1, 2))).toEqualTypeOf<Tensor>();
  const loss = new nn.MSELoss();
  expectTypeOf(loss({ input: ones(1), target: ones(1) })).toEqualTypeOf<Tensor>();
  expectTypeOf(loss(ones(1), { target: ones(1) })).toEqualTypeOf<Tensor>();
  // @ts-expect-error -- there is no such input
  expect(() => loss({ input: ones(1), goal: ones(1) })).toThrow(/no argument named goal/);
  const lstm = new nn.LSTM(2, 3);
  expectTypeOf(lstm(ones(4, 1, 2))).toEqualTypeOf(lstm.call(ones(4, 1, 2)));
  const [out, [h]] = lstm(ones(4, 1, 2), [zeros(1, 1, 3), zeros(1, 1, 3)]);
  expect([out.shape, h.shape]).toEqual([[4, 1, 3], [1, 1, 3]]);
  const any: nn.Module = net;
  expect((any(ones(1, 2)) as Tensor).shape).toEqual([1, 3]);
});

test('overloads of a subclass', () => {
  class Either extends nn.Module {
    override forward(x: Tensor): Tensor;
    override forward(x: Tensor, other: Tensor): [Tensor, Tensor];
    override forward(x: number): number;
    override forward(x: Tensor | number, other?: Tensor): Tensor | number | [Tensor, Tensor] {
      return other === undefined ? x : [x as Tensor, other];
    }
  }
  const either = new Either();
  expectTypeOf(either(ones(1))).toEqualTypeOf<Tensor>();
  expectTypeOf(either(ones(1), ones(1))).toEqualTypeOf<[Tensor, Tensor]>();
  expectTypeOf(either(1)).toEqualTypeOf<number>();
  // @ts-expect-error -- no overload takes a text
  expect(either('1')).toBe('1');
  // @ts-expect-error -- there is no such overload
  either(1, ones(1));
});

test('attributes that functions have are free', () => {
  class Named extends nn.Module {
    override name: string;
    override length = 3;
    constructor(name: string) {
      super();
      this.name = name;
    }
    override forward(x: Tensor): Tensor { return x; }
  }
  expectTypeOf(new Named('first').name).toEqualTypeOf<string>();
  expectTypeOf(new Named('first').length).toEqualTypeOf<number>();
  expect(Object.keys(new Named('first'))).toEqual(['training', 'name', 'length']);
});
