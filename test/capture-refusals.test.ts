// What a record cannot hold is refused by name while the function is captured, and leaves everything as it was.
import {
  Generator, Tensor, UsageError, autograd, capture, forwardAd, checkpoint, checkpointSequential, func, getRngState, manualSeed, nn, optim, rand,
  setRngState, tensor, allclose, graph, equal, type FunctionCtx,
} from 'adjoint';
import { inspect } from 'node:util';
import { beforeEach, expect, test } from 'vitest';

class Double extends autograd.Function {
  static override forward(_ctx: FunctionCtx, x: Tensor): Tensor {
    return x.mul(2);
  }
  static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
    return g.mul(2);
  }
}

let w: Tensor;
let model: nn.Linear;
let hooked: Tensor;
let before: Tensor;
let schedule: optim.lrScheduler.StepLR;
const state = getRngState();
const generator = new Generator();
const square = (t: Tensor): Tensor => t.mul(t).sum();
const makers = {
  grad: func.grad(square),
  jacrev: func.jacrev(square),
  jacfwd: func.jacfwd(square),
  hessian: func.hessian(square),
  vmap: func.vmap((t: Tensor) => t.mul(2)),
};

beforeEach(() => {
  w = tensor([1, 2], { requiresGrad: true });
  model = new nn.Linear(2, 1);
  schedule = new optim.lrScheduler.StepLR(new optim.SGD(model.parameters(), { lr: 0.1 }), 1);
  hooked = tensor([1, 2], { requiresGrad: true });
  hooked.registerHook((g) => g.mul(2));
  before = square(w);
  square(w).backward();
});

const refused: Record<string, [string, (x: Tensor) => unknown]> = {
  'func.grad made inside': ['grad', (x) => func.grad(square)(x)],
  'func.grad made outside': ['grad', (x) => makers.grad(x)],
  'func.gradAndValue': ['gradAndValue', (x) => func.gradAndValue(square)(x)[0]],
  'func.vjp': ['vjp', (x) => func.vjp(square, x)[0]],
  'func.jvp': ['jvp', (x) => func.jvp(square, [x], [x])[1]],
  'func.jacrev': ['jacrev', (x) => makers.jacrev(x)],
  'func.jacfwd': ['jacfwd', (x) => makers.jacfwd(x)],
  'func.hessian': ['hessian', (x) => makers.hessian(x)],
  'func.vmap': ['vmap', (x) => makers.vmap(x)],
  'func.linearize': ['linearize', (x) => func.linearize(square, x)[0]],
  'autograd.functional': ['jacobian', (x) => autograd.functional.jacobian(square, x)],
  'a dual level': ['enterDualLevel', (x) => forwardAd.dualLevel(() => x.mul(2))],
  'registerHook': ['registerHook', (x) => { x.mul(w).registerHook((g) => g.mul(2)); }],
  'registerPostAccumulateGradHook': ['registerHook', () => { w.registerPostAccumulateGradHook(() => undefined); }],
  'a hook on a node': ['registerHook', (x) => { x.mul(w).gradFn!.registerHook(() => undefined); }],
  'registerMultiGradHook': ['registerMultiGradHook', (x) => { autograd.graph.registerMultiGradHook([w, x.mul(w)], () => undefined); }],
  'a custom function': ['Double', (x) => Double.apply(x)],
  'checkpoint': ['checkpoint', (x) => checkpoint((t: Tensor) => t.mul(w), x)],
  'reentrant checkpoint': ['checkpoint', (x) => checkpoint((t: Tensor) => t.mul(w), x, { useReentrant: true })],
  'checkpointSequential': ['checkpointSequential', (x) => checkpointSequential([(t) => t.mul(w), (t) => t.add(1)], 2, x)],
  'savedTensorsHooks': ['savedTensorsHooks', (x) => autograd.savedTensorsHooks((t) => t, (t: Tensor) => t, () => x.mul(w))],
  'saveOnCpu': ['savedTensorsHooks', (x) => autograd.graph.saveOnCpu(() => x.mul(w))],
  'item()': ['item', (x) => x.mul(x.sum().item())],
  'item() of a tensor from outside': ['item', (x) => x.mul(w.sum().item())],
  'tolist()': ['tolist', (x) => tensor(x.tolist() as number[])],
  'toTypedArray()': ['toTypedArray', (x) => tensor(x.toTypedArray() as Float32Array)],
  'peek()': ['peek', (x) => tensor(Array.from(x.peek() as Float32Array))],
  'JSON.stringify()': ['toJSON', (x) => tensor(JSON.stringify(x).length)],
  'JSON.stringify() of what holds a tensor': ['toJSON', () => tensor(JSON.stringify({ a: [w] }).length)],
  'graph() with values': ['graph', () => { graph(square(w), { values: true }); }],
  'a 0-dim tensor in a list of indices': ['index', (x) => x.index([x.sum().to('int64').mul(0)] as never)],
  'a 0-dim tensor as the bound of a slice': ['index', (x) => x.index({ start: x.sum().to('int64').mul(0) } as never)],
  'a copy by tensor()': ['tensor', (x) => tensor(x)],
  'allclose': ['allclose', (x) => (allclose(x, x) ? x.mul(2) : x)],
  'equal': ['equal', (x) => (equal(x, x) ? x.mul(2) : x)],
  'backward() to a computed tensor': ['backward', (x) => { const y = x.mul(w); y.sum().backward({ inputs: [y] }); }],
  'backward() through a hook': ['backward', (x) => { hooked.mul(x).sum().backward(); }],
  'a graph from before': ['backward', () => { before.backward(); }],
  'grad() of a graph from before': ['grad', () => autograd.grad(before, [w])[0]],
  'a step of LBFGS': ['step', (x) => new optim.LBFGS([w]).step(() => square(w.mul(x)))],
  'a step of Muon': ['step', (x) => { const muon = new optim.Muon([model.weight]); model.call(x).sum().backward(); muon.step(); }],
  'a step of a schedule': ['step', () => { schedule.step(); }],
  'a norm that must be finite': ['item', () => nn.utils.clipGradNorm_([w], 1, { errorIfNonfinite: true })],
  'retainGrad()': ['retainGrad', (x) => { x.mul(w).retainGrad(); }],
  'requiresGrad_()': ['requiresGrad_', (x) => x.mul(tensor([1, 2]).requiresGrad_())],
  'requiresGrad as an option': ['requiresGrad_', (x) => x.mul(tensor([1, 2], { requiresGrad: true }))],
  'detach_()': ['detach_', (x) => x.mul(2).detach_()],
  'an in-place view': ['transpose_', (x) => x.reshape(1, 2).transpose_(0, 1)],
  'an in-place view of an input': ['unsqueeze_', (x) => x.unsqueeze_(0)],
  'manualSeed': ['manualSeed', (x) => { manualSeed(0); return x.mul(rand(2)); }],
  'the seed of a generator': ['manualSeed', (x) => { generator.manualSeed(1); return x; }],
  'getRngState': ['getRngState', () => getRngState()],
  'setRngState': ['setRngState', (x) => { setRngState(state); return x; }],
  'a capture in a capture': ['capture', (x) => capture((t) => t.mul(2), x).run(x)],
  'a number of repeats that is a tensor': ['repeatInterleave', (x) => x.repeatInterleave(x.sum().to('int64'))],
  'a start that is a tensor': ['narrow', (x) => x.narrow(0, x.sum().to('int64').mul(0), 1)],
  'indices of sections that are a tensor': ['tensorSplit', (x) => x.tensorSplit(x.sum().to('int64').mul(0).add(1))[0]],
};

