// Results that are not row-major: what takes them computes with them as with row-major ones.
import { type Tensor, arange, autograd, cat, func, nn, optim, rand, stack, tensor, tensorSplit, where } from 'adjoint';
import { describe, expect, test } from 'vitest';

const list = (t: Tensor): number[] => Array.from(t.to('float64').toTypedArray() as Float64Array);
const ramp = (...shape: number[]): Tensor => arange(shape.reduce((a, b) => a * b)).to('float32').mul(0.37).sin().reshape(shape);

/** A matrix whose columns are dense, made by an elementwise op. */
const columns = (): Tensor => ramp(6, 4).t().add(0.5);
/** Images with their channels innermost. */
const images = (): Tensor => ramp(2, 5, 6, 3).permute([0, 3, 1, 2]).add(0.5);

describe('what takes a result with another order of strides gives the values it gives for a row-major one', () => {
  const F = nn.functional;
  const ofMatrix: Record<string, (x: Tensor) => Tensor | Tensor[]> = {
    sum: (x) => x.sum(0),
    mean: (x) => x.mean(1),
    var: (x) => x.var(0),
    max: (x) => [...(x.max(1) as unknown as Tensor[])],
    argmax: (x) => x.argmax(),
    cumsum: (x) => x.cumsum(0),
    prod: (x) => x.prod(1),
    logsumexp: (x) => x.logsumexp(0),
    norm: (x) => x.norm(),
    softmax: (x) => x.softmax(0),
    logSoftmax: (x) => x.logSoftmax(1),
    layerNorm: (x) => F.layerNorm(x, [6]),
    crossEntropy: (x) => F.crossEntropy(x, tensor([0, 5, 2, 1], { dtype: 'int64' })),
    mse: (x) => F.mseLoss(x, x.mul(2).t().contiguous().t()),
    matmul: (x) => x.matmul(x.t()),
    linear: (x) => F.linear(x, ramp(3, 6), ramp(3)),
    reshape: (x) => x.reshape([-1]),
    flatten: (x) => x.flatten(),
    sort: (x) => [...(x.sort(0) as unknown as Tensor[])],
    topk: (x) => [...(x.topk(2, 1) as unknown as Tensor[])],
    index: (x) => x.index([0, 2]),
    gather: (x) => x.gather(1, tensor([[0, 1], [2, 3], [4, 5], [0, 5]], { dtype: 'int64' })),
    indexSelect: (x) => x.indexSelect(1, tensor([5, 0], { dtype: 'int64' })),
    scatterAdd: (x) => x.scatterAdd(0, tensor([[0, 1, 2, 3, 0, 1]], { dtype: 'int64' }), ramp(1, 6)),
    maskedSelect: (x) => x.maskedSelect(x.gt(0.5)),
    maskedFill: (x) => x.maskedFill(x.gt(0.5), 7),
    indexFill: (x) => x.indexFill(1, tensor([1], { dtype: 'int64' }), 3),
    cat: (x) => cat([x, x.mul(2)], 1),
    stack: (x) => stack([x, x.exp()], 2),
    split: (x) => tensorSplit(x, 2, 1),
    flip: (x) => x.flip([0, 1]),
    roll: (x) => x.roll(2, 1),
    repeat: (x) => x.repeat([2, 1]),
    tril: (x) => x.tril(),
    diagonal: (x) => x.diagonal(),
    where: (x) => where(x.gt(0.5), x, ramp(4, 6)),
    to: (x) => x.to('int32'),
    clamp: (x) => x.clamp(0.1, 0.9),
    unfold: (x) => x.unsqueeze(0).expand([2, 4, 6]).mul(x),
    attention: (x) => F.scaledDotProductAttention(x.unsqueeze(0), x.unsqueeze(0), x.unsqueeze(0)),
    dot: (x) => x.select(1, 2).dot(x.select(1, 3)),
  };
  const ofImages: Record<string, (x: Tensor) => Tensor | Tensor[]> = {
    conv2d: (x) => F.conv2d(x, ramp(4, 3, 3, 3), ramp(4)),
    maxPool2d: (x) => F.maxPool2d(x, 2),
    avgPool2d: (x) => F.avgPool2d(x, 2),
    batchNorm: (x) => F.batchNorm(x, null, null, null, null, true),
    groupNorm: (x) => F.groupNorm(x, 3),
    bias: (x) => x.add(ramp(3, 1, 1)),
    meanOfDims: (x) => x.mean([2, 3]),
    pad: (x) => F.pad(x, [1, 1, 2, 0]),
    flatten: (x) => x.flatten(1),
  };
  for (const [make, ops] of [[columns, ofMatrix], [images, ofImages]] as const) {
    for (const [name, op] of Object.entries(ops)) {
      test(name, () => {
        const results = [make(), make().contiguous()].map((x, i) => {
          expect(x.isContiguous()).toBe(i === 1);
          const leaf = x.requiresGrad_();
          const outs = [op(leaf)].flat();
          const differentiable = outs.filter((t) => t.requiresGrad);
          if (differentiable.length > 0) {
            differentiable.map((t) => t.mul(t.detach().cos()).sum()).reduce((a, b) => a.add(b)).backward();
            expect(leaf.grad!.stride()).toEqual(x.stride());
          }
          return { shapes: outs.map((t) => t.shape), values: outs.map(list), gradient: leaf.grad === null ? null : list(leaf.grad) };
        });
        const [strided, rowMajor] = results as [(typeof results)[0], (typeof results)[0]];
        expect(strided.shapes).toEqual(rowMajor.shapes);
        strided.values.flat().forEach((v, i) => expect(v).toBeCloseTo(rowMajor.values.flat()[i]!, 5));
        expect(strided.gradient === null).toBe(rowMajor.gradient === null);
        strided.gradient?.forEach((v, i) => expect(v).toBeCloseTo(rowMajor.gradient![i]!, 5));
      });
    }
  }
});

