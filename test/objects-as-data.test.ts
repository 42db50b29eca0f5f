// What JSON.stringify, structuredClone and clone() make of the objects of the package: all of their state, or a clear error.
import { describe, expect, it } from 'vitest';
import { Generator, type Tensor, UsageError, autograd, capture, data, graph, nn, ones, optim, tensor, zeros } from 'adjoint';

const json = (value: unknown): any => JSON.parse(JSON.stringify(value));
const shown = (t: Tensor): unknown => json(t);

describe('JSON.stringify()', () => {
  it('of a module gives its state dict', () => {
    const m = new nn.Linear(2, 1);
    expect(json(m)).toEqual({ weight: shown(m.weight), bias: shown(m.bias!) });
    expect(Object.keys(json(new nn.BatchNorm1d(1)))).toEqual(['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']);
    expect(Object.keys(json(new nn.Sequential(m, new nn.ReLU(), m)))).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
    expect(Object.keys(json({ deep: [new nn.ModuleList([m])] }).deep[0])).toEqual(['0.weight', '0.bias']);
  });

  it('of an optimizer and of a schedule gives their state dicts', () => {
    const m = new nn.Linear(1, 1);
    const optimizer = new optim.SGD(m.parameters(), { lr: 0.1, momentum: 0.9 });
    m.call(ones(1, 1)).sum().backward();
    optimizer.step();
    const state = json(optimizer);
    expect(state).toEqual(json(optimizer.stateDict()));
    expect(state.param_groups[0]).toMatchObject({ lr: 0.1, params: [0, 1] });
    expect(Object.keys(state.state)).toEqual(['0', '1']);
    const schedule = new optim.lrScheduler.StepLR(optimizer, 2);
    expect(json(schedule)).toEqual(json(schedule.stateDict()));
  });

  it('of a captured program gives its record', () => {
    const f = capture((x: Tensor) => x.mul(2), ones(1));
    expect(json(f)).toEqual(json(f.record));
  });

  it('of a stream of random numbers, or of a node, is an error that says what to do', () => {
    expect(() => JSON.stringify(new Generator())).toThrow(UsageError);
    expect(() => JSON.stringify({ a: new Generator() })).toThrow(/^Generator: .*initialSeed\(\).*manualSeed\(\)/);
    expect(() => JSON.stringify(ones(1).requiresGrad_().mul(2).gradFn)).toThrow(/^GradFn: .*graph\(t\)/);
  });

  it('of shapes, outputs, datasets and graphs gives what they hold', () => {
    expect(JSON.stringify(zeros(2, 3).shape)).toBe('[2,3]');
    expect(json(tensor([[3, 1]]).max(1))).toEqual({ values: { shape: [1], dtype: 'float32', data: [3] }, indices: { shape: [1], dtype: 'int64', data: [0] } });
    expect(json(new data.TensorDataset(ones(1)))).toEqual({ tensors: [shown(ones(1))] });
    expect(json(graph(ones(1).requiresGrad_().mul(2))).nodes.length).toBe(2);
  });
});

