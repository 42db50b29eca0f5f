// What a pack hook or the forward of a custom function stores elsewhere belongs to the graph.
import { type FunctionCtx, type Tensor, autograd, memoryStats, nn, scope, tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

const { savedTensorsHooks } = autograd;

function stored(make: (t: Tensor) => Tensor): (fn: () => Tensor) => Tensor {
  return (fn) => {
    const store = new Map<number, Tensor>();
    let next = 0;
    return savedTensorsHooks((t) => { store.set(next, make(t)); return next++; }, (key: number) => store.get(key)!, fn);
  };
}

const ways: Record<string, (t: Tensor) => Tensor> = {
  'the tensor itself': (t) => t,
  'a copy': (t) => t.detach().clone(),
  'a copy made in a scope of its own': (t) => scope(() => t.mul(2).div(2)),
};

class Net extends nn.Module {
  constructor(readonly fn: (x: Tensor) => Tensor) { super(); }
  override forward(x: Tensor): Tensor { return this.fn(x); }
}

const facts = (): number[] => { const { tensors, storages, nodes } = memoryStats(); return [tensors, storages, nodes]; };

describe.each(Object.entries(ways))('a pack hook that stores %s and returns a key', (_, make) => {
  it.each([['a scope', (fn: (x: Tensor) => Tensor, x: Tensor) => scope(() => fn(x))], ["a module's forward", (fn: (x: Tensor) => Tensor, x: Tensor) => new Net(fn).call(x)]] as const)(
    'in %s: the values outlive it and are released with the graph',
    (_, run) => {
      const before = facts();
      scope(() => {
        const x = tensor([1, 2], { requiresGrad: true });
        const pack = stored(make);
        run((x) => pack(() => x.exp().sin().sum()), x).backward();
        (x.grad!.tolist() as number[]).forEach((g, i) => { expect(g).toBeCloseTo(Math.cos(Math.exp(i + 1)) * Math.exp(i + 1), 3); });
      });
      expect(facts()).toEqual(before);
    },
  );
});

it('what a pack hook makes on the way to a tensor that it returns is released by the scope', () => {
  scope(() => {
    const x = tensor([1, 2], { requiresGrad: true });
    const between: Tensor[] = [];
    const y = scope(() => savedTensorsHooks((t) => { between.push(t.mul(2)); return between.at(-1)!.div(2); }, (t: Tensor) => t, () => x.exp().sum()));
    expect(between.every((t) => t.isDisposed)).toBe(true);
    y.backward();
  });
});

class Relu extends autograd.Function {
  static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
    ctx['mask'] = x.gt(0);
    ctx['parts'] = { list: [x] };
    return x.mul(ctx['mask'] as Tensor);
  }
  static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
    const { list } = ctx['parts'] as { list: Tensor[] };
    return g.mul(ctx['mask'] as Tensor).add(list[0]!.mul(0));
  }
}

describe('tensors among the properties of a context', () => {
  it('outlive the scope and go with the graph', () => {
    const before = facts();
    scope(() => {
      const x = tensor([1, -2], { requiresGrad: true });
      scope(() => Relu.apply(x.mul(1)).sum()).backward();
      new Net((t) => Relu.apply(t.mul(1)).sum()).call(x).backward();
      expect(x.grad!.tolist()).toEqual([2, 0]);
    });
    expect(facts()).toEqual(before);
  });

  it('an input that the scope returned as well stays', () => {
    const x = tensor([1, -2], { requiresGrad: true });
    const [h, y] = scope(() => { const h = x.mul(1); return [h, Relu.apply(h)] as const; });
    y.sum().backward();
    y.dispose();
    expect(h.tolist()).toEqual([1, -2]);
  });

  it('without gradients they are released by the scope', () => {
    const before = facts();
    scope(() => Relu.apply(tensor([1, -2])).tolist());
    expect(facts()).toEqual(before);
  });
});
