// Function transforms: nesting, structure, what leaves a transform, errors.
import { AdjointError, AutogradError, GradcheckError, ShapeError, UsageError, autograd, forwardAd, func, isGradEnabled, manualSeed, memoryStats, nn, noGrad, rand, randn, resetPeakMemory, scope, tensor, vmap, zeros } from 'adjoint';
import type { Tensor } from 'adjoint';
import { expect, test } from 'vitest';

const t64 = (v: number | number[]): Tensor => tensor(v, { dtype: 'float64' });
const sin = (x: Tensor): Tensor => x.sin();

test('derivatives of any order of sin by grad of grad, jvp of jvp and their mixtures', () => {
  const x = t64(0.7);
  const one = t64(1);
  const forward = (f: (x: Tensor) => Tensor) => (y: Tensor): Tensor => func.jvp(f, [y], [one])[1];
  const reverse = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => func.grad(f);
  const expected = [Math.sin, Math.cos, (v: number) => -Math.sin(v), (v: number) => -Math.cos(v), Math.sin].map((f) => f(0.7));
  for (let bits = 0; bits < 16; bits++) {
    let f = sin;
    for (let order = 1; order <= 4; order++) {
      f = bits >> (order - 1) & 1 ? forward(f) : reverse(f);
      const result = f(x);
      expect(result.item(), `order ${order} of ${bits.toString(2)}`).toBeCloseTo(expected[order]!, 12);
      expect(result.requiresGrad).toBe(false);
    }
  }
});

test('an inner transform sees the outer argument as a constant, in both modes', () => {
  // d/dx (x · d/dy (x + y) at y = 1) = d/dx x = 1: confusing the two directions gives 2.
  const x = t64(3);
  const one = t64(1);
  const d = (f: (x: Tensor) => Tensor, at: Tensor): Tensor => func.jvp(f, [at], [one])[1];
  expect(d((u) => u.mul(d((v) => u.add(v), one)), x).item()).toBe(1);
  expect(func.grad((u: Tensor) => u.mul(func.grad((v: Tensor) => u.add(v))(one)))(x).item()).toBe(1);
  expect(d((u) => u.mul(func.grad((v: Tensor) => u.mul(v))(one)), x).item()).toBe(6);
  expect(func.grad((u: Tensor) => u.mul(d((v) => u.mul(v), one)))(x).item()).toBe(6);
});

test('a gradient taken inside a recorded computation is recorded', () => {
  const x = tensor(2, { dtype: 'float64', requiresGrad: true });
  const g = func.grad((u: Tensor) => u.pow(3))(x);
  expect(g.requiresGrad).toBe(true);
  g.backward();
  expect(x.grad!.item()).toBe(12);
  const w = tensor(5, { dtype: 'float64', requiresGrad: true });
  func.grad((u: Tensor) => u.pow(2).mul(w))(t64(3)).backward();
  expect(w.grad!.item()).toBe(6);
  expect(noGrad(() => func.grad((u: Tensor) => u.pow(3))(x)).requiresGrad).toBe(false);
  expect(noGrad(() => func.grad((u: Tensor) => u.pow(3))(x)).item()).toBe(12);
});

test('nothing of a transform is left on its arguments or in the modes', () => {
  const x = t64([1, 2]);
  const value = func.valueAndGrad((u: Tensor) => u.mul(u).sum())(x);
  expect(value.map((t) => [t.requiresGrad, t.gradFn])).toEqual([[false, null], [false, null]]);
  expect([x.requiresGrad, x.grad, isGradEnabled()]).toEqual([false, null, true]);
  expect(() => func.grad((_: Tensor): Tensor => { throw new RangeError('mine'); })(x)).toThrow(RangeError);
  expect(() => func.jvp((_: Tensor): Tensor => { throw new RangeError('mine'); }, [x], [x])).toThrow(RangeError);
  expect(func.grad((u: Tensor) => u.sum())(x).requiresGrad).toBe(false);
});

test('argnums and auxiliary outputs', () => {
  const f = (a: Tensor, b: Tensor): Tensor => a.mul(a).mul(b);
  const [a, b] = [t64(2), t64(3)];
  expect(func.grad(f, 1)(a, b).item()).toBe(4);
  expect(func.grad(f, -1)(a, b).item()).toBe(4);
  expect(func.grad(f, [0, 1])(a, b).map((t) => t.item())).toEqual([12, 4]);
  const [g, aux] = func.grad((u: Tensor) => [u.pow(2), { twice: u.mul(2) }] as const as never as [Tensor, { twice: Tensor }], { hasAux: true })(a);
  expect([(g).item(), aux.twice.item(), aux.twice.requiresGrad]).toEqual([4, 4, false]);
  const [grad2, [value, extra]] = func.gradAndValue((u: Tensor): [Tensor, string] => [u.pow(3), 'extra'], 0, true)(a);
  expect([(grad2).item(), value.item(), extra]).toEqual([12, 8, 'extra']);
  expect(() => func.grad(f, 2)(a, b)).toThrow(UsageError);
  expect(() => func.grad(f, [0, -2])(a, b)).toThrow(/different/);
});

