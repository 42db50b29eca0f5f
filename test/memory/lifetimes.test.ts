import { describe, expect, it, vi } from 'vitest';
import { DisposedError, Scope, keep, memoryStats, nn, ones, scope, tensor, trackLeaks, zeros, type Tensor } from 'adjoint';

const live = () => memoryStats().tensors;
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('scope()', () => {
  it('releases what was made inside, except what is returned', () => {
    const x = ones(2);
    const before = live();
    let lost: Tensor | undefined;
    const kept = scope(() => {
      lost = x.add(1);
      return lost.mul(2);
    });
    expect([live() - before, lost?.isDisposed, kept.tolist()]).toEqual([1, true, [4, 4]]);
  });

  it('finds tensors in arrays, plain objects, maps and outputs', () => {
    const before = live();
    const result = scope(() => {
      zeros(1);
      return { list: [ones(1), [ones(2)]], map: new Map([['a', ones(3)]]), max: tensor([[1, 2]]).max(1) };
    });
    expect(live() - before).toBe(5);
    expect([result.list[1], result.max.indices.tolist(), result.map.get('a')?.shape]).toEqual([[expect.anything()], [1], [3]]);
  });

  it('gives what it returns to the scope around it', () => {
    const before = live();
    let inner: Tensor | undefined;
    scope(() => {
      inner = scope(() => ones(1).add(1));
      expect(inner.isDisposed).toBe(false);
    });
    expect([inner?.isDisposed, live()]).toEqual([true, before]);
  });

  it('releases also when the function throws', () => {
    const before = live();
    expect(() => scope(() => { ones(3); throw new Error('mine'); })).toThrow('mine');
    expect(live()).toBe(before);
  });

  it('never breaks a gradient: the graph owns what backward needs', () => {
    const w = tensor([2, 3], { requiresGrad: true });
    const loss = scope(() => w.mul(w).mul(w).sum());
    loss.backward();
    expect(w.grad?.tolist()).toEqual([12, 27]);
  });

  it('leaves parameters and gradients alone', () => {
    let p: nn.Parameter | undefined;
    let g: Tensor | null = null;
    scope(() => {
      p = new nn.Parameter(ones(2));
      p.mul(3).sum().backward();
      g = p.grad;
    });
    expect([p?.isDisposed, p?.grad === g, p?.grad?.tolist()]).toEqual([false, true, [3, 3]]);
  });

  it('releases a gradient that was replaced inside it', () => {
    const w = tensor([1], { requiresGrad: true });
    w.mul(2).backward();
    const g = w.grad;
    scope(() => {
      w.grad = null;
      expect(g?.item()).toBe(2);
    });
    expect([g?.isDisposed, w.grad]).toEqual([true, null]);
  });

  it('gives back a gradient that a tensor of its own received', () => {
    const g = scope(() => {
      const w = tensor([1, 2], { requiresGrad: true });
      w.mul(w).sum().backward();
      return w.grad;
    });
    expect(g?.tolist()).toEqual([2, 4]);
  });
});

describe('scope() of an asynchronous function', () => {
  it('releases when the promise settles, except what it resolves to', async () => {
    let early: Tensor | undefined;
    const result = scope(async () => {
      early = ones(1);
      const other = early.add(1);
      await settled();
      expect(early.isDisposed).toBe(false);
      return other;
    });
    expect((await result).item()).toBe(2);
    expect(early?.isDisposed).toBe(true);
  });

  it('never sweeps up what other tasks made meanwhile', async () => {
    const running = scope(async () => {
      ones(1);
      await settled();
      await settled();
    });
    const beside = ones(2);
    await settled();
    const later = ones(3);
    await running;
    expect([beside.isDisposed, later.isDisposed]).toEqual([false, false]);
  });
});

describe('using s = new Scope()', () => {
  it('releases at the end of the block, except what is kept', () => {
    const before = live();
    let kept: Tensor | undefined;
    {
      using s = new Scope();
      kept = s.keep(ones(1));
      ones(2);
    }
    expect([live() - before, kept.isDisposed]).toEqual([1, false]);
  });

  it('is current only during the job that opened it', async () => {
    let made: Tensor | undefined;
    let after: Tensor | undefined;
    const task = async () => {
      using _ = new Scope();
      made = ones(1);
      await settled();
      after = ones(2);
    };
    const running = task();
    await Promise.resolve();
    const other = ones(3);
    await running;
    expect([made?.isDisposed, after?.isDisposed, other.isDisposed]).toEqual([true, false, false]);
  });

  it('may be ended twice, and out of order', () => {
    const before = live();
    const outer = new Scope();
    ones(1);
    const inner = new Scope();
    ones(2);
    outer.dispose();
    outer.dispose();
    const last = ones(3);
    inner.dispose();
    expect([live(), last.isDisposed]).toEqual([before, true]);
    const outside = ones(4);
    expect(outside.isDisposed).toBe(false);
  });
});

describe('keep()', () => {
  it('exempts from every scope around', () => {
    let kept: Tensor | undefined;
    scope(() => {
      scope(() => {
        kept = keep(ones(2));
      });
    });
    expect(kept?.tolist()).toEqual([1, 1]);
  });
});

