// What an unpack hook on saved tensors may give back. Derivatives rely on what the forward pass checked; PyTorch's answers are those of 2.15.
import { AutogradError, arange, autograd, gather, indexSelect, matmul, median, nn, ones, stack, tensor, type FunctionCtx, type Tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

const F = nn.functional;
const image = (x: Tensor): Tensor => x.reshape([1, 1, 2, 2]);

/** Calls whose derivative reads what was saved. */
const calls: Record<string, (x: Tensor) => Tensor> = {
  gather: (x) => gather(x, 1, tensor([[0n, 1n]])),
  median: (x) => median(x, -1, false).values,
  matmul: (x) => matmul(x, x),
  indexSelect: (x) => indexSelect(x, 0, tensor([1n])),
  embedding: (x) => F.embedding(tensor([0n, 1n]), x),
  crossEntropy: (x) => F.crossEntropy(x, tensor([0n, 1n])),
  nllLoss: (x) => F.nllLoss(x, tensor([0n, 1n])),
  layerNorm: (x) => F.layerNorm(x, [2]),
  groupNorm: (x) => F.groupNorm(x, 1),
  conv2d: (x) => F.conv2d(image(x), ones([1, 1, 2, 2]).requiresGrad_()),
  maxPool2d: (x) => F.maxPool2d(image(x), 2),
  attention: (x) => F.scaledDotProductAttention(image(x), image(x), image(x)),
  linear: (x) => F.linear(x, ones([3, 2]).requiresGrad_(), ones([3])),
};

function gradientOf(call: (x: Tensor) => Tensor, unpack: (t: Tensor) => Tensor): unknown {
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const y = autograd.graph.savedTensorsHooks((t: Tensor) => t, unpack, () => call(x));
  y.sum().backward();
  return x.grad!.tolist();
}

const wrong: Record<string, (t: Tensor) => Tensor> = {
  'more elements': (t) => arange(2 * t.numel() + 5).to(t.dtype),
  'no elements': (t) => t.reshape([-1]).narrow(0, 0, 0),
  'integers for floats and floats for integers': (t) => (t.isFloatingPoint() ? t.long() : t.double()),
};

describe.each(Object.entries(wrong))('an unpack hook that gives %s is an error', (_, unpack) => {
  it.each(Object.entries(calls))('for %s', (_name, call) => {
    expect(() => gradientOf(call, unpack)).toThrow(AutogradError);
    expect(() => gradientOf(call, unpack)).toThrow('the unpack hook gave');
  });
});

it.each(['gather', 'median', 'indexSelect', 'embedding', 'crossEntropy', 'nllLoss'])('other indices are an error for %s', (name) => {
  const unpack = (t: Tensor): Tensor => (t.isFloatingPoint() ? t : t.add(1_000_000));
  expect(() => gradientOf(calls[name]!, unpack)).toThrow('the unpack hook gave other integers or bools');
});

it.each(Object.entries(calls))('what was packed comes back for %s', (_, call) => {
  expect(gradientOf(call, (t) => t.clone())).toEqual(gradientOf(call, (t) => t));
});

it.each(Object.entries(calls))('other strides are taken for %s', (_, call) => {
  const strided = (t: Tensor): Tensor => stack([t, t], -1).select(-1, 0);
  expect(gradientOf(call, strided)).toEqual(gradientOf(call, (t) => t));
  // One element, repeated: other values, but no other memory.
  const repeated = (t: Tensor): Tensor => (t.isFloatingPoint() ? ones([1], { dtype: t.dtype }).expand(t.shape) : t);
  expect(gradientOf(call, repeated)).toEqual(gradientOf(call, (t) => repeated(t).clone()));
});

it('a shape that broadcasts to the packed one is taken, as in PyTorch', () => {
  expect(gradientOf((x) => x.mul(x), (t) => t.sum())).toEqual([[20, 20], [20, 20]]);
});

it.each(['float16', 'float64'] as const)('%s is taken for float32, as in PyTorch', (dtype) => {
  expect(gradientOf((x) => x.mul(x), (t) => t.to(dtype))).toEqual([[2, 4], [6, 8]]);
});

it('other values are taken, as in PyTorch', () => {
  expect(gradientOf(calls.matmul!, (t) => t.mul(2))).toEqual([[14, 22], [18, 26]]);
});

// PyTorch raises the same, when the hook has written: the tensor has the values it wrote.
describe('a pack hook that writes into its argument', () => {
  class Twice extends autograd.Function {
    static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.mul(2);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g.mul(2);
    }
  }
  const saving: Record<string, (x: Tensor) => Tensor> = { ...calls, exp: (x) => x.exp(), 'exp_': (x) => x.mul(1).exp_(), max: (x) => x.max({ dim: 0 }).values, custom: (x) => Twice.apply(x) };
  const writes: Record<string, (t: Tensor) => unknown> = {
    itself: (t) => t.zero_(),
    'what shares its memory': (t) => { t.detach().reshape([-1]).fill_(0); return t; },
    'and returns something else': (t) => { t.zero_(); return 3; },
  };
  for (const [name, call] of Object.entries(saving)) {
    it.each(Object.keys(writes))(`is refused in ${name}: %s`, (how) => {
      const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
      expect(() => autograd.graph.savedTensorsHooks(writes[how]!, () => x, () => call(x))).toThrow(/a saved tensor pack hook is modifying its input in place/);
    });
  }
});
