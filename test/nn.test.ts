import { describe, expect, it } from 'vitest';
import { ShapeError, type Tensor, UsageError, memoryStats, nn, ones, rand, scope, tensor, zeros } from 'adjoint';

class Net extends nn.Module {
  hidden = new nn.Linear(3, 4);
  out = new nn.Linear(4, 2);
  scale = new nn.Parameter(ones(1));

  override forward(x: Tensor): Tensor {
    return this.out.call(this.hidden.call(x).relu()).mul(this.scale);
  }
}

describe('Module', () => {
  it('finds parameters by looking at properties, its own first and then those of its parts', () => {
    expect(new Net().namedParameters().map(([name]) => name)).toEqual(['scale', 'hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']);
  });

  it('counts a part that two properties share once', () => {
    const shared = new nn.Linear(2, 2);
    const net = new nn.Sequential(shared, new nn.ReLU(), shared);
    expect(net.parameters()).toHaveLength(2);
    expect(net.modules()).toHaveLength(3);
  });

  it('counts a parameter that two parts share once, under its first name', () => {
    const [first, second] = [new nn.Linear(2, 2), new nn.Linear(2, 2)];
    second.weight = first.weight;
    const names = new nn.Sequential(first, second).namedParameters().map(([name]) => name);
    expect(names).toEqual(['0.weight', '0.bias', '1.bias']);
  });

  it('names modules by path, the whole before its parts', () => {
    const net = new nn.Sequential({ body: new nn.Sequential(new nn.Linear(1, 1), new nn.Tanh()), head: new nn.Linear(1, 1) });
    expect(net.namedModules().map(([name]) => name)).toEqual(['', 'body', 'body.0', 'body.1', 'head']);
  });

  it('prints as PyTorch does', () => {
    const net = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Sequential(new nn.Flatten(), new nn.Dropout(0.2)));
    expect(String(net)).toBe(
      [
        'Sequential(',
        '  (0): Linear(inFeatures=784, outFeatures=128, bias=true)',
        '  (1): ReLU()',
        '  (2): Sequential(',
        '    (0): Flatten(startDim=1, endDim=-1)',
        '    (1): Dropout(p=0.2, inplace=false)',
        '  )',
        ')',
      ].join('\n'),
    );
  });

  it('releases the tensors made in forward and keeps what backward needs', () => {
    const net = new Net();
    scope(() => {
      const x = rand(5, 3);
      const before = memoryStats().tensors;
      const y = net.call(x);
      expect(memoryStats().tensors).toBe(before + 1);
      y.sum().backward();
      expect(net.hidden.weight.grad!.shape).toEqual([4, 3]);
    });
  });

  it('keeps a tensor that forward assigns to a property', () => {
    class Remembering extends nn.Module {
      last: Tensor | null = null;
      override forward(x: Tensor): Tensor {
        this.last = x.mul(2);
        return this.last.add(1);
      }
    }
    const net = new Remembering();
    scope(() => void net.call(tensor([1, 2])));
    expect(net.last!.tolist()).toEqual([2, 4]);
  });

  it('releases intermediates also when forward throws', () => {
    class Failing extends nn.Module {
      override forward(x: Tensor): Tensor {
        x.mul(2);
        throw new Error('no');
      }
    }
    const x = tensor([1]);
    const before = memoryStats().tensors;
    expect(() => new Failing().call(x)).toThrow('no');
    expect(memoryStats().tensors).toBe(before);
  });

  it('says that forward is missing', () => {
    expect(() => new (class Empty extends nn.Module {})().call()).toThrow(/Empty: forward is not defined/);
  });

  it('switches every part to evaluation and back', () => {
    const net = new nn.Sequential(new nn.Dropout(0.5), new nn.Linear(2, 2));
    net.eval();
    expect(net.modules().map((m) => m.training)).toEqual([false, false, false]);
    expect(net.train().modules().every((m) => m.training)).toBe(true);
  });

  it('applies a function to parts before the whole', () => {
    const seen: string[] = [];
    new nn.Sequential(new nn.Linear(1, 1), new nn.ReLU()).apply((m) => seen.push(m.constructor.name));
    expect(seen).toEqual(['Linear', 'ReLU', 'Sequential']);
  });

  it('freezes parameters, which then get no gradient', () => {
    const net = new Net();
    net.hidden.requiresGrad_(false);
    scope(() => net.call(ones(1, 3)).sum().backward());
    expect(net.hidden.weight.grad).toBeNull();
    expect(net.out.weight.grad).not.toBeNull();
  });

  it('zeroGrad removes gradients, or sets them to zero', () => {
    const net = new nn.Linear(2, 1);
    scope(() => net.call(ones(1, 2)).sum().backward());
    net.zeroGrad(false);
    expect(net.weight.grad!.tolist()).toEqual([[0, 0]]);
    net.zeroGrad();
    expect(net.weight.grad).toBeNull();
  });

  it('casts parameters in place, so that others still refer to them', () => {
    const net = new nn.Linear(2, 1);
    const { weight } = net;
    const values = weight.tolist();
    net.double();
    expect(net.weight).toBe(weight);
    expect(weight.dtype).toBe('float64');
    expect(weight.requiresGrad).toBe(true);
    expect(weight.tolist()).toEqual(values);
    scope(() => net.call(ones(1, 2, { dtype: 'float64' })).sum().backward());
    expect(weight.grad!.dtype).toBe('float64');
    const gradient = weight.grad!.tolist();
    net.float();
    expect([weight.grad!.dtype, weight.grad!.tolist()]).toEqual(['float32', gradient]);
  });
});

