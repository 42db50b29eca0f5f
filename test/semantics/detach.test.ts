// Rows P25 and P26 of the oracle: detach.
import { AutogradError, noGrad, tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P25 detach shares storage and cuts the graph', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const d = x.detach();
  noGrad(() => d.setitem(0, 9));
  expect(x.tolist()).toEqual([9, 2]);
  expect(d.requiresGrad).toBe(false);
  expect(d.dataPtr()).toBe(x.dataPtr());
  expect([x._version, d._version]).toEqual([1, 1]);
  x.mul(x.detach()).sum().backward();
  expect(x.grad!.tolist()).toEqual([9, 2]);
});

test('P26 modifying a detached alias of a saved tensor is detected', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.exp();
  y.detach().zero_();
  const e = raises(
    () => y.sum().backward(),
    AutogradError,
    'modified by an in-place operation',
    'output 0 of Exp',
    'version 1; expected version 0',
  );
  expect(e.details).toMatchObject({ found: 1, expected: 0 });
});

test('detach_ makes a computed tensor a leaf, and refuses views', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  expect(y.detach_()).toBe(y);
  expect([y.requiresGrad, y.isLeaf, y.gradFn]).toEqual([false, true, null]);
  expect(x.detach_().requiresGrad).toBe(false);
  const z = tensor([1, 2], { requiresGrad: true }).mul(2);
  raises(() => z.index(0).detach_(), AutogradError, "can't detach a view in place", 'detach()');
});
