// Shapes with a 0, integers beyond 2^53, conditions and masks, nonzero and sizes that may be null.
import { describe, expect, it } from 'vitest';
import {
  DTypeError, type Tensor, UsageError, add, arange, cat, clamp, clampMax, clampMin, empty, emptyLike, full, fullLike, nn, nonzero, ones, onesLike, rand, randint, randn, stack, sub, tensor,
  tile, where, zeros, zerosLike,
} from 'adjoint';

const F = nn.functional;
const INT64 = { dtype: 'int64' } as const;
const N = 70000;

describe('a shape with a 0 has no elements, whatever its other sizes are', () => {
  const none = () => zeros(0, N, N);
  const MADE: Record<string, () => Tensor> = {
    zeros: () => zeros([0, N, N]), ones: () => ones(0, N, N), empty: () => empty([0, N, N]), full: () => full([0, N, N], 3), rand: () => rand(0, N, N), randn: () => randn([0, N, N]),
    randint: () => randint(5, [0, N, N]), zerosLike: () => zerosLike(none()), onesLike: () => onesLike(none()), emptyLike: () => emptyLike(none()), fullLike: () => fullLike(none(), 1),
    newZeros: () => ones(1).newZeros(0, N, N), newOnes: () => ones(1).newOnes([0, N, N]), newFull: () => ones(1).newFull([0, N, N], 2), newEmpty: () => ones(1).newEmpty(0, N, N),
    expand: () => zeros(0, 1, 1).expand(0, N, N), reshape: () => zeros(0).reshape(0, N, N), view: () => zeros(0).view(0, N, N), cat: () => cat([none(), none()]), add: () => none().add(1),
    clone: () => none().clone(), to: () => none().to('float64'), relu: () => none().relu(), flip: () => none().flip(1), tensor: () => tensor(none()), repeat: () => zeros(0, 1000, N).repeat(1, 70, 1),
    tile: () => tile(zeros(0, N, 1), [1, 1, N]), softmax: () => none().softmax(-1), cumsum: () => none().cumsum(1), contiguous: () => zeros(N, N, 0).permute(2, 0, 1).contiguous(),
    where: () => where(none().gt(0), none(), 1), maskedFill: () => none().maskedFill(none().gt(0), 1), requiresGrad: () => zeros(0, N, N, { requiresGrad: true }),
  };
  for (const [name, make] of Object.entries(MADE)) {
    it(`${name} makes it`, () => {
      const t = make();
      expect([t.shape, t.numel(), t.tolist(), t.isContiguous()]).toEqual([[0, N, N], 0, [], true]);
    });
  }

  it('wherever the 0 is, with its strides, sums and gradients', () => {
    expect(zeros(N, N, 0).shape).toEqual([N, N, 0]);
    expect(zeros(N, 0, N).shape).toEqual([N, 0, N]);
    expect(none().stride()).toEqual([N * N, N, 1]);
    expect(none().sum().item()).toBe(0);
    expect(none().mean().item()).toBeNaN();
    expect(stack([none(), none()]).shape).toEqual([2, 0, N, N]);
    expect(none().matmul(zeros(N, 2)).shape).toEqual([0, N, 2]);
    expect(none().reshape(N, 0).shape).toEqual([N, 0]);
    expect(none().index({}, 5).shape).toEqual([0, N]);
    expect(none().index(null, []).shape).toEqual([1, 0, N, N]);
    expect(String(none())).toBe('tensor([], size=[0, 70000, 70000])');
    const w = zeros(0, N, N, { requiresGrad: true });
    w.mul(2).sum().backward();
    expect(w.grad?.shape).toEqual([0, N, N]);
    expect(() => none().sum(0)).toThrow('more bytes than can be addressed');
    expect(none().flatten().shape).toEqual([0]);
    expect(zeros(N, N, 0).flatten().shape).toEqual([0]);
    expect(() => none().flatten(1)).toThrow('too large together to be one dim');
  });
});