describe('state dicts', () => {
  it('hold parameters and persistent buffers by path and share their memory', () => {
    const net = new nn.Linear(2, 1);
    net.registerBuffer('steps', zeros(1));
    net.registerBuffer('scratch', zeros(1), false);
    const state = net.stateDict();
    expect(Object.keys(state)).toEqual(['weight', 'bias', 'steps']);
    state['weight']!.fill_(7);
    expect(net.weight.tolist()).toEqual([[7, 7]]);
    expect(state['weight']!.requiresGrad).toBe(false);
  });

  it('carry a network over to another', () => {
    const from = new Net();
    const to = new Net();
    expect(to.loadStateDict(from.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(to.hidden.weight.tolist()).toEqual(from.hidden.weight.tolist());
  });

  it('are checked before anything is copied', () => {
    const net = new nn.Linear(2, 1);
    const before = net.weight.tolist();
    expect(() => net.loadStateDict({ weight: ones(1, 2), other: ones(1) })).toThrow(/missing keys: bias; unexpected keys: other/);
    expect(() => net.loadStateDict({ weight: ones(1, 2), bias: ones(3) })).toThrow(ShapeError);
    expect(() => net.loadStateDict({ weight: ones(1, 2), bias: ones(3) })).toThrow(/bias has shape \[3\] in the state dict and \[1\]/);
    expect(net.weight.tolist()).toEqual(before);
    expect(net.loadStateDict({ weight: ones(1, 2) }, false)).toEqual({ missingKeys: ['bias'], unexpectedKeys: [] });
    expect(net.weight.tolist()).toEqual([[1, 1]]);
  });
});

describe('hooks', () => {
  it('see and replace arguments and outputs, until they are removed', () => {
    const net = new nn.Identity();
    const pre = net.registerForwardPreHook((_, [x]) => [(x as Tensor).add(1)]);
    const post = net.registerForwardHook((_, __, out) => (out as Tensor).mul(10));
    expect(net.call(tensor([1])).tolist()).toEqual([20]);
    pre.remove();
    expect(net.call(tensor([1])).tolist()).toEqual([10]);
    post.remove();
    expect(net.call(tensor([1])).tolist()).toEqual([1]);
  });

  it('see the gradients at both sides of a module, not those that flow around it', () => {
    const net = new nn.Tanh();
    const seen: unknown[] = [];
    net.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen.push(gradInput[0]!.tolist(), gradOutput[0]!.tolist());
    });
    const x = tensor([0], { requiresGrad: true });
    net.call(x).mul(3).add(x.mul(100)).sum().backward();
    expect(seen).toEqual([[3], [3]]);
    expect(x.grad!.tolist()).toEqual([103]);
  });

  it('replace the gradient of a single argument', () => {
    const net = new nn.Tanh();
    net.registerFullBackwardHook((_, [g]) => [g!.mul(5)]);
    const x = tensor([0], { requiresGrad: true });
    net.call(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([5]);
  });
});

describe('Parameter', () => {
  it('prints as PyTorch does', () => {
    expect(String(new nn.Parameter(tensor([1, 2])))).toBe('Parameter containing:\ntensor([1., 2.], requiresGrad=true)');
  });

  it('survives the scope it is made in', () => {
    const made: nn.Linear[] = [];
    scope(() => {
      made.push(new nn.Linear(2, 2));
    });
    expect(made[0]!.weight.isDisposed).toBe(false);
  });

  it('shares the values of its data without the history', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const p = new nn.Parameter(x.mul(2));
    expect(p.isLeaf).toBe(true);
    expect(p.tolist()).toEqual([2, 4]);
  });
});

