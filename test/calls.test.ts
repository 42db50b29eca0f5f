import { describe, expect, it } from 'vitest';
import { AdjointError, Scope, ShapeError, UsageError, abs, add, cat, matmul, max, memoryStats, ones, reset, scope, sum, tensor, zeros, type Tensor } from 'adjoint';

const x = () => tensor([[1, 2], [3, 4]]);

describe('arguments', () => {
  it('may be given by position or, any suffix of them, by name', () => {
    const t = x();
    const expected = [[3], [7]];
    expect(t.sum(1, true).tolist()).toEqual(expected);
    expect(t.sum(1, { keepdim: true }).tolist()).toEqual(expected);
    expect(t.sum({ dim: 1, keepdim: true }).tolist()).toEqual(expected);
    expect(sum(t, 1, true).tolist()).toEqual(expected);
    expect(sum(t, { dim: 1, keepdim: true }).tolist()).toEqual(expected);
  });

  it('take numbers beside tensors, and undefined and null as left out', () => {
    expect(x().add(1).tolist()).toEqual([[2, 3], [4, 5]]);
    expect(add(x(), x(), { alpha: 2 }).tolist()).toEqual([[3, 6], [9, 12]]);
    expect(x().sum(undefined as never).item()).toBe(10);
    expect(x().sum(null).item()).toBe(10);
  });

  it('let a number promote by its kind', () => {
    const i = tensor([1n, 2n]);
    expect([i.add(1).dtype, i.add(1.5).dtype, i.add(true).dtype, i.add(2n).dtype]).toEqual(['int64', 'float32', 'int64', 'int64']);
    expect(Object.is(tensor([0]).mul(-0).item(), -0)).toBe(true);
  });

  it('let sizes be spread or a list', () => {
    expect([zeros(2, 3).shape, zeros([2, 3]).shape, zeros(2, 3, { dtype: 'int32' }).dtype, ones(2, { requiresGrad: true }).requiresGrad]).toEqual([
      [2, 3], [2, 3], 'int32', true,
    ]);
    expect([x().view(4).shape, x().view([1, 4]).shape, x().view(4, 1).shape]).toEqual([[4], [1, 4], [4, 1]]);
  });

  it('choose among overloads', () => {
    const t = x();
    expect(max(t).item()).toBe(4);
    expect(max(t, tensor(2.5)).tolist()).toEqual([[2.5, 2.5], [3, 4]]);
    const { values, indices } = max(t, 1);
    expect([values.tolist(), indices.tolist()]).toEqual([[2, 4], [1, 1]]);
    const [first, second] = t.max(0);
    expect([first.tolist(), second.tolist()]).toEqual([[3, 4], [1, 1]]);
  });

  it('of in-place methods write the receiver and return it', () => {
    const t = x();
    expect(t.add_(1)).toBe(t);
    expect(t.mul_(t).tolist()).toEqual([[4, 9], [16, 25]]);
    expect(t.add_(x(), { alpha: 2 })).toBe(t);
  });
});

describe('wrong arguments from plain JavaScript', () => {
  const bad = (call: () => unknown) => expect(call);

  it('are UsageErrors that name the argument and the signature', () => {
    const t = x() as any;
    bad(() => t.add()).toThrow('add: argument other is missing, it must be a tensor or a number; the signature is add(input, other, alpha=1)');
    bad(() => t.add('a')).toThrow('argument other must be a tensor or a number, got the string "a"');
    bad(() => t.add(t, 1, 2, 3)).toThrow('too many');
    bad(() => t.sum({ dims: 1 })).toThrow('there is no argument named dims');
    bad(() => t.add(t, { alpha: 1, alhpa: 2 })).toThrow('there is no argument named alhpa');
    bad(() => t.sum(1.5)).toThrow(/the number 1\.5.*dim=null/);
    bad(() => t.softmax(1.5)).toThrow('argument dim must be');
    bad(() => (cat as any)(t)).toThrow('argument tensors must be an array of tensors');
    bad(() => (cat as any)([t, 1])).toThrow('an array holds numbers and tensors');
    bad(() => t.add({ other: t }, 1)).toThrow('must be the last argument');
    bad(() => (abs as any)()).toThrow(UsageError);
    bad(() => (abs as any)([1, 2])).toThrow(UsageError);
    bad(() => (abs as any)(null)).toThrow(UsageError);
    bad(() => t.sum(() => 1)).toThrow('cannot use a function as an argument');
    bad(() => t.add(new Date())).toThrow('cannot use a Date as an argument');
    bad(() => t.add(2n ** 63n)).toThrow('does not fit 64 bits');
    bad(() => t.add.call({}, 1)).toThrow('must be called on a tensor');
    bad(() => (zeros as any)(2, { dtype: 'float31' })).toThrow('argument dtype must be the name of a dtype');
    bad(() => t.backward(5)).toThrow(UsageError);
    bad(() => (t.requiresGrad = 1)).toThrow(UsageError);
    bad(() => (t.grad = 1)).toThrow(UsageError);
  });
});

describe('errors', () => {
  it('have a class, a code, the op and facts', () => {
    let caught: unknown;
    try {
      tensor([1, 2]).add(tensor([1, 2, 3]));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ShapeError);
    expect(caught).toBeInstanceOf(AdjointError);
    expect(caught).toMatchObject({ name: 'ShapeError', code: 'ShapeError', op: 'add', details: { lhs: [2], rhs: [3] } });
  });

  it('change nothing', () => {
    const t = x();
    expect(() => t.add_(tensor([1, 2, 3]))).toThrow(ShapeError);
    expect(t.tolist()).toEqual([[1, 2], [3, 4]]);
    expect(() => matmul(t, ones(3))).toThrow('matmul: inner sizes differ, lhs [2, 2] has k=2 but rhs [3] has k=3');
  });
});

describe('reset()', () => {
  it('makes a fresh instance in which tensors of the old one are gone', () => {
    const old: Tensor = x();
    reset();
    expect(() => old.add(1)).toThrow('disposed');
    expect(x().sum().item()).toBe(10);
    old.dispose();
    expect(x().sum().item()).toBe(10);
  });

  it('leaves open scopes open: they release what is made afterwards', () => {
    const outer = new Scope();
    const before = x();
    const left = new Scope();
    left.leave();
    const inner = new Scope();
    reset();
    const [kept, lost] = [x(), x()];
    inner.keep(kept);
    const another = scope(() => x());
    inner.dispose();
    const last = x();
    left.dispose();
    expect([kept, lost, another, last, before].map((t) => t.isDisposed)).toEqual([false, true, true, false, false]);
    expect(() => before.add(1)).toThrow('disposed');
    outer.dispose();
    expect([last.isDisposed, memoryStats().tensors]).toEqual([true, 1]);
    kept.dispose();
    // Between two instances there is none that could collect.
    reset();
    using early = new Scope();
    expect(x().sum().item()).toBe(10);
    early.dispose();
    expect(memoryStats().tensors).toBe(0);
  });
});
