// lazy(): operations that are computed when a value is asked for have the bits of those that are computed at once.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { AdjointError, Tensor, autograd, capture, checkpoint, func, lazy, manualSeed, memoryStats, nn, noGrad, ones, optim, rand, randn, resetPeakMemory, scope, tensor } from 'adjoint';
import { describe, expect, it, test } from 'vitest';
import { argumentsOf, callable, seeded, type ManifestOp } from './gradcheck-samples';

const listOf = (out: unknown): Tensor[] => (out instanceof Tensor ? [out] : typeof out === 'object' && out !== null ? Object.values(out).flatMap(listOf) : []);

/** Dtype, shape, strides and bits. */
const seen = (out: unknown): unknown =>
  listOf(out).map((t) => {
    const values = t.detach().contiguous().toTypedArray();
    return [t.dtype, t.shape, t.stride(), Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))];
  });

const ops = JSON.parse(readFileSync(new URL('generated/manifest.json', import.meta.url), 'utf8')) as ManifestOp[];

describe('every op, put off, gives what it gives at once', () => {
  for (const op of ops) {
    const call = callable(op, adjoint);
    if (call === null || op.samples.length === 0 || op.name.startsWith('empty')) continue;
    test(op.op, () => {
      for (const sample of op.samples) scope(() => {
        const { tensors, place } = argumentsOf(op, sample, seeded(`${op.op} ${sample.label} lazy`));
        // What is read was put off, too.
        const before = (t: Tensor): Tensor => (t.dtype === 'bool' ? t.clone() : t.mul(1));
        const run = (): unknown => noGrad(() => call(...place(tensors.map(before))));
        const attempt = (fn: () => unknown): unknown => {
          manualSeed(7);
          try {
            return seen(fn());
          } catch (error) {
            if (error instanceof AdjointError) return String(error);
            throw error;
          }
        };
        expect(attempt(() => lazy(run)), sample.label).toEqual(attempt(run));
      });
    });
  }
});

describe('what is put off', () => {
  it('has its facts at once, and its values when they are asked for', () => {
    const y = lazy(() => tensor([1, 2, 3]).mul(2).add(1));
    expect([y.dtype, y.shape, y.stride()]).toEqual(['float32', [3], [1]]);
    expect(y.tolist()).toEqual([3, 5, 7]);
    expect(String(lazy(() => tensor([1, 2]).exp().log()))).toBe('tensor([1., 2.])');
    expect(lazy(() => tensor(3).square()).item()).toBe(9);
    expect(lazy({ fn: () => tensor([1, 2]).sum() }).item()).toBe(3);
  });

  it('is not computed where nothing reads it', () => {
    const a = rand([192, 192]);
    const timed = (fn: () => unknown): number => {
      const start = performance.now();
      scope(fn);
      return performance.now() - start;
    };
    const many = (): void => { for (let i = 0; i < 20; i++) a.matmul(a); };
    many();
    const best = (fn: () => unknown): number => Math.min(...Array.from({ length: 5 }, () => timed(fn)));
    expect(best(() => { lazy(many); })).toBeLessThan(0.25 * best(many));
  });

  it('takes memory only for what can still be read', () => {
    const x = rand([1024]);
    resetPeakMemory();
    const before = memoryStats().bytes;
    const y = lazy(() => {
      let y = x;
      for (let i = 0; i < 2000; i++) {
        const next = y.tanh();
        if (y !== x) y.dispose();
        y = next;
      }
      return y;
    });
    expect(y.isDisposed).toBe(false);
    const value = y.toTypedArray();
    expect(memoryStats().peakBytes - before).toBeLessThan(150 * 4096);
    let expected = x;
    for (let i = 0; i < 2000; i++) expected = expected.tanh();
    expect(value).toEqual(expected.toTypedArray());
  });

  it('reads what its inputs held when it was written down', () => {
    const x = tensor([1, 2]);
    const y = lazy(() => x.mul(10));
    x.add_(1);
    expect([y.tolist(), x.tolist()]).toEqual([[10, 20], [2, 3]]);
    const z = lazy(() => {
      const z = x.mul(10);
      x.zero_();
      return z;
    });
    expect([z.tolist(), x.tolist()]).toEqual([[20, 30], [0, 0]]);
  });

  it('says what is wrong with shapes at the call', () => {
    expect(() => lazy(() => ones([2, 3]).matmul(ones([2, 3])))).toThrow(/matmul/);
    expect(lazy(() => ones([2]).add(1)).tolist()).toEqual([2, 2]);
  });

  it('branches on shapes without computing, and on values by computing', () => {
    const f = (x: Tensor): Tensor => {
      const y = x.mul(2);
      return y.shape[0] === 2 && y.sum().item() > 5 ? y.sub(1) : y.add(1);
    };
    expect(lazy(() => f(tensor([1, 2]))).tolist()).toEqual([1, 3]);
    expect(lazy(() => f(tensor([1, 1]))).tolist()).toEqual([3, 3]);
  });

  it('draws random numbers in the order of the calls', () => {
    const f = (): Tensor[] => [rand([3]).mul(2), randn([3]), nn.functional.dropout(ones([8]).mul(3), 0.5)];
    manualSeed(3);
    const expected = seen(f());
    manualSeed(3);
    expect(seen(lazy(f))).toEqual(expected);
  });
});

