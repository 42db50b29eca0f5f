// Every in-place form against its out-of-place one: values, gradients of all arguments, and the same through a view.
import * as adjoint from 'adjoint';
import { autograd, ones, tensor, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';

type Call = (x: Tensor, ...others: Tensor[]) => Tensor;

/** Names of all methods of tensors that end in `_`, from the class and from the bindings, which lie behind its prototype. */
const names = [adjoint.Tensor.prototype, Object.getPrototypeOf(adjoint.Tensor.prototype) as object]
  .flatMap((holder) => Object.getOwnPropertyNames(holder))
  .filter((name) => /^[a-z]\w*_$/.test(name))
  .sort();

/** What writes something other than a function of the values, or is no operation. */
const OTHERS = new Set(['requiresGrad_', 'detach_', 'copy_', 'fill_', 'zero_', 'bernoulli_', 'exponential_', 'normal_', 'uniform_']);

/** Arguments of the forms that do not take none or one tensor. */
const ARGUMENTS: Record<string, readonly unknown[]> = {
  clamp_: [{ min: 0.4, max: 0.8 }],
  clampMax_: [0.6],
  clampMin_: [0.6],
  polygamma_: [1],
};

const values = [0.3, 0.5, 0.7, 0.9];
const other = [0.2, 0.4, 0.6, 0.8];

/** How to call method `name` with the tensors it needs; null where it takes something else. */
function callOf(name: string): { call: (method: string) => Call; tensors: number } | null {
  const args = ARGUMENTS[name];
  const method = (m: string) => (x: Tensor, ...others: Tensor[]) =>
    (x as unknown as Record<string, (...a: unknown[]) => Tensor>)[m]!(...(args ?? others));
  if (args !== undefined) return { call: method, tensors: 0 };
  for (let tensors = 0; tensors <= 2; tensors++) {
    const given = Array.from({ length: tensors }, () => tensor(other));
    try {
      const out = method(name.slice(0, -1))(tensor(values), ...given);
      if (out instanceof adjoint.Tensor && out.shape.length === 1 && out.shape[0] === 4 && out.dtype === 'float32') return { call: method, tensors };
    } catch {
      // Another number of arguments, then.
    }
  }
  return null;
}

// PyTorch has no derivative by the parameter, which is what these overwrite: it is a constant here.
const CONSTANT = new Set(['igamma', 'igammac']);

const checked: string[] = [];

function run(call: Call, tensors: number, before: (h: Tensor) => Tensor, requiresGrad = true): unknown[] {
  const x = tensor(values, { requiresGrad });
  const others = Array.from({ length: tensors }, () => tensor(other, { requiresGrad: true }));
  const h = x.mul(1);
  const out = call(before(h), ...others.map((t) => t.mul(1)));
  // An op without a derivative gives a constant; written in place, it has a gradient of 0.
  if (!out.requiresGrad) return [out.tolist(), ...[x, ...others].map(() => [0, 0, 0, 0])];
  const weights = tensor([1, 2, 3, 4]);
  const grads = autograd.grad(out.mul(weights).sum(), requiresGrad ? [x, ...others] : others, { allowUnused: true, materializeGrads: true });
  return [out.tolist(), ...grads.map((g) => g.tolist())];
}

for (const name of names) {
  if (OTHERS.has(name)) continue;
  const found = callOf(name);
  if (found === null) continue;
  const { call, tensors } = found;
  checked.push(name);
  test(`${name} gives what ${name.slice(0, -1)} gives`, () => {
    const requiresGrad = !CONSTANT.has(name.slice(0, -1));
    const expected = run(call(name.slice(0, -1)), tensors, (h) => h, requiresGrad);
    expect(run(call(name), tensors, (h) => h, requiresGrad)).toEqual(expected);
    // The same through a view: the base changes, and the view's history is that of a window on it.
    expect(run(call(name), tensors, (h) => h.view(2, 2).view(4), requiresGrad)).toEqual(expected);
  });
}

test('most in-place forms were checked', () => {
  expect(checked.length).toBeGreaterThan(40);
  expect(checked).toEqual(expect.arrayContaining(['add_', 'sub_', 'mul_', 'div_', 'pow_', 'exp_', 'sigmoid_', 'relu_', 'clamp_']));
});

test('what in-place ops without a derivative overwrite has a gradient of 0', () => {
  const x = tensor(values, { requiresGrad: true });
  for (const write of [(y: Tensor) => y.eq_(1), (y: Tensor) => y.uniform_(), (y: Tensor) => y.view(2, 2).uniform_()]) {
    x.grad = null;
    const y = x.mul(2);
    write(y);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 0, 0, 0]);
  }
});

test('an overwritten value has a gradient of 0 even where that of the new one is infinite', () => {
  const x = tensor(values, { requiresGrad: true });
  for (const write of [(y: Tensor) => y.zero_(), (y: Tensor) => y.copy_(tensor([0, 0, 0, 0]))]) {
    x.grad = null;
    const y = x.mul(2);
    write(y);
    y.sqrt().sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 0, 0, 0]);
  }
});

test('copy_, fill_ and zero_ through a view', () => {
  const x = tensor(values, { requiresGrad: true });
  const y = tensor(other, { requiresGrad: true });
  const h = x.mul(1);
  h.view(2, 2).index(0).copy_(y.index({ stop: 2 }));
  h.index(2).fill_(5);
  h.index({ start: 3 }).zero_();
  expect(h.tolist()).toEqual([...(tensor(other.slice(0, 2)).tolist() as number[]), 5, 0]);
  h.mul(tensor([1, 2, 3, 4])).sum().backward();
  expect([x.grad!.tolist(), y.grad!.tolist()]).toEqual([
    [0, 0, 0, 0],
    [1, 2, 0, 0],
  ]);
  expect(ones([2]).copy_(3 as never).tolist()).toEqual([3, 3]);
});
