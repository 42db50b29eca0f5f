// Convolution, pooling and batch normalisation as modules.
import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError, arange, eye, manualSeed, nn, ones, optim, randn, scope, tensor, zeros, type Tensor } from 'adjoint';

const numbers = (x: Tensor | null): number[] => x!.detach().flatten().tolist() as number[];
const near = (x: Tensor | null, expected: readonly number[], digits = 6): void => {
  const got = numbers(x);
  expect(got).toHaveLength(expected.length);
  got.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, digits));
};

describe('convolutions', () => {
  it('start with the weights PyTorch draws after manual_seed(42)', () => {
    manualSeed(42);
    const conv = new nn.Conv2d(2, 3, 2);
    expect(conv.weight.shape).toEqual([3, 2, 2, 2]);
    expect(numbers(conv.weight).slice(0, 4)).toEqual([0.27030518651008606, 0.29345211386680603, -0.08282782882452011, 0.32477813959121704]);
    expect(numbers(conv.weight).at(-1)).toBe(0.2345370501279831);
    expect(numbers(conv.bias)).toEqual([-0.2790845036506653, -0.16299176216125488, -0.09983454644680023]);
  });

  it('print their sizes, and the rest where it is not the default', () => {
    expect(String(new nn.Conv2d(1, 6, 5, { padding: 2 }))).toBe('Conv2d(1, 6, kernelSize=[5, 5], stride=[1, 1], padding=[2, 2])');
    expect(String(new nn.Conv1d(4, 4, 3, 2, 'valid', 2, 2, false))).toBe(
      "Conv1d(4, 4, kernelSize=[3], stride=[2], padding=valid, dilation=[2], groups=2, bias=false)",
    );
    expect(String(new nn.ConvTranspose2d(2, 2, 2, 2, 0, 1))).toBe(
      'ConvTranspose2d(2, 2, kernelSize=[2, 2], stride=[2, 2], outputPadding=[1, 1])',
    );
  });

  it('slide a weight over an image, a sequence and a batch of either', () => {
    const conv = new nn.Conv2d(1, 1, 2, { bias: false });
    conv.weight.detach().copy_(eye(2).reshape([1, 1, 2, 2]));
    const image = arange(9).to('float32').reshape([1, 3, 3]);
    expect(conv.call(image).tolist()).toEqual([[[4, 6], [10, 12]]]);
    expect(conv.call(image.unsqueeze(0)).shape).toEqual([1, 1, 2, 2]);
    const line = new nn.Conv1d(1, 1, 3, { padding: 'same', bias: false });
    line.weight.detach().copy_(tensor([[[1, 0, -1]]]));
    expect(line.call(tensor([[1, 2, 4, 8]])).tolist()).toEqual([[-2, -3, -6, 4]]);
  });

  it('have transposes that undo their shapes and are their adjoints', () => {
    manualSeed(1);
    const conv = new nn.Conv2d(2, 3, [3, 2], { stride: 2, padding: 1, bias: false });
    const back = new nn.ConvTranspose2d(3, 2, [3, 2], { stride: 2, padding: 1, outputPadding: [0, 1], bias: false });
    back.weight.detach().copy_(conv.weight);
    const x = randn([2, 2, 5, 7]);
    const y = conv.call(x);
    const g = randn(y.shape);
    const returned = back.call(g);
    expect(returned.shape).toEqual(x.shape);
    expect(returned.mul(x).sum().item()).toBeCloseTo(Number(y.mul(g).sum().item()), 3);
    expect(new nn.ConvTranspose1d(2, 1, 3, 2).call(randn([2, 4])).shape).toEqual([1, 9]);
  });

  it('refuse sizes that make no sense, naming the argument', () => {
    expect(() => new nn.Conv2d(3, 4, 2, { groups: 2 })).toThrow(/inChannels=3 must be divisible by groups=2/);
    expect(() => new nn.Conv2d(1, 1, [2, 2, 2])).toThrow(/kernelSize must be an integer or a list of 2/);
    expect(() => new nn.Conv2d(1, 1, 2, 0).call(zeros([1, 1, 4, 4]))).toThrow(UsageError);
    expect(() => new nn.Conv2d(1, 1, 2, 2, 'same')).toThrow(/needs a stride of 1/);
    expect(() => new nn.Conv2d(1, 1, 2).call(zeros([1, 2, 4, 4]))).toThrow(ShapeError);
    expect(() => new nn.Conv2d(1, 1, 5).call(zeros([1, 1, 4, 4]))).toThrow(/no smaller than the kernel/);
  });
});