describe('the call of a module', () => {
  it('spares what it assigned to a property, also where that is all it made', () => {
    class Remembers extends nn.Module {
      last: Tensor | null = null;
      override forward(x: Tensor): Tensor {
        this.last = x.mul(2);
        return this.last;
      }
    }
    const module = new Remembers();
    scope(() => void module.call(ones(2)));
    expect(module.last?.tolist()).toEqual([2, 2]);
  });

  it('releases what it made on the way', () => {
    class Three extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(2).add(1).exp();
      }
    }
    const [x, module] = [ones(2), new Three()];
    const before = live();
    module.call(x);
    expect(live() - before).toBe(1);
  });
});

describe('places in a scope', () => {
  it('are used again, and none is given back twice', () => {
    const before = live();
    const outer = ones(2);
    const survivor = scope(() => {
      let y = outer.add(1);
      for (let i = 0; i < 5000; i++) {
        const next = y.add(1);
        y.dispose();
        y = next;
      }
      // Slots and generations have come round many times: nothing of the loop may release these.
      const others = Array.from({ length: 100 }, (_, i) => outer.mul(i));
      others.forEach((t, i) => i % 3 === 0 && t.dispose());
      return [y, ...others.filter((_, i) => i % 3 === 1)];
    });
    expect(survivor.map((t) => t.item.call(t.sum()))).toEqual([10004, ...Array.from({ length: 33 }, (_, i) => 2 * (3 * i + 1))]);
    expect(live() - before).toBe(1 + survivor.length + survivor.length);
  });

  it('go with a scope that is left before those inside it', async () => {
    const before = live();
    const outer = new Scope();
    const first = ones(1);
    const inner = new Scope();
    const second = ones(2);
    outer.leave();
    const third = ones(3);
    expect([first.tolist(), second.tolist(), third.tolist()]).toEqual([[1], [1, 1], [1, 1, 1]]);
    inner.dispose();
    expect([first.isDisposed, second.isDisposed, third.isDisposed]).toEqual([false, true, true]);
    outer.dispose();
    expect([first.isDisposed, live()]).toEqual([true, before]);
    await settled();
  });

  it('keep the tensors they stand for apart where one stands for another value afterwards', () => {
    const before = live();
    scope(() => {
      const [x, y] = [ones(2), ones(2)];
      x.add_(y);
      y.dispose();
      ones(3);
    });
    expect(live()).toBe(before);
  });
});

describe('objects for what the graph names', () => {
  it('are those that are there, also inside a scope', () => {
    scope(() => {
      const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
      const y = x.mul(2);
      const [view, deeper] = [y.t(), y.t().view([2, 2]).reshape([4])];
      expect([view._base === y, y.chunk(2)[1]?._base === y]).toEqual([true, true]);
      expect(deeper._base === null || deeper._base === y).toBe(true);
      expect(y.gradFn?.nextFunctions[0]?.[0]?.variable).toBe(x);
    });
  });
});

describe('dispose()', () => {
  it('twice is harmless, and views keep the values', () => {
    const x = ones(2, 2);
    const row = x.index(0);
    x.dispose();
    x.dispose();
    expect([x.isDisposed, row.tolist()]).toEqual([true, [1, 1]]);
  });

  it('makes every use a DisposedError that names the operation', () => {
    const x = ones(2);
    const y = ones(2);
    x.dispose();
    for (const use of [() => x.add(1), () => y.add(x), () => x.item(), () => x.tolist(), () => x.shape, () => x.grad, () => x.backward(), () => x.requiresGrad]) {
      expect(use).toThrow(DisposedError);
    }
    expect(() => y.mul(x)).toThrow('mul: tensor was disposed by dispose()');
    expect(() => scope(() => ({ inner: ones(1) })).inner.add(1)).not.toThrow();
    let swept: Tensor | undefined;
    scope(() => void (swept = ones(1)));
    expect(() => swept?.exp()).toThrow('exp: tensor was disposed at scope end; return it from scope()');
  });

  it('gives the bytes back once nothing else needs them', () => {
    const before = memoryStats().bytes;
    const x = ones(1000);
    const view = x.view(10, 100);
    x.dispose();
    expect(memoryStats().bytes - before).toBe(4000);
    view.dispose();
    expect(memoryStats().bytes).toBe(before);
  });
});

describe('the net below', () => {
  it('releases what the garbage collector finds', async () => {
    const before = live();
    (() => {
      for (let i = 0; i < 100; i++) ones(10);
    })();
    expect(live() - before).toBe(100);
    for (let i = 0; i < 20 && live() > before; i++) {
      await settled();
      (globalThis as { gc?: () => void }).gc?.();
    }
    expect(live() - before).toBeLessThan(5);
  });

  it('warns once when memory keeps growing outside any scope', async () => {
    await settled();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const x = ones(256, 256);
    for (let i = 0; i < 4096; i++) x.add(1);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0]?.[0])).toContain('outside any scope');
    warn.mockRestore();
    await settled();
  });
});

describe('trackLeaks()', () => {
  it('says where living tensors were made and where a disposed one was disposed', () => {
    using tracker = trackLeaks();
    const x = ones(3);
    scope(() => ones(4));
    const made = tracker.live();
    expect(made.reduce((n, leak) => n + leak.count, 0)).toBe(2);
    expect(made[0]?.stack).toContain('lifetimes.test.ts');
    x.dispose();
    expect(() => x.add(1)).toThrow('lifetimes.test.ts');
  });
});
