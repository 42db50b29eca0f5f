// An op with a number beside a tensor is recorded as with a tensor of one element, on small tensors and on large ones.
import { AutogradError, type Tensor, autograd, graph, memoryStats, noGrad, randn, scope, tensor, type DType } from 'adjoint';
import { describe, expect, it, test } from 'vitest';

type Method = (x: Tensor, v: Tensor | number) => Tensor;

const methods: Record<string, Method> = {
  add: (x, v) => x.add(v),
  sub: (x, v) => x.sub(v),
  mul: (x, v) => x.mul(v),
  div: (x, v) => x.div(v),
  pow: (x, v) => x.abs().add(0.5).pow(v),
  remainder: (x, v) => x.remainder(v),
  fmod: (x, v) => x.fmod(v),
  rsub: (x, v) => (x as unknown as { rsub?: (v: Tensor | number) => Tensor }).rsub?.(v) ?? x.sub(v).neg(),
  atan2: (x, v) => x.atan2(typeof v === 'number' ? tensor(v, { dtype: x.dtype }) : v),
};

const numbers = [1.0001, 0.001, 2, -3, 0.1, 1e-8];
const sizes = [1, 3, 8, 63, 64, 65, 256, 1023, 1024, 1025, 3000];

function run(f: Method, values: Tensor, v: Tensor | number): Shown {
  const x = values.clone().detach().requiresGrad_();
  const y = f(x, v);
  const [g] = autograd.grad(y.mul(y).sum(), x, { createGraph: true });
  const second = g.requiresGrad ? autograd.grad(g.sum(), x, { allowUnused: true })[0] : null;
  return [y, g, second ?? null].map((t) => t && ([t.dtype, t.shape, Array.from(t.toTypedArray() as Float32Array)] as const));
}

type Shown = readonly (readonly [dtype: string, shape: readonly number[], values: readonly number[]] | null)[];

/** Fails where what was found differs by more than `tolerance`, relative to its size. */
function agrees(found: Shown, expected: Shown, tolerance: number): void {
  expect(found.map((t) => t && t.slice(0, 2))).toEqual(expected.map((t) => t && t.slice(0, 2)));
  found.forEach((t, i) => {
    const worst = t?.[2].findIndex((v, k) => {
      const e = expected[i]![2][k]!;
      return !Object.is(v, e) && v !== e && !(Math.abs(v - e) <= tolerance * Math.max(1, Math.abs(e)));
    });
    expect(worst ?? -1, `result ${i}`).toBe(-1);
  });
}

describe.each(Object.entries(methods))('%s', (name, f) => {
  it.each(sizes)('with a number is as with a tensor, of %d elements', (n) => {
    scope(() => {
      const x = randn([n]);
      // Beyond the fast path a number is not rounded to float32 before it is used, and a power by a number is products or a vector power.
      for (const v of numbers) agrees(run(f, x, v), run(f, x, tensor(v)), n > 1024 || name === 'pow' ? 1e-6 : 0);
    });
  });

  it('in other dtypes and of other layouts', () => {
    scope(() => {
      for (const dtype of ['float32', 'float64'] as DType[]) {
        for (const x of [randn([3, 4]).to(dtype).t(), randn([3, 4]).to(dtype).index({ start: 0, step: 2 }), tensor(1.5, { dtype }), randn([0, 3]).to(dtype)]) {
          for (const v of numbers) agrees(run(f, x, v), run(f, x, tensor(v, { dtype })), name === 'pow' ? 1e-6 : 0);
        }
      }
    });
  });
});

test('NaN, infinities, minus zero and numbers beyond float32 keep their values', () => {
  for (const v of [NaN, Infinity, -Infinity, -0, 1e300, 5e-324, 16777217]) {
    for (const f of [methods['mul']!, methods['add']!, methods['div']!]) {
      const [y, g] = run(f, tensor([1, -2]), v);
      const [y2, g2] = run(f, tensor([1, -2]), tensor([v, v]));
      expect([y, g]).toEqual([y2, g2]);
    }
  }
});

test('a chain of numbers is walked in place and gives the products', () => {
  const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true });
  let y = x.mul(1);
  for (let i = 0; i < 50; i++) y = y.mul(1.5).add(0.25).div(1.5).sub(0.25);
  y.backward(tensor([1, -1, 1, -1, 1, -1, 1, -1]));
  (x.grad!.tolist() as number[]).forEach((g, i) => { expect(g).toBeCloseTo(i % 2 === 0 ? 1 : -1, 4); });
});

test('nodes are those of an op with a number', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  expect([x.mul(2), x.add(2), x.pow(2), x.div(2)].map((t) => t.gradFn!.name())).toEqual(['MulBackward0', 'AddBackward0', 'PowBackward0', 'DivBackward0']);
  expect([x.mul(2), x.add(2), x.pow(2)].map((t) => t.gradFn!.nextFunctions.length)).toEqual(
    [x.mul(tensor(2)), x.add(tensor(2)), x.pow(2)].map((t) => t.gradFn!.nextFunctions.length),
  );
  expect(graph(x.mul(2).sum(), { values: true, names: { x } }).nodes.map(({ op }) => op)).toEqual([null, 'mul', 'sum']);
});

test('views, written bases, freed graphs and grad modes are as with tensors', () => {
  const x = tensor([1, 2, 3, 4], { requiresGrad: true });
  const y = x.mul(1);
  const view = y.narrow(0, 0, 2);
  y.mul_(3);
  view.mul(2).sum().backward();
  expect(x.grad!.tolist()).toEqual([6, 6, 0, 0]);
  const z = x.exp();
  const w = z.pow(2).sum();
  noGrad(() => z.add_(1));
  expect(() => { w.backward(); }).toThrow(/modified by an in-place operation/);
  const once = x.mul(2).sum();
  once.backward();
  expect(() => { once.backward(); }).not.toThrow(TypeError);
  const square = x.pow(2).sum();
  square.backward();
  expect(() => { square.backward(); }).toThrow(AutogradError);
  expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
});

test('a product with a number keeps no tensor for it', () => {
  scope(() => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const { bytes } = memoryStats();
    const y = x.mul(2);
    expect(memoryStats().bytes - bytes).toBe(12);
    y.sum().backward();
  });
});

test('a view made while nothing was recorded has a node that leads nowhere, with a number and with a tensor', () => {
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const v = noGrad(() => x.select(0, 0));
  for (const y of [v.mul(2), v.mul(tensor([2, 2])), v.exp(), v.add(v)]) {
    expect([y.requiresGrad, y.gradFn!.nextFunctions[0]![0]]).toEqual([true, null]);
  }
});
