// What the compiler knows: the results of calls, and the calls it refuses. `tsc` is the judge; vitest only runs the file.
import { autograd, func, memoryStats, nn, optim, scope, tensor, zeros, type DType, type Tensor } from 'adjoint';
import { describe, expect, expectTypeOf, test } from 'vitest';

/** For calls the compiler must refuse: never run. */
function refused(_calls: (x: Tensor) => void): void {
  // Nothing to do: `@ts-expect-error` fails to compile where the call is accepted.
}

describe('results', () => {
  test('of operations', () => {
    const x = zeros([2, 3]);
    expectTypeOf(x.add(1)).toEqualTypeOf<Tensor>();
    expectTypeOf(x.add_(1)).toEqualTypeOf<Tensor>();
    expectTypeOf(x.shape).toEqualTypeOf<readonly number[]>();
    expectTypeOf(x.dtype).toEqualTypeOf<DType>();
    expectTypeOf(x.grad).toEqualTypeOf<Tensor | null>();
    expectTypeOf(x.sum().item()).toEqualTypeOf<number>();
    expectTypeOf(tensor(1n).item<bigint>()).toEqualTypeOf<bigint>();
    expectTypeOf(x.max(0).indices).toEqualTypeOf<Tensor>();
    expectTypeOf(x.split(1)).toEqualTypeOf<Tensor[]>();
  });

  test('of in-place methods keep the class', () => {
    const p = new nn.Parameter(zeros([2]));
    expectTypeOf(p.detach_()).toEqualTypeOf<nn.Parameter>();
    expectTypeOf(p.requiresGrad_(false).zero_()).toEqualTypeOf<nn.Parameter>();
  });

  test('of gradients', () => {
    const x = tensor(2, { requiresGrad: true });
    const y = (): Tensor => x.mul(3);
    expectTypeOf(autograd.grad(y(), x)).toEqualTypeOf<[Tensor]>();
    expectTypeOf(autograd.grad(y(), x, { allowUnused: true })).toEqualTypeOf<[Tensor | null]>();
    expectTypeOf(autograd.grad(y(), x, { materializeGrads: true })).toEqualTypeOf<[Tensor]>();
  });

  test('of transforms have the structure of what they are given', () => {
    const f = (p: { w: Tensor; b: Tensor }, x: Tensor): Tensor => x.mul(p.w).add(p.b).sum();
    expectTypeOf(func.grad(f)).returns.toEqualTypeOf<{ w: Tensor; b: Tensor }>();
    expectTypeOf(func.grad(f, 1)).returns.toEqualTypeOf<Tensor>();
    expectTypeOf(func.grad(f)).parameters.toEqualTypeOf<[p: { w: Tensor; b: Tensor }, x: Tensor]>();
    expectTypeOf(func.vmap((x: Tensor) => x.sum())).toEqualTypeOf<(x: Tensor) => Tensor>();
    expectTypeOf(func.jacrev((x: Tensor) => x.mul(2))).returns.toEqualTypeOf<Tensor>();
  });

  test('of modules are those of forward', () => {
    class Pair extends nn.Module {
      override forward(x: Tensor, _scale: number): [Tensor, string] {
        return [x, 'x'];
      }
    }
    expectTypeOf(new Pair().call(zeros([1]), 2)).toEqualTypeOf<[Tensor, string]>();
    expectTypeOf<Parameters<Pair['call']>>().toEqualTypeOf<[x: Tensor, _scale: number]>();
  });

  test('of optimizers, which are all `Optimizer`', () => {
    const rateOf = (optimizer: optim.Optimizer): number => optimizer.paramGroups[0]!.lr;
    const params = [new nn.Parameter(zeros([2]))];
    const made: optim.Optimizer[] = [
      new optim.SGD(params, { lr: 1 }), new optim.Adam(params), new optim.AdamW(params), new optim.Adamax(params), new optim.NAdam(params),
      new optim.RAdam(params), new optim.RMSprop(params), new optim.Rprop(params), new optim.Adagrad(params), new optim.Adadelta(params),
      new optim.ASGD(params), new optim.Adafactor(params), new optim.LBFGS(params),
    ];
    for (const optimizer of made) expect(rateOf(optimizer)).toBeGreaterThan(0);
  });

  test('of scopes and statistics', () => {
    expectTypeOf(scope(() => ({ a: zeros([1]) }))).toEqualTypeOf<{ a: Tensor }>();
    expectTypeOf(memoryStats()).not.toHaveProperty('byOp');
    expectTypeOf(memoryStats({ byOp: true })).toHaveProperty('byOp');
  });
});

describe('what is refused', () => {
  test('arguments of the wrong type', () => {
    refused((x) => {
      // @ts-expect-error -- a text is no tensor
      x.add('1');
      // @ts-expect-error -- a dim is a number
      x.sum('0');
      // @ts-expect-error -- matmul takes no number
      x.matmul(2);
      // @ts-expect-error -- there is no such dtype
      zeros([2], { dtype: 'float31' });
      // @ts-expect-error -- there is no such option
      x.sum({ dims: 0 });
      // @ts-expect-error -- there is no such reduction
      nn.functional.mseLoss(x, x, { reduction: 'median' });
      // @ts-expect-error -- shapes cannot be written
      x.shape[0] = 3;
      // @ts-expect-error -- a flag is true or false
      x.requiresGrad = 1;
      // @ts-expect-error -- a gradient is a tensor
      x.grad = 1;
    });
  });

  test('too few and too many arguments', () => {
    refused((x) => {
      // @ts-expect-error -- the other operand is missing
      x.mul();
      // @ts-expect-error -- exp has no argument
      x.exp(1);
      // @ts-expect-error -- the sizes are missing
      new nn.Linear(3);
      // @ts-expect-error -- the parameters are missing
      new optim.SGD();
    });
  });

  test('arguments of modules and functions of the user', () => {
    class Double extends autograd.Function {
      static override forward(_ctx: unknown, x: Tensor, by: number): Tensor {
        return x.mul(by);
      }
    }
    refused((x) => {
      // @ts-expect-error -- Linear takes a tensor
      new nn.Linear(1, 1).call(3);
      // @ts-expect-error -- the number is missing
      Double.apply(x);
      expectTypeOf(Double.apply(x, 2)).toEqualTypeOf<Tensor>();
      // @ts-expect-error -- the second argument is a tensor
      func.grad((a: Tensor, b: Tensor) => a.mul(b).sum())(x, 2);
    });
  });
});
