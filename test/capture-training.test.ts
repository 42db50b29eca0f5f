// Whole training steps as records: what replays leave behind has every bit of the steps themselves.
import { Tensor, UsageError, autograd, capture, manualSeed, nn, noGrad, optim, tensor, zeros } from 'adjoint';
import { beforeAll, describe, expect, it, test } from 'vitest';

const F = nn.functional;

/** Numbers between -1 and 1 that use up no generator. */
function data(shape: readonly number[], seed: number): Tensor {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return tensor(values).reshape(...shape);
}

/** Classes below `n`. */
const classes = (count: number, n: number, seed: number): Tensor => data([count], seed).add(1).mul(n / 2).floor().clamp(0, n - 1).to('int64');

interface Task {
  readonly model: nn.Module;
  /** What a step is given, another each time. */
  readonly batch: (i: number) => Tensor[];
  readonly loss: (...batch: Tensor[]) => Tensor;
}

class LeNet extends nn.Module {
  readonly conv1 = new nn.Conv2d(1, 3, 3, { padding: 1 });
  readonly conv2 = new nn.Conv2d(3, 4, 3);
  readonly fc1 = new nn.Linear(16, 8);
  readonly fc2 = new nn.Linear(8, 4);
  override forward(x: Tensor): Tensor {
    const a = F.maxPool2d(this.conv1.call(x).relu(), 2);
    const b = F.maxPool2d(this.conv2.call(a).tanh(), 2);
    return this.fc2.call(this.fc1.call(b.flatten(1)).relu());
  }
}

class Lstm extends nn.Module {
  readonly lstm = new nn.LSTM(3, 5, { batchFirst: true });
  readonly out = new nn.Linear(5, 2);
  override forward(x: Tensor): Tensor {
    const [y] = this.lstm.call(x);
    return this.out.call(y.select(1, -1));
  }
}

const tasks: Record<string, () => Task> = {
  'an MLP': () => {
    const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 16), new nn.ReLU(), new nn.Linear(16, 1));
    return { model, batch: (i) => [data([8, 2], i), data([8, 1], i + 100)], loss: (x, y) => F.mseLoss(model.call(x), y) };
  },
  LeNet: () => {
    const model = new LeNet();
    return { model, batch: (i) => [data([3, 1, 12, 12], i), classes(3, 4, i)], loss: (x, y) => F.crossEntropy(model.call(x), y) };
  },
  'a transformer of two layers': () => {
    const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0.1, batchFirst: true });
    const model = new nn.Sequential(new nn.Embedding(7, 8), new nn.TransformerEncoder(layer, 2), new nn.Linear(8, 7));
    return {
      model,
      batch: (i) => [classes(10, 7, i).reshape(2, 5), classes(10, 7, i + 100)],
      loss: (x, y) => F.crossEntropy(model.call(x).reshape(10, 7), y),
    };
  },
  'an LSTM': () => {
    const model = new Lstm();
    return { model, batch: (i) => [data([2, 4, 3], i), data([2, 2], i + 100)], loss: (x, y) => F.mseLoss(model.call(x), y) };
  },
  'an MLP with batch norm and dropout': () => {
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.GELU(), new nn.Dropout(0.3), new nn.LayerNorm(8), new nn.Linear(8, 3));
    return { model, batch: (i) => [data([6, 4], i), classes(6, 3, i)], loss: (x, y) => F.crossEntropy(model.call(x), y) };
  },
};

const optimizers: Record<string, (params: nn.Parameter[]) => optim.Optimizer> = {
  'SGD with momentum': (params) => new optim.SGD(params, { lr: 0.05, momentum: 0.9 }),
  Adam: (params) => new optim.Adam(params, { lr: 0.01 }),
};

/** The bits of tensors. */
const bits = (tensors: Iterable<Tensor>): number[][] =>
  [...tensors].map((t) => {
    const values = t.toTypedArray();
    return Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  });

const stateOf = (optimizer: optim.Optimizer): unknown[] =>
  [...optimizer.state.values()].flatMap((state) => Object.entries(state).map(([name, v]) => [name, v instanceof Tensor ? bits([v]) : v]));

