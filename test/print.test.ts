import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { arange, ones, tensor, zeros } from 'adjoint';

const f64 = { dtype: 'float64' } as const;

// The expected texts are what PyTorch 2.15 prints, with JavaScript's names and truth values.
describe('a tensor prints', () => {
  it('whole floats with a point, others with four digits', () => {
    expect(String(tensor([1, 2]))).toBe('tensor([1., 2.])');
    expect(String(tensor(3.5))).toBe('tensor(3.5000)');
    expect(String(tensor([[1, -2.5], [10, 4]]))).toBe('tensor([[ 1.0000, -2.5000],\n        [10.0000,  4.0000]])');
  });

  it('integers and bools', () => {
    expect(String(tensor([1n, -20n]))).toBe('tensor([  1, -20])');
    expect(String(tensor([true, false]))).toBe('tensor([ true, false])');
  });

  it('large or small spans in scientific form', () => {
    expect(String(tensor([1, 10000]))).toBe('tensor([1.0000e+00, 1.0000e+04])');
    expect(String(tensor([1e-5, 1]))).toBe('tensor([1.0000e-05, 1.0000e+00])');
    expect(String(tensor(1e10))).toBe('tensor(1.0000e+10)');
    expect(String(tensor(123456789, f64))).toBe('tensor(1.2346e+08, dtype=float64)');
  });

  it('infinities and NaN', () => {
    expect(String(tensor([NaN, Infinity, -Infinity, 1]))).toBe('tensor([nan, inf, -inf, 1.])');
    expect(String(tensor([NaN, 0.5]))).toBe('tensor([   nan, 0.5000])');
  });

  it('ties as C rounds them, to even', () => {
    expect(String(tensor([0.03125, 0.09375], f64))).toBe('tensor([0.0312, 0.0938], dtype=float64)');
    expect(String(tensor([100005, 1], f64))).toBe('tensor([1.0000e+05, 1.0000e+00], dtype=float64)');
  });

  it('minus zero', () => {
    expect(String(tensor([-0, 1]))).toBe('tensor([-0., 1.])');
  });

  it('the dtype where it is not the usual one', () => {
    expect(String(tensor([1], f64))).toBe('tensor([1.], dtype=float64)');
    expect(String(tensor([1], { dtype: 'int32' }))).toBe('tensor([1], dtype=int32)');
  });

  it('shape and dtype of empty ones', () => {
    expect(String(tensor([]))).toBe('tensor([])');
    expect(String(zeros(0, 3))).toBe('tensor([], size=[0, 3])');
    expect(String(zeros(0, { dtype: 'int64' }))).toBe('tensor([], dtype=int64)');
  });

  it('its place in the graph', () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    expect(String(x)).toBe('tensor([[1., 2.]], requiresGrad=true)');
    expect(String(x.mul(2))).toBe('tensor([[2., 4.]], gradFn=<MulBackward0>)');
  });

  it('with blank lines between matrices', () => {
    expect(String(zeros(2, 1, 2))).toBe('tensor([[[0., 0.]],\n\n        [[0., 0.]]])');
  });

  it('at most 80 columns', () => {
    expect(String(arange(30))).toBe(
      'tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n' +
        '        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])',
    );
  });

  it('the edges of more than 1000 elements', () => {
    expect(String(arange(2000))).toBe('tensor([   0,    1,    2,  ..., 1997, 1998, 1999])');
    expect(String(zeros(100, 100))).toBe(
      `tensor([${[...Array(3).fill('[0., 0., 0.,  ..., 0., 0., 0.]'), '...', ...Array(3).fill('[0., 0., 0.,  ..., 0., 0., 0.]')].join(',\n        ')}])`,
    );
  });

  it('the same under util.inspect, and says when it is gone', () => {
    const x = ones(2);
    expect(inspect({ x })).toBe('{ x: tensor([1., 1.]) }');
    x.dispose();
    expect(String(x)).toBe('tensor(disposed)');
  });
});