test('arguments may be objects and arrays, and gradients have their structure', () => {
  const p = { w: t64([1, 2]), layers: [{ b: t64(3) }] };
  const loss = (q: typeof p): Tensor => q.w.mul(q.w).sum().mul(q.layers[0]!.b);
  const g = func.grad(loss)(p);
  expect([g.w.tolist(), g.layers[0]!.b.item()]).toEqual([[6, 12], 5]);
  const unused = func.grad((q: { a: Tensor; b: Tensor }) => q.a.sum())({ a: t64([1]), b: t64([7, 8]) });
  expect(unused.b.tolist()).toEqual([0, 0]);
  expect(func.grad((_: Tensor) => t64(4))(t64([1, 2])).tolist()).toEqual([0, 0]);
});

test('a pull-back can be called again, also inside another transform', () => {
  const x = t64([1, 2, 3]);
  const [out, pull] = func.vjp((u: Tensor) => ({ s: u.sin(), p: u.prod() }), x);
  expect(out.s.requiresGrad).toBe(false);
  const zero = { s: zeros([3], { dtype: 'float64' }), p: t64(1) };
  expect(pull(zero)[0].tolist()).toEqual([6, 3, 2]);
  expect(pull(zero)[0].tolist()).toEqual([6, 3, 2]);
  expect(() => pull({ s: t64([1]), p: t64(1) })).toThrow(ShapeError);
  const linear = func.jacrev((g: Tensor) => func.vjp((u: Tensor) => u.mul(u), x)[1](g)[0])(t64([1, 1, 1]));
  expect(linear.tolist()).toEqual([[2, 0, 0], [0, 4, 0], [0, 0, 6]]);
});

test('jvp gives zeros for outputs that do not depend on the inputs, unless it is strict', () => {
  const x = t64([1, 2]);
  expect(func.jvp((u: Tensor): [Tensor, Tensor] => [u.mul(3), t64([5])], [x], [x])[1].map((t) => t.tolist())).toEqual([[3, 6], [0]]);
  expect(() => func.jvp((_: Tensor) => t64([5]), [x], [x], true)).toThrow(UsageError);
  expect(() => func.jvp(sin, [x], [t64([1])])).toThrow(ShapeError);
});

test('jacrev and jacfwd agree for structured functions of several arguments', () => {
  const f = (a: Tensor, b: Tensor): { y: Tensor; z: Tensor } => ({ y: a.mul(b.sum()), z: a.sum().mul(b).view(2, 1) });
  const [a, b] = [t64([1, 2, 3]), t64([4, 5])];
  const rev = func.jacrev(f, [0, 1])(a, b) as Record<string, Tensor[]>;
  const fwd = func.jacfwd(f, [0, 1])(a, b) as Record<string, Tensor[]>;
  for (const key of ['y', 'z']) {
    for (const i of [0, 1]) expect(fwd[key]![i]!.tolist()).toEqual(rev[key]![i]!.tolist());
  }
  expect(rev['z']!.map((t) => t.shape)).toEqual([[2, 1, 3], [2, 1, 2]]);
  expect(func.jacrev((x: Tensor) => x.mul(2))(zeros([0])).shape).toEqual([0, 0]);
  expect(func.jacfwd((x: Tensor) => x.mul(2))(zeros([0])).shape).toEqual([0, 0]);
});

test('hessian, hvp and jacobian agree on the Rosenbrock function', () => {
  const f = (x: Tensor): Tensor => x.select(0, 0).neg().add(1).pow(2).add(x.select(0, 1).sub(x.select(0, 0).pow(2)).pow(2).mul(100));
  const x = t64([0.5, -1]);
  const h = [[1200 * 0.25 + 400 + 2, -200], [-200, 200]];
  expect(func.hessian(f)(x).tolist()).toEqual(h);
  expect(autograd.functional.hessian(f, x).tolist()).toEqual(h);
  const [value, product] = func.hvp(f, x, t64([1, 2]));
  expect([value.item(), product.tolist()]).toEqual([f(x).item(), [h[0]![0]! - 400, 200]]);
  expect(func.jacobian((u: Tensor) => func.grad(f)(u), x).tolist()).toEqual(h);
  expect(func.jacobian((u: Tensor) => u.mul(u), x, { strategy: 'forward-mode', vectorize: true }).add(0).tolist()).toEqual([[1, 0], [0, -2]]);
});