/** Losses after the first, and what training left. */
function trained(make: () => Task, makeOptimizer: (params: nn.Parameter[]) => optim.Optimizer, how: 'eager' | 'captured', steps: number, clip: boolean): unknown {
  manualSeed(0);
  const { model, batch, loss: lossOf } = make();
  const optimizer = makeOptimizer(model.parameters());
  const step = (...given: Tensor[]): Tensor => {
    optimizer.zeroGrad();
    const loss = lossOf(...given);
    loss.backward();
    if (clip) nn.utils.clipGradNorm_(model.parameters(), 0.5);
    optimizer.step();
    return loss;
  };
  manualSeed(1);
  const losses: number[][] = [];
  let next = step;
  if (how === 'captured') {
    const f = capture(step, ...batch(0));
    expect(f.record.constants.filter(({ number, name }) => number === undefined && name === undefined)).toEqual([]);
    next = (...given) => f.run(...given);
  } else step(...batch(0));
  for (let i = 1; i <= steps; i++) losses.push(...bits([next(...batch(i))]));
  return { losses, parameters: bits(model.parameters()), buffers: bits(model.buffers()), gradients: bits(model.parameters().map((p) => p.grad!)), state: stateOf(optimizer) };
}

describe('50 replays have the bits of 50 steps', () => {
  for (const [task, make] of Object.entries(tasks)) {
    for (const [name, makeOptimizer] of Object.entries(optimizers)) {
      for (const clip of [false, true]) {
        it(`${task}, ${name}${clip ? ', clipped gradients' : ''}`, () => {
          expect(trained(make, makeOptimizer, 'captured', 50, clip)).toEqual(trained(make, makeOptimizer, 'eager', 50, clip));
        });
      }
    }
  }

  const others: Record<string, (params: nn.Parameter[]) => optim.Optimizer> = {
    AdamW: (params) => new optim.AdamW(params, { lr: 0.01, amsgrad: true }),
    NAdam: (params) => new optim.NAdam(params),
    RAdam: (params) => new optim.RAdam(params),
    ASGD: (params) => new optim.ASGD(params),
    RMSprop: (params) => new optim.RMSprop(params, { momentum: 0.5, centered: true }),
    Rprop: (params) => new optim.Rprop(params),
    Adagrad: (params) => new optim.Adagrad(params),
    Adamax: (params) => new optim.Adamax(params),
    Adadelta: (params) => new optim.Adadelta(params),
    'plain SGD': (params) => new optim.SGD(params, { lr: 0.1, weightDecay: 0.01 }),
  };
  for (const [name, makeOptimizer] of Object.entries(others)) {
    it(`an MLP, ${name}, whose numbers are those of each step`, () => {
      const make = tasks['an MLP']!;
      expect(trained(make, makeOptimizer, 'captured', 12, false)).toEqual(trained(make, makeOptimizer, 'eager', 12, false));
    });
  }
});

test('gradients that are not set to null add up over replays, as over steps', () => {
  const trace = (how: 'eager' | 'captured'): unknown => {
    const w = tensor([0.5, -1], { requiresGrad: true });
    const step = (x: Tensor): Tensor => {
      const loss = w.mul(x).sin().sum();
      loss.backward();
      noGrad(() => w.sub_(w.grad!.mul(0.1)));
      return loss;
    };
    const next = how === 'eager' ? step : ((f) => (x: Tensor) => f.run(x))(capture(step, tensor([0, 0])));
    if (how === 'eager') step(tensor([0, 0]));
    return [1, 2, 3, 4].map((i) => [next(tensor([i, -i])).item(), w.tolist(), w.grad!.tolist()]);
  };
  expect(trace('captured')).toEqual(trace('eager'));
});

test('a physics-informed step, with gradients of gradients', () => {
  const trace = (how: 'eager' | 'captured'): unknown => {
    manualSeed(3);
    const net = new nn.Sequential(new nn.Linear(1, 12), new nn.Tanh(), new nn.Linear(12, 1));
    const adam = new optim.Adam(net.parameters(), { lr: 0.01 });
    const step = (x: Tensor): Tensor => {
      adam.zeroGrad();
      const u = net.call(x);
      const [du] = autograd.grad(u.sum(), [x], { createGraph: true });
      const [d2u] = autograd.grad(du.sum(), [x], { createGraph: true });
      const loss = d2u.add(u).square().mean();
      loss.backward();
      adam.step();
      return loss;
    };
    const batch = (i: number): Tensor => data([6, 1], i).requiresGrad_();
    const next = how === 'eager' ? step : ((f) => (x: Tensor) => f.run(x))(capture(step, batch(0)));
    if (how === 'eager') step(batch(0));
    const losses = Array.from({ length: 50 }, (_, i) => next(batch(i + 1)).item());
    return [losses, bits(net.parameters()), stateOf(adam)];
  };
  expect(trace('captured')).toEqual(trace('eager'));
});

