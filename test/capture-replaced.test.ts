// A replay where a parameter or buffer of a module was replaced since the capture: the record holds the old one.
import { type Tensor, capture, nn, ones, optim, tensor, zeros } from 'adjoint';
import { describe, expect, it } from 'vitest';

class Direct extends nn.Module {
  l = new nn.Linear(2, 2);
  override forward(x: Tensor): Tensor {
    return x.matmul(this.l.weight);
  }
}

const changes: Record<string, [() => nn.Module, (m: never) => void, RegExp]> = {
  'the data of a parameter': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.weight.data = zeros([2, 2]); }, /Linear.weight was replaced/],
  'a parameter': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.bias = new nn.Parameter(zeros([2])); }, /Linear.bias was replaced/],
  'a parameter by null': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.bias = null; }, /Linear.bias was replaced/],
  'the dtype': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.to('float64'); }, /Linear.(weight|bias) was replaced/],
  'a buffer': [() => new nn.BatchNorm1d(2).eval(), (m: nn.BatchNorm1d) => { m.runningMean = tensor([1, 2]); }, /BatchNorm1d.runningMean was replaced/],
  'a parameter of a part': [() => new nn.Sequential(new nn.Linear(2, 2)), (m: nn.Sequential) => { ([...m][0] as nn.Linear).weight = new nn.Parameter(zeros([2, 2])); }, /Linear.weight was replaced/],
  'a parameter of a part that is not called': [() => new Direct(), (m: Direct) => { m.l.weight = new nn.Parameter(zeros([2, 2])); }, /Linear.weight was replaced/],
};

describe('a replay refuses', () => {
  it.each(Object.entries(changes))('%s that was replaced', (_, [make, change, message]) => {
    const m = make();
    const f = capture((x) => (m as nn.Linear).call(x), ones([3, 2]));
    f.run(ones([3, 2]));
    change(m as never);
    expect(() => f.run(ones([3, 2]))).toThrow(message);
  });
});

class Pair extends nn.Module {
  a = new nn.Linear(2, 2);
  b = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
  scale = new nn.Parameter(ones([2]));
  shift: nn.Parameter | null = null;
  constructor() {
    super();
    this.registerBuffer('seen', ones([2]));
    this.registerParameter('shift', null);
  }
  override forward(x: Tensor): Tensor {
    const y = this.b.call(this.a.call(x)).mul(this.scale);
    return this.shift === null ? y : y.add(this.shift);
  }
}

const zeroed = (): nn.Parameter => new nn.Parameter(zeros([2, 2]));

/** How a record uses a module, what is replaced then, and what the error names. */
const used: Record<string, [(m: Pair, x: Tensor) => Tensor, (m: Pair) => void, string]> = {
  'a parameter of a module that was not called': [(m, x) => x.matmul(m.a.weight), (m) => { m.a.weight = zeroed(); }, 'Linear.weight'],
  'a parameter that was used as it is': [(m, x) => x.mul(m.scale), (m) => { m.scale = new nn.Parameter(zeros([2])); }, 'Pair.scale'],
  'one that became null': [(m, x) => x.add(m.a.bias!), (m) => { m.a.bias = null; }, 'Linear.bias'],
  'one that registerParameter() replaced': [(m, x) => x.mul(m.scale), (m) => { m.registerParameter('scale', new nn.Parameter(zeros([2]))); }, 'Pair.scale'],
  'a buffer of a module that was not called': [(m, x) => x.mul((m as unknown as { seen: Tensor }).seen), (m) => { (m as unknown as { seen: Tensor }).seen = zeros([2]); }, 'Pair.seen'],
  'a buffer that registerBuffer() replaced': [(m, x) => x.mul((m as unknown as { seen: Tensor }).seen), (m) => { m.registerBuffer('seen', zeros([2])); }, 'Pair.seen'],
  'the data of one that was used as it is': [(m, x) => x.mul(m.scale), (m) => { m.scale.data = zeros([2]); }, 'the data of a Parameter of shape [2]'],
  'its dtype': [(m, x) => x.mul(m.scale), (m) => { m.double(); }, 'the data of a Parameter of shape [2]'],
  'a module that was called': [(m, x) => m.a.call(x), (m) => { m.a = new nn.Linear(2, 2); }, 'Pair.a'],
  'a module without parameters that was called': [(m, x) => m.b[1].call(x), (m) => { m.b[1] = new nn.ReLU(); }, 'Sequential.1'],
  'a part of a module that was called': [(m, x) => m.call(x), (m) => { m.b = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()); }, 'Pair.b'],
  'a part of a part': [(m, x) => m.call(x), (m) => { m.b[0] = new nn.Linear(2, 2); }, 'Sequential.0'],
  'a module whose parameter was used': [(m, x) => x.matmul(m.a.weight), (m) => { m.a = new nn.Linear(2, 2); }, 'Pair.a'],
  'one in a list that lost an item': [(m, x) => m.b.call(x), (m) => { m.b.pop(0); }, 'Sequential.0'],
  'a parameter that was null': [(m, x) => m.call(x), (m) => { m.shift = new nn.Parameter(ones([2])); }, 'Pair.shift'],
};

