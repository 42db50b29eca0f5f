// nn.utils.parametrize.cached: a parametrised tensor is computed once for the time of a function.
import { describe, expect, it } from 'vitest';
import { memoryStats, nn, ones, scope, type Tensor } from 'adjoint';

const { cached, registerParametrization } = nn.utils.parametrize;

class Double extends nn.Module {
  calls = 0;
  override forward(x: Tensor): Tensor {
    this.calls += 1;
    return x.mul(2);
  }
}

function layer(): [nn.Linear, Double] {
  const m = new nn.Linear(2, 2, false);
  const double = new Double();
  registerParametrization(m, 'weight', double);
  double.calls = 0;
  return [m, double];
}

describe('cached()', () => {
  it('computes once, and gives gradients of all uses', () => {
    const [m, double] = layer();
    const out = cached(() => {
      const first = m.weight;
      expect(m.weight).toBe(first);
      return m(m(ones(1, 2))).sum();
    });
    expect(double.calls).toBe(1);
    out.backward();
    expect(m.parameters()[0]!.grad).not.toBe(null);
    expect([m.weight, m.weight].length + double.calls).toBe(5);
  });

  it('nests, ends where the function throws, and is a guard without one', () => {
    const [m, double] = layer();
    expect(() => cached(() => { m.weight.sum(); throw new Error('no'); })).toThrow('no');
    const guard = cached();
    expect(cached(() => m.weight)).toBe(m.weight);
    guard.dispose();
    guard.dispose();
    m.weight.sum();
    expect(double.calls).toBe(3);
    expect(() => new nn.utils.parametrize.ParametrizationCache(0 as never)).toThrow(/call cached\(\)/);
  });

  it('leaves nothing behind in a scope', () => {
    const [m] = layer();
    const run = (): void => { scope(() => { cached(() => { m(m(ones(1, 2))); }); }); };
    run();
    const before = memoryStats().tensors;
    for (let i = 0; i < 5; i++) run();
    expect(memoryStats().tensors).toBe(before);
  });
});