test('forward mode needs memory that does not grow with depth', () => {
  const peakOf = (depth: number): number => {
    const x = randn([1000], { dtype: 'float64' });
    const before = memoryStats().bytes;
    resetPeakMemory();
    scope(() =>
      func.jvp(
        (u: Tensor) => {
          let y = u;
          for (let i = 0; i < depth; i++) {
            const next = scope(() => y.sin().add(u));
            if (y !== u) y.dispose();
            y = next;
          }
          return y;
        },
        [x],
        [x],
      ),
    );
    const peak = memoryStats().peakBytes - before;
    x.dispose();
    return peak;
  };
  expect(peakOf(400)).toBe(peakOf(4));
});

test('nothing stays alive after nested transforms', () => {
  const x = t64([0.5, -1, 2]);
  const before = memoryStats();
  scope(() => {
    const f = (u: Tensor): Tensor => u.sin().mul(u.exp()).sum();
    func.grad((u: Tensor) => func.jvp(f, [u], [x])[1])(x);
    func.jvp(func.grad(f), [x], [x]);
    func.hessian(f)(x);
    vmap(func.grad((u: Tensor) => u.pow(3)))(x);
    expect(() => func.jvp(func.grad((u: Tensor) => u.sin()), [x], [x])).toThrow(AutogradError);
  });
  const after = memoryStats();
  expect([after.tensors, after.bytes, after.nodes]).toEqual([before.tensors, before.bytes, before.nodes]);
  x.dispose();
});

test('a dual tensor that outlives its level is a plain value, also at a later level', () => {
  const one = t64(1);
  let escaped = one;
  forwardAd.dualLevel(() => {
    escaped = forwardAd.makeDual(t64(3), one).mul(2);
    expect(forwardAd.unpackDual(escaped).tangent!.item()).toBe(2);
  });
  forwardAd.dualLevel(() => {
    expect(forwardAd.unpackDual(escaped).tangent).toBe(null);
    const { primal, tangent } = forwardAd.unpackDual(forwardAd.makeDual(t64(5), one).mul(escaped));
    expect([primal.item(), tangent!.item()]).toEqual([30, 6]);
  });
  expect(() => forwardAd.exitDualLevel()).toThrow(AutogradError);
  const outer = forwardAd.enterDualLevel();
  const inner = forwardAd.dualLevel();
  expect(() => forwardAd.exitDualLevel({ level: outer })).toThrow(/not the last one/);
  inner.dispose();
  inner.dispose();
  forwardAd.exitDualLevel({ level: outer });
});

test('vmap nests with itself and with gradients in any order', () => {
  const a = t64([1, 2, 3]);
  const b = t64([10, 20]);
  const outer = vmap((u: Tensor) => vmap((v: Tensor) => u.mul(v))(b))(a);
  expect(outer.tolist()).toEqual([[10, 20], [20, 40], [30, 60]]);
  expect(func.grad((u: Tensor) => vmap((v: Tensor) => v.pow(2))(u).sum())(a).tolist()).toEqual([2, 4, 6]);
  expect(vmap(func.hessian((v: Tensor) => v.pow(3)))(a).tolist()).toEqual([6, 12, 18]);
  expect(func.jvp((u: Tensor) => vmap(func.grad((v: Tensor) => v.pow(3)))(u), [a], [a])[1].tolist()).toEqual([6, 24, 54]);
  expect(vmap((u: Tensor) => func.jvp(sin, [u], [t64(1)])[1])(a).tolist()).toEqual([1, 2, 3].map(Math.cos));
});