describe('integers beyond 2^53 are exact', () => {
  const big = 2n ** 60n + 1n;
  const huge = () => full([2], 2n ** 62n, INT64);
  const first = () => tensor([true, false]);
  const EXACT: Record<string, () => [Tensor, (number | bigint)[]]> = {
    full: () => [full([2], big, INT64), [big, big]], fullLike: () => [fullLike(huge(), big), [big, big]], newFull: () => [huge().newFull([1], big), [big]], fill_: () => [zeros(2, INT64).fill_(big), [big, big]],
    arange: () => [arange(big, big + 2n), [big, big + 1n]], add: () => [zeros(2, INT64).add(big), [big, big]], sub: () => [zeros(1, INT64).sub(big), [-big]], mul: () => [ones(1, INT64).mul(big), [big]],
    remainder: () => [full([1], big).remainder(2n ** 59n), [1]], where: () => [where(first(), big, 0), [big, 0]], maskedFill: () => [zeros(2, INT64).maskedFill(first(), big), [big, 0]],
    indexFill: () => [zeros(2, INT64).indexFill(0, tensor([0n]), big), [big, 0]], scatter: () => [zeros(2, INT64).scatter(0, tensor([0n]), big), [big, 0]],
    clamp: () => [zeros(2, INT64).clamp(big), [big, big]], 'clamp by name': () => [zeros(1, INT64).clamp({ min: big }), [big]], 'clamp max': () => [huge().clamp(null, big), [big, big]],
    'clamp both': () => [huge().clamp(big - 1n, big), [big, big]], clamp_: () => [zeros(1, INT64).clamp_(big), [big]], 'clamp()': () => [clamp(huge(), 5, big), [big, big]],
    clampMin: () => [clampMin(zeros(1, INT64), big), [big]], clampMax: () => [clampMax(huge(), big), [big, big]], 'F.pad': () => [F.pad(zeros(1, INT64), [1, 0], 'constant', big), [big, 0]],
    'F.pad of a negative': () => [F.pad(zeros(1, INT64), [0, 1], { value: -big }), [0, -big]],
  };
  for (const [name, make] of Object.entries(EXACT)) {
    it(`in ${name}`, () => {
      const [t, expected] = make();
      expect([t.dtype, t.tolist()]).toEqual(['int64', expected]);
    });
  }

  it('in comparisons, and as bounds of floats they are rounded', () => {
    expect(full([2], big).eq(big).tolist()).toEqual([true, true]);
    expect(full([2], big).eq(big - 1n).tolist()).toEqual([false, false]);
    expect(zeros(1).clamp(big).tolist()).toEqual([2 ** 60]);
    expect(F.pad(zeros(1), [1, 0], { value: big }).tolist()).toEqual([2 ** 60, 0]);
  });

  it('as alpha they are refused rather than rounded', () => {
    expect(() => add(ones(1, INT64), 1, { alpha: big as any })).toThrow('alpha');
    expect(() => sub(ones(1, INT64), 1, { alpha: big as any })).toThrow('multiply other by it');
    expect(add(ones(1, INT64), 1, { alpha: 2 ** 53 }).tolist()).toEqual([2n ** 53n + 1n]);
  });

  it('the value of F.pad is cast to integers and bools as PyTorch does', () => {
    expect(F.pad(zeros(1, INT64), [1, 0], { value: 1.5 }).tolist()).toEqual([1, 0]);
    expect(F.pad(zeros(1, { dtype: 'bool' }), [1, 0], { value: 1.5 }).tolist()).toEqual([true, false]);
  });
});

describe('conditions and masks', () => {
  it('where() wants a bool condition, or uint8, which PyTorch still takes', () => {
    for (const condition of [tensor([1, 0.5]), tensor([1n, 0n]), tensor([1, 0], { dtype: 'int8' }), tensor([1, 0], { dtype: 'float64' })]) {
      expect(() => where(condition, 1, 2)).toThrow(DTypeError);
      expect(() => where(condition, ones(2), zeros(2))).toThrow(`where: expected condition to be a bool tensor, got ${condition.dtype}; compare with 0 to make one`);
    }
    expect(where(tensor([1, 0], { dtype: 'uint8' }), 1, 2).tolist()).toEqual([1, 2]);
    expect(where(tensor([true, false]), 1, 2).tolist()).toEqual([1, 2]);
  });

  it('masks are bool in maskedFill, maskedSelect and maskedScatter', () => {
    for (const dtype of ['uint8', 'int64', 'float32'] as const) {
      const mask = tensor([1, 0], { dtype });
      for (const run of [() => zeros(2).maskedFill(mask, 1), () => zeros(2).maskedFill_(mask, 1), () => zeros(2).maskedSelect(mask), () => zeros(2).maskedScatter(mask, ones(2))]) {
        expect(run).toThrow(DTypeError);
      }
    }
  });
});

describe('nonzero()', () => {
  it('takes asTuple, true or false', () => {
    const x = tensor([[0, 1], [2, 3]]);
    const rows = [[0, 1], [1, 0], [1, 1]];
    for (const found of [x.nonzero(), x.nonzero(false), x.nonzero({ asTuple: false }), nonzero(x, false), nonzero(x, { asTuple: false })]) expect(found.tolist()).toEqual(rows);
    const columns = x.nonzero({ asTuple: true });
    expect(columns.map((t) => t.tolist())).toEqual([[0, 1, 1], [1, 0, 1]]);
    expect(x.index(...columns).tolist()).toEqual([1, 2, 3]);
    expect(() => x.nonzero(2 as any)).toThrow(UsageError);
  });
});

describe('adaptiveAvgPool2d()', () => {
  it("takes null for the input's own size", () => {
    const x = arange(40, { dtype: 'float32' }).view(1, 2, 4, 5);
    expect(F.adaptiveAvgPool2d(x, [null, 5]).tolist()).toEqual(x.tolist());
    expect(F.adaptiveAvgPool2d(x, [null, 2]).tolist()).toEqual(F.adaptiveAvgPool2d(x, [4, 2]).tolist());
    expect(F.adaptiveAvgPool2d(x, { outputSize: [2, null] }).tolist()).toEqual(F.adaptiveAvgPool2d(x, [2, 5]).tolist());
    expect(F.adaptiveAvgPool2d(x, [null, null]).shape).toEqual([1, 2, 4, 5]);
    expect(new nn.AdaptiveAvgPool2d([null, 2]).call(x).shape).toEqual([1, 2, 4, 2]);
    const w = x.clone().requiresGrad_();
    F.adaptiveAvgPool2d(w, [null, 1]).sum().backward();
    expect(w.grad!.sum().item()).toBeCloseTo(8);
  });

  it('refuses negative and fractional sizes, and null for sequences, as PyTorch does', () => {
    const x = zeros(1, 1, 4, 4);
    for (const size of [[-1, 2], [1.5, null], [zeros(1), 2], 'a']) expect(() => F.adaptiveAvgPool2d(x, size as any), String(size)).toThrow(UsageError);
    expect(() => F.adaptiveAvgPool1d(zeros(1, 1, 4), [null] as any)).toThrow('expected outputSize to be a size or a list of one, got [null]');
  });
});
