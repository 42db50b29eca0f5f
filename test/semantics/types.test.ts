// Rows P75 to P78 of the oracle: dtypes of results and of gradients, and tensors as numbers.
import { AdjointError, DTypeError, IndexError, UsageError, ones, stack, tensor, type DType, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P75 type promotion of tensor with tensor, 0-dim tensor and number', () => {
  const ts: Record<string, Tensor> = {
    b: tensor([true]),
    u8: tensor([1], { dtype: 'uint8' }),
    i32: tensor([1], { dtype: 'int32' }),
    i64: tensor([1n]),
    f32: tensor([1]),
    f64: tensor([1], { dtype: 'float64' }),
  };
  const table = Object.fromEntries(
    Object.entries(ts).map(([name, a]) => [
      name,
      [
        Object.values(ts).map((b) => a.add(b).dtype),
        Object.values(ts).map((b) => a.add(b.sum().to(b.dtype).reshape([])).dtype),
        [a.add(true).dtype, a.add(2).dtype, a.add(2.5).dtype],
      ],
    ]),
  );
  const [b, u8, i32, i64, f32, f64]: DType[] = ['bool', 'uint8', 'int32', 'int64', 'float32', 'float64'];
  expect(table).toEqual({
    b: [
      [b, u8, i32, i64, f32, f64],
      [b, u8, i32, i64, f32, f64],
      [b, i64, f32],
    ],
    u8: [
      [u8, u8, i32, i64, f32, f64],
      [u8, u8, u8, u8, f32, f64],
      [u8, u8, f32],
    ],
    i32: [
      [i32, i32, i32, i64, f32, f64],
      [i32, i32, i32, i32, f32, f64],
      [i32, i32, f32],
    ],
    i64: [
      [i64, i64, i64, i64, f32, f64],
      [i64, i64, i64, i64, f32, f64],
      [i64, i64, f32],
    ],
    f32: [
      [f32, f32, f32, f32, f32, f64],
      [f32, f32, f32, f32, f32, f32],
      [f32, f32, f32],
    ],
    f64: [
      [f64, f64, f64, f64, f64, f64],
      [f64, f64, f64, f64, f64, f64],
      [f64, f64, f64],
    ],
  });
});

test('P76 result types of division, mean, sum, comparison and unary functions on integers', () => {
  const i = tensor([1n, 2n]);
  const b = tensor([true, false]);
  expect({
    div: i.div(2).dtype,
    floorDivide: i.floorDivide(2).dtype,
    sum: i.sum().dtype,
    sumOfBools: b.sum().dtype,
    prod: i.prod().dtype,
    sqrt: i.sqrt().dtype,
    gt: i.gt(1).dtype,
    mean: i.float().mean().dtype,
    addOfBools: b.add(b).dtype,
    pow: i.pow(2).dtype,
    // A JavaScript number without fraction is an integer scalar; a 0-dim tensor says 1.0 exactly.
    timesFloat: i.mul(tensor(1)).dtype,
    count: b.sum().item(),
    cumsum: i.cumsum(0).dtype,
    abs: i.abs().dtype,
  }).toEqual({
    div: 'float32',
    floorDivide: 'int64',
    sum: 'int64',
    sumOfBools: 'int64',
    prod: 'int64',
    sqrt: 'float32',
    gt: 'bool',
    mean: 'float32',
    addOfBools: 'bool',
    pow: 'int64',
    timesFloat: 'float32',
    count: 1,
    cumsum: 'int64',
    abs: 'int64',
  });
  raises(() => i.mean(), DTypeError, 'mean', 'float', 'int64');
  raises(() => b.sub(b), AdjointError, 'sub', 'bool', /xor/i);
  raises(() => b.neg(), AdjointError, 'neg', 'bool', /not/i);
  raises(() => i.pow(-1), AdjointError, 'integers to negative integer powers');
});

test('P77 a gradient has the dtype of its input', () => {
  const a = tensor([1, 2], { requiresGrad: true });
  const b = tensor([3, 4], { dtype: 'float64', requiresGrad: true });
  const y = a.mul(b);
  expect(y.dtype).toBe('float64');
  y.sum().backward();
  expect([a.grad!.dtype, b.grad!.dtype]).toEqual(['float32', 'float64']);
  a.double().mul(2).sum().backward();
  expect([a.grad!.dtype, a.grad!.tolist()]).toEqual(['float32', [5, 6]]);
});

test('P78 0-dim tensors, item and conversion', () => {
  const x = tensor(3.5);
  expect([x.shape, x.dim(), x.numel(), x.item()]).toEqual([[], 0, 1, 3.5]);
  // JavaScript has no conversion hooks for numbers that would be safe: item() is what float(), int() and bool() are.
  expect([Math.trunc(x.item()), Boolean(x.item())]).toEqual([3, true]);
  raises(() => ones([2]).item(), AdjointError, '2 elements', 'item');
  raises(() => Number(ones([2])), UsageError, 'item()');
  raises(() => x.size(0), IndexError, 'dim 0', '0 dim');
  raises(() => ones([0]).item(), AdjointError, '0 elements');
  expect([tensor([[7]]).item(), x.index(null).shape, stack([x, x]).tolist()]).toEqual([7, [1], [3.5, 3.5]]);
  raises(() => x.index(0), IndexError, '0-dim', 'item()');
});
