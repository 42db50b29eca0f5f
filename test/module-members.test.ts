// What a module holds and under which names: assignments, deletions, modules held twice, and what the listings say. The values are PyTorch's.
import { describe, expect, it } from 'vitest';
import { type Tensor, func, nn, ones, optim, tensor, zeros } from 'adjoint';

class Net extends nn.Module {
  w = new nn.Parameter(zeros([2]));
  d = new nn.Linear(1, 1);
  constructor() {
    super();
    this.registerBuffer('b', zeros([1]));
  }
  override forward(x: Tensor): Tensor {
    return this.d.call(x);
  }
}

/** Assigns as a program without types would. */
function set(module: nn.Module, name: string, value: unknown): unknown {
  (module as unknown as Record<string, unknown>)[name] = value;
  return (module as unknown as Record<string, unknown>)[name];
}
const names = (module: nn.Module): string[] => module.namedParameters().map(([name]) => name);

describe('a property that holds a parameter', () => {
  it.each([
    ['a tensor', () => zeros([2]), 'Tensor'],
    ['a number', () => 3, 'number'],
    ['a module', () => new nn.Linear(1, 1), 'Linear'],
    ['an array', () => [1], 'Array'],
    ['a text', () => 'x', 'string'],
    ['undefined', () => undefined, 'undefined'],
  ])('refuses %s and stays as it was', (_, make, type) => {
    const net = new Net();
    const before = net.w;
    expect(() => set(net, 'w', make())).toThrow(`Net: cannot assign '${type}' as parameter 'w' (nn.Parameter or null expected)`);
    expect(net.w).toBe(before);
    expect(names(net)).toEqual(['w', 'd.weight', 'd.bias']);
  });

  it('refuses a tensor right after the module was made, inside one made by the package too', () => {
    const net = new Net();
    expect(() => set(net, 'w', ones([2]))).toThrow(/cannot assign 'Tensor' as parameter 'w'/);
    expect(() => set(new Net().d, 'weight', ones([1, 1]))).toThrow("Linear: cannot assign 'Tensor' as parameter 'weight' (nn.Parameter or null expected)");
    for (const [layer, name] of [[new nn.Conv2d(1, 1, 1), 'bias'], [new nn.ConvTranspose1d(1, 1, 1), 'weight'], [new nn.LayerNorm(2), 'bias'], [new nn.Embedding(2, 2), 'weight'], [new nn.BatchNorm1d(2), 'weight']] as const) {
      expect(() => set(layer, name, zeros([2]))).toThrow(/cannot assign 'Tensor' as parameter/);
    }
  });

  it('refuses what was made before the module, where only the last field is left to see', () => {
    const early = ones([2]);
    class Late extends nn.Module {
      w = new nn.Parameter(zeros([2]));
      d = new nn.ReLU();
      n = new nn.Parameter(zeros([1]));
      override forward(x: Tensor): Tensor { return x; }
    }
    const net = new Late();
    expect(() => set(net, 'w', early)).toThrow(/cannot assign/);
    zeros([1]);
    expect(() => set(net, 'n', early)).toThrow(/cannot assign/);
  });

  it('takes another parameter, which everything then sees', () => {
    const net = new Net();
    const other = new nn.Parameter(tensor([5, 6]));
    expect(set(net, 'w', other)).toBe(other);
    expect(net.parameters()[0]).toBe(other);
    expect(net.stateDict()['w']!.tolist()).toEqual([5, 6]);
    expect(names(net)).toEqual(['w', 'd.weight', 'd.bias']);
  });

  it('takes null, and a parameter at the same place again', () => {
    const net = new Net();
    expect(set(net, 'w', null)).toBeNull();
    expect(names(net)).toEqual(['d.weight', 'd.bias']);
    expect(() => set(net, 'w', zeros([2]))).toThrow(/cannot assign 'Tensor' as parameter 'w'/);
    set(net, 'w', new nn.Parameter(zeros([1])));
    expect(names(net)).toEqual(['w', 'd.weight', 'd.bias']);
    const linear = new nn.Linear(1, 1, { bias: false });
    expect(() => set(linear, 'bias', zeros([1]))).toThrow(/cannot assign 'Tensor' as parameter 'bias'/);
    linear.bias = new nn.Parameter(ones([1]));
    expect(names(linear)).toEqual(['weight', 'bias']);
  });

  it('is free again after delete', () => {
    const net = new Net();
    expect(delete (net as Partial<Net>).w).toBe(true);
    expect(names(net)).toEqual(['d.weight', 'd.bias']);
    expect(net.w).toBeUndefined();
    expect((set(net, 'w', tensor([1, 2])) as Tensor).tolist()).toEqual([1, 2]);
    expect(names(net)).toEqual(['d.weight', 'd.bias']);
    const linear = new nn.Linear(1, 1);
    expect(delete (linear as Partial<nn.Linear>).weight).toBe(true);
    expect([names(linear), linear.weight]).toEqual([['bias'], undefined]);
    set(linear, 'weight', tensor([[3]]));
    expect([names(linear), linear.call(zeros([1, 1])).tolist()]).toEqual([['bias'], [[linear.bias!.item()]]]);
    set(linear, 'weight', new nn.Parameter(tensor([[3]])));
    expect(names(linear)).toEqual(['bias', 'weight']);
  });
});