describe('gradients', () => {
  const model = (): nn.Sequential => {
    manualSeed(5);
    return new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.BatchNorm2d(4), new nn.ReLU(), new nn.Flatten(), new nn.LayerNorm(4 * 36), new nn.Linear(4 * 36, 3));
  };
  const losses = (step: (fn: () => Tensor) => Tensor): unknown => scope(() => {
    const net = model();
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
    const [x, y] = [rand([5, 1, 8, 8]), tensor([0n, 1n, 2n, 1n, 0n])];
    const found = [];
    for (let i = 0; i < 4; i++) {
      const loss = step(() => {
        optimizer.zeroGrad();
        const loss = nn.functional.crossEntropy(net(x), y);
        loss.backward();
        optimizer.step();
        return loss;
      });
      found.push(seen(loss), seen(net.parameters()), seen(net.parameters().map((p) => p.grad)));
    }
    return found;
  });

  it('are those of the same steps computed at once', () => {
    expect(losses((fn) => lazy(fn))).toEqual(losses((fn) => fn()));
  });

  it('flow to what was put off before, of every order', () => {
    const x = tensor([0.5, 1.5], { requiresGrad: true });
    const y = lazy(() => x.exp().mul(x).sum());
    const [g] = autograd.grad(y, [x], { createGraph: true });
    const [h] = autograd.grad(lazy(() => g.square().sum()), [x]);
    const [e] = autograd.grad(x.exp().mul(x).sum(), [x], { createGraph: true });
    const [f] = autograd.grad(e.square().sum(), [x]);
    expect([seen(g), seen(h)]).toEqual([seen(e), seen(f)]);
  });

  it('come from transforms, checkpoints and custom functions too', () => {
    const f = (x: Tensor): Tensor => x.softmax(0).mul(x).sum();
    const x = tensor([0.1, 0.7, 0.2]);
    const all = (): unknown[] => {
      const y = x.mul(3);
      return [func.grad(f)(y), func.vmap((t: Tensor) => t.tanh())(y), func.jvp(f, [y], [ones([3])]), checkpoint(f, y.add(1)), y.sub(1)];
    };
    expect(seen(lazy(all))).toEqual(seen(all()));
    const waiting = lazy(() => x.mul(3));
    expect(seen(func.jvp(f, [waiting], [ones([3])]))).toEqual(seen(func.jvp(f, [x.mul(3)], [ones([3])])));
  });
});

describe('beside other things', () => {
  it('captures and compiled functions see values', () => {
    const x = tensor([1, 2]);
    const f = (a: Tensor): Tensor => a.mul(2).add(1);
    const program = lazy(() => {
      const y = x.mul(3);
      return { program: capture(f, y), out: capture(f, y).run(y) };
    });
    expect(program.out.tolist()).toEqual([7, 13]);
    expect(program.program.run(lazy(() => x.mul(5))).tolist()).toEqual([11, 21]);
    expect(capture((a) => lazy(() => f(a)), x).run(tensor([3, 4])).tolist()).toEqual([7, 9]);
  });

  it('a function that throws leaves nothing behind', () => {
    const { tensors } = memoryStats();
    expect(() => lazy(() => {
      ones([4]).exp();
      throw new Error('mine');
    })).toThrow('mine');
    expect(memoryStats().tensors).toBe(tensors);
    expect(ones([2]).exp().log().tolist()).toEqual([1, 1]);
  });

  it('scopes nest', () => {
    const x = tensor([4, 9]);
    const out = lazy(() => {
      const inner = lazy(() => x.sqrt());
      return inner.add(1);
    });
    expect(out.tolist()).toEqual([3, 4]);
  });
});

it('a backward pass inside of lazy() takes gradients of another dtype, and hooks that put operations off', () => {
  const step = (): Tensor => {
    const x = tensor([0.5, 1.5], { requiresGrad: true });
    const y = x.mul(x).tanh();
    y.registerHook((g) => lazy(() => g.mul(2).add(1)));
    y.backward(tensor([1, 2], { dtype: 'float64' }).mul(3));
    return x.grad!.mul(2);
  };
  expect(seen(lazy(step))).toEqual(seen(step()));
});
