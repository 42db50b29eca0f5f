// nn.utils.parametrize.cached: a parametrised tensor is computed once for the time of a function.
import { describe, expect, it } from 'vitest';
import { AdjointError, memoryStats, nn, ones, scope, type Tensor } from 'adjoint';

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

it('a parametrization that reads what it computes ends in an error that says so, and the module is as it was', () => {
  const linear = new nn.Linear(2, 2);
  nn.utils.parametrize.registerParametrization(linear, 'weight', linear, true);
  for (let i = 0; i < 2; i++) expect(() => linear.weight).toThrow(/reads the tensor that it computes, without end/);
  expect(() => { linear.resetParameters(); }).toThrow(AdjointError);
  // One that stops by itself goes on.
  class Deep extends nn.Module {
    depth = 0;
    constructor(readonly owner: { weight: Tensor }) {
      super();
    }
    override forward(w: Tensor): Tensor {
      this.depth += 1;
      return this.depth < 20 ? this.owner.weight.add(1) : w;
    }
  }
  const other = new nn.Linear(1, 1, false);
  nn.init.zeros_(other.weight);
  nn.utils.parametrize.registerParametrization(other, 'weight', new Deep({ get weight() { return other.weight; } }), true);
  expect(other.weight.item()).toBe(19);
});