describe('pooling', () => {
  const x = arange(16).to('float32').reshape([1, 1, 4, 4]);

  it('takes the greatest element, with its place where that is asked for', () => {
    expect(new nn.MaxPool2d(2).call(x).tolist()).toEqual([[[[5, 7], [13, 15]]]]);
    const { values, indices } = nn.functional.maxPool2d(x, 3, 1, { returnIndices: true });
    expect(values.tolist()).toEqual([[[[10, 11], [14, 15]]]]);
    expect(indices.dtype).toBe('int64');
    expect(indices.to('int32').tolist()).toEqual([[[[10, 11], [14, 15]]]]);
    const both = new nn.MaxPool2d(2, { returnIndices: true }).call(x) as unknown as { indices: Tensor };
    expect(both.indices.to('int32').tolist()).toEqual([[[[5, 7], [13, 15]]]]);
    expect(new nn.MaxPool1d(2, 1).call(tensor([[1, 3, 2]])).tolist()).toEqual([[3, 3]]);
  });

  it('takes means over windows, and over as many as are asked for', () => {
    expect(new nn.AvgPool2d(2).call(x).tolist()).toEqual([[[[2.5, 4.5], [10.5, 12.5]]]]);
    expect(new nn.AvgPool1d(3, { stride: 1, padding: 1, countIncludePad: false }).call(tensor([[3, 6, 9]])).tolist()).toEqual([[4.5, 6, 7.5]]);
    expect(new nn.AdaptiveAvgPool2d([1, null]).call(x).tolist()).toEqual([[[[6, 7, 8, 9]]]]);
    expect(new nn.AdaptiveAvgPool1d(2).call(tensor([[1, 2, 3]])).tolist()).toEqual([[1.5, 2.5]]);
  });

  it('prints as PyTorch does', () => {
    expect(String(new nn.MaxPool2d(2))).toBe('MaxPool2d(kernelSize=2, stride=2, padding=0, dilation=1, ceilMode=false)');
    expect(String(new nn.AvgPool2d([2, 3], 1))).toBe('AvgPool2d(kernelSize=[2, 3], stride=1, padding=0)');
    expect(String(new nn.AdaptiveAvgPool2d([1, null]))).toBe('AdaptiveAvgPool2d(outputSize=[1, null])');
  });
});

describe('batch normalisation', () => {
  it('uses the batch in training, follows its mean and variance, and uses those in evaluation', () => {
    const norm = new nn.BatchNorm1d(2, { eps: 0 });
    const x = tensor([[1, 10], [3, 30]]);
    near(norm.call(x), [-1, -1, 1, 1]);
    // A tenth of the mean 2 and 20; nine tenths of 1 and a tenth of the unbiased variance 2 and 200.
    near(norm.runningMean, [0.2, 2]);
    near(norm.runningVar, [1.1, 20.9], 5);
    expect(norm.numBatchesTracked!.item()).toBe(1);
    norm.eval();
    near(norm.call(tensor([[0.2, 2]])), [0, 0]);
    expect(norm.namedBuffers().map(([name]) => name)).toEqual(['running_mean', 'running_var', 'num_batches_tracked']);
    expect(String(norm)).toBe('BatchNorm1d(2, eps=0, momentum=0.1, affine=true, bias=true, trackRunningStats=true)');
  });

  it('averages over all batches without a momentum', () => {
    const norm = new nn.BatchNorm2d(1, { momentum: null });
    for (const value of [1, 2, 6]) norm.call(ones([1, 1, 2, 2]).mul(value));
    near(norm.runningMean, [3], 5);
    expect(() => norm.call(ones([2, 1]))).toThrow(/expected an input of 4 dims/);
  });

  it('gives the input a gradient without components along 1 and along the input', () => {
    const x = randn([8, 3, 2, 2], { requiresGrad: true });
    nn.functional.batchNorm(x, null, null, { training: true, eps: 1e-12 }).mul(randn(x.shape)).sum().backward();
    near(x.grad!.sum([0, 2, 3]), [0, 0, 0], 4);
    near(x.grad!.mul(x).sum([0, 2, 3]), [0, 0, 0], 3);
  });
});

it('a network of convolutions learns to tell rows from columns', () => {
  manualSeed(3);
  const net = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(4 * 3 * 3, 2),
  );
  const images: number[][][][] = [];
  const classes: bigint[] = [];
  for (let at = 0; at < 6; at++) {
    for (const kind of [0, 1]) {
      images.push([Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, j) => ((kind === 0 ? i : j) === at ? 1 : 0)))]);
      classes.push(BigInt(kind));
    }
  }
  const [x, y] = [tensor(images), tensor(classes)];
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  let loss = Infinity;
  for (let step = 0; step < 60; step++) {
    loss = scope(() => {
      optimizer.zeroGrad();
      const l = nn.functional.crossEntropy(net.call(x), y);
      l.backward();
      optimizer.step();
      return Number(l.item());
    });
  }
  expect(loss).toBeLessThan(0.05);
});
