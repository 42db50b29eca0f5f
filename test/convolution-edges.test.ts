// Convolutions of nothing, and arguments that cannot be: the shapes and refusals of PyTorch 2.15, which come at the call.
import { describe, expect, it } from 'vitest';
import { type Tensor, nn, zeros } from 'adjoint';

const { conv1d, conv2d, convTranspose1d, convTranspose2d } = nn.functional;

const shapes: Record<string, [() => Tensor, number[]]> = {
  'no channels': [() => new nn.Conv2d(0, 3, 1).call(zeros([1, 0, 2, 2])), [1, 0, 2, 2]],
  'no channels and no bias': [() => new nn.Conv2d(0, 3, 1, { bias: false }).call(zeros([1, 0, 2, 2])), [1, 0, 2, 2]],
  'no channels, a kernel': [() => new nn.Conv2d(0, 3, 3, { stride: 2, padding: 1 }).call(zeros([2, 0, 5, 5])), [2, 0, 3, 3]],
  'no channels, the same size': [() => new nn.Conv2d(0, 3, 3, { padding: 'same' }).call(zeros([1, 0, 5, 5])), [1, 0, 5, 5]],
  'no channels in groups': [() => new nn.Conv2d(0, 4, 3, { groups: 2 }).call(zeros([1, 0, 5, 5])), [1, 0, 3, 3]],
  'no channels and no rows': [() => new nn.Conv2d(0, 3, 3, { padding: 2 }).call(zeros([1, 0, 0, 5])), [1, 0, 2, 7]],
  'no channels, one image': [() => new nn.Conv2d(0, 3, 1).call(zeros([0, 2, 2])), [0, 2, 2]],
  'no channels of a sequence': [() => new nn.Conv1d(0, 3, 3).call(zeros([1, 0, 5])), [1, 0, 3]],
  'no images': [() => new nn.Conv2d(2, 3, 1).call(zeros([0, 2, 2, 2])), [0, 3, 2, 2]],
  'no images and no channels': [() => new nn.Conv2d(0, 3, 3, { padding: 2 }).call(zeros([0, 0, 4, 5])), [0, 0, 6, 7]],
  'no images without rows': [() => new nn.Conv2d(2, 3, 3, { padding: 2 }).call(zeros([0, 2, 0, 2])), [0, 3, 2, 4]],
  'no images, transposed': [() => new nn.ConvTranspose2d(2, 3, 1).call(zeros([0, 2, 2, 2])), [0, 3, 2, 2]],
  'no features': [() => new nn.Linear(0, 3).call(zeros([2, 0])), [2, 3]],
  'no features out': [() => new nn.Linear(3, 0).call(zeros([2, 3])), [2, 0]],
};

