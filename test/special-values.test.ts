// Values and gradients at infinities, NaN, zeros and the ends of a dtype's range, and dtypes that losses refuse. All numbers are PyTorch's.
import { DTypeError, ShapeError, type Tensor, dist, grad, linalg, nn, tensor, xlogy, zeros } from 'adjoint';
import { expect, test } from 'vitest';

const F = nn.functional;

/** The gradient of the sum of `f`. */
function gradient(f: (x: Tensor) => Tensor, values: number[] | number[][]): unknown {
  const x = tensor(values, { requiresGrad: true });
  f(x).sum().backward();
  return x.grad!.tolist();
}

/** A number as float32 holds it. */
const f32 = Math.fround;

test.each([2, 3, -2, 0.5, -1, 1, Infinity, -Infinity])('the norm of order %d over one element is its absolute value', (p) => {
  const columns = tensor([[1e20], [-1e-30], [0], [NaN]]);
  expect(columns.norm(p, [1]).tolist()).toEqual([f32(1e20), f32(1e-30), 0, NaN]);
  expect(linalg.vectorNorm(columns.t(), p, 0).tolist()).toEqual([f32(1e20), f32(1e-30), 0, NaN]);
  expect(tensor([-1e30]).norm(p).item()).toBe(f32(1e30));
  expect(tensor(1e-30).norm(p).item()).toBe(f32(1e-30));
});

test('what is made of norms takes the absolute value of one element', () => {
  expect(linalg.vectorNorm(tensor([[0], [NaN], [-Infinity]]), 0, 1).tolist()).toEqual([0, 1, 1]);
  expect(linalg.norm(tensor([1e-30])).item()).toBe(f32(1e-30));
  expect(linalg.matrixNorm(tensor([[1e20]])).item()).toBe(f32(1e20));
  expect(dist(tensor([1e20]), tensor([0])).item()).toBe(f32(1e20));
  expect(F.normalize(tensor([[1e20]])).item()).toBe(1);
  expect(tensor([300], { dtype: 'float16' }).norm(3).item()).toBe(300);
  const p = tensor([1], { requiresGrad: true });
  p.grad = tensor([1e-30]);
  expect(nn.utils.clipGradNorm_([p], 1).item()).toBe(f32(1e-30));
  expect(gradient((x) => x.norm(), [1e-30])).toEqual([1]);
});

test('the gradient of an absolute value is the product with the sign', () => {
  expect(gradient((x) => x.abs().sqrt(), [0, NaN, 4])).toEqual([NaN, NaN, 0.25]);
  expect(gradient((x) => x.abs(), [NaN, 0, -1])).toEqual([0, 0, -1]);
  const none = { reduction: 'none' } as const;
  expect(gradient((x) => F.l1Loss(x, zeros([3]), none).sqrt(), [0, NaN, 4])).toEqual([NaN, NaN, 0.25]);
  expect(gradient((x) => F.smoothL1Loss(x, zeros([3]), { ...none, beta: 0 }).sqrt(), [0, NaN, 4])).toEqual([NaN, NaN, 0.25]);
  expect(gradient((x) => F.l1Loss(x, zeros([3]), { reduction: 'sum' }), [NaN, 0, 1])).toEqual([0, 0, 1]);
});

test('no gradient reaches the elements a full reduction did not choose', () => {
  expect(gradient((x) => x.max().sqrt(), [-1, 0, -2])).toEqual([0, Infinity, 0]);
  expect(gradient((x) => x.max().sqrt(), [-1, 0, 0])).toEqual([0, Infinity, Infinity]);
  expect(gradient((x) => x.min().sqrt(), [1, 0, 2])).toEqual([0, Infinity, 0]);
  expect(gradient((x) => x.median().sqrt(), [1, 0, -2])).toEqual([0, Infinity, 0]);
  expect(gradient((x) => x.nanmedian().sqrt(), [1, 0, -2])).toEqual([0, Infinity, 0]);
  expect(gradient((x) => x.max(), [-1, NaN, NaN])).toEqual([0, 0.5, 0.5]);
  // Extremes over dims multiply by a mask in PyTorch.
  expect(gradient((x) => x.amax().sqrt(), [-1, 0, 0])).toEqual([NaN, Infinity, Infinity]);
});