test('vmap takes dims by structure and says what does not fit', () => {
  const x = t64([1, 2]);
  const f = ({ p, q }: { p: Tensor; q: Tensor }): [Tensor, Tensor] => [p.add(q), q.mul(2)];
  const [s, d] = vmap(f, [{ p: 0, q: null }], [0, -1])({ p: x, q: t64([5, 6, 7]) });
  expect([s.shape, d.shape]).toEqual([[2, 3], [3, 2]]);
  expect(() => vmap(sin, 1)(x)).toThrow(UsageError);
  expect(() => vmap(sin, null)(x)).toThrow(/null for every tensor/);
  expect(() => vmap((u: Tensor, v: Tensor) => u.add(v))(x, t64([1, 2, 3]))).toThrow(/same size in the mapped dimension, got sizes \[2, 3\]/);
  expect(() => vmap((_: Tensor) => 3 as unknown as Tensor)(x)).toThrow(/only return tensors/);
  expect(() => vmap((u: Tensor) => u.item())(x)).toThrow(/calling item\(\) on a tensor inside vmap/);
  const small = tensor([[1, 2], [3, 4]]);
  small.mul(small);
  expect(() => vmap((u: Tensor) => tensor(u.mul(u).sum().item()))(small)).toThrow(/calling item\(\) on a tensor inside vmap/);
  expect(() => vmap((u: Tensor) => { u.mul(u).tolist(); return u; })(small)).toThrow(/inside vmap/);
  expect(() => vmap((u: Tensor, n: number) => u.mul(n))(x, 2)).toThrow(/inDims 0 for an input that is no tensor/);
  // The function runs once; what it returns without samples is the same for all.
  expect(vmap((() => { let n = 0; return (_: Tensor) => zeros([++n]); })())(x).shape).toEqual([2, 1]);
  expect(() => vmap((u: Tensor) => u.nonzero())(tensor([[0, 1], [1, 1]]))).toThrow(ShapeError);
  expect(() => vmap(sin)(zeros([0]))).toThrow(/empty/);
});

test('random numbers inside vmap need an answer to whether samples share them', () => {
  const x = zeros([3]);
  const f = (u: Tensor): Tensor => u.add(rand([]));
  expect(() => vmap(f)(x)).toThrow(/randomness/);
  manualSeed(3);
  const expected = rand([3]).tolist() as number[];
  manualSeed(3);
  expect(vmap(f, { randomness: 'different' })(x).tolist()).toEqual(expected);
  manualSeed(3);
  expect(vmap(f, { randomness: 'same' })(x).tolist()).toEqual([expected[0], expected[0], expected[0]]);
  rand([1]);
});

test('functionalCall runs a module on other parameters and leaves it as it was', () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh(), new nn.Linear(3, 1));
  const x = randn([4, 2]);
  const own = Object.fromEntries(model.namedParameters());
  const loss = (p: Record<string, Tensor>): Tensor => func.functionalCall(model, p, x).pow(2).mean();
  const g = func.grad(loss)(Object.fromEntries(Object.entries(own).map(([k, p]) => [k, p.detach()])));
  loss(own).backward();
  for (const [k, p] of model.namedParameters()) expect(g[k]!.tolist()).toEqual(p.grad!.tolist());
  for (const [k, p] of model.namedParameters()) expect(p === own[k]).toBe(true);
  expect(() => func.functionalCall(model, { ...own, nope: x }, x, { strict: true })).toThrow(/unexpected keys: nope/);
  expect(func.functionalCall(model, { ...own, nope: x }, x).equal(model.call(x))).toBe(true);
  expect(() => func.functionalCall(model, { '0.weight': own['0.weight']! }, [x], { strict: true })).toThrow(/missing keys/);
  const perSample = vmap(func.grad((p: Record<string, Tensor>, u: Tensor) => func.functionalCall(model, p, u).sum()), [null, 0])(own, x);
  expect(perSample['0.weight']!.shape).toEqual([4, 3, 2]);
});

test('errors of transforms name what was wrong', () => {
  const x = t64([1, 2]);
  expect(() => func.grad(sin)(x)).toThrow(AutogradError);
  expect(() => func.grad((() => 3) as unknown as (x: Tensor) => Tensor)(x)).toThrow(/to return a tensor/);
  expect(() => func.grad(3 as never)).toThrow(/must be a function/);
  expect(() => func.grad(sin)(3 as never)).toThrow(UsageError);
  expect(() => func.jvp(sin, x as never, [x])).toThrow(/primals must be a list/);
  expect(() => func.vjp(sin, 2 as never)).toThrow(UsageError);
  expect(new GradcheckError('x').name).toBe('GradcheckError');
});

test('functionalCall refuses parameters that are no object of tensors, alone or in a list', () => {
  const model = new nn.Identity();
  for (const wrong of [null, undefined, [null], [undefined], [{}, 3], 'weight']) {
    expect(() => func.functionalCall(model, wrong as never, tensor([1])), JSON.stringify(wrong)).toThrow(AdjointError);
  }
  expect(func.functionalCall(model, [{}, {}], tensor([1])).item()).toBe(1);
});