describe('a property that holds a module', () => {
  it.each([
    ['a tensor', () => zeros([1]), 'Tensor'],
    ['a number', () => 3, 'number'],
    ['a text', () => 'x', 'string'],
    ['a function', () => () => 1, 'function'],
  ])('refuses %s', (_, make, type) => {
    const net = new Net();
    expect(() => set(net, 'd', make())).toThrow(`Net: cannot assign '${type}' as child module 'd' (nn.Module or null expected)`);
    const list = new nn.Sequential(new nn.ReLU());
    expect(() => set(list, '0', make())).toThrow(`Sequential: cannot assign '${type}' as child module '0'`);
  });

  it('takes a module, null and a parameter', () => {
    const net = new Net();
    const relu = new nn.ReLU();
    expect(set(net, 'd', relu)).toBe(relu);
    expect(net.children()).toEqual([relu]);
    expect(set(net, 'd', null)).toBeNull();
    expect([net.children(), String(net)]).toEqual([[], 'Net(\n  (d): null\n)']);
    expect(() => set(net, 'd', 3)).toThrow(/child module/);
    set(net, 'd', new nn.Parameter(zeros([1])));
    expect(names(net)).toEqual(['w', 'd']);
    expect(() => set(net, 'd', relu)).toThrow("cannot assign 'ReLU' as parameter 'd'");
  });
});

describe('a buffer', () => {
  it('refuses what is no tensor, and takes tensors and null', () => {
    const net = new Net();
    expect(() => set(net, 'b', 3)).toThrow("Net: cannot assign 'number' as buffer 'b' (Tensor or null expected)");
    set(net, 'b', null);
    expect(net.buffers()).toEqual([]);
    expect(() => set(net, 'b', [1])).toThrow(/as buffer 'b'/);
    const t = tensor([1, 2, 3]);
    set(net, 'b', t);
    expect(net.buffers()[0]).toBe(t);
    set(net, 'b', new nn.Parameter(zeros([1])));
    expect([names(net), net.buffers()]).toEqual([['w', 'b', 'd.weight', 'd.bias'], []]);
  });

  it('may become a module', () => {
    const net = new Net();
    set(net, 'b', new nn.ReLU());
    expect([net.namedChildren().map(([name]) => name), net.buffers()]).toEqual([['d', 'b'], []]);
  });
});

it('registering refuses names that stand for something else, and values of another kind', () => {
  const net = new Net();
  expect(() => net.registerBuffer('w', zeros([1]))).toThrow(/w is already a member of Net/);
  expect(() => net.registerParameter('d', new nn.Parameter(zeros([1])))).toThrow(/d is already a member/);
  expect(() => net.addModule('w', new nn.ReLU())).toThrow(/w is already a member/);
  expect(() => net.addModule('training', new nn.ReLU())).toThrow(/training is already a member/);
  expect(() => net.addModule('forward', new nn.ReLU())).toThrow(/forward is already a member/);
  expect(() => net.registerBuffer('q', 3 as never)).toThrow(/must be a tensor or null/);
  expect(() => net.registerParameter('q', zeros([1]) as never)).toThrow(/must be a nn.Parameter or null/);
  expect(() => net.addModule('q', 3 as never)).toThrow(/must be a module or null/);
  for (const name of ['x.y', '']) expect(() => net.registerParameter(name, null)).toThrow(/must not be empty or contain a dot/);
});

