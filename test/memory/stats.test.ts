// memoryStats() by operation, and trackLeaks().
import { memoryStats, ones, scope, trackLeaks, type MemoryOfOp, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';

/** What `make` left alive, by operation. */
function added(make: () => unknown): Record<string, MemoryOfOp> {
  return scope(() => {
    const before = memoryStats({ byOp: true }).byOp;
    const held = make();
    const after = memoryStats({ byOp: true }).byOp;
    expect(held).toBeDefined();
    return Object.fromEntries(
      Object.entries(after)
        .map(([op, now]) => {
          const { storages, bytes } = before[op] ?? { storages: 0, bytes: 0 };
          return [op, { storages: now.storages - storages, bytes: now.bytes - bytes }] as const;
        })
        .filter(([, { storages }]) => storages !== 0),
    );
  });
}

test('bytes are counted for the operation that made them, those only the graph keeps too', () => {
  const found = added(() => {
    const x = ones([1000], { requiresGrad: true });
    const hidden = x.exp();
    const y = hidden.tanh().sum();
    hidden.dispose();
    return [x, y];
  });
  expect(found).toEqual({
    leaf: { storages: 1, bytes: 4000 },
    exp: { storages: 1, bytes: 4000 },
    tanh: { storages: 1, bytes: 4000 },
    sum: { storages: 1, bytes: 4 },
  });
});

test('windows count with what they look on, gradients as unrecorded', () => {
  const found = added(() => {
    const x = ones([4, 4], { requiresGrad: true });
    const y = x.mul(2);
    const parts: Tensor[] = [y.t(), y.select(0, 1), y.detach()];
    y.sum().backward();
    return [x, y, parts];
  });
  expect(found).toEqual({
    leaf: { storages: 1, bytes: 64 },
    mul: { storages: 1, bytes: 64 },
    sum: { storages: 1, bytes: 4 },
    unrecorded: { storages: 1, bytes: 64 },
  });
});

test('all that lives is listed', () => {
  scope(() => {
    const x = ones([100], { requiresGrad: true });
    const y = x.sin().mul(x).cos();
    const { byOp, bytes } = memoryStats({ byOp: true });
    const listed = Object.values(byOp).reduce((sum, op) => sum + op.bytes, 0);
    expect(y.shape).toEqual([100]);
    // A few bytes are nobody's: the numbers the library keeps for itself.
    expect(bytes - listed).toBeGreaterThanOrEqual(0);
    expect(bytes - listed).toBeLessThan(64);
  });
});

test('trackLeaks says where living tensors were made', () => {
  scope(() => {
    using tracker = trackLeaks();
    function makeThree(): Tensor[] {
      return [0, 1, 2].map(() => ones([7]));
    }
    const kept = makeThree();
    ones([2]).dispose();
    const [place, ...others] = tracker.live();
    expect(others).toEqual([]);
    expect([place!.count, place!.shape]).toEqual([3, [7]]);
    expect(place!.stack).toContain('makeThree');
    for (const t of kept) t.dispose();
    expect(tracker.live()).toEqual([]);
  });
});
