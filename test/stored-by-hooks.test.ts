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

class Halves extends autograd.Function {
  static override forward(ctx: FunctionCtx, x: Tensor): Tensor[] {
    const low = x.exp();
    const high = x.mul(3);
    ctx['low'] = low;
    ctx['both'] = [low, 2, high];
    ctx.saveForBackward(x);
    return [low, high];
  }
  static override backward(ctx: FunctionCtx, a: Tensor, b: Tensor): Tensor {
    const [low, factor, high] = ctx['both'] as [Tensor, number, Tensor];
    expect((ctx.savedTensors as Tensor[]).length).toBe(1);
    // a · low + 3 b, with what cancels of the other output.
    return a.mul(ctx['low'] as Tensor).add(b.mul(3)).add(low.mul(0)).add(high.mul(factor - 2));
  }
}

class Exp extends autograd.Function {
  static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
    return (ctx['y'] = x.exp());
  }
  static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
    return g.mul(ctx['y'] as Tensor);
  }
}

describe('outputs among the properties of a context', () => {
  it.each<[string, (fn: () => Tensor) => Tensor]>([['a scope', (fn) => scope(fn)], ["a module's forward", (fn) => new Net(fn).call(tensor(0))], ['no scope', (fn) => fn()]])('outlive %s', (_, run) => {
    const before = facts();
    scope(() => {
      const x = tensor([0.5, -2], { requiresGrad: true });
      run(() => Exp.apply(x.mul(1)).sum()).backward();
      expect(x.grad!.tolist()).toEqual(x.exp().tolist());
      x.grad = null;
      run(() => { const [a, b] = Halves.apply(x.mul(1)); return a!.add(b!).sum(); }).backward();
      expect(x.grad!.tolist()).toEqual(x.exp().add(3).tolist());
    });
    expect(facts()).toEqual(before);
  });

  it('are differentiated again', () => {
    const x = tensor(0.5, { requiresGrad: true });
    const [first] = autograd.grad(scope(() => Exp.apply(x)), x, { createGraph: true });
    const [second] = autograd.grad(first, x);
    expect([first.item(), second.item()]).toEqual([x.exp().item(), x.exp().item()]);
  });
});

describe('what forward hooks keep', () => {
  class Features extends nn.Module {
    fc = new nn.Linear(2, 3);
    act = new nn.Tanh();
    override forward(x: Tensor): Tensor { return this.act.call(this.fc.call(x)).sum(); }
  }
  const hooked = (): { net: Features; kept: Record<string, Tensor[]> } => {
    const net = new Features();
    const kept: Record<string, Tensor[]> = { out: [], detached: [], args: [], before: [], made: [] };
    net.fc.registerForwardHook((_m, _args, out) => { kept['out']!.push(out as Tensor); kept['detached']!.push((out as Tensor).detach()); });
    net.act.registerForwardPreHook((_m, args) => { kept['before']!.push(args[0] as Tensor); });
    net.act.registerForwardHook((_m, args, out) => { kept['args']!.push(args[0] as Tensor); kept['made']!.push((out as Tensor).mul(2)); });
    return { net, kept };
  };

  it('lives on after the call of the outermost module', () => {
    const { net, kept } = hooked();
    const x = tensor([[1, 2]]);
    const loss = new nn.Sequential(net).call(x);
    const expected = net.fc.forward(x);
    for (const name of ['out', 'detached', 'args', 'before']) expect(kept[name]![0]!.tolist(), name).toEqual(expected.tolist());
    expect(kept['made']![0]!.tolist()).toEqual(expected.tanh().mul(2).tolist());
    kept['out']![0]!.sum().add(loss).backward();
    expect(net.fc.weight.grad!.shape).toEqual([3, 2]);
  });

  it('and is released by the scope around it, unless that returns it', () => {
    const { net, kept } = hooked();
    const x = tensor([[1, 2]]);
    const out = scope(() => { net.call(x); return kept['out']; });
    expect(out![0]!.shape).toEqual([1, 3]);
    expect(['detached', 'made'].map((name) => kept[name]![0]!.isDisposed)).toEqual([true, true]);
  });

  it('what a hook returns takes the place of the output', () => {
    const net = new Features();
    net.fc.registerForwardHook((_m, _args, out) => (out as Tensor).mul(0));
    net.act.registerForwardPreHook((_m, args) => [(args[0] as Tensor).add(1)]);
    expect(net.call(tensor([[1, 2]])).item()).toBeCloseTo(3 * Math.tanh(1), 5);
  });
});