const refusals: Record<string, [() => unknown, RegExp]> = {
  'no filters': [() => new nn.Conv2d(3, 0, 1).call(zeros([1, 3, 2, 2])), /at least 1 filter/],
  'no filters of a sequence': [() => new nn.Conv1d(3, 0, 1).call(zeros([1, 3, 2])), /at least 1 filter/],
  'transposed from no channels': [() => new nn.ConvTranspose2d(0, 3, 1).call(zeros([1, 0, 2, 2])), /at least 1 filter/],
  'a transposed sequence from no channels': [() => new nn.ConvTranspose1d(0, 3, 1).call(zeros([1, 0, 2])), /at least 1 filter/],
  'transposed to no channels': [() => new nn.ConvTranspose2d(3, 0, 1).call(zeros([1, 3, 2, 2])), /at least 1 filter/],
  'channels where there are none': [() => new nn.Conv2d(0, 3, 1).call(zeros([1, 2, 2, 2])), /0 channels, got 2/],
  'no rows': [() => new nn.Conv2d(2, 3, 1).call(zeros([1, 2, 0, 2])), /no smaller than the kernel/],
  'no rows with padding': [() => new nn.Conv2d(2, 3, 1, { padding: 1 }).call(zeros([1, 2, 0, 2])), /only the batch or the channels are empty/],
  'no rows with more padding': [() => new nn.Conv2d(2, 3, 3, { padding: 2 }).call(zeros([1, 2, 0, 2])), /only the batch or the channels are empty/],
  'one image without rows': [() => new nn.Conv2d(2, 3, 3, { padding: 2 }).call(zeros([2, 0, 2])), /only the batch or the channels are empty/],
  'an empty sequence with padding': [() => new nn.Conv1d(2, 3, 1, { padding: 1 }).call(zeros([1, 2, 0])), /only the batch or the channels are empty/],
  'no rows, transposed': [() => new nn.ConvTranspose2d(2, 3, 3).call(zeros([1, 2, 0, 2])), /only the batch or the channels are empty/],
  'an empty sequence, transposed': [() => new nn.ConvTranspose1d(2, 3, 3).call(zeros([1, 2, 0])), /only the batch or the channels are empty/],
  'a stride of 0': [() => new nn.Conv2d(2, 3, 1, { stride: 0 }).call(zeros([1, 2, 4, 4])), /stride of at least 1, got 0/],
  'a stride of 0 in a sequence': [() => new nn.Conv1d(2, 3, 1, { stride: 0 }).call(zeros([1, 2, 4])), /stride of at least 1, got 0/],
  'a stride of 0, transposed': [() => new nn.ConvTranspose2d(2, 3, 1, { stride: 0 }).call(zeros([1, 2, 4, 4])), /stride of at least 1, got 0/],
  'a dilation of 0': [() => new nn.Conv2d(2, 3, 2, { dilation: 0 }).call(zeros([1, 2, 4, 4])), /dilation of at least 1, got 0/],
  'a negative padding': [() => new nn.Conv2d(2, 3, 1, { padding: -1 }).call(zeros([1, 2, 4, 4])), /padding of at least 0, got -1/],
  'a kernel of 0': [() => new nn.Conv2d(2, 3, 0).call(zeros([1, 2, 4, 4])), /kernel of at least 1/],
  'a stride of 0 of the function': [() => conv2d(zeros([1, 2, 4, 4]), zeros([3, 2, 1, 1]), null, 0), /stride of at least 1, got 0/],
  'a negative stride of the function': [() => conv1d(zeros([1, 2, 4]), zeros([3, 2, 1]), null, -1), /stride of at least 1, got -1/],
  'no groups': [() => conv2d(zeros([1, 2, 4, 4]), zeros([3, 2, 1, 1]), { groups: 0 }), /groups/],
  'an output padding as large as the stride': [() => new nn.ConvTranspose2d(2, 3, 1, { outputPadding: 1 }).call(zeros([1, 2, 4, 4])), /smaller than stride or dilation/],
  'no rows of the transposed functions': [() => [convTranspose1d, convTranspose2d].map((f, i) => f(zeros(i === 0 ? [1, 2, 0] : [1, 2, 0, 2]), zeros(i === 0 ? [2, 3, 3] : [2, 3, 3, 3]))), /only the batch/],
};

describe('a convolution of nothing', () => {
  for (const [name, [run, shape]] of Object.entries(shapes)) it(`has PyTorch's shape: ${name}`, () => { expect(run().shape).toEqual(shape); });
  for (const [name, [run, message]] of Object.entries(refusals)) it(`is refused as in PyTorch: ${name}`, () => { expect(run).toThrow(message); });

  it('gives the parameters zeros as gradients', () => {
    const m = new nn.Conv2d(0, 3, 1);
    const x = zeros([1, 0, 2, 2], { requiresGrad: true });
    m.call(x).sum().backward();
    expect([x.grad!.shape, m.weight.grad!.shape, m.bias!.grad!.tolist()]).toEqual([[1, 0, 2, 2], [3, 0, 1, 1], [0, 0, 0]]);
  });

  it('is not refused by the constructor, whatever its numbers are', () => {
    const made = [new nn.Conv2d(2, 3, 1, { stride: 0 }), new nn.Conv2d(2, 3, 1, { padding: -1 }), new nn.Conv1d(2, 3, 1, { dilation: 0 }), new nn.ConvTranspose2d(2, 3, 1, { outputPadding: 1, stride: 0 })];
    expect(made.map((m) => m.stride)).toEqual([[0, 0], [1, 1], [1], [0, 0]]);
    expect(() => new nn.Conv2d(2, 4, 1, { groups: 0 })).toThrow(/groups/);
    expect(() => new nn.Conv2d(3, 4, 1, { groups: 2 })).toThrow(/divisible/);
  });
});
