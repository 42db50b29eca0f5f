// Small things that ported scripts use.
import { describe, expect, it } from 'vitest';
import { e, fromNumpy, inf, nan, ones, pi, tensor, zeros } from 'adjoint';

describe('members of tensors', () => {
  it('where() takes this tensor where the condition holds', () => {
    const x = tensor([1, -2, 3], { requiresGrad: true });
    const y = x.where(x.gt(0), 0);
    expect(y.tolist()).toEqual([1, 0, 3]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 0, 1]);
    expect(x.where(tensor([true, false, false]), { other: tensor([7, 8, 9]) }).tolist()).toEqual([1, 8, 9]);
    expect(ones(2).where({ condition: tensor([[true], [false]]), other: zeros(2) }).tolist()).toEqual([[1, 1], [0, 0]]);
    expect(() => ones(2).where(ones(2), 1)).toThrow(/where: .*bool/);
    expect(() => ones(2).where(true as never, 1)).toThrow(/where: condition must be a tensor/);
  });

  it('typeAs() casts to the dtype of another', () => {
    const x = tensor([1.5, 2]);
    expect([x.typeAs(tensor([1n])).tolist(), x.typeAs({ other: zeros(1, { dtype: 'float64' }) }).dtype, x.typeAs(ones(1)) === x]).toEqual([[1, 2], 'float64', true]);
    expect(() => x.typeAs('float64' as never)).toThrow(/typeAs: other must be a tensor, got the string "float64"/);
  });
});

describe('fromNumpy()', () => {
  it('makes a tensor of one dim of a typed array, of its dtype', () => {
    const made = [new Float32Array([1.5]), new Float64Array([1.5]), new BigInt64Array([2n]), new Int32Array([2]), new Int16Array([2]), new Int8Array([-2]), new Uint8Array([2])];
    expect(made.map((array) => [fromNumpy(array).dtype, fromNumpy({ ndarray: array }).tolist()])).toEqual([
      ['float32', [1.5]], ['float64', [1.5]], ['int64', [2]], ['int32', [2]], ['int16', [2]], ['int8', [-2]], ['uint8', [2]],
    ]);
    const array = new Float32Array(2);
    const t = fromNumpy(array);
    array[0] = 1;
    expect(t.tolist()).toEqual([0, 0]);
  });

  it('refuses anything else', () => {
    expect(() => fromNumpy([1, 2] as never)).toThrow(/fromNumpy: ndarray must be a typed array of a dtype there is, got \[1, 2\]/);
    expect(() => fromNumpy(new Uint32Array(1) as never)).toThrow(/got a Uint32Array/);
  });
});

it('names of numbers', () => {
  expect([pi, e, inf, nan]).toEqual([Math.PI, Math.E, Infinity, NaN]);
});
