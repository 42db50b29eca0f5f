// A field of a subclass over a name that its base registered: what cannot be assigned to the name is refused, as PyTorch refuses it.
import { type Tensor, nn, ones, zeros } from 'adjoint';
import { describe, expect, it } from 'vitest';

class Base extends nn.Module {
  constructor() {
    super();
    const self = this as unknown as Record<string, unknown>;
    self['w'] = new nn.Parameter(ones([1]));
    self['sub'] = new nn.Linear(1, 1);
    this.registerBuffer('b', ones([1]));
  }
  override forward(x: Tensor): Tensor {
    return x.mul((this as unknown as { w: Tensor }).w);
  }
}

const refused: Record<string, [() => nn.Module, RegExp]> = {
  'a tensor over a parameter': [() => new (class D extends Base { w = ones([1]); })(), /cannot assign 'Tensor' as parameter 'w'/],
  'a number over a module': [() => new (class D extends Base { sub = 3; })(), /cannot assign 'number' as child module 'sub'/],
  'a number over a buffer': [() => new (class D extends Base { b = 3; })(), /cannot assign 'number' as buffer 'b'/],
  'a field without a value over a parameter': [() => new (class D extends Base { w: unknown; })(), /cannot assign 'undefined' as parameter 'w'/],
  'a module over a parameter': [() => new (class D extends Base { w = new nn.Linear(1, 1); })(), /cannot assign 'Linear' as parameter 'w'/],
  'a definition over a parameter': [() => Object.defineProperty(new Base(), 'w', { value: ones([1]) }), /cannot assign 'Tensor' as parameter 'w'/],
  'an enumerable definition over a module': [
    () => Object.defineProperty(new Base(), 'sub', { value: 'x', enumerable: true }),
    /cannot assign 'string' as child module 'sub'/,
  ],
};

const questions: Record<string, (m: nn.Module) => unknown> = {
  'parameters()': (m) => m.parameters(),
  'stateDict()': (m) => m.stateDict(),
  'namedChildren()': (m) => m.namedChildren(),
  'buffers()': (m) => m.buffers(),
  'call()': (m) => (m).call(ones([1])),
  'train()': (m) => m.train(),
  'parameters() of what holds it': (m) => new nn.Sequential(m).parameters(),
};

describe.each(Object.entries(refused))('%s', (_, [make, message]) => {
  it.each(Object.entries(questions))('is refused at %s', (_, ask) => {
    const m = make();
    expect(() => ask(m)).toThrow(message);
    expect(() => ask(m)).toThrow(message);
  });
});

describe('what can be assigned takes the name', () => {
  it('a tensor over a buffer is the buffer', () => {
    const m = new (class D extends Base { b = zeros([2]); })();
    expect(m.buffers().map((t) => t.tolist())).toEqual([[0, 0]]);
    expect(m.stateDict()['b']!.shape).toEqual([2]);
    expect(() => { (m as { b: unknown }).b = 3; }).toThrow(/cannot assign 'number' as buffer 'b'/);
  });

  it('null over a parameter, a module and a buffer leaves the names registered', () => {
    const m = new (class D extends Base { w = null; sub = null; b = null; })();
    expect(Object.keys(m.stateDict())).toEqual([]);
    expect(() => { (m as { w: unknown }).w = ones([1]); }).toThrow(/cannot assign 'Tensor' as parameter 'w'/);
  });

  it('a parameter over a parameter and a module over a module', () => {
    const m = new (class D extends Base { w = new nn.Parameter(zeros([3])); sub = new nn.ReLU(); })();
    expect(m.namedParameters().map(([name, p]) => [name, p.shape])).toEqual([['w', [3]]]);
  });

  it('a parameter over a module and over a buffer', () => {
    const m = new (class D extends Base { sub = new nn.Parameter(zeros([3])); b = new nn.Parameter(zeros([2])); })();
    expect(m.namedParameters().map(([name]) => name).sort()).toEqual(['b', 'sub', 'w']);
    expect(m.children()).toEqual([]);
  });

  it('a bare field that the constructor then sets', () => {
    class D extends Base {
      w;
      constructor() {
        super();
        this.w = new nn.Parameter(zeros([4]));
      }
    }
    expect(new D().parameters()[0]!.shape).toEqual([4]);
  });
});

describe('loadStateDict of a batch norm', () => {
  const make = () => new nn.Sequential(new nn.Linear(2, 2), new nn.Sequential(new nn.BatchNorm1d(2)));

  it('takes a state dict without num_batches_tracked, as PyTorch takes those of its first version', () => {
    const bn = new nn.BatchNorm1d(2);
    bn.call(ones([3, 2]));
    const { num_batches_tracked: _, ...state } = new nn.BatchNorm1d(2).stateDict();
    expect(bn.loadStateDict(state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect([bn.runningMean!.tolist(), Number(bn.numBatchesTracked!.item())]).toEqual([[0, 0], 1]);
  });

  it('takes it as a part of another module', () => {
    const net = make();
    const state = make().stateDict();
    delete state['1.0.num_batches_tracked'];
    expect(net.loadStateDict(state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
  });

  it('still misses everything else', () => {
    const state = make().stateDict();
    delete state['1.0.running_mean'];
    expect(() => make().loadStateDict(state)).toThrow(/missing keys: 1.0.running_mean/);
  });
});
