// What hooks on saved tensors return belongs to the graph: it outlives scopes, and goes with the graph.
import { Scope, type Tensor, autograd, data, func, keep, memoryStats, nn, rand, randn, scope, tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

const { savedTensorsHooks } = autograd;
const { saveOnCpu } = autograd.graph;

/** Runs `fn` and fails where tensors, bytes or nodes are left. */
function leavesNothing(fn: () => void): void {
  const facts = () => {
    const { tensors, bytes, nodes, storages } = memoryStats();
    return { tensors, bytes, nodes, storages };
  };
  const before = facts();
  fn();
  expect(facts()).toEqual(before);
}

const packings: Record<string, <T>(fn: () => T) => T> = {
  saveOnCpu: (fn) => saveOnCpu(fn),
  'the tensor itself': (fn) => savedTensorsHooks((t) => t, (t: Tensor) => t, fn),
  'a copy': (fn) => savedTensorsHooks((t) => t.clone(), (t: Tensor) => t.clone(), fn),
  'another dtype': (fn) => savedTensorsHooks((t) => t.to('float64'), (t: Tensor) => t.to('float32'), fn),
  'an object with tensors in it': (fn) => savedTensorsHooks((t) => ({ parts: [t.mul(2).div(2)], shape: t.shape }), ({ parts }) => parts[0]!.clone(), fn),
  'plain numbers': (fn) => savedTensorsHooks((t) => [t.tolist(), t.dtype] as const, ([list, dtype]) => tensor(list as number[], { dtype }), fn),
};

class Packed extends nn.Module {
  readonly inner: nn.Sequential;
  constructor(readonly packing: <T>(fn: () => T) => T) {
    super();
    this.inner = new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 1));
  }
  override forward(x: Tensor): Tensor {
    return this.packing(() => this.inner.call(x));
  }
}

describe.each(Object.entries(packings))('packed as %s', (_, packing) => {
  it('values outlive the scope they were packed in', () => {
    leavesNothing(() => {
      scope(() => {
        const x = tensor([1, 2, 3], { requiresGrad: true });
        const y = scope(() => packing(() => x.exp().mul(x).sum()));
        y.backward();
        expect((x.grad!.tolist() as number[]).map((g, i) => g / ((i + 2) * Math.exp(i + 1)))).toEqual([1, 1, 1].map((v) => expect.closeTo(v, 5) as number));
      });
    });
  });

  it('nested scopes, Scope objects and loops of them', () => {
    leavesNothing(() => {
      scope(() => {
        const x = tensor([0.5, 1], { requiresGrad: true });
        for (let i = 0; i < 3; i++) {
          using _ = new Scope();
          const y = scope(() => scope(() => packing(() => scope(() => x.sin().mul(x.cos())).sum())));
          y.backward();
        }
        const expected = [0.5, 1].map((v) => 3 * Math.cos(2 * v));
        (x.grad!.tolist() as number[]).forEach((g, i) => { expect(g).toBeCloseTo(expected[i]!, 5); });
      });
    });
  });

  it("a module's forward", () => {
    leavesNothing(() => {
      scope(() => {
        const net = new Packed(packing);
        const x = randn([3, 2]);
        net.call(x).sum().backward();
        const found = net.inner.parameters();
        const grads = Array.from(found, (p) => p.grad!.tolist());
        for (const p of net.parameters()) p.grad = null;
        net.inner.call(x).sum().backward();
        expect(grads).toEqual(Array.from(net.inner.parameters(), (p) => p.grad!.tolist()));
        for (const p of net.parameters()) {
          p.grad = null;
          p.dispose();
        }
      });
    });
  });

  it('a loop over a loader', () => {
    scope(() => {
      const w = keep(tensor([1, 1], { requiresGrad: true }));
      const loader = new data.DataLoader(new data.TensorDataset(rand(6, 2), rand(6)), { batchSize: 2 });
      let steps = 0;
      let bytes = 0;
      for (let epoch = 0; epoch < 2; epoch++) {
        for (const [x] of loader as Iterable<Tensor[]>) {
          scope(() => packing(() => x!.mul(w).exp().sum())).backward();
          w.grad = null;
          steps += 1;
        }
        if (epoch === 0) bytes = memoryStats().bytes;
      }
      expect(steps).toBe(6);
      expect(memoryStats().bytes).toBe(bytes);
      w.dispose();
    });
  });

  it('a graph that is kept can be walked again, and a graph that is dropped releases what was packed', () => {
    leavesNothing(() => {
      scope(() => {
        const x = tensor([1, 2], { requiresGrad: true });
        const y = scope(() => packing(() => x.mul(x).exp().sum()));
        y.backward(null, { retainGraph: true });
        const first = x.grad!.tolist();
        x.grad = null;
        y.backward();
        expect(x.grad!.tolist()).toEqual(first);
        scope(() => { packing(() => x.mul(x).exp()); });
      });
    });
  });

  it('derivatives of derivatives', () => {
    leavesNothing(() => {
      scope(() => {
        const x = tensor([1, 2], { requiresGrad: true });
        const y = scope(() => packing(() => x.mul(x).mul(x).sum()));
        const [g] = autograd.grad(y, x, { createGraph: true });
        const [h] = autograd.grad(g.sum(), x);
        expect(h.tolist()).toEqual([6, 12]);
      });
    });
  });
});

describe('what the program holds too', () => {
  it('a kept tensor, a parameter or a gradient that pack returns stays', () => {
    const x = tensor([2, 3], { requiresGrad: true });
    const kept = keep(tensor([7, 7]));
    const y = scope(() => savedTensorsHooks(() => kept, (t: Tensor) => t, () => x.exp().sum()));
    y.backward();
    expect([kept.tolist(), x.grad!.tolist()]).toEqual([[7, 7], [7, 7]]);
  });

  it('a tensor of an outer scope goes back to it', () => {
    let outer!: Tensor;
    scope(() => {
      const x = tensor([2, 3], { requiresGrad: true });
      outer = tensor([7, 7]);
      const y = scope(() => savedTensorsHooks(() => outer, (t: Tensor) => t, () => x.exp().mul(2).sum()));
      y.backward();
      expect(outer.tolist()).toEqual([7, 7]);
    });
    expect(outer.isDisposed).toBe(true);
  });

  it('one tensor packed for several values is released with the last', () => {
    leavesNothing(() => {
      scope(() => {
        const x = tensor([2, 3], { requiresGrad: true });
        let one: Tensor | null = null;
        const [y, z] = scope(() =>
          savedTensorsHooks((t) => (one ??= t.clone()), (t: Tensor) => t, () => [x.exp().sum(), x.exp().sum()] as const),
        );
        y.backward();
        expect(one!.isDisposed).toBe(false);
        z.backward();
      });
    });
  });

  it('a tensor that unpack returns and the program made before stays', () => {
    const x = tensor([2, 3], { requiresGrad: true });
    const store = new Map<number, Tensor>();
    let next = 0;
    const y = savedTensorsHooks(
      (t) => {
        store.set(++next, t);
        return next;
      },
      (key: number) => store.get(key)!,
      () => x.exp().sum(),
    );
    y.backward();
    expect((store.get(1)!.tolist() as number[])[0]).toBeCloseTo(Math.exp(2), 4);
  });

  it('func.grad over a function that packs', () => {
    leavesNothing(() => {
      scope(() => {
        const f = (t: Tensor): Tensor => scope(() => saveOnCpu(() => t.mul(t).sum()));
        expect(func.grad(f)(tensor([1, 2])).tolist()).toEqual([2, 4]);
      });
    });
  });
});