describe('containers', () => {
  it('a ModuleList gives its modules to the one it belongs to', () => {
    class Deep extends nn.Module {
      layers = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2)]);
      override forward(x: Tensor): Tensor {
        let out = x;
        for (const layer of this.layers) out = layer.call(out);
        return out;
      }
    }
    const net = new Deep();
    expect(net.namedParameters().map(([name]) => name)).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']);
    expect(net.layers.at(-1)).toBe(net.layers.children()[1]);
    expect(net.call(ones(1, 2)).shape).toEqual([1, 2]);
    expect(() => net.layers.at(2)).toThrow(/out of range/);
  });
});

describe('layers', () => {
  it('take arguments by position, by name, and refuse unknown ones', () => {
    expect(new nn.Linear(2, 3, false).bias).toBeNull();
    expect(new nn.Linear(2, 3, { bias: false, dtype: 'float64' }).weight.dtype).toBe('float64');
    expect(() => new nn.Linear(2, 3, { biass: false } as never)).toThrow(/Linear: there is no argument named biass/);
    expect(() => new nn.Linear(2.5, 3)).toThrow(UsageError);
  });

  it('dropout scales what it keeps in training and does nothing in evaluation', () => {
    const layer = new nn.Dropout(0.5);
    const values = layer.call(ones(1000)).tolist() as number[];
    expect(new Set(values)).toEqual(new Set([0, 2]));
    const x = ones(3);
    expect(layer.eval().call(x)).toBe(x);
  });

  it('losses are the functions of the same name', () => {
    const x = tensor([[1, 2, 3]]);
    const target = tensor([0n]);
    const weight = tensor([1, 2, 3]);
    expect(new nn.CrossEntropyLoss().call(x, target).item()).toBeCloseTo(Math.log(1 + Math.E + Math.E ** 2), 5);
    expect(new nn.CrossEntropyLoss({ weight, reduction: 'sum' }).stateDict()['weight']!.tolist()).toEqual([1, 2, 3]);
    expect(new nn.MSELoss({ reduction: 'sum' }).call(x, x.add(2)).item()).toBe(12);
    expect(new nn.NLLLoss().call(x, target).item()).toBe(-1);
    expect(() => new nn.MSELoss({ reduction: 'max' as never })).toThrow(/reduction must be/);
  });
});