describe('structuredClone()', () => {
  const parameters = (): nn.Parameter[] => new nn.Linear(1, 1).parameters();
  const REFUSED: Record<string, [make: () => unknown, says: RegExp]> = {
    'a module': [() => new nn.Linear(1, 1), /a module's parameters; use clone\(\) or the JSON of its stateDict\(\) instead/],
    'a module of modules': [() => new nn.Sequential(new nn.ReLU()), /a module's parameters/],
    'a list of modules': [() => new nn.ModuleList([new nn.Linear(1, 1)]), /a module's parameters/],
    'a module of one\'s own': [() => new (class extends nn.Module { inner = new nn.Linear(1, 1); })(), /a module's parameters/],
    'a module without parameters': [() => new nn.ReLU(), /a module's parameters/],
    'a module in an object': [() => ({ deep: [new nn.Dropout()] }), /a module's parameters/],
    'a parameter': [() => parameters()[0], /a tensor's memory/],
    'a state dict': [() => new nn.Linear(1, 1).stateDict(), /a tensor's memory/],
    'an optimizer': [() => new optim.SGD(parameters(), 0.1), /a tensor's memory/],
    'a schedule': [() => new optim.lrScheduler.StepLR(new optim.SGD(parameters(), 0.1), 1), /a tensor's memory/],
    'a dataset of tensors': [() => new data.TensorDataset(ones(1)), /a tensor's memory/],
    'a loader': [() => new data.DataLoader(new (class extends data.Dataset<number> { get length(): number { return 1; } get(): number { return 1; } })()), /a DataLoader/],
    'a generator': [() => new Generator(), /a stream of random numbers; start another Generator with manualSeed\(\) instead/],
    'a captured program': [() => capture((x: Tensor) => x.mul(2), ones(1)), /a captured program; clone its record instead/],
    'a node': [() => ones(1).requiresGrad_().mul(2).gradFn, /a node of the graph/],
    'an edge': [() => autograd.graph.getGradientEdge(ones(1).requiresGrad_().mul(2)), /a node of the graph/],
    'outputs by name': [() => ones(2, 2).max(0), /a tensor's memory/],
  };
  it.each(Object.entries(REFUSED))('of %s says what to do', (_, [make, says]) => {
    expect(() => structuredClone(make())).toThrow(says);
  });

  it('of plain data is a copy', () => {
    const m = new nn.Linear(1, 1);
    expect(structuredClone(json(m))).toEqual(json(m));
    const f = capture((x: Tensor) => x.mul(2), ones(1));
    expect(structuredClone(f.record)).toEqual(f.record);
  });
});

describe('clone() of a module', () => {
  it('refuses a class with private members when it is called, and names them', () => {
    class Holds extends nn.Module {
      #scale = 2;
      lin = new nn.Linear(1, 1);
      override forward(x: Tensor): Tensor { return this.lin.call(x).mul(this.#scale); }
    }
    class Below extends Holds {}
    class Calls extends nn.Module {
      #twice(x: Tensor): Tensor { return x.mul(2); }
      override forward(x: Tensor): Tensor { return this.#twice(x); }
    }
    for (const [make, says] of [
      [() => new Holds(), /^clone: Holds has private members \(#scale\).*ordinary properties, or give Holds a clone\(\) of its own/],
      [() => new Below(), /^clone: Holds has private members/],
      [() => new Calls(), /^clone: Calls has private members \(#twice\)/],
      [() => new nn.Sequential(new nn.ReLU(), new Holds()), /^clone: Holds has private members/],
      [() => new nn.ModuleList([new nn.ModuleList([new Calls()])]), /^clone: Calls has private members/],
    ] as const) {
      expect(() => make().clone()).toThrow(UsageError);
      expect(() => make().clone()).toThrow(says);
    }
  });

  it('refuses what compilers make of private members', () => {
    const weak = new WeakMap<object, number>();
    const __privateAdd = (of: object, map: WeakMap<object, number>, value: number): void => { map.set(of, value); };
    class Old extends nn.Module {
      constructor() {
        super();
        __privateAdd(this, weak, 2);
      }
      override forward(x: Tensor): Tensor { return x.mul(weak.get(this)!); }
    }
    expect(() => new Old().clone()).toThrow(/^clone: Old has private members/);
  });

  it('takes classes whose private members are their own, or only words', () => {
    class Counts extends nn.Module {
      static #made = 0;
      static count(): number { return (Counts.#made += 1); }
      // A comment may speak of this.#hidden.
      color = '#fff';
      text = "this.#hidden is not there";
      lin = new nn.Linear(1, 1);
      override forward(x: Tensor): Tensor { return this.lin.call(x); }
    }
    Counts.count();
    const m = new Counts();
    const copy = m.clone();
    expect(copy.call(ones(1, 1)).tolist()).toEqual(m.call(ones(1, 1)).tolist());
    expect(copy.lin.weight === m.lin.weight).toBe(false);
  });

  it('calls the clone() of a class below', () => {
    class Own extends nn.Module {
      #scale: number;
      constructor(scale: number) {
        super();
        this.#scale = scale;
      }
      override forward(x: Tensor): Tensor { return x.mul(this.#scale); }
      override clone(): this { return new Own(this.#scale) as this; }
    }
    const m = new nn.Sequential(new nn.Linear(1, 1), new Own(3));
    const copy = m.clone();
    expect(copy.call(ones(1, 1)).tolist()).toEqual(m.call(ones(1, 1)).tolist());
    expect(copy.at(1) === m.at(1)).toBe(false);
    expect(new Own(2).clone().call(ones(1)).tolist()).toEqual([2]);
    const shared = new Own(2);
    const twice = new nn.ModuleList([shared, shared]).clone();
    expect(twice.at(0) === twice.at(1)).toBe(true);
  });

  it('works for every module there is', () => {
    const made = [
      new nn.Linear(2, 2), new nn.Conv2d(1, 1, 1), new nn.ConvTranspose2d(1, 1, 1), new nn.BatchNorm2d(1), new nn.LayerNorm(2), new nn.Embedding(2, 2), new nn.Dropout(), new nn.ReLU(),
      new nn.MaxPool2d(2), new nn.Flatten(), new nn.CrossEntropyLoss(), new nn.Sequential(new nn.Linear(1, 1)), new nn.ModuleList([new nn.Linear(1, 1)]),
    ];
    for (const m of made) expect(String(m.clone())).toBe(String(m));
  });
});
