// What is no tensor, given where the types ask for one.
import { UsageError, autograd, data, nn, ones, tensor, type Tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

describe('what is no tensor, where tensors are wanted', () => {
  const modules: [string, nn.Module][] = Object.entries({
    ReLU: new nn.ReLU(), 'ReLU in place': new nn.ReLU(true), Tanh: new nn.Tanh(), Sigmoid: new nn.Sigmoid(), GELU: new nn.GELU(), Softmax: new nn.Softmax(),
    'Softmax of a dim': new nn.Softmax(0), LogSoftmax: new nn.LogSoftmax(), 'LogSoftmax of a dim': new nn.LogSoftmax(0), Flatten: new nn.Flatten(),
    Linear: new nn.Linear(1, 1), Conv1d: new nn.Conv1d(1, 1, 1), ConvTranspose1d: new nn.ConvTranspose1d(1, 1, 1), MaxPool1d: new nn.MaxPool1d(1),
    AvgPool2d: new nn.AvgPool2d(1), AdaptiveAvgPool1d: new nn.AdaptiveAvgPool1d(1), AdaptiveAvgPool2d: new nn.AdaptiveAvgPool2d(1), Dropout: new nn.Dropout(),
    BatchNorm1d: new nn.BatchNorm1d(1), LayerNorm: new nn.LayerNorm(1), Embedding: new nn.Embedding(1, 1), MSELoss: new nn.MSELoss(), CrossEntropyLoss: new nn.CrossEntropyLoss(),
    Sequential: new nn.Sequential(new nn.Tanh()),
  });

  it.each(modules)('is refused by forward of %s, called directly', (_, module) => {
    for (const given of [undefined, null, {}, 'x', 3, [ones([1])]]) expect(() => module.forward(given) as unknown).toThrow(UsageError);
  });

  it('is refused by forward of a transposed convolution that is given a size', () => {
    const module = new nn.ConvTranspose1d(1, 1, 2);
    expect(() => module.forward(null as never, 3)).toThrow('ConvTranspose1d: input must be a tensor, got null');
    expect(() => module.forward(ones([1, 1, 2]), '3' as never)).toThrow('ConvTranspose1d: outputSize must be');
  });

  it('is refused among what a function returns to a strict Jacobian', () => {
    for (const given of [undefined, null, 3, [ones([1]), null]]) {
      expect(() => autograd.functional.jacobian((() => given) as never, tensor(1), { strict: true })).toThrow('jacobian: expected the function to return tensors');
    }
  });

  it('is refused by TensorDataset, first or last', () => {
    expect(() => new data.TensorDataset([] as never, ones([1]))).toThrow('TensorDataset: expected tensors');
    expect(() => new data.TensorDataset(ones([]), [] as never)).toThrow('TensorDataset: expected tensors');
  });
});

describe('functional.vjp of a function with several outputs', () => {
  const f = (x: Tensor): Tensor => [x.mul(2), x.mul(3)] as never;

  it('wants v, as PyTorch does', () => {
    expect(() => autograd.functional.vjp(f, tensor(1))).toThrow('vjp: v can be left out only for an output of one element');
  });

  it('takes v with the structure of the output', () => {
    const [, gradient] = autograd.functional.vjp(f, tensor(1), [tensor(1), tensor(10)] as never);
    expect(gradient.item()).toBe(32);
  });

  it('needs no v where the list has one output of one element', () => {
    const [out, gradient] = autograd.functional.vjp(((x: Tensor) => [x.mul(2)]) as never, tensor(1)) as unknown as [Tensor[], Tensor];
    expect([out[0]!.item(), gradient.item()]).toEqual([2, 2]);
  });
});