test('infinities that prelu does not use stay out of its gradients', () => {
  const prelu = (values: number[], slope: number, weights?: number[]): unknown[] => {
    const [x, w] = [tensor(values, { requiresGrad: true }), tensor([slope], { requiresGrad: true })];
    const y = F.prelu(x, w);
    (weights ? y.mul(tensor(weights)) : y).sum().backward();
    return [x.grad!.tolist(), w.grad!.tolist()];
  };
  expect(prelu([Infinity, -1], 0.25)).toEqual([[1, 0.25], [-1]]);
  expect(prelu([1, -1], Infinity)).toEqual([[1, Infinity], [-1]]);
  expect(prelu([1, -1, 0, NaN], 0.5, [Infinity, Infinity, Infinity, 1])).toEqual([[Infinity, Infinity, Infinity, 0.5], [NaN]]);
});

test('the derivatives of mish at 0 are right to any order', () => {
  const x = tensor(0, { dtype: 'float64', requiresGrad: true });
  let y: Tensor = F.mish(x);
  for (const expected of [0.6, 0.64, -0.096, -1.1008]) {
    y = grad(y, x, { createGraph: true })[0]!;
    expect(y.item()).toBeCloseTo(expected, 12);
  }
});

test('threshold compares halves with the number as it was given', () => {
  const at = (dtype: 'bfloat16' | 'float16', threshold: number): unknown[] => {
    const x = tensor([0.3], { dtype, requiresGrad: true });
    const y = F.threshold(x, threshold, 7);
    y.sum().backward();
    return [y.item() === 7, x.grad!.item()];
  };
  expect(at('bfloat16', 0.3002)).toEqual([false, 1]);
  expect(at('bfloat16', 0.301)).toEqual([true, 0]);
  expect(at('float16', 0.3)).toEqual([false, 1]);
  expect(at('float16', 0.3002)).toEqual([true, 0]);
});

test('quotients of halves are rounded before they are made whole, but not by a number', () => {
  const b = (values: number[]) => tensor(values, { dtype: 'bfloat16' });
  const h = (values: number[]) => tensor(values, { dtype: 'float16' });
  const trunc = { roundingMode: 'trunc' } as const;
  const [xb, yb] = [b([18.25, 19.125, 27.5, -5.15625]), b([-0.28125, -0.03662109375, 0.328125, 0.0267333984375])];
  expect(xb.div(yb, trunc).tolist()).toEqual([-65, -524, 84, -193]);
  const [xh, yh] = [h([37.375, -16.609375, 10.7890625]), h([0.045928955078125, -0.06292724609375, 0.01067352294921875])];
  expect(xh.div(yh, trunc).tolist()).toEqual([814, 264, 1011]);
  const [fb, gb] = [b([24.25, -11.4375, 27.75, -32.75]), b([0.054931640625, 0.047119140625, -0.0908203125, -0.0859375])];
  expect(fb.floorDivide(gb).tolist()).toEqual([442, -242, -308, 382]);
  expect(fb.div(gb, { roundingMode: 'floor' }).tolist()).toEqual([442, -242, -308, 382]);
  expect(h([-17.359375, -43.9375]).floorDivide(h([0.01056671142578125, -0.043060302734375])).tolist()).toEqual([-1642, 1019]);
  // In place too.
  expect(fb.clone().floorDivide_(gb).tolist()).toEqual([442, -242, -308, 382]);
  expect(b([18.25, 1]).div(b([-0.28125]), trunc).tolist()).toEqual([-64, -3]);
  const special = b([Infinity, -Infinity, 0, 0, 1, -1, 5, -5, NaN, 3]);
  const divisors = b([2, 2, -3, 0, Infinity, Infinity, -Infinity, -7, 1, 0]);
  expect(special.floorDivide(divisors).tolist()).toEqual([NaN, NaN, -0, NaN, 0, -1, -1, 0, NaN, Infinity]);
});

