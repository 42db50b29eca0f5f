// `model(x)`: a module is a function, and in everything else what it was as an object.
import { inspect, types } from 'node:util';
import { runInThisContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { checkpoint, checkpointSequential, func, nn, ones, optim, randn, save, scope, tensor, vmap, zeros, type Tensor } from 'adjoint';

class Net extends nn.Module {
  hidden = new nn.Linear(2, 3);
  out = new nn.Linear(3, 1);
  #calls = 0;
  note = 'a note';
  override forward(x: Tensor): Tensor {
    this.#calls += 1;
    return this.out(this.hidden(x).relu());
  }
  get calls(): number { return this.#calls; }
}

describe('a call of a module', () => {
  it('is that of call(): the same result, hooks and releases', () => {
    const net = new Net();
    const x = randn([4, 2]);
    const seen: unknown[] = [];
    const handle = net.registerForwardHook((module, args) => { seen.push(module, ...args); });
    expect(net(x).tolist()).toEqual(net.call(x).tolist());
    handle.remove();
    expect([seen[0] === net, seen[1] === x, net.calls]).toEqual([true, true, 2]);
    let inner: Tensor | null = null;
    class Holder extends nn.Module {
      net = net;
      override forward(y: Tensor): Tensor {
        inner = this.net(y);
        return inner.mul(2);
      }
    }
    new Holder()(x);
    expect(() => inner!.tolist()).toThrow(/disposed/);
  });

  it('takes inputs by name, none, and any number', () => {
    expect(new nn.MSELoss()({ input: ones(2), target: zeros(2) }).item()).toBe(1);
    expect(() => new nn.Linear(1, 1)({ inputs: ones(1) } as never)).toThrow(/Linear: there is no argument named inputs/);
    class Count extends nn.Module { override forward(...all: number[]): number { return all.length; } }
    expect([new Count()(), new Count()(1, 2, 3)]).toEqual([0, 3]);
  });

  it('runs a call() of a subclass, and that of a clone runs the clone', () => {
    const net = new nn.Linear(1, 1);
    const copy = net.clone();
    copy.weight.data.fill_(2);
    copy.bias!.data.fill_(0);
    expect([copy(ones(1)).item(), copy === net, copy instanceof nn.Linear]).toEqual([2, false, true]);
    Object.defineProperty(net, 'call', { value: () => 'own', configurable: true });
    expect(net(ones(1))).toBe('own');
  });

  it('works through a bound method, map and optional calls', () => {
    const double = new nn.Sequential();
    const list = [ones(1), zeros(1)].map((x) => double(x));
    expect(list.map((t) => t.item())).toEqual([1, 0]);
    const known = new Map([['double', double]]);
    expect([known.get('double')?.(ones(1)).item(), known.get('other')?.(ones(1))]).toEqual([1, undefined]);
  });
});

describe('a module that a class holds in a private member', () => {
  const source = `class Holder {
    #model;
    constructor(model) { this.#model = model; }
    run(x) { return this.#model(x); }
    around(x) { return (0, this.#model)(x); }
  }
  return Holder;`;
  type Holder = new (model: nn.Module) => Record<'run' | 'around', (x: Tensor) => Tensor>;
  // Helpers of the build come first; the value of the last statement is the class.
  const built = (target: string): Holder => runInThisContext(transformSync(`(() => {${source}})()`, { target }).code) as Holder;

  it('is called by a build for es2022', () => {
    expect(new (built('es2022'))(new nn.Linear(2, 1)).run(ones(3, 2)).shape).toEqual([3, 1]);
  });

  it('gets the object as its first input from an older build, and the error says what to do; called apart from the object it does not', () => {
    const OlderHolder = built('es2021');
    for (const model of [new nn.Linear(2, 1), new nn.Sequential(new nn.Linear(2, 1)), new Net()]) {
      const holder = new OlderHolder(model);
      expect(() => holder.run(ones(3, 2))).toThrow(/^(Linear|Sequential): .*; a build for older targets makes this\.#model\(x\) model\.call\(this, x\): write \(0, this\.#model\)\(x\)/s);
      expect(holder.around(ones(3, 2)).shape).toEqual([3, 1]);
    }
  });

  it('is no explanation of other wrong inputs', () => {
    for (const wrong of [5, [1, 2], new Float32Array(2), 'text', null]) {
      expect(() => new nn.Linear(2, 1)(wrong as never)).toThrow(/^(?!.*older targets)/);
    }
  });
});

describe('a module', () => {
  const net = new Net();

  it('is an instance of its classes and of nothing that functions are', () => {
    expect([typeof net, net instanceof Net, net instanceof nn.Module, net instanceof Function]).toEqual(['function', true, true, false]);
    expect([net.constructor, Object.getPrototypeOf(net)]).toEqual([Net, Net.prototype]);
    expect(Object.prototype.toString.call(net)).toBe('[object Function]');
    expect(['bind', 'arguments', 'caller', 'name', 'length', 'prototype'].filter((name) => name in net)).toEqual([]);
    expect([Object.hasOwn(net, 'name'), Object.hasOwn(net, 'length'), Reflect.ownKeys(net).filter((key) => key === 'prototype')]).toEqual([false, false, []]);
    expect(types.isProxy(net)).toBe(false);
  });

  it('has its properties in the order in which they were made', () => {
    net.parameters();
    expect(Object.keys(net)).toEqual(['training', 'note']);
    expect(net.namedParameters().map(([name]) => name)).toEqual(['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']);
  });

  it('prints as PyTorch has it, also within other values', () => {
    const text = 'Net(\n  (hidden): Linear(in_features=2, out_features=3, bias=true)\n  (out): Linear(in_features=3, out_features=1, bias=true)\n)';
    expect([String(net), net.toString(), inspect(net)].map((shown) => shown.replaceAll(/inFeatures|outFeatures/g, (name) => (name === 'inFeatures' ? 'in_features' : 'out_features')))).toEqual([text, text, text]);
    expect(inspect({ net: new nn.ReLU() })).toBe('{ net: ReLU() }');
    expect(inspect([new nn.ReLU()])).toBe('[ ReLU() ]');
  });

  it('is its state dict in JSON, and an error for structuredClone', () => {
    expect(JSON.parse(JSON.stringify({ list: [new nn.Linear(1, 1)] }))).toMatchObject({ list: [{ weight: { shape: [1, 1] }, bias: { shape: [1] } }] });
    expect(() => structuredClone(net)).toThrow(/a module's parameters; use clone\(\)/);
    expect(() => structuredClone(new Proxy(net, {}))).toThrow(/could not be cloned/);
  });

  it('may be looked at through a proxy', () => {
    const seen: unknown[] = [];
    const proxy = new Proxy(new nn.Linear(2, 1), { get: (target, key) => (seen.push(key), Reflect.get(target, key, target) as unknown) });
    expect([proxy(ones(1, 2)).shape, proxy instanceof nn.Linear, proxy.weight.shape, seen.includes('weight')]).toEqual([[1, 1], true, [1, 2], true]);
  });

  it('is refused by its class where no module is expected', () => {
    expect(() => ones(1).add(new nn.ReLU() as never)).toThrow(/ReLU/);
    expect(() => tensor([new nn.ReLU()] as never)).toThrow(/ReLU/);
    expect(() => ones(1).index(new nn.ReLU() as never)).toThrow(/ReLU/);
    expect(() => save({ net } as never)).toThrow(/cannot save a Net at \["net"\]; save its stateDict\(\)/);
    expect(() => new optim.SGD(net as never, 0.1)).toThrow(/Net/);
    expect(() => new nn.Linear(1, 1).loadStateDict(net as never)).toThrow();
    expect(() => new nn.Linear(new nn.ReLU() as never, 1)).toThrow(/ReLU/);
    expect(() => new nn.Linear(1, 1).registerBuffer('b', new nn.ReLU() as never)).toThrow(/ReLU/);
    const held = new nn.Linear(1, 1);
    expect(() => { held.weight = new nn.ReLU() as never; }).toThrow(/cannot assign 'ReLU' as parameter 'weight'/);
    expect(() => { held.weight = (() => 1) as never; }).toThrow(/cannot assign 'function' as parameter 'weight'/);
  });

  it('keeps the tensors among its properties where a scope returns it', () => {
    const made = scope(() => {
      class Table extends nn.Module { table = ones(2); override forward(x: Tensor): Tensor { return x.add(this.table); } }
      return [new Table()];
    });
    expect(made[0]!(ones(2)).tolist()).toEqual([2, 2]);
  });
});

describe('names that functions have', () => {
  it.each(['name', 'length', 'arguments', 'caller', 'prototype', 'bind', 'displayName'])('%s is an attribute as any other', (name) => {
    class Plain extends nn.Module {
      constructor() {
        super();
        (this as unknown as Record<string, unknown>)[name] = 'a value';
      }
      override forward(x: Tensor): Tensor { return x; }
    }
    const module = new Plain();
    const expected = { value: 'a value', writable: true, enumerable: true, configurable: true };
    expect(Object.getOwnPropertyDescriptor(module, name)).toEqual(expected);
    module(ones(1));
    expect(Object.getOwnPropertyDescriptor(module.clone(), name)).toEqual(expected);
    expect([Object.keys(module), Reflect.deleteProperty(module, name), name in module]).toEqual([['training', name], true, false]);
  });

  it('may be those of parameters, buffers, modules and fields', () => {
    class Odd extends nn.Module {
      override name = new nn.Parameter(ones(1));
      override length = new nn.Linear(1, 1);
      override arguments: unknown = null;
      constructor() {
        super();
        this.registerBuffer('caller', ones(1));
      }
      override forward(x: Tensor): Tensor { return this.length(x).mul(this.name); }
    }
    const odd = new Odd();
    expect(Object.keys(odd.stateDict()).sort()).toEqual(['caller', 'length.bias', 'length.weight', 'name']);
    expect(odd(ones(1)).shape).toEqual([1]);
    expect(Object.keys(odd.clone().stateDict()).sort()).toEqual(['caller', 'length.bias', 'length.weight', 'name']);
  });
});

describe('where a function is taken, a module is one', () => {
  const net = new nn.Linear(2, 1);
  const x = ones(3, 2);

  it('in checkpoints', () => {
    const y = checkpoint(net, x.clone().requiresGrad_());
    y.sum().backward();
    expect([y.shape, net.weight.grad!.tolist()]).toEqual([[3, 1], [[3, 3]]]);
    net.zeroGrad();
    const stages = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
    expect(checkpointSequential(stages, 2, x).shape).toEqual([3, 2]);
  });

  it('in transforms', () => {
    expect(vmap(net)(x).tolist()).toEqual(net(x).tolist());
    expect(func.jacrev(net)(ones(2)).tolist()).toEqual(net.weight.tolist());
  });

  it('as an activation, which is then part of the layer', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { activation: new nn.PReLU(), dimFeedforward: 4, dropout: 0 });
    expect(Object.keys(layer.stateDict())).toContain('activation.weight');
  });
});
