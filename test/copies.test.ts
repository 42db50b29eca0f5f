// Two copies of the package in one process, here the one for Node and the one with all in it, and tensors handed to JSON and structuredClone.
import { describe, expect, it } from 'vitest';
import * as mine from 'adjoint';
import { DisposedError, UsageError, nn, ones, scope, tensor, zeros, type Tensor } from 'adjoint';

// The one for Node shares its files with what `require` gives.
const other = (await import(new URL('../dist/inline.js', import.meta.url).href)) as typeof mine;
await other.init();

describe('two copies of the package', () => {
  const t = () => other.ones(2) as any;
  const layer = () => new other.nn.Linear(2, 2) as any;
  class Holds extends nn.Module {
    constructor(readonly part: unknown) { super(); }
    override forward(x: Tensor): Tensor { return x; }
  }
  const MEETINGS: Record<string, () => unknown> = {
    'a function': () => mine.relu(t()), 'a function of two': () => mine.add(zeros(2), t()), 'arguments by name': () => mine.add({ input: zeros(2), other: t() }), 'a method': () => zeros(2).add(t()),
    'a method of the other': () => (zeros(2).add as any).call(t(), 1), 'a list': () => mine.cat([zeros(2), t()]), 'index()': () => zeros(2).index(other.tensor([0n])), 'setitem()': () => zeros(2).setitem(0, t()),
    'an index of setitem()': () => zeros(2).setitem(other.tensor([0n]), 1), 'indexPut_()': () => zeros(2).indexPut_([other.tensor([0n])], ones(1)), 'tensor()': () => tensor(t()),
    'tensor() of an array': () => tensor([t()]), 'grad()': () => mine.grad(t(), [t()]), 'backward()': () => { ones(2).requiresGrad_().backward(t()); }, '.grad =': () => { zeros(2).grad = t(); },
    '.data =': () => { zeros(2).data = t(); }, 'func.grad': () => mine.func.grad((x: Tensor) => x.sum())(t()), vmap: () => mine.vmap((x: Tensor) => x)(t()), capture: () => (mine.capture as any)((x: Tensor) => x, t()),
    checkpoint: () => mine.checkpoint((x: Tensor) => x, t()), 'a Parameter': () => new nn.Parameter(t()), 'a part of a Sequential': () => new nn.Sequential(layer()).parameters(),
    'a module as a property': () => new Holds(layer()).parameters(), 'a parameter as a property': () => new Holds(layer().weight).stateDict(), 'a property, at call()': () => new Holds(layer()).call(zeros(1)),
    'a buffer': () => { new nn.Module().registerBuffer('b', t()); }, 'the input of a module': () => new nn.Linear(2, 2).call(t()), 'a state dict': () => new nn.Linear(2, 2).loadStateDict(layer().stateDict()),
    'an optimizer': () => new mine.optim.SGD(layer().parameters(), 0.1), 'groups of an optimizer': () => new mine.optim.Adam([{ params: layer().parameters() }], { lr: 0.1 }),
    'a scheduler': () => new mine.optim.lrScheduler.StepLR(new other.optim.SGD(layer().parameters(), 0.1), 1), 'a TensorDataset': () => new mine.data.TensorDataset(t()),
    'the items of a DataLoader': () => [...new mine.data.DataLoader({ length: 1, get: () => t() })], 'a generator': () => mine.rand(2, { generator: new other.Generator() }),
    'the graph': () => mine.graph(t()),
  };
  const layer2 = () => new nn.Linear(2, 2);
  const stateOf = () => {
    const theirs = new other.nn.Linear(2, 2);
    const optimizer = new other.optim.SGD(theirs.parameters(), { lr: 0.1, momentum: 0.9 });
    theirs.call(other.ones(1, 2)).sum().backward();
    optimizer.step();
    return optimizer.stateDict() as any;
  };
  class Returns extends nn.Module {
    constructor(readonly make: () => unknown) { super(); }
    override forward(_x: Tensor): unknown { return this.make(); }
  }
  class ReturnsFromForward extends mine.AutogradFunction {
    static override forward(): unknown { return t(); }
  }
  class ReturnsFromBackward extends mine.AutogradFunction {
    static override forward(_ctx: unknown, x: Tensor): Tensor { return x.clone(); }
    static override backward(): unknown { return t(); }
  }
  const apply = (f: any, x: Tensor): Tensor => f.apply(x);
  const anyF = (() => t()) as (x: Tensor) => any;
  /** Where the other's objects come back from a function, or stand in a list; and who says so. */
  const NAMED: Record<string, [who: string, meet: () => unknown]> = {
    'the state of an optimizer': ['SGD', () => { new mine.optim.SGD(layer2().parameters(), { lr: 0.1, momentum: 0.9 }).loadStateDict(stateOf()); }],
    'clipGradNorm_()': ['clipGradNorm_', () => nn.utils.clipGradNorm_(layer().parameters(), 1)],
    'clipGradNorm_() of one': ['clipGradNorm_', () => nn.utils.clipGradNorm_(layer().weight, 1)],
    'clipGradValue_()': ['clipGradValue_', () => { nn.utils.clipGradValue_(layer().parameters(), 1); }],
    'getTotalNorm()': ['getTotalNorm', () => nn.utils.getTotalNorm([t()])],
    'the items of the other\'s dataset': ['DataLoader', () => [...new mine.data.DataLoader(new other.data.TensorDataset(t()) as any)]],
    'the results of a collateFn': ['DataLoader', () => [...new mine.data.DataLoader({ length: 1, get: () => 1 }, { collateFn: () => t() })]],
    'the result of a custom forward': ['ReturnsFromForward', () => apply(ReturnsFromForward, ones(2))],
    'the result of a custom backward': ['backward', () => { apply(ReturnsFromBackward, ones(2).requiresGrad_()).sum().backward(); }],
    'the result of a module': ['Returns', () => new Returns(t).call(ones(1))],
    'a list a module returns': ['Returns', () => new Returns(() => [ones(1), t()]).call(ones(1))],
    'an object a module returns': ['Returns', () => new Returns(() => ({ deep: [t()] })).call(ones(1))],
    'the result of scope()': ['scope', () => scope(t)],
    'a list scope() returns': ['scope', () => scope(() => ({ a: [t()] }))],
    'the module scope() returns': ['scope', () => scope(layer)],
    'keep()': ['keep', () => mine.keep(t())],
    'keep() of a list': ['keep', () => mine.keep([t()])],
    'the result of noGrad()': ['noGrad', () => mine.noGrad(t)],
    'a list noGrad() returns': ['noGrad', () => mine.noGrad(() => [t()])],
    'the result of enableGrad()': ['enableGrad', () => mine.enableGrad(t)],
    'the result of inferenceMode()': ['inferenceMode', () => mine.inferenceMode(t)],
    'the result of setGradEnabled()': ['setGradEnabled', () => mine.setGradEnabled(false, t)],
    'the result of a hook': ['registerHook', () => { const x = ones(2).requiresGrad_(); x.registerHook(t); x.sum().backward(); }],
    'the result of a hook on a node': ['registerHook', () => { const y = ones(2).requiresGrad_().mul(2); y.gradFn!.registerHook(() => [t()]); y.sum().backward(); }],
    'the result of a forward hook': ['Linear', () => { const m = layer2(); m.registerForwardHook(t); m.call(ones(1, 2)); }],
    'the result of a forward pre-hook': ['linear', () => { const m = layer2(); m.registerForwardPreHook(t); m.call(ones(1, 2)); }],
    'the result of a backward hook': ['registerHook', () => { const m = layer2(); m.registerFullBackwardHook(() => [t()]); m.call(ones(1, 2).requiresGrad_()).sum().backward(); }],
    'the arguments of vmap': ['vmap', () => mine.vmap((x: Tensor) => x)(t())],
    'an object among the arguments of vmap': ['vmap', () => mine.vmap((x: any) => x.a)({ a: t() })],
    'the result of vmap': ['vmap', () => mine.vmap(anyF)(ones(2))],
    'the list vmap\'s function returns': ['vmap', () => mine.vmap((_: Tensor) => [t()])(ones(2))],
    'the module of functionalCall()': ['functionalCall', () => mine.func.functionalCall(layer(), {}, ones(1, 2))],
    'the parameters of functionalCall()': ['functionalCall', () => mine.func.functionalCall(layer2(), { weight: t() }, ones(1, 2))],
    'stackModuleState()': ['stackModuleState', () => mine.func.stackModuleState([layer(), layer()])],
    'the arguments of checkpoint()': ['checkpoint', () => mine.checkpoint((x: Tensor) => x, t())],
    'a list among the arguments of checkpoint()': ['checkpoint', () => mine.checkpoint((x: Tensor[]) => x[0], [t()])],
    'the result of checkpoint()': ['checkpoint', () => mine.checkpoint(anyF, ones(1))],
    'the result of checkpoint() without recording': ['checkpoint', () => mine.noGrad(() => mine.checkpoint(anyF, ones(1)))],
    'the arguments of func.grad': ['grad', () => mine.func.grad((x: Tensor) => x.sum())(t())],
    'the result of func.grad': ['grad', () => mine.func.grad(anyF)(ones(1))],
    'the arguments of vjp': ['vjp', () => mine.func.vjp((x: Tensor) => x, t())],
    'the result of vjp': ['vjp', () => mine.func.vjp(anyF, ones(1))],
    'the arguments of jacrev': ['jacrev', () => mine.func.jacrev((x: Tensor) => x)(t())],
    'the result of jacrev': ['jacrev', () => mine.func.jacrev(anyF)(ones(1))],
    'the arguments of jacfwd': ['jacfwd', () => mine.func.jacfwd((x: Tensor) => x)(t())],
    'the result of jacfwd': ['jacfwd', () => mine.func.jacfwd(anyF)(ones(1))],
    'the arguments of jvp': ['jvp', () => mine.func.jvp((x: Tensor) => x, [t()], [t()])],
    'the result of jvp': ['jvp', () => mine.func.jvp(anyF, [ones(1)], [ones(1)])],
    'the arguments of hessian': ['hessian', () => mine.func.hessian((x: Tensor) => x.sum())(t())],
    'the result of hessian': ['hessian', () => mine.func.hessian(anyF)(ones(1))],
    'registerParameter()': ['registerParameter', () => { new nn.Module().registerParameter('p', layer().weight); }],
    'addModule()': ['addModule', () => { new nn.Module().addModule('m', layer()); }],
    'an entry of a ModuleList': ['ModuleList', () => new nn.ModuleList([layer()]).parameters()],
    'to()': ['to', () => layer2().to(t())],
    'parametersToVector()': ['parametersToVector', () => nn.utils.parametersToVector(layer().parameters())],
    'init.ones_()': ['ones_', () => nn.init.ones_(layer().weight)],
    'setRngState()': ['setRngState', () => { mine.setRngState(other.getRngState()); }],
    'getGradientEdge()': ['getGradientEdge', () => mine.autograd.graph.getGradientEdge(t())],
    'an edge': ['grad', () => mine.grad(other.autograd.graph.getGradientEdge(other.ones(1).requiresGrad_().mul(2)), [ones(1)])],
    'makeDual()': ['makeDual', () => { mine.forwardAd.dualLevel(() => mine.forwardAd.makeDual(t(), t())); }],
    'gradcheck()': ['gradcheck', () => mine.autograd.gradcheck((x: Tensor) => x, [t()])],
    'the result of dualLevel()': ['dualLevel', () => mine.forwardAd.dualLevel(t)],
    'the other\'s captured function': ['graphSvg', () => mine.viz.graphSvg(other.capture((x: any) => x.mul(2), other.ones(1)))],
    'the inputs of a captured function': ['captured function', () => mine.capture((x: Tensor) => x.mul(2), ones(2)).run(t())],
    'the result of capture()': ['capture', () => mine.capture(anyF, ones(2))],
    'the metric of a schedule': ['step', () => { new mine.optim.lrScheduler.ReduceLROnPlateau(new mine.optim.SGD([ones(1).requiresGrad_()], 0.1)).step(t()); }],
    'the generator of randomSplit()': ['randomSplit', () => mine.data.randomSplit(new mine.data.TensorDataset(ones(2)), [1, 1], new other.Generator())],
    'what is packed': ['savedTensorsHooks', () => mine.autograd.graph.savedTensorsHooks(() => t(), (x: any) => x, () => { ones(1).requiresGrad_().exp().backward(); })],
  };
  for (const [name, [who, meet]] of Object.entries(NAMED)) {
    it(`say so where ${name} meets the other, and who was called`, () => {
      let error: unknown = null;
      try {
        meet();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(UsageError);
      const { message } = error as Error;
      expect(message).toContain('another copy of adjoint (two copies are loaded in this program');
      expect(message.split(':')[0]).toBe(who);
    });
  }

  it('leave no scope open where a result is refused', () => {
    expect(() => scope(t)).toThrow('another copy');
    const before = mine.memoryStats().tensors;
    scope(() => { expect(() => new Returns(() => [ones(3), t()]).call(ones(1))).toThrow('another copy'); });
    expect(mine.memoryStats().tensors).toBe(before);
  });
  for (const [name, meet] of Object.entries(MEETINGS)) {
    it(`say so where ${name} meets the other`, () => {
      expect(meet).toThrow('another copy of adjoint (two copies are loaded in this program');
      expect(meet).toThrow(UsageError);
    });
  }

  it('say it in both directions, and each works alone', () => {
    expect(() => other.relu(zeros(2) as any)).toThrow('a Tensor of another copy of adjoint');
    expect([t().add(1).tolist(), ones(2).add(1).tolist()]).toEqual([[2, 2], [2, 2]]);
    // A dataset is any object with a length and items; those of the other copy are its own.
    expect(() => new Holds(new Map()).parameters()).not.toThrow();
  });
});

describe('JSON.stringify()', () => {
  it('gives shape, dtype and data', () => {
    expect(JSON.parse(JSON.stringify({ x: tensor([[1, 2.5], [3, 4]]) }))).toEqual({ x: { shape: [2, 2], dtype: 'float32', data: [1, 2.5, 3, 4] } });
    expect(JSON.stringify(tensor(true))).toBe('{"shape":[],"dtype":"bool","data":[true]}');
    expect(JSON.stringify(zeros(0, 2))).toBe('{"shape":[0,2],"dtype":"float32","data":[]}');
    expect(JSON.stringify(new nn.Parameter(ones(1)))).toBe('{"shape":[1],"dtype":"float32","data":[1]}');
    expect(JSON.stringify(ones(2, { dtype: 'bfloat16' }))).toBe('{"shape":[2],"dtype":"bfloat16","data":[1,1]}');
    expect(tensor([[1, 2], [3, 4]]).T.toJSON().data).toEqual([1, 3, 2, 4]);
  });

  it('writes what JSON has no number for as a string', () => {
    expect(tensor([NaN, Infinity, -Infinity, -0, 0]).toJSON().data).toEqual(['NaN', 'Infinity', '-Infinity', '-0', 0]);
    expect(tensor([2n ** 53n - 1n, 2n ** 60n, -(2n ** 60n)]).toJSON().data).toEqual([2 ** 53 - 1, '1152921504606846976', '-1152921504606846976']);
  });

  it('of a tensor that is gone is an error', () => {
    const t = ones(1);
    t.dispose();
    expect(() => JSON.stringify(t)).toThrow(DisposedError);
  });
});

describe('structuredClone()', () => {
  it('of a tensor is an error that says what to do, and of its JSON is plain data', () => {
    const message = /a tensor's memory; clone t\.toJSON\(\) or t\.toTypedArray\(\) instead/;
    expect(() => structuredClone(ones(2))).toThrow(message);
    expect(() => structuredClone({ deep: [new nn.Linear(1, 1).weight] })).toThrow(message);
    scope(() => { expect(() => structuredClone(ones(2))).toThrow(message); });
    expect(structuredClone(ones(2).toJSON())).toEqual({ shape: [2], dtype: 'float32', data: [1, 1] });
  });
});