describe('gradient clipping', () => {
  it('scales gradients to the norm and returns what it was', () => {
    const a = tensor([3, 4], { requiresGrad: true });
    a.grad = tensor([3, 4]);
    expect(nn.utils.clipGradNorm_([a], 1).item()).toBe(5);
    (a.grad.tolist() as number[]).forEach((v, i) => expect(v).toBeCloseTo([0.6, 0.8][i]!, 6));
  });

  it('leaves gradients within the norm and those of other norms alone', () => {
    const a = tensor([3, -4], { requiresGrad: true });
    a.grad = tensor([3, -4]);
    expect(nn.utils.clipGradNorm_([a], 10, Infinity).item()).toBe(4);
    expect(a.grad.tolist()).toEqual([3, -4]);
  });

  it('clamps every element', () => {
    const a = tensor([3, 4], { requiresGrad: true });
    a.grad = tensor([3, -4]);
    nn.utils.clipGradValue_([a], 2);
    expect(a.grad.tolist()).toEqual([2, -2]);
  });

  it('refuses infinite norms where asked, and changes nothing', () => {
    const a = tensor([3], { requiresGrad: true });
    a.grad = tensor([Infinity]);
    expect(() => nn.utils.clipGradNorm_(a, 1, 2, true)).toThrow(/norm of the gradients is Infinity/);
    expect(a.grad.tolist()).toEqual([Infinity]);
  });
});

describe('LayerNorm', () => {
  it('gives rows of mean 0 and variance 1, then scaled and shifted, and prints as PyTorch does', () => {
    const norm = new nn.LayerNorm(4);
    const y = norm.call(tensor([[1, 2, 3, 4], [0, 0, 0, 8]])); // prettier-ignore
    const rows = y.tolist() as number[][];
    for (const row of rows) {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(0, 5);
      expect(row.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 4);
    }
    expect(String(norm)).toBe('LayerNorm([4], eps=0.00001, elementwiseAffine=true, bias=true)');
    expect(new nn.LayerNorm([2, 3], { bias: false }).namedParameters().map(([name]) => name)).toEqual(['weight']);
    expect(new nn.LayerNorm(3, 1e-6, false).parameters()).toEqual([]);
    expect(() => new nn.LayerNorm([])).toThrow(UsageError);
    expect(() => norm.call(ones(2, 3))).toThrow(ShapeError);
  });
});

describe('Embedding', () => {
  it('gives rows, with gradients that leave the padding row alone', () => {
    const table = new nn.Embedding(4, 2, { paddingIdx: -1 });
    expect((table.weight.tolist() as number[][])[3]).toEqual([0, 0]);
    expect(String(table)).toBe('Embedding(4, 2, paddingIdx=3)');
    const y = table.call(tensor([[1n, 3n], [1n, 0n]])); // prettier-ignore
    expect(y.shape).toEqual([2, 2, 2]);
    y.sum().backward();
    expect(table.weight.grad!.tolist()).toEqual([[1, 1], [2, 2], [0, 0], [0, 0]]); // prettier-ignore
  });

  it('divides gradients by how often a row occurs, where that is asked for', () => {
    const table = new nn.Embedding(3, 1, { scaleGradByFreq: true });
    table.call(tensor([0n, 0n, 2n])).mul(tensor([[1], [3], [5]])).sum().backward(); // prettier-ignore
    expect(table.weight.grad!.tolist()).toEqual([[2], [0], [5]]);
  });

  it('refuses what it does not do', () => {
    expect(() => new nn.Embedding(3, 2, { maxNorm: 1 })).toThrow(/maxNorm/);
    expect(() => new nn.Embedding(3, 2, 3)).toThrow(/paddingIdx must be within the 3 rows/);
  });
});

describe('GELU', () => {
  it('is computed in one of two ways', () => {
    const x = tensor([-1, 0, 2]);
    expect((new nn.GELU().call(x).tolist() as number[])[2]).toBeCloseTo(1.9545, 4);
    expect((new nn.GELU('tanh').call(x).tolist() as number[])[2]).toBeCloseTo(1.9546, 4);
    expect(String(new nn.GELU('tanh'))).toBe("GELU(approximate='tanh')");
    expect(() => new nn.GELU('relu' as 'tanh')).toThrow(UsageError);
  });
});