describe('a replay refuses, by name,', () => {
  it.each(Object.entries(used))('%s', (_, [use, change, name]) => {
    const m = new Pair();
    const other = new Pair();
    const f = capture((x) => use(m, x), ones([3, 2]));
    const g = capture((x) => use(other, x), ones([3, 2]));
    f.run(ones([3, 2]));
    change(m);
    expect(() => f.run(ones([3, 2]))).toThrow(`captured function: ${name} was replaced since the capture`);
    g.run(ones([3, 2]));
  });
});

describe('a replay goes on', () => {
  it('where what was replaced is back, and where the record does not use what was', () => {
    const m = new Pair();
    const { scale, a } = m;
    const f = capture((x) => x.mul(m.scale), ones([3, 2]));
    m.a = new nn.Linear(2, 2);
    m.scale = new nn.Parameter(zeros([2]));
    expect(() => f.run(ones([3, 2]))).toThrow('Pair.scale was replaced');
    m.scale = scale;
    m.a = a;
    m.a.bias = null;
    expect(f.run(ones([1, 2])).tolist()).toEqual([[1, 1]]);
  });

  it('where a program was disposed of nothing is looked at', () => {
    const m = new Pair();
    capture((x) => x.mul(m.scale), ones([3, 2])).dispose();
    m.scale = new nn.Parameter(zeros([2]));
    expect(m.scale.tolist()).toEqual([0, 0]);
  });

  it('after steps of an optimizer, a state dict, and freezing', () => {
    const m = new nn.Linear(2, 2);
    const f = capture((x) => m.call(x), ones([3, 2]));
    const o = new optim.SGD(m.parameters(), { lr: 0.1 });
    f.run(ones([3, 2])).sum().backward();
    o.step();
    m.loadStateDict(new nn.Linear(2, 2).stateDict());
    m.requiresGrad_(false);
    expect(f.run(ones([3, 2])).tolist()).toEqual(m.call(ones([3, 2])).tolist());
  });

  it('in training with buffers that move', () => {
    const m = new nn.BatchNorm1d(2);
    const f = capture((x) => m.call(x), ones([3, 2]));
    for (let i = 0; i < 3; i++) f.run(ones([3, 2]));
    expect(Number(m.numBatchesTracked!.item())).toBe(4);
  });
});

const lin = (): nn.Linear => new nn.Linear(2, 2);