test('view refuses where the dims of a result are not neighbours, and reshape copies', () => {
  const y = columns();
  expect(() => y.view(-1)).toThrow(/use reshape/);
  expect(list(y.reshape([-1]))).toEqual(list(y));
  expect(ramp(6, 4).t().mul(2).t().view(-1).shape).toEqual([24]);
});

test('contiguous and clone with contiguous_format make row-major copies, and the gradient flows through', () => {
  const x = columns().requiresGrad_();
  for (const y of [x.contiguous(), x.clone({ memoryFormat: 'contiguous_format' }), x.to('float64', { memoryFormat: 'contiguous_format' }), x.double({ memoryFormat: 'contiguous_format' })]) {
    expect([y.isContiguous(), y.stride()]).toEqual([true, [6, 1]]);
    expect(list(y)).toEqual(list(x));
    expect(list(autograd.grad(y.sum(), [x])[0])).toEqual(Array(24).fill(1));
  }
  expect(x.clone().stride()).toEqual([1, 4]);
  expect(() => x.clone({ memoryFormat: 'channels_first' as 'contiguous_format' })).toThrow(/memory/i);
});

test('a gradient that is recorded has the strides of its leaf and can be differentiated', () => {
  const x = columns().requiresGrad_();
  x.pow(3).mul(ramp(4, 6)).sum().backward(undefined, { createGraph: true });
  expect(x.grad!.stride()).toEqual(x.stride());
  const [second] = autograd.grad(x.grad!.sum(), [x]);
  second.detach().sub(x.detach().mul(ramp(4, 6)).mul(6)).abs().toTypedArray().forEach((v) => expect(Number(v)).toBeLessThan(1e-5));
});

