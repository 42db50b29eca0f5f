// ModuleDict, ParameterList and ParameterDict, and parts of lists of modules.
import { describe, expect, it } from 'vitest';
import { IndexError, UsageError, manualSeed, nn, ones, optim, zeros, type Tensor } from 'adjoint';

describe('ModuleDict', () => {
  const make = (): nn.ModuleDict => new nn.ModuleDict({ conv: new nn.Linear(2, 3), pool: new nn.ReLU() });

  it('holds modules by name, in order', () => {
    const dict = make();
    expect([dict.length, dict.keys(), [...dict], dict.has('conv'), dict.has('none')]).toEqual([2, ['conv', 'pool'], ['conv', 'pool'], true, false]);
    expect(dict.get('conv')).toBeInstanceOf(nn.Linear);
    expect(dict.items().map(([name, module]) => [name, module.constructor.name])).toEqual([['conv', 'Linear'], ['pool', 'ReLU']]);
    expect(Object.keys(dict.stateDict())).toEqual(['conv.weight', 'conv.bias']);
    // PyTorch 2.15 prints the same.
    expect(String(dict)).toBe('ModuleDict(\n  (conv): Linear(inFeatures=2, outFeatures=3, bias=true)\n  (pool): ReLU()\n)');
  });

  it('is changed as a dict is', () => {
    const dict = make();
    dict.set('pool', new nn.Tanh()).update({ last: new nn.Identity() }).update([['more', new nn.Tanh()]]);
    expect(dict.values().map((m) => m.constructor.name)).toEqual(['Linear', 'Tanh', 'Identity', 'Tanh']);
    expect(dict.pop('pool')).toBeInstanceOf(nn.Tanh);
    expect(dict.keys()).toEqual(['conv', 'last', 'more']);
    expect(new nn.ModuleDict(dict).keys()).toEqual(dict.keys());
    expect(new nn.ModuleDict(new Map([['a', new nn.Tanh()]])).keys()).toEqual(['a']);
    expect(dict.clone().keys()).toEqual(dict.keys());
    dict.clear();
    expect([dict.length, String(dict)]).toEqual([0, 'ModuleDict()']);
  });

  it('refuses what it cannot hold', () => {
    expect(() => make().get('none')).toThrow(IndexError);
    expect(() => make().get('none')).toThrow(/there is no module with the name the string "none"; the names are conv, pool/);
    expect(() => new nn.ModuleDict({ keys: new nn.Tanh() })).toThrow(UsageError);
    expect(() => new nn.ModuleDict({ a: 1 } as never)).toThrow(/ModuleDict: modules must be an object of modules or pairs of name and module/);
    expect(() => make().call(ones([1]))).toThrow(/forward is not defined/);
  });
});

describe('ParameterList', () => {
  it('holds parameters in order, of tensors too', () => {
    const list = new nn.ParameterList([new nn.Parameter(ones([2])), zeros([3, 1])]);
    expect([list.length, list[1]!.shape, list.at(-1).shape, list[0]! instanceof nn.Parameter, list[1]! instanceof nn.Parameter]).toEqual([2, [3, 1], [3, 1], true, true]);
    list.append(ones([1])).extend([ones([4]), ones([5])]);
    expect(list.parameters().map((p) => p.numel())).toEqual([2, 3, 1, 4, 5]);
    expect(Object.keys(list.stateDict())).toEqual(['0', '1', '2', '3', '4']);
    list[0] = new nn.Parameter(zeros([7]));
    expect([...list].map((p) => p.numel())).toEqual([7, 3, 1, 4, 5]);
    expect(String(new nn.ParameterList([zeros([3, 1])]))).toBe('ParameterList(\n  (0): Parameter containing: [float32 of size 3x1]\n)');
    expect(() => list.at(5)).toThrow(IndexError);
    expect(() => new nn.ParameterList([1] as never)).toThrow(/expected a parameter or a tensor, got the number 1/);
  });

  it('is trained with the module it belongs to', () => {
    class Net extends nn.Module {
      weights = new nn.ParameterList([ones([2]), ones([2])]);
      override forward(x: Tensor): Tensor {
        return x.mul(this.weights[0]!).add(this.weights.at(1)).sum();
      }
    }
    const net = new Net();
    expect(net.namedParameters().map(([name]) => name)).toEqual(['weights.0', 'weights.1']);
    const sgd = new optim.SGD(net.parameters(), 0.5);
    net.call(ones([2]).mul(3)).backward();
    sgd.step();
    expect([net.weights[0]!.tolist(), net.weights[1]!.tolist()]).toEqual([[-0.5, -0.5], [0.5, 0.5]]);
  });
});

describe('ParameterDict', () => {
  it('holds parameters by name', () => {
    const dict = new nn.ParameterDict({ left: ones([2]), right: new nn.Parameter(zeros([3])) });
    expect([dict.length, dict.keys(), [...dict], dict.get('left').shape, dict.has('up')]).toEqual([2, ['left', 'right'], ['left', 'right'], [2], false]);
    expect(dict.get('left')).toBeInstanceOf(nn.Parameter);
    dict.set('up', ones([4])).update({ left: zeros([5]) });
    expect(dict.items().map(([name, p]) => [name, p.numel()])).toEqual([['left', 5], ['right', 3], ['up', 4]]);
    expect(dict.setdefault('up', ones([9])).numel()).toBe(4);
    expect(dict.setdefault('new', ones([9])).numel()).toBe(9);
    expect(dict.popitem()[0]).toBe('new');
    expect(dict.pop('left').numel()).toBe(5);
    expect(Object.keys(dict.stateDict())).toEqual(['right', 'up']);
    expect(String(dict.copy())).toBe('ParameterDict(\n  (right): Parameter containing: [float32 of size 3]\n  (up): Parameter containing: [float32 of size 4]\n)');
    expect(dict.copy().get('up')).toBe(dict.get('up'));
    dict.clear();
    expect(dict.length).toBe(0);
    expect(() => dict.popitem()).toThrow(IndexError);
    expect(() => dict.get('left')).toThrow(/there is no parameter with the name the string "left"/);
    expect(() => new nn.ParameterDict({ a: 'x' } as never)).toThrow(/expected a parameter or a tensor, got the string "x"/);
  });
});

describe('a part of a list of modules', () => {
  it('is another one of the same modules', () => {
    manualSeed(0);
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
    const part = net.slice(1);
    expect([part.length, part.keys(), part.at(1) === net.at(2)]).toEqual([2, ['1', '2'], true]);
    expect(net.slice(0, -1).keys()).toEqual(['0', '1']);
    expect(net.slice({ start: -1 }).call(ones([1, 3])).tolist()).toEqual(net[2].call(ones([1, 3])).tolist());
    const list = new nn.ModuleList([new nn.Tanh(), new nn.ReLU(), new nn.GELU()]);
    expect([list.slice(1).keys(), list.slice(1)[0] === list[1]]).toEqual([['0', '1'], true]);
    expect(() => net.slice('a' as never)).toThrow(UsageError);
  });
});