/** What holds modules or parameters, how a function uses it, what is added, and what the error names. */
const grown: Record<string, [() => nn.Module, (m: never, x: Tensor) => Tensor, (m: never) => void, string]> = {
  'a Sequential that append() changed': [() => new nn.Sequential(lin()), (m: nn.Sequential, x) => m.call(x), (m: nn.Sequential) => { m.append(lin()); }, 'Sequential.1 was added'],
  'one that extend() changed': [() => new nn.Sequential(lin()), (m: nn.Sequential, x) => m.call(x), (m: nn.Sequential) => { m.extend([lin(), lin()]); }, 'Sequential.1 was added'],
  'one that insert() changed at the end': [() => new nn.Sequential(lin()), (m: nn.Sequential, x) => m.call(x), (m: nn.Sequential) => { m.insert(1, lin()); }, 'Sequential.1 was added'],
  'one that addModule() changed': [() => new nn.Sequential(lin()), (m: nn.Sequential, x) => m.call(x), (m: nn.Sequential) => { m.addModule('last', lin()); }, 'Sequential.last was added'],
  'one in another': [() => new nn.Sequential(new nn.Sequential(lin())), (m: nn.Sequential, x) => m.call(x), (m: nn.Sequential) => { (m[0] as nn.Sequential).append(lin()); }, 'Sequential.1 was added'],
  'one without parameters': [() => new nn.Sequential(new nn.ReLU()), (m: nn.Sequential, x) => m.call(x), (m: nn.Sequential) => { m.append(new nn.ReLU()); }, 'Sequential.1 was added'],
  'a ModuleList': [() => new nn.ModuleList([lin()]), (m: nn.ModuleList, x) => [...m].reduce((y, part) => part.call(y) as Tensor, x), (m: nn.ModuleList) => { m.append(lin()); }, 'ModuleList.1 was added'],
  'one that lost its last': [() => new nn.ModuleList([lin(), new nn.ReLU()]), (m: nn.ModuleList, x) => [...m].reduce((y, part) => part.call(y) as Tensor, x), (m: nn.ModuleList) => { m.pop(-1); }, 'ModuleList.1 was'],
  'a ModuleDict': [() => new nn.ModuleDict({ a: lin() }), (m: nn.ModuleDict, x) => m.values().reduce((y, part) => part.call(y) as Tensor, x), (m: nn.ModuleDict) => { m.set('b', lin()); }, 'ModuleDict.b was added'],
  'one that update() changed': [() => new nn.ModuleDict({ a: lin() }), (m: nn.ModuleDict, x) => m.values().reduce((y, part) => part.call(y) as Tensor, x), (m: nn.ModuleDict) => { m.update({ b: lin() }); }, 'ModuleDict.b was added'],
  'one that pop() changed': [() => new nn.ModuleDict({ a: lin(), b: new nn.ReLU() }), (m: nn.ModuleDict, x) => m.values().reduce((y, part) => part.call(y) as Tensor, x), (m: nn.ModuleDict) => { m.pop('b'); }, 'ModuleDict.b was'],
  'one that clear() changed': [() => new nn.ModuleDict({ a: lin() }), (m: nn.ModuleDict, x) => m.values().reduce((y, part) => part.call(y) as Tensor, x), (m: nn.ModuleDict) => { m.clear(); }, 'ModuleDict.a was'],
  'a ParameterList': [() => new nn.ParameterList([ones([2])]), (m: nn.ParameterList, x) => [...m].reduce((y, p) => y.mul(p), x), (m: nn.ParameterList) => { m.append(ones([2])); }, 'ParameterList.1 was added'],
  'a ParameterDict': [() => new nn.ParameterDict({ a: ones([2]) }), (m: nn.ParameterDict, x) => m.values().reduce((y, p) => y.mul(p), x), (m: nn.ParameterDict) => { m.set('b', ones([2])); }, 'ParameterDict.b was added'],
  'the parts of a module that were run through': [
    () => new Pair(),
    (m: Pair, x) => m.children().reduce((y, part) => part.call(y) as Tensor, x),
    (m: Pair) => { m.addModule('c', lin()); },
    'Pair.c was added',
  ],
  'the parameters of a module that were run through': [
    () => new Pair(),
    (m: Pair, x) => m.parameters().reduce((y, p) => y.add(p.square().sum()), x),
    (m: Pair) => { m.registerParameter('extra', new nn.Parameter(ones([1]))); },
    'Pair.extra was added',
  ],
};

describe('a replay refuses what grew or shrank since:', () => {
  it.each(Object.entries(grown))('%s', (_, [make, use, change, name]) => {
    const m = make();
    const f = capture((x) => use(m as never, x), ones([3, 2]));
    f.run(ones([3, 2]));
    change(m as never);
    expect(() => f.run(ones([3, 2]))).toThrow(`captured function: ${name}`);
  });

  it('and goes on where it is as it was, and where nothing ran through the parts', () => {
    const m = new nn.Sequential(lin());
    const f = capture((x) => m.call(x), ones([3, 2]));
    m.append(lin());
    expect(() => f.run(ones([3, 2]))).toThrow('Sequential.1 was added');
    m.pop(-1);
    f.run(ones([3, 2]));
    const pair = new Pair();
    const g = capture((x) => pair.call(x), ones([3, 2]));
    pair.addModule('c', lin());
    g.run(ones([3, 2]));
  });
});

it('a step of a schedule cannot be captured', () => {
  const w = new nn.Parameter(ones([1]));
  const s = new optim.lrScheduler.StepLR(new optim.SGD([w], { lr: 1 }), { stepSize: 1 });
  expect(() => capture((x) => { s.step(); return x.mul(2); }, ones([1]))).toThrow(/step: cannot be captured/);
});
