// Row P85 of the oracle: hooks on what the graph keeps.
import { AutogradError, UsageError, autograd, memoryStats, scope, tensor, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P85 savedTensorsHooks pack and unpack', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const log: string[] = [];
  const y = autograd.savedTensorsHooks(
    (t) => {
      log.push('pack');
      return t.mul(2);
    },
    (t: Tensor) => {
      log.push('unpack');
      return t;
    },
    () => x.mul(x).sum(),
  );
  y.backward();
  expect(log).toEqual(['pack', 'pack', 'unpack', 'unpack']);
  expect(x.grad!.tolist()).toEqual([4, 8]);
});

test('saved values can be kept in half precision', () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  let packed: string | null = null;
  const y = autograd.savedTensorsHooks(
    (t) => {
      const half = t.to('float16');
      packed = half.dtype;
      return half;
    },
    (t: Tensor) => t.to('float32'),
    () => x.exp().sum(),
  );
  y.backward();
  expect(packed).toBe('float16');
  const exact = [Math.E, Math.E ** 2, Math.E ** 3];
  (x.grad!.tolist() as number[]).forEach((g, i) => {
    expect(Math.abs(g / exact[i]! - 1)).toBeLessThan(2 ** -11);
  });
});

test('pack may return anything, sees no history, and the innermost pair is used', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const kept: unknown[] = [];
  const outer: string[] = [];
  const y = autograd.savedTensorsHooks(
    (t) => {
      outer.push('outer');
      return t;
    },
    (t: Tensor) => t,
    () => {
      const h = x.mul(3);
      const inner = autograd.savedTensorsHooks(
        (t) => {
          kept.push([t.requiresGrad, t.gradFn]);
          return { values: t.tolist() as number[] };
        },
        ({ values }) => tensor(values),
        () => h.exp(),
      );
      return inner.mul(inner).sum();
    },
  );
  expect(kept).toEqual([[false, null]]);
  // Both factors of the product; the plain number of x · 3 is no tensor.
  expect(outer).toEqual(['outer', 'outer']);
  y.backward();
  expect((x.grad!.tolist() as number[]).map((v) => v / 6 / Math.E ** 6)).toEqual([expect.closeTo(1, 5), expect.closeTo(Math.E ** 6, 2)]);
});

test('derivatives of derivatives go through packed values', () => {
  const x = tensor(2, { requiresGrad: true });
  const y = autograd.savedTensorsHooks(
    (t) => t.item(),
    (v: number) => tensor(v),
    () => x.mul(x).mul(x),
  );
  const [g] = autograd.grad(y, x, { createGraph: true });
  expect([g.item(), autograd.grad(g, x)[0].item()]).toEqual([12, 12]);
});

test('what pack and unpack throw or get wrong is reported, and the tape stays usable', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const boom = new RangeError('boom');
  const fails = () => {
    throw boom;
  };
  const same = (t: Tensor) => t;
  expect(() => autograd.savedTensorsHooks(fails, same, () => x.mul(x))).toThrow(boom);
  const y = autograd.savedTensorsHooks(same, fails, () => x.mul(x).sum());
  expect(() => y.backward()).toThrow(boom);
  const z = autograd.savedTensorsHooks(same, () => 5 as never, () => x.mul(x).sum());
  raises(() => z.backward(), UsageError, 'unpack hook must return a tensor', '5');
  raises(() => autograd.savedTensorsHooks((t) => t.zero_(), same, () => x.mul(1).exp()), AutogradError, 'pack hook', 'in place');
  x.mul(x).sum().backward();
  expect(x.grad!.tolist()).toEqual([2, 4]);
});

test('a guard ends the hooks, and what was packed is given up with the graph', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const log: string[] = [];
  const before = memoryStats();
  scope(() => {
    {
      using _ = autograd.savedTensorsHooks(
        (t) => {
          log.push('pack');
          return t;
        },
        (t: Tensor) => t,
      );
      x.exp();
    }
    x.exp();
  });
  expect(log).toEqual(['pack']);
  const after = memoryStats();
  expect([after.bytes, after.nodes]).toEqual([before.bytes, before.nodes]);
});