test('two networks with an optimizer each, one against the other', () => {
  const trace = (how: 'eager' | 'captured'): unknown => {
    manualSeed(5);
    const generator = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2));
    const judge = new nn.Sequential(new nn.Linear(2, 8), new nn.LeakyReLU(0.2), new nn.Linear(8, 1));
    const [g, d] = [new optim.Adam(generator.parameters(), { lr: 0.01 }), new optim.RMSprop(judge.parameters(), { lr: 0.01 })];
    const step = (noise: Tensor, real: Tensor): Tensor[] => {
      const made = generator.call(noise);
      d.zeroGrad();
      const wrong = F.softplus(judge.call(made.detach())).mean().add(F.softplus(judge.call(real).neg()).mean());
      wrong.backward();
      d.step();
      g.zeroGrad();
      const seen = F.softplus(judge.call(made).neg()).mean();
      seen.backward();
      g.step();
      return [wrong.detach(), seen];
    };
    const batch = (i: number): [Tensor, Tensor] => [data([4, 2], i), data([4, 2], i + 50)];
    const next = how === 'eager' ? step : ((f) => (...given: [Tensor, Tensor]) => f.runAll(...given))(capture(step, ...batch(0)));
    if (how === 'eager') step(...batch(0));
    const losses = Array.from({ length: 20 }, (_, i) => bits(next(...batch(i + 1))));
    return [losses, bits(generator.parameters()), bits(judge.parameters()), bits(judge.parameters().map((p) => p.grad!)), stateOf(g), stateOf(d)];
  };
  expect(trace('captured')).toEqual(trace('eager'));
});

describe('a captured step', () => {
  let model: nn.Linear;
  let adam: optim.Adam;
  const step = (x: Tensor): Tensor => {
    adam.zeroGrad();
    const loss = model.call(x).square().sum();
    loss.backward();
    adam.step();
    return loss;
  };
  beforeAll(() => {
    manualSeed(0);
    model = new nn.Linear(2, 1);
    adam = new optim.Adam(model.parameters(), { lr: 0.1 });
  });

  it('counts steps, takes the learning rate of the time, and may take turns with steps', () => {
    const x = tensor([[1, 2]]);
    const f = capture(step, x);
    expect(adam.state.get(model.weight)!['step']).toBe(1);
    f.run(x);
    step(x);
    expect(adam.state.get(model.weight)!['step']).toBe(3);
    const before = model.weight.tolist();
    adam.paramGroups[0]!.lr = 0;
    f.run(x);
    expect(model.weight.tolist()).toEqual(before);
    adam.paramGroups[0]!.lr = 0.1;
    expect(adam.state.get(model.weight)!['step']).toBe(4);
  });

  it('reads as a program with names', () => {
    const text = String(capture(step, tensor([[1, 2]])));
    for (const part of ['weight: float32[1, 2] = constant', 'weight.expAvg: float32[1, 2] = constant', 'setGrad(weight)', 'sumBackward(', 'accumulateGrad(weight, ', '_fusedAdam_(weight, bias, ']) {
      expect(text).toContain(part);
    }
  });

  it('refuses inputs of another shape, dtype or need of gradients, naming the argument, and counts no step', () => {
    const f = capture(step, tensor([[1, 2]]));
    const count = adam.state.get(model.weight)!['step'];
    expect(() => f.run(tensor([[1, 2], [3, 4]]))).toThrow(/input 0 is float32 \[2, 2\] and was float32 \[1, 2\]/);
    expect(() => f.run(tensor([[1, 2]], { dtype: 'float64' }))).toThrow(/input 0 is float64/);
    expect(() => f.run(tensor([[1, 2]], { requiresGrad: true }))).toThrow(/input 0 has requiresGrad true/);
    expect(adam.state.get(model.weight)!['step']).toBe(count);
  });

  it('refuses a state that was replaced', () => {
    const f = capture(step, tensor([[1, 2]]));
    adam.state.get(model.weight)!['expAvg'] = zeros([1, 2]);
    expect(() => f.run(tensor([[1, 2]]))).toThrow(/what it remembers of them, were replaced since the capture/);
  });

  it('refuses a hook on a gradient, a graph from before, and an optimizer that reads values', () => {
    const x = tensor([[1, 2]]);
    const hook = model.weight.registerHook((g) => g.mul(2));
    expect(() => capture(step, x)).toThrow(/^backward: cannot be captured: a replay would not run the hook/);
    hook.remove();
    const before = model.call(x).sum();
    expect(() => capture((t) => { before.backward(); return t.mul(2); }, x)).toThrow(/backward: cannot be captured: .*recorded before the capture/);
    const lbfgs = new optim.LBFGS(model.parameters());
    expect(() => capture(() => lbfgs.step(() => step(x)), x)).toThrow(UsageError);
  });
});