for (const [title, [call, fn]] of Object.entries(refused)) {
  test(`a captured function that calls ${title} is refused, naming ${call}`, () => {
    const x = tensor([1, 2]);
    const was = [w.grad!.tolist(), model.weight.tolist(), w.requiresGrad];
    let error: unknown;
    try {
      capture((t) => {
        const out = fn(t);
        return out instanceof Tensor ? out : t.mul(1);
      }, x);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(new RegExp(`^${call}: .*(cannot be captured|a capture is under way)`));
    expect((error as Error).message).not.toMatch(/undefined|\b_[a-z]/);
    // Nothing has changed, and what follows is not captured.
    expect([w.grad!.tolist(), model.weight.tolist(), w.requiresGrad]).toEqual(was);
    expect(x.shape).toEqual([2]);
    expect(capture((t) => t.mul(2), x).run(tensor([4, 5])).tolist()).toEqual([8, 10]);
    expect(square(w).item()).toBe(5);
  });
}

test('dual tensors cannot be captured', () => {
  forwardAd.dualLevel(() => {
    const x = forwardAd.makeDual(tensor([1, 2]), tensor([1, 1]));
    expect(() => capture((t) => t.mul(2), x)).toThrow(/capture: input 0 is a dual tensor/);
    expect(() => capture((t) => t.mul(x), tensor([1, 2]))).toThrow(/mul: cannot be captured: tangents/);
  });
});

const printed: Record<string, (t: Tensor) => unknown> = {
  'String()': (t) => String(t),
  'a template string': (t) => `<${t as unknown as string}>`,
  'toString()': (t) => t.toString(),
  'the inspection of a console': (t) => inspect(t),
  'the inspection of what holds it': (t) => inspect({ list: [t] }),
  'console.log()': (t) => { console.log(t); },
  'a result': (t) => String(t.mul(w).sum()),
  'a tensor from outside': () => String(w),
  'a parameter': () => inspect(model.weight),
};

for (const [title, print] of Object.entries(printed)) {
  test(`printing inside of a captured function is refused, by ${title}`, () => {
    expect(() => capture((t) => { print(t); return t.mul(2); }, tensor([1, 2]))).toThrow(/^toString: cannot be captured: printing reads values/);
    expect(String(tensor([1, 2]))).toBe('tensor([1., 2.])');
  });
}

test('what shows no values is printed inside of a captured function too', () => {
  const f = capture((t) => (`${model.toString()} ${t.shape.join()} ${t.dtype}`.includes('1.') ? t.mul(2) : t.mul(3)), tensor([1, 2]));
  expect(f.run(tensor([4, 5])).tolist()).toEqual([12, 15]);
});

test('a captured function can be differentiated and transformed from outside', () => {
  const f = capture(square, tensor([1, 2]));
  expect(func.grad((t: Tensor) => f.run(t))(tensor([3, 4])).tolist()).toEqual([6, 8]);
  const [value, tangent] = func.jvp((t: Tensor) => f.run(t), [tensor([3, 4])], [tensor([1, 0])]);
  expect([value.item(), tangent.item()]).toEqual([25, 6]);
  expect(func.vmap((t: Tensor) => f.run(t))(tensor([[1, 2], [3, 4]])).tolist()).toEqual([5, 25]);
  expect(checkpoint((t: Tensor) => f.run(t), tensor([1, 2], { requiresGrad: true })).item()).toBe(5);
});
