// State dicts of modules and optimizers: PyTorch's keys and order, both ways of writing a key when loading, and copies.
import { describe, expect, it } from 'vitest';
import { AutogradError, type Tensor, UsageError, func, memoryStats, nn, ones, optim, scope, tensor, zeros } from 'adjoint';

class Mixed extends nn.Module {
  norm = new nn.BatchNorm2d(2);
  headLayer = new nn.Linear(2, 1);
  myScale = new nn.Parameter(ones([1]));
  constructor() {
    super();
    this.registerBuffer('stepCount', zeros([1]));
    this.registerBuffer('scratchPad', zeros([1]), false);
  }
  override forward(x: Tensor): Tensor { return this.norm.call(x).mul(this.myScale); }
}

const KEYS = ['myScale', 'stepCount', 'norm.weight', 'norm.bias', 'norm.running_mean', 'norm.running_var', 'norm.num_batches_tracked', 'headLayer.weight', 'headLayer.bias'];

describe('the keys of a module', () => {
  it("are PyTorch's for what the package names, and the user's for what the user names", () => {
    expect(Object.keys(new Mixed().stateDict())).toEqual(KEYS);
    expect(new Mixed().namedBuffers().map(([name]) => name)).toEqual(['stepCount', 'scratchPad', 'norm.running_mean', 'norm.running_var', 'norm.num_batches_tracked']);
    expect(Object.keys(new nn.BatchNorm1d(2, { trackRunningStats: false }).stateDict())).toEqual(['weight', 'bias']);
    expect(Object.keys(new nn.BatchNorm1d(2, { affine: false }).stateDict())).toEqual(['running_mean', 'running_var', 'num_batches_tracked']);
  });

  it('a subclass of a module of the package keeps both', () => {
    class Own extends nn.BatchNorm1d {
      runningMax = new nn.Parameter(zeros([2]));
    }
    expect(Object.keys(new Own(2).stateDict())).toEqual(['weight', 'bias', 'runningMax', 'running_mean', 'running_var', 'num_batches_tracked']);
  });

  it('load in either way of writing, segment by segment, and the result says which were renamed', () => {
    const net = new Mixed();
    const camel = Object.fromEntries(Object.entries(net.stateDict()).map(([key, t]) => [key.replace('running_mean', 'runningMean').replace('num_batches_tracked', 'numBatchesTracked').replace('headLayer', 'head_layer').replace('myScale', 'my_scale'), t.clone().fill_(7)]));
    expect(new Mixed().loadStateDict(net.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(new Mixed().loadStateDict(net.stateDict())).not.toHaveProperty('renamedKeys');
    expect(net.loadStateDict(camel)).toEqual({
      missingKeys: [],
      unexpectedKeys: [],
      renamedKeys: {
        my_scale: 'myScale',
        'norm.runningMean': 'norm.running_mean',
        'norm.numBatchesTracked': 'norm.num_batches_tracked',
        'head_layer.weight': 'headLayer.weight',
        'head_layer.bias': 'headLayer.bias',
      },
    });
    expect([net.norm.runningMean!.tolist(), net.norm.numBatchesTracked!.item(), net.headLayer.bias!.tolist(), net.myScale.tolist()]).toEqual([[7, 7], 7, [7], [7]]);
  });

  it('take the exact name first, and none where two would do', () => {
    const net = new nn.BatchNorm1d(1);
    const both = { ...net.stateDict(), runningMean: tensor([9]) };
    expect(() => net.loadStateDict(both)).toThrow(/unexpected keys: runningMean/);
    class Two extends nn.Module {
      layer1 = new nn.Parameter(zeros([1]));
      layer_1 = new nn.Parameter(zeros([1]));
    }
    expect(new Two().loadStateDict({ layer_1: ones([1]), layer1: ones([1]) })).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(() => new Two().loadStateDict({ layer__1: ones([1]) })).toThrow(/missing keys: layer1, layer_1; unexpected keys: layer__1/);
    class One extends nn.Module {
      layer1 = new nn.Parameter(zeros([1]));
    }
    expect(new One().loadStateDict({ layer_1: ones([1]) }).renamedKeys).toEqual({ layer_1: 'layer1' });
    expect(() => new One().loadStateDict({ Layer1: ones([1]) })).toThrow(UsageError);
  });

  it('are those of functionalCall', () => {
    const norm = new nn.BatchNorm1d(1).eval();
    const y = func.functionalCall(norm, { running_mean: tensor([1]), running_var: tensor([1]) }, tensor([[1], [2]]));
    expect((y.tolist() as number[][]).map(([v]) => Math.round(v! * 1000) / 1000)).toEqual([0, 1]);
    expect(norm.runningMean!.tolist()).toEqual([0]);
  });
});

describe('the state of an optimizer', () => {
  const parameter = (): Tensor => tensor([1, 2], { requiresGrad: true });
  const stepped = <O extends { step(): unknown }>(make: (p: Tensor) => O): O => {
    const p = parameter();
    p.square().sum().backward();
    const optimizer = make(p);
    optimizer.step();
    return optimizer;
  };

  it("has PyTorch's names and order, while groups are written in camelCase", () => {
    const adam = stepped((p) => new optim.AdamW([p], { weightDecay: 0.5, amsgrad: true }));
    const { state, param_groups: groups } = adam.stateDict();
    expect(Object.keys(adam.stateDict())).toEqual(['state', 'param_groups']);
    expect(Object.keys(state[0]!)).toEqual(['step', 'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq']);
    expect(groups).toEqual([{ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.5, amsgrad: true, maximize: false, params: [0] }]);
    expect(Object.keys(groups[0]!).at(-1)).toBe('params');
    expect(adam.paramGroups[0]!.weightDecay).toBe(0.5);
    const sgd = stepped((p) => new optim.SGD([p], { lr: 1, momentum: 0.5 }));
    expect(Object.keys(sgd.stateDict().state[0]!)).toEqual(['momentum_buffer']);
    expect(stepped((p) => new optim.SGD([p], { lr: 1 })).stateDict().state).toEqual({});
    new optim.lrScheduler.StepLR(sgd, 1);
    expect(sgd.stateDict().param_groups[0]).toHaveProperty('initial_lr', 1);
    expect(sgd.paramGroups[0]).toHaveProperty('initialLr', 1);
  });

  it("is loaded as PyTorch writes it, and in camelCase", () => {
    const saved = {
      state: { 0: { step: tensor(3), exp_avg: tensor([1, 2]), exp_avg_sq: tensor([3, 4]) } },
      param_groups: [{ lr: 0.5, betas: [0.8, 0.9], eps: 1e-8, weight_decay: 0.25, amsgrad: false, maximize: false, foreach: null, capturable: false, differentiable: false, fused: null, decoupled_weight_decay: false, params: [0] }],
    };
    const p = parameter();
    const adam = new optim.Adam([p]);
    adam.loadStateDict(saved);
    expect([adam.paramGroups[0]!.weightDecay, adam.paramGroups[0]!.lr, adam.paramGroups[0]!.params[0] === p]).toEqual([0.25, 0.5, true]);
    expect([adam.stateDict().state[0]!['step'], (adam.stateDict().state[0]!['exp_avg'] as Tensor).tolist()]).toEqual([3, [1, 2]]);
    p.grad = ones([2]);
    adam.step();
    expect(adam.stateDict().state[0]!['step']).toBe(4);
    const camel = new optim.Adam([parameter()]);
    camel.loadStateDict({ state: { 0: { step: 3, expAvg: tensor([1, 2]), expAvgSq: tensor([3, 4]) } }, paramGroups: [{ lr: 0.5, weightDecay: 0.25, params: [0] }] });
    expect([camel.paramGroups[0]!.weightDecay, Object.keys(camel.stateDict().state[0]!)]).toEqual([0.25, ['step', 'exp_avg', 'exp_avg_sq']]);
    const sgd = new optim.SGD([parameter()], { lr: 1 });
    sgd.loadStateDict({ state: { 0: { momentum_buffer: null } }, param_groups: [{ lr: 2, momentum: 0.5, params: [0] }] } as never);
    expect([sgd.paramGroups[0]!.lr, sgd.stateDict().state]).toEqual([2, { 0: {} }]);
    expect(() => { sgd.loadStateDict({} as never); }).toThrow(/state and param_groups/);
  });

  it("of a user's own class keeps the user's names", () => {
    class Own extends optim.Optimizer<{ myRate: number }> {
      constructor(params: Tensor[]) { super(params, { myRate: 1 }); }
      protected override checkOptions(): void { /* anything goes */ }
      protected override updateParam(_p: Tensor, _g: Tensor, state: optim.ParamState): void { state['lastSeen'] = 1; }
    }
    const own = stepped((p) => new Own([p]));
    expect(own.stateDict()).toEqual({ state: { 0: { lastSeen: 1 } }, param_groups: [{ myRate: 1, params: [0] }] });
  });
});

describe('clone', () => {
  it('copies parameters, buffers, parts and modes, and shares nothing', () => {
    const net = new Mixed().eval();
    net.headLayer.requiresGrad_(false);
    net.headLayer.train();
    const copy = net.clone();
    expect([copy instanceof Mixed, String(copy), Object.keys(copy.stateDict())]).toEqual([true, String(net), KEYS]);
    expect([copy.training, copy.norm.training, copy.headLayer.training, copy.headLayer.weight.requiresGrad, copy.myScale.requiresGrad]).toEqual([false, false, true, false, true]);
    expect(copy.myScale).toBeInstanceOf(nn.Parameter);
    copy.norm.runningMean!.fill_(5);
    nn.init.zeros_(copy.norm.weight!);
    expect([net.norm.runningMean!.tolist(), net.norm.weight!.tolist()]).toEqual([[0, 0], [1, 1]]);
    expect(copy.call(zeros([1, 2, 1, 1])).shape).toEqual([1, 2, 1, 1]);
    expect(copy.buffers()).toHaveLength(5);
    expect(copy.namedBuffers().map(([name]) => name)).toContain('scratchPad');
  });

  it('keeps what is shared shared, and what was registered checked', () => {
    const a = new nn.Linear(2, 2);
    const b = new nn.Linear(2, 2);
    b.weight = a.weight;
    const copy = new nn.Sequential(a, b, a).clone();
    expect([copy[0] === copy[2], copy[0] === a, copy.at(1).weight === copy.at(0).weight, copy.at(0).weight === a.weight]).toEqual([true, false, true, false]);
    expect(copy.parameters()).toHaveLength(3);
    expect(() => { Object.assign(copy.at(0), { weight: ones([2, 2]) }); }).toThrow(/cannot assign/);
    expect(copy.length).toBe(3);
  });

  it('copies views of one tensor as views of one copy', () => {
    class Views extends nn.Module {
      constructor() {
        super();
        const all = zeros([4]);
        this.registerBuffer('all', all);
        this.registerBuffer('tail', all.narrow(0, 1, 3));
      }
    }
    const copy = new Views().clone() as nn.Module & { all: Tensor; tail: Tensor };
    copy.all.fill_(3);
    expect(copy.tail.tolist()).toEqual([3, 3, 3]);
  });

  it('leaves the gradients of parameters behind, and copies those of other leaves', () => {
    const net = new nn.Linear(2, 1) as nn.Linear & { extra: Tensor };
    net.extra = tensor([1, 2], { requiresGrad: true });
    net.extra.grad = ones([2]);
    net.call(ones([1, 2])).sum().backward();
    const copy = net.clone();
    expect([copy.weight.grad, copy.extra.grad!.tolist(), copy.extra.requiresGrad, copy.extra === net.extra]).toEqual([null, [1, 1], true, false]);
  });

  it('copies hooks, which are then separate, and plain values deeply', () => {
    const net = new nn.Linear(1, 1) as nn.Linear & { config: { sizes: number[] }; table: Map<string, number[]>; self: nn.Module };
    net.config = { sizes: [1, 2] };
    net.table = new Map([['a', [1]]]);
    const handle = net.registerForwardHook((_m, _a, out) => (out as Tensor).mul(0));
    const copy = net.clone();
    handle.remove();
    expect([copy.call(ones([1, 1])).item() === 0, net.call(ones([1, 1])).item() === 0]).toEqual([true, false]);
    copy.config.sizes.push(3);
    copy.table.get('a')!.push(2);
    expect([net.config, net.table.get('a')]).toEqual([{ sizes: [1, 2] }, [1]]);
  });

  it('does not run constructors of subclasses', () => {
    let made = 0;
    class Counting extends nn.Module {
      w = new nn.Parameter(ones([1]));
      constructor(readonly size: number) {
        super();
        made += size;
      }
      override forward(x: Tensor): Tensor { return x.mul(this.w).mul(this.size); }
    }
    const copy = new Counting(3).clone();
    expect([made, copy.size, copy.call(ones([1])).item()]).toEqual([3, 3, 3]);
  });

  it('refuses tensors that an operation made', () => {
    const net = new nn.Linear(1, 1) as nn.Linear & { last: Tensor };
    net.last = net.weight.mul(2);
    expect(() => net.clone()).toThrow(AutogradError);
    expect(() => net.clone()).toThrow(/only tensors that are leaves can be copied/);
  });

  it('survives scopes, and makes nothing that is not held', () => {
    const net = new Mixed();
    const before = memoryStats().tensors;
    const copies: Mixed[] = [];
    scope(() => { copies.push(net.clone()); });
    expect(memoryStats().tensors - before).toBe(copies[0]!.parameters().length + copies[0]!.buffers().length);
    expect(copies[0]!.norm.runningMean!.tolist()).toEqual([0, 0]);
  });
});