test('gradients of several uses add up in one order of strides', () => {
  const grads = [columns(), columns().contiguous()].map((x) => {
    x.requiresGrad_();
    const y = x.exp().mul(x).add(x.t().contiguous().t().sin()).sub(ramp(4, 6).mul(x));
    y.mul(y).sum().backward();
    y.detach();
    expect(x.grad!.stride()).toEqual(x.stride());
    return list(x.grad!);
  });
  grads[0]!.forEach((v, i) => expect(v).toBeCloseTo(grads[1]![i]!, 4));
});

describe('optimizers step parameters of any dense order in place', () => {
  const makers = {
    SGD: (p: Tensor) => new optim.SGD([p], { lr: 0.1, momentum: 0.9, weightDecay: 0.01 }),
    Adam: (p: Tensor) => new optim.Adam([p], { lr: 0.1 }),
    AdamW: (p: Tensor) => new optim.AdamW([p], { lr: 0.1, amsgrad: true }),
  };
  for (const [name, maker] of Object.entries(makers)) {
    test(name, () => {
      const runs = [columns(), columns().contiguous()].map((x, i) => {
        const p = x.detach().requiresGrad_();
        const optimizer = maker(p);
        for (let step = 0; step < 4; step++) {
          optimizer.zeroGrad();
          // The first gradients have the parameter's strides, later ones others.
          (step < 2 ? p.sin().mul(p) : p.t().contiguous().exp()).sum().backward();
          optimizer.step();
        }
        expect(p.stride()).toEqual(i === 0 ? [1, 4] : [6, 1]);
        return list(p);
      });
      runs[0]!.forEach((v, i) => expect(v).toBeCloseTo(runs[1]![i]!, 5));
    });
  }
});

test('forward mode, vmap and in-place writes see the values of strided results', () => {
  const f = (x: Tensor): Tensor => x.exp().mul(x.t().contiguous().t()).pow(2.5).sum(0);
  const [primal, tangent] = [columns().abs(), ramp(4, 6)];
  const [a, b] = [func.jvp(f, [primal], [tangent]), func.jvp(f, [primal.contiguous()], [tangent])];
  (a as Tensor[]).forEach((t, i) => list(t).forEach((v, j) => expect(v / list((b as Tensor[])[i]!)[j]!).toBeCloseTo(1, 5)));
  const mapped = func.vmap((row: Tensor) => row.mul(2).exp())(columns());
  list(mapped).forEach((v, i) => expect(v).toBeCloseTo(list(columns().mul(2).exp())[i]!, 5));
  const y = columns();
  const before = list(y);
  y.index(1).mul_(2);
  y.select(1, 3).add_(1);
  y.t().sub_(ramp(6, 4));
  const want = before.map((v, i) => (Math.floor(i / 6) === 1 ? 2 * v : v) + (i % 6 === 3 ? 1 : 0) - list(ramp(6, 4).t())[i]!);
  list(y).forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 5));
});

test('writes through views of strided results are differentiated', () => {
  const grads = [false, true].map((rowMajor) => {
    const x = rand([4, 6]).mul(0).add(ramp(4, 6)).requiresGrad_();
    const y = rowMajor ? x.mul(2).contiguous() : x.t().contiguous().t().mul(2);
    expect(y.isContiguous()).toBe(rowMajor);
    y.select(1, 2).mul_(3);
    y.index({ start: 1, stop: 3 }).exp_();
    y.mul(y).sum().backward();
    return list(x.grad!);
  });
  grads[0]!.forEach((v, i) => expect(Math.abs(v - grads[1]![i]!)).toBeLessThanOrEqual(1e-5 * Math.abs(v)));
});

test('unique goes by the elements of a view, not by those at the start of its memory', () => {
  const whole = tensor([[1, 2, 2], [7, 9, 7]]);
  expect(whole.select(0, 1).unique().tolist()).toEqual([7, 9]);
  expect(whole.narrow(0, 1, 1).uniqueConsecutive().tolist()).toEqual([7, 9, 7]);
});
