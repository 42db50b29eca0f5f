// vmap on all samples at once: what the function sees, gradients by sample and of all, writes, random numbers, what profiles say.
import { ShapeError, UsageError, autograd, func, grad, manualSeed, nn, ones, profiler, rand, randn, stack, tensor, vmap, where, zeros, type Tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

const t64 = (v: any): Tensor => tensor(v, { dtype: 'float64' });
const close = (a: Tensor, b: Tensor): void => {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(1e-5);
};
const F = nn.functional;

describe('the function', () => {
  it('runs once, or once a chunk, on tensors of the shape of one sample', () => {
    const seen: number[][] = [];
    const f = (x: Tensor): Tensor => { seen.push([...x.shape]); return x.sin(); };
    const x = randn([5, 2, 3]);
    close(vmap(f)(x), x.sin());
    close(vmap(f, { chunkSize: 2, outDims: 1 })(x), x.sin().movedim(0, 1));
    expect(seen).toEqual(Array(4).fill([2, 3]));
    expect(() => vmap(f, { chunkSize: 0 })(x)).toThrow(/chunkSize/);
  });

  it('may return what has no samples, which is the same for all', () => {
    const w = randn([3]);
    const [a, b] = vmap((x: Tensor) => [x.mul(w), w.exp()], 0, [0, -1])(randn([4, 3])) as [Tensor, Tensor];
    expect([a.shape, b.shape]).toEqual([[4, 3], [3, 4]]);
    close(b.select(1, 2), w.exp());
  });

  it('shows no values of samples, whatever asks', () => {
    const shown: string[] = [];
    vmap((x: Tensor) => { shown.push(String(x)); return x; })(ones([2, 3]));
    expect(shown).toEqual(['tensor(samples of vmap, size=[3])']);
    for (const read of [(x: Tensor) => x.toTypedArray(), (x: Tensor) => x.tolist(), (x: Tensor) => x.sum().item(), (x: Tensor) => JSON.stringify(x)]) {
      expect(() => vmap((x: Tensor) => { read(x); return x; })(ones([2, 3]))).toThrow(UsageError);
    }
    let escaped: Tensor | null = null;
    vmap((x: Tensor) => { escaped = x.mul(2); return x; })(ones([2, 3]));
    expect(() => escaped!.tolist()).toThrow(UsageError);
  });

  it('nests, over the same argument and over others', () => {
    const [x, y] = [randn([3, 4]), randn([2, 4])];
    const dots = vmap((u: Tensor) => vmap((v: Tensor) => u.dot(v))(y))(x);
    close(dots, x.matmul(y.t()));
    close(vmap(vmap((v: Tensor) => v.mul(2)), 1, 1)(x), x.mul(2));
    const w = randn([4, 4]);
    close(vmap((u: Tensor) => vmap((v: Tensor) => u.matmul(w).mul(v).softmax(0))(y))(x), x.matmul(w).unsqueeze(1).mul(y).softmax(-1));
  });
});

describe('gradients', () => {
  const net = { w: randn([4, 3]), b: randn([4]), v: randn([2, 4]) };
  const loss = (p: typeof net, x: Tensor, y: Tensor): Tensor => F.crossEntropy(F.linear(F.linear(x, p.w, p.b).tanh(), p.v), y);
  const [x, y] = [randn([5, 3]), tensor([0, 1, 1, 0, 1], { dtype: 'int64' })];

  it('of samples are those of single calls, of what all share too', () => {
    const found = vmap(func.grad(loss), [null, 0, 0])(net, x, y);
    for (let i = 0; i < 5; i++) {
      const one = func.grad(loss)(net, x.select(0, i), y.select(0, i));
      for (const key of ['w', 'b', 'v'] as const) close(found[key].select(0, i), one[key]);
    }
  });

  it('of vmap are the sum', () => {
    const all = func.grad((p: typeof net) => vmap((a: Tensor, b: Tensor) => loss(p, a, b))(x, y).mean())(net);
    const batch = func.grad(loss)(net, x, y);
    for (const key of ['w', 'b', 'v'] as const) close(all[key], batch[key]);
    const twice = func.grad((p: typeof net) => vmap(func.grad((q: Tensor, a: Tensor) => p.w.mul(q).matmul(a).square().sum()), [null, 0])(p.w, x).square().sum())(net);
    const rows = stack(Array.from({ length: 5 }, (_, i) => func.grad((p: Tensor) => func.grad((q: Tensor) => p.mul(q).matmul(x.select(0, i)).square().sum())(p).square().sum())(net.w)));
    close(twice.w.div(100), rows.sum(0).div(100));
  });

  it('of every kind nest with it', () => {
    const f = (u: Tensor): Tensor => u.pow(3).sum().mul(u.sin());
    const u = randn([4, 3], { dtype: 'float64' });
    const each = (g: (v: Tensor) => Tensor): Tensor => stack(Array.from({ length: 4 }, (_, i) => g(u.select(0, i))));
    for (const g of [func.jacrev(f), func.jacfwd(f), func.hessian((v: Tensor) => f(v).sum()), (v: Tensor) => func.jvp(f, [v], [ones([3], { dtype: 'float64' })])[1],
      (v: Tensor) => func.vjp(f, v)[1](ones([3], { dtype: 'float64' }))[0]]) {
      close(vmap(g)(u), each(g));
    }
    close(func.jacrev((v: Tensor) => vmap(f)(v).sum(0))(u), func.jacfwd((v: Tensor) => vmap(f)(v).sum(0))(u));
    close(func.jvp((v: Tensor) => vmap(f)(v), [u], [u])[1], stack(Array.from({ length: 4 }, (_, i) => func.jvp(f, [u.select(0, i)], [u.select(0, i)])[1])));
  });

  it('of a graph made outside are one a seed, and leaves outside add all up', () => {
    const a = randn([3], { requiresGrad: true });
    const out = a.mul(a).mul(tensor([1, 2, 3]));
    const seeds = randn([4, 3]);
    close(vmap((g: Tensor) => grad(out, [a], { gradOutputs: g, retainGraph: true })[0])(seeds), seeds.mul(a.detach().mul(tensor([2, 4, 6]))));
    vmap((s: Tensor) => { const l = s.mul(a).sum(); l.backward(); return l.detach(); })(seeds);
    close(a.grad!, seeds.sum(0));
  });

  it('of a custom function go by its own backward, which runs once', () => {
    let calls = 0;
    class Cube extends autograd.Function {
      static override forward(ctx: any, v: Tensor): Tensor { ctx.saveForBackward(v); return v.pow(3); }
      static override backward(ctx: any, g: Tensor): Tensor { calls += 1; const [v] = ctx.savedTensors; return g.mul(v.square().mul(3)); }
    }
    close(vmap(func.grad((v: Tensor) => (Cube as any).apply(v).sum()))(x), x.square().mul(3));
    expect(calls).toBe(1);
  });
});

describe('writes', () => {
  it('reach what has samples, the argument among it', () => {
    const x = ones([3, 2]);
    const out = vmap((v: Tensor) => { v.mul_(2); const made = v.clone(); made.select(0, 0).add_(v.sum()); return made; })(x);
    expect(x.tolist()).toEqual([[2, 2], [2, 2], [2, 2]]);
    expect(out.tolist()).toEqual([[6, 2], [6, 2], [6, 2]]);
    expect(vmap((v: Tensor) => zeros([2]).add_(1).add(v))(x).tolist()).toEqual([[3, 3], [3, 3], [3, 3]]);
  });

  it('of values of samples into what has none are refused, as in PyTorch', () => {
    expect(() => vmap((v: Tensor) => zeros([2]).add_(v))(ones([3, 2]))).toThrow(/^add_: vmap: writing in place .* was vmapped over/);
    expect(() => vmap((v: Tensor) => zeros([2]).copy_(v))(ones([3, 2]))).toThrow(UsageError);
    const shared = zeros([2]);
    expect(() => vmap((v: Tensor) => shared.add_(v))(ones([3, 2]))).toThrow(/not being vmapped over/);
  });
});

describe('values that decide', () => {
  it('are chosen by where, and masks are served as far as shapes do not differ', () => {
    const x = t64([[1, -2, 3], [-4, 5, 6]]);
    expect(vmap((v: Tensor) => where(v.gt(0), v, 0))(x).tolist()).toEqual([[1, 0, 3], [0, 5, 6]]);
    expect(vmap((v: Tensor) => v.maskedSelect(v.gt(0)))(x).tolist()).toEqual([[1, 3], [5, 6]]);
    expect(vmap((v: Tensor) => v.indexPut([v.gt(2)], t64(0)))(x).tolist()).toEqual([[1, -2, 0], [-4, 0, 0]]);
    expect(() => vmap((v: Tensor) => v.maskedSelect(v.gt(2)))(x)).toThrow(ShapeError);
  });
});

describe('random numbers', () => {
  it('differ by sample of every vmap that says so, and are the same elsewhere', () => {
    const numbers = (inner: 'same' | 'different', outer: 'same' | 'different'): Tensor =>
      vmap((_: Tensor) => vmap((v: Tensor) => v.add(rand([2])), { randomness: inner })(zeros([3])), { randomness: outer })(zeros([4]));
    const distinct = (t: Tensor): number => new Set(t.select(2, 0).flatten().tolist() as number[]).size;
    manualSeed(1);
    expect([distinct(numbers('different', 'different')), distinct(numbers('same', 'same'))]).toEqual([12, 1]);
    expect([distinct(numbers('different', 'same')), distinct(numbers('same', 'different'))]).toEqual([3, 4]);
    expect(() => vmap((_: Tensor) => vmap((v: Tensor) => v.add(rand([2])), { randomness: 'different' })(zeros([3])))(zeros([4]))).toThrow(/randomness/);
  });

  it('of a dropout are masks of each sample', () => {
    const masks = vmap((v: Tensor) => F.dropout(v, 0.5, true), { randomness: 'different' })(ones([8, 32]));
    expect(new Set((masks.tolist() as number[][]).map((row) => row.join())).size).toBe(8);
    const same = vmap((v: Tensor) => F.dropout(v, 0.5, true), { randomness: 'same' })(ones([8, 32]));
    expect(new Set((same.tolist() as number[][]).map((row) => row.join())).size).toBe(1);
  });
});

describe('profiles', () => {
  const loops = (f: (v: Tensor) => Tensor, x: Tensor): [string, number][] =>
    profiler.profile(() => vmap(f)(x)).keyAverages().filter((row) => row.sampleLoops > 0).map((row) => [row.name, row.sampleLoops]);

  it('count what runs on one sample after the other', () => {
    expect(loops((v) => v.matmul(v.t()).sum(1).softmax(0).sort().values, randn([3, 4, 4]))).toEqual([['sort', 1]]);
    expect(loops((v) => F.linear(v, ones([2, 4])).relu().logSoftmax(-1).mean(), randn([3, 5, 4]))).toEqual([]);
  });
});
