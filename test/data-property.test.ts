// x.data: the same values without history and with a version of their own, as PyTorch's.
import { describe, expect, it } from 'vitest';
import { AutogradError, DisposedError, UsageError, arange, nn, ones, optim, scope, tensor, zeros } from 'adjoint';

describe('x.data', () => {
  it('shares values but no history, and is no view', () => {
    const y = ones(3).requiresGrad_().mul(2);
    const d = y.data;
    expect([d.requiresGrad, d.isLeaf, d._base, d._version, d.dataPtr() === y.dataPtr()]).toEqual([false, true, null, 0, true]);
    d.add_(1);
    expect([y.tolist(), y._version, d._version]).toEqual([[3, 3, 3], 0, 1]);
    const row = arange(6).view(2, 3).index(1);
    expect([row.data.tolist(), row.data._base, row.data.stride()]).toEqual([[3, 4, 5], null, [1]]);
  });

  it("does not raise the version's alarm, where detach() does", () => {
    const x = ones(3).requiresGrad_();
    const quiet = x.mul(x);
    x.data.mul_(5);
    quiet.sum().backward();
    expect([x.grad!.tolist(), x._version]).toEqual([[10, 10, 10], 0]);
    const loud = x.mul(x);
    x.detach().mul_(5);
    expect(() => { loud.sum().backward(); }).toThrow(AutogradError);
    const e = ones(2).requiresGrad_();
    const y = e.exp();
    y.data.zero_();
    y.sum().backward();
    expect(e.grad!.tolist()).toEqual([0, 0]);
  });

  it('may be written through views of it, and outlives what it is of', () => {
    const x = zeros(2, 2);
    x.data.index(0).add_(1);
    expect(x.tolist()).toEqual([[1, 1], [0, 0]]);
    const d = x.data;
    x.dispose();
    expect(d.add(1).tolist()).toEqual([[2, 2], [1, 1]]);
    expect(() => x.data).toThrow(DisposedError);
  });

  it('runs an update of weights by hand, as scripts write it', () => {
    const p = new nn.Parameter(ones(2));
    for (let i = 0; i < 3; i++) {
      p.mul(p).sum().backward();
      p.data.sub_(p.grad!.mul(0.1));
      p.grad = null;
    }
    expect(p.index(0).item()).toBeCloseTo(0.512);
    expect(p.isLeaf).toBe(true);
  });
});

describe('x.data = other', () => {
  it('shares the values of the other, and keeps gradient, leaf and version', () => {
    const p = new nn.Parameter(ones(2));
    p.mul(3).sum().backward();
    const q = zeros(3);
    p.data = q;
    expect([p.tolist(), p.shape, p._version, p.isLeaf, p.requiresGrad, p.dataPtr() === q.dataPtr(), p.grad!.tolist()]).toEqual([[0, 0, 0], [3], 0, true, true, true, [3, 3]]);
    q.add_(1);
    expect([p.tolist(), p._version, q._version]).toEqual([[1, 1, 1], 0, 1]);
    const a = zeros(2);
    a.add_(1);
    a.data = ones(2);
    expect([a._version, a.data._version]).toEqual([1, 0]);
  });

  it('gradients of graphs made before reach the same tensor, at the values it has then', () => {
    const p = new nn.Parameter(ones(2));
    const loss = p.mul(p).sum();
    p.data = zeros(2);
    loss.backward();
    expect(p.grad!.tolist()).toEqual([0, 0]);
    const m = new nn.Linear(2, 2);
    const y = m.call(ones(1, 2)).sum();
    m.weight.data = m.weight.data.clone();
    y.backward();
    expect(m.weight.grad!.tolist()).toEqual([[1, 1], [1, 1]]);
    const r = new nn.Parameter(ones(2));
    const other = r.mul(r).sum();
    r.data = zeros(3);
    expect(() => { other.backward(); }).toThrow();
  });

  it('is seen by modules, optimizers and hooks', () => {
    const m = new nn.Linear(2, 2);
    const seen: number[][] = [];
    m.weight.registerHook((g) => { seen.push(g.tolist() as unknown as number[]); });
    const o = new optim.SGD(m.parameters(), 0.1);
    m.weight.data = zeros(2, 2);
    m.call(ones(1, 2)).sum().backward();
    o.step();
    expect(m.weight.add(0.1).abs().max().item()).toBeCloseTo(0);
    expect([m.stateDict()['weight']!.shape, seen.length]).toEqual([[2, 2], 1]);
  });

  it('takes another shape and floating dtype, keeps the history of a result, and leaves what was shared before', () => {
    const p = new nn.Parameter(ones(2));
    p.data = ones(3, { dtype: 'float64' });
    expect([p.dtype, p.shape]).toEqual(['float64', [3]]);
    expect(String(p)).toContain('dtype=float64');
    const y = ones(2).requiresGrad_().mul(2);
    y.data = zeros(2);
    expect(String(y)).toBe('tensor([0., 0.], gradFn=<MulBackward0>)');
    const base = zeros(4);
    const view = base.index({ stop: 2 });
    view.data = ones(2);
    expect([view.tolist(), base.tolist()]).toEqual([[1, 1], [0, 0, 0, 0]]);
    const kept = scope(() => { const a = ones(2).requiresGrad_(); a.data = zeros(2); return a; });
    expect(kept.tolist()).toEqual([0, 0]);
  });

  it('refuses what is no tensor, and integers where gradients flow', () => {
    const p = new nn.Parameter(ones(2)) as any;
    expect(() => { p.data = 3; }).toThrow(UsageError);
    expect(() => { p.data = [1, 2]; }).toThrow('data: must be a tensor, got an array');
    expect(() => { p.data = tensor([1n, 2n]); }).toThrow('must be of floating-point dtype, got int64');
    const gone = ones(2);
    gone.dispose();
    expect(() => { p.data = gone; }).toThrow(DisposedError);
    const x = ones(2);
    x.data = tensor([1n, 2n]);
    expect(x.dtype).toBe('int64');
  });
});