test('xlogy of halves rounds the logarithm', () => {
  const b = { dtype: 'bfloat16' } as const;
  expect(xlogy(tensor([32.5, -1.03125, 4.96875], b), tensor([3.265625, 4.78125, 0.69921875], b)).tolist()).toEqual([38.25, -1.609375, -1.7734375]);
  const h = { dtype: 'float16' } as const;
  expect(xlogy(tensor([-15.640625, 1.4306640625], h), tensor([2.109375, 1.1123046875], h)).tolist()).toEqual([-11.6796875, 0.15234375]);
  expect(xlogy(tensor([0, 0, 1, 0], b), tensor([NaN, 0, 0, Infinity], b)).tolist()).toEqual([NaN, 0, -Infinity, 0]);
});

test('a cube and a reciprocal square of bfloat16 round each product, those of float16 once', () => {
  const b = tensor([-1.53125, 7.1875, -15.625, 1.4296875, 13.3125], { dtype: 'bfloat16' });
  expect(b.pow(3).tolist()).toEqual([-3.59375, 372, -3808, 2.921875, 2352]);
  expect(b.pow(-2).tolist()).toEqual([0.42578125, 0.019287109375, 0.00408935546875, 0.48828125, 0.005645751953125]);
  expect(b.clone().pow_(3).tolist()).toEqual([-3.59375, 372, -3808, 2.921875, 2352]);
  const leaf = tensor([10.375], { dtype: 'bfloat16', requiresGrad: true });
  leaf.pow(4).backward();
  expect(leaf.grad!.item()).toBe(4448);
  const h = tensor([-1.533203125, 7.19921875, -15.640625], { dtype: 'float16' });
  expect(h.pow(3).tolist()).toEqual([-3.603515625, 373.25, -3826]);
});

const OTHERS = ['bool', 'uint8', 'int32', 'int64', 'float16', 'bfloat16', 'float64'] as const;

test.each(OTHERS)('a target of binaryCrossEntropy and a weight of classes of dtype %s beside a float32 input are refused', (dtype) => {
  const hint = /cast with to\('float32'\)/;
  const refused = (f: () => Tensor): void => {
    expect(f).toThrow(DTypeError);
    expect(f).toThrow(hint);
  };
  refused(() => F.binaryCrossEntropy(tensor([0.3, 0.6]), tensor([1, 0], { dtype })));
  const weight = tensor([1, 1, 1], { dtype });
  const classes = tensor([0, 1], { dtype: 'int64' });
  refused(() => F.crossEntropy(zeros([2, 3]), classes, { weight }));
  refused(() => F.crossEntropy(zeros([2, 3]), classes, { weight, labelSmoothing: 0.1 }));
  refused(() => F.crossEntropy(zeros([3]), tensor(0, { dtype: 'int64' }), { weight }));
  refused(() => F.crossEntropy(zeros([2, 3, 1]), classes.unsqueeze(1), { weight }));
  refused(() => F.nllLoss(zeros([2, 3]), classes, { weight }));
  expect(F.crossEntropy(zeros([2, 3]), tensor([[1, 0, 0], [0, 1, 0]]), { weight }).shape).toEqual([]);
});

test.each(['bool', 'uint8', 'int32', 'int64'] as const)('a target of dtype %s is refused by binaryCrossEntropyWithLogits and klDiv', (dtype) => {
  const target = tensor([1, 0], { dtype });
  const x = tensor([0.3, 0.6]);
  expect(() => F.binaryCrossEntropyWithLogits(x, target)).toThrow(DTypeError);
  expect(() => F.binaryCrossEntropyWithLogits(x, target, { posWeight: tensor([1, 1]) })).toThrow(/cast with to/);
  expect(() => F.klDiv(x, target)).toThrow(/cast with to/);
  expect(() => F.klDiv(x, target, { logTarget: true })).toThrow(DTypeError);
  expect(() => F.klDiv(target, x)).toThrow(DTypeError);
});

test('adaptive mean pooling takes an input without channels', () => {
  expect(F.adaptiveAvgPool2d(zeros([1, 0, 4, 4]), 2).shape).toEqual([1, 0, 2, 2]);
  expect(F.adaptiveAvgPool2d(zeros([0, 4, 4]), 1).shape).toEqual([0, 1, 1]);
  expect(F.adaptiveAvgPool1d(zeros([1, 0, 4]), 2).shape).toEqual([1, 0, 2]);
  expect(() => F.adaptiveAvgPool2d(zeros([1, 1, 0, 4]), 2)).toThrow(ShapeError);
});