it('fields of classes, constructors and later assignments are all registered, in their order', () => {
  class Base extends nn.Module {
    #secret = 1;
    a = new nn.Parameter(ones([1]));
    act: nn.Module = new nn.ReLU();
    count = 3;
    b = new nn.Parameter(ones([1]));
    get secret(): number { return this.#secret; }
    override forward(x: Tensor): Tensor { return this.act.call(x); }
  }
  class Derived extends Base {
    override act: nn.Module = new nn.Tanh();
    declare late: nn.Parameter;
    constructor() {
      super();
      this.late = new nn.Parameter(ones([1]));
    }
  }
  const net = new Derived();
  expect([names(net), String(net), net.secret, net.count]).toEqual([['a', 'b', 'late'], 'Derived(\n  (act): Tanh()\n)', 1, 3]);
  set(net, 'later', new nn.Parameter(zeros([1])));
  expect(names(net)).toEqual(['a', 'b', 'late', 'later']);
  expect(net.call(zeros([1])).tolist()).toEqual([0]);
});

it('an optimizer, functionalCall and casts see a replaced parameter', () => {
  const net = new nn.Linear(1, 1, { bias: false });
  net.weight = new nn.Parameter(tensor([[2]]));
  expect(func.functionalCall(net, { weight: tensor([[7]]) }, tensor([[1]])).tolist()).toEqual([[7]]);
  expect(net.call(tensor([[1]])).tolist()).toEqual([[2]]);
  net.call(tensor([[1]])).sum().backward();
  new optim.SGD(net.parameters(), { lr: 1 }).step();
  expect(net.weight.tolist()).toEqual([[1]]);
  expect([net.double().weight.dtype, net.weight instanceof nn.Parameter]).toEqual(['float64', true]);
});

describe('a module held twice', () => {
  const a = new nn.Linear(1, 1);
  const r = new nn.ReLU();

  it('counts twice in a ModuleList, and once in its listings', () => {
    const list = new nn.ModuleList([a, a, a]);
    expect([list.length, [...list].map((m) => m === a), list.at(2) === a, list.at(-3) === a, list[1] === a]).toEqual([3, [true, true, true], true, true, true]);
    expect(String(list)).toBe('ModuleList(\n  (0-2): 3 x Linear(inFeatures=1, outFeatures=1, bias=true)\n)');
    expect(list.namedChildren().map(([name]) => name)).toEqual(['0']);
    expect(list.namedModules().map(([name]) => name)).toEqual(['', '0']);
    expect(list.namedModules('', false).map(([name]) => name)).toEqual(['', '0', '1', '2']);
    expect(names(list)).toEqual(['0.weight', '0.bias']);
    const all = ['0.weight', '0.bias', '1.weight', '1.bias', '2.weight', '2.bias'];
    expect(list.namedParameters('', true, false).map(([name]) => name)).toEqual(all);
    expect(Object.keys(list.stateDict())).toEqual(all);
    list.append(a);
    expect([list.length, list.children().length]).toEqual([4, 1]);
  });

  it('counts and runs twice in a Sequential', () => {
    const seq = new nn.Sequential(a, r, a);
    expect([seq.length, seq.at(2) === a, seq[2] === a, [...seq].length]).toEqual([3, true, true, 3]);
    expect(String(seq)).toBe(['Sequential(', '  (0): Linear(inFeatures=1, outFeatures=1, bias=true)', '  (1): ReLU()', '  (2): Linear(inFeatures=1, outFeatures=1, bias=true)', ')'].join('\n'));
    expect(seq.namedChildren().map(([name]) => name)).toEqual(['0', '1']);
    expect(seq.children()).toEqual([a, r]);
    expect(Object.keys(seq.stateDict())).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
    const [w, b] = [a.weight.item(), a.bias!.item()];
    expect(seq.call(tensor([[1]])).item()).toBeCloseTo(Math.max(w + b, 0) * w + b, 5);
    expect(seq.loadStateDict(seq.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
  });

  it('is told once below as well, and under every path where that is asked for', () => {
    const net = new nn.Sequential(new nn.Sequential(a, a), a);
    expect(net.namedModules().map(([name]) => name)).toEqual(['', '0', '0.0']);
    expect(net.namedModules('', false).map(([name]) => name)).toEqual(['', '0', '0.0', '0.1', '1']);
    expect(Object.keys(net.stateDict())).toEqual(['0.0.weight', '0.0.bias', '0.1.weight', '0.1.bias', '1.weight', '1.bias']);
    expect(net.parameters()).toHaveLength(2);
  });

  it('a buffer and a parameter held twice are listed once, or under every path', () => {
    class Twice extends nn.Module {
      p = new nn.Parameter(zeros([1]));
      q = this.p;
      constructor() {
        super();
        const t = zeros([1]);
        this.registerBuffer('s', t);
        this.registerBuffer('t', t);
      }
    }
    const net = new Twice();
    expect([names(net), net.namedBuffers().map(([name]) => name), Object.keys(net.stateDict())]).toEqual([['p'], ['s'], ['p', 'q', 's', 't']]);
    expect(net.namedParameters('', true, false).map(([name]) => name)).toEqual(['p', 'q']);
    expect(net.namedBuffers('', true, false).map(([name]) => name)).toEqual(['s', 't']);
  });

  it('indexing writes as well', () => {
    const seq: nn.Sequential = new nn.Sequential(a, r, a);
    seq[1] = new nn.Tanh();
    expect([seq.length, seq.at(1) === seq[1], String(seq.at(1))]).toEqual([3, true, 'Tanh()']);
  });
});
