// What nodes keep for their derivatives, by the names that PyTorch has: `grad_fn._saved_self` is `gradFn._savedSelf`.
import { describe, expect, it } from 'vitest';
import { Tensor, bmm, gather, nn, ones, rand, tensor, where } from 'adjoint';

const F = nn.functional;
const leaf = (...shape: number[]): Tensor => rand(shape).add(0.1).detach().requiresGrad_();
const x = (): Tensor => leaf(3, 4);

/** What a node keeps: shapes of tensors, other values as they are. */
function kept(t: Tensor, ...names: string[]): Record<string, unknown> {
  const node = t.gradFn as unknown as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, node[name] instanceof Tensor ? node[name].shape : node[name]]));
}

const one = [3, 4];

/** A call, and what PyTorch's node keeps: shapes, numbers, and null for None. */
const calls: Record<string, [() => Tensor, Record<string, unknown>]> = {
  mul: [() => x().mul(x()), { _savedSelf: one, _savedOther: one }],
  'mul by a constant': [() => x().mul(rand([4])), { _savedSelf: null, _savedOther: [4] }],
  'mul by a number': [() => x().mul(2), { _savedSelf: null, _savedOther: [] }],
  div: [() => x().div(x()), { _savedSelf: one, _savedOther: one }],
  exp: [() => x().exp(), { _savedResult: one, _savedSelf: undefined }],
  sqrt: [() => x().sqrt(), { _savedResult: one }],
  sin: [() => x().sin(), { _savedSelf: one, _savedResult: undefined }],
  log: [() => x().log(), { _savedSelf: one }],
  relu: [() => x().relu(), { _savedResult: one }],
  sigmoid: [() => x().sigmoid(), { _savedResult: one }],
  tanh: [() => x().tanh(), { _savedResult: one }],
  'pow of a number': [() => x().pow(3), { _savedSelf: one, _savedExponent: 3 }],
  'pow of a tensor': [() => x().pow(x()), { _savedSelf: one, _savedExponent: one, _savedResult: one }],
  softmax: [() => x().softmax(1), { _savedResult: one, _savedDim: 1 }],
  logSoftmax: [() => x().logSoftmax(1), { _savedResult: one, _savedDim: 1 }],
  mm: [() => x().mm(leaf(4, 2)), { _savedSelf: one, _savedMat2: [4, 2] }],
  bmm: [() => bmm(leaf(2, 3, 4), leaf(2, 4, 2)), { _savedSelf: [2, 3, 4], _savedMat2: [2, 4, 2] }],
  dot: [() => leaf(3).dot(leaf(3)), { _savedSelf: [3], _savedTensor: [3] }],
  linear: [() => F.linear(x(), leaf(2, 4), leaf(2)), { _savedMat1: one }],
  conv2d: [() => F.conv2d(leaf(1, 2, 4, 4), leaf(2, 2, 3, 3)), { _savedInput: [1, 2, 4, 4], _savedWeight: [2, 2, 3, 3] }],
  layerNorm: [() => F.layerNorm(x(), [4], leaf(4), leaf(4)), { _savedInput: one, _savedWeight: [4] }],
  embedding: [() => F.embedding(tensor([0n, 1n]), leaf(3, 2)), { _savedIndices: [2] }],
  gather: [() => gather(x(), 1, tensor([[0n], [1n], [2n]])), { _savedIndex: [3, 1], _savedDim: 1 }],
  where: [() => where(x().gt(0.5), x(), x()), { _savedCondition: one }],
  prod: [() => x().prod(), { _savedSelf: one, _savedResult: [] }],
  maximum: [() => x().maximum(x()), { _savedSelf: one, _savedOther: one }],
  'max along a dim': [() => x().max(1)[0], { _savedIndices: [3], _savedDim: 1, _savedKeepdim: false }],
  'sum along a dim': [() => x().sum(1), { _savedDim: [1], _savedKeepdim: false }],
  mseLoss: [() => F.mseLoss(x(), rand([3, 4])), { _savedSelf: one, _savedTarget: one }],
  nllLoss: [() => F.nllLoss(x(), tensor([0n, 1n, 2n])), { _savedTarget: [3], _savedWeight: null }],
  silu: [() => F.silu(x()), { _savedSelf: one }],
  add: [() => x().add(x(), { alpha: 2 }), { _savedAlpha: 2, _savedSelf: undefined, _savedOther: undefined }],
};

describe.each(Object.entries(calls))('%s', (_, [call, want]) => {
  it('keeps what PyTorch keeps', () => {
    expect(kept(call(), ...Object.keys(want))).toEqual(want);
  });
});

describe('what a node keeps', () => {
  it('is the tensor itself where that is a leaf, and has the values there were', () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const y = a.mul(a);
    expect(y.gradFn!._savedSelf).toBe(a);
    expect(a.exp().gradFn!._savedResult!.tolist()).toEqual(a.exp().tolist());
    const b = a.mul(3);
    expect(b.sin().gradFn!._savedSelf!.gradFn!.name()).toBe('MulBackward0');
  });

  it('is not enumerable, and known to `in`', () => {
    const node = x().mul(x()).gradFn!;
    expect('_savedSelf' in node).toBe(true);
    expect('_savedMat2' in node).toBe(false);
    expect(Object.keys(node).filter((name) => name.startsWith('_saved'))).toEqual([]);
  });

  it('is an error once a backward pass has freed it', () => {
    const y = x().mul(x());
    const node = y.gradFn!;
    y.sum().backward();
    expect(() => node._savedSelf).toThrow(/a second time, but the values it saved have been freed/);
    const z = x().mul(x());
    z.sum().backward({ retainGraph: true });
    expect(z.gradFn!._savedOther).toBeInstanceOf(Tensor);
  });

  it('is an error where it was written since', () => {
    const a = x().mul(1);
    const y = a.mul(a);
    a.add_(1);
    expect(() => y.gradFn!._savedSelf).toThrow(/modified by an in-place operation/);
  });

  it('belongs to ops only', () => {
    const end = x().mul(2).gradFn!.nextFunctions[0]![0]!;
    expect('_savedSelf' in end).toBe(false);
    expect(ones([1]).gradFn).toBeNull();
  });
});
