// Records in functional form: interpreted by the library's own public functions they are the steps that they were captured of.
import { cat, capture, manualSeed, nn, noGrad, ones, optim, tensor, where, zeros, type Tensor } from '../ts/entry/node';
import { describe, expect, it, test } from 'vitest';
import { OP_NAMES } from '../ts/graph/targets/webgpu/plan';
import { lowered, type LoweredCall, type LoweredRecord } from '../ts/graph/lowered';

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

type Method = (this: Tensor, ...args: unknown[]) => Tensor;

/** One call of a record by what is public. */
function call({ op, inputs, attributes }: LoweredCall, held: readonly Tensor[]): readonly Tensor[] {
  const given = inputs.map((value) => held[value!]!);
  const [x, y, z] = given as [Tensor, Tensor, Tensor];
  const list = (name: string): number[] => attributes[name] as number[];
  switch (op) {
    case 'where': return [where(x, y, z)];
    case 'cat': return [cat(given, attributes['dim'] as number)];
    case 'slice': return [x.index(...Array.from({ length: attributes['dim'] as number }, () => ({})), { start: attributes['start'], stop: attributes['end'], step: attributes['step'] } as { start: number })];
    case 'indexSelect': return [x.indexSelect(attributes['dim'] as number, y)];
    case 'indexAdd': return [x.indexAdd(attributes['dim'] as number, y, z)];
    case 'scatterAdd': return [x.scatterAdd(attributes['dim'] as number, y, z)];
    case 'conv2d': return [F.conv2d(x, y, { ...attributes } as object)];
    case 'convTranspose2d': return [F.convTranspose2d(x, y, { ...attributes } as object)];
    case 'maxPool2d': return [...(F.maxPool2d(x, { ...attributes } as never) as unknown as Iterable<Tensor>)];
    case 'indexCopy': return [x.indexCopy(attributes['dim'] as number, y, z)];
    case 'to': return [x.to(attributes['dtype'] as 'float32')];
    case 'reshape': return [x.reshape(list('shape'))];
    case 'permute': return [x.permute(...list('dims'))];
    case 'expand': return [x.expand(...list('size'))];
    default: {
      const method = (x as unknown as Record<string, Method | undefined>)[op];
      if (method === undefined) throw new Error(`${op} is not public`);
      const options = Object.keys(attributes).length === 0 ? [] : [{ ...attributes }];
      return [method.call(x, ...given.slice(1), ...options)];
    }
  }
}

/** Runs records step after step, holding what constants are. */
class Interpreter {
  readonly #record: LoweredRecord;
  readonly state = new Map<number, Tensor>();

  constructor(program: Parameters<typeof lowered>[0]) {
    const form = lowered(program);
    const { record } = form;
    this.#record = record;
    for (const { value, number, elements } of record.constants) {
      const { dtype, shape } = record.values[value]!;
      const held = form.constant(value);
      if (held !== null) this.state.set(value, held.detach().clone());
      else if (number !== undefined) this.state.set(value, ones([...shape]).mul(number).to(dtype));
      else this.state.set(value, tensor([...elements!]).to(dtype).reshape(...shape));
    }
    form.dispose();
  }

  get record(): LoweredRecord {
    return this.#record;
  }

  run(...inputs: Tensor[]): Tensor[] {
    return noGrad(() => {
      const { values, calls, outputs, updates, inputs: places } = this.#record;
      const held: Tensor[] = [];
      places.forEach((value, i) => { held[value] = inputs[i]!; });
      for (const [value, t] of this.state) held[value] = t;
      for (const one of calls) {
        const made = call(one, held);
        one.outputs.forEach((value, i) => {
          const { dtype, shape } = values[value]!;
          expect([one.op, made[i]!.dtype, ...made[i]!.shape]).toEqual([one.op, dtype, ...shape]);
          held[value] = made[i]!;
        });
      }
      const next = updates.map(({ constant, value }) => [constant, held[value]!] as const);
      for (const [constant, t] of next) this.state.set(constant, t);
      return outputs.map((value) => held[value]!);
    });
  }

  /** What the constant of this name holds. */
  named(name: string): Tensor {
    return this.state.get(this.#record.constants.find((constant) => constant.name === name)!.value)!;
  }
}

function near(a: Tensor, b: Tensor, what: string, tolerance = 2e-6): void {
  const [x, y] = [a, b].map((t) => Array.from(t.detach().to('float64').flatten().toTypedArray() as Float64Array)) as [number[], number[]];
  const worst = Math.max(0, ...x.map((v, i) => Math.abs(v - y[i]!) / Math.max(1, Math.abs(y[i]!))));
  expect(worst, what).toBeLessThan(tolerance);
}

class LeNet extends nn.Module {
  readonly conv1 = new nn.Conv2d(1, 3, 3, { padding: 1 });
  readonly conv2 = new nn.Conv2d(3, 4, 3, { stride: 2, bias: false });
  readonly fc1 = new nn.Linear(4, 8);
  readonly fc2 = new nn.Linear(8, 4);
  override forward(x: Tensor): Tensor {
    const a = F.maxPool2d(this.conv1.call(x).relu(), 2);
    const b = F.maxPool2d(this.conv2.call(a).tanh(), 2);
    return this.fc2.call(this.fc1.call(b.flatten(1)).relu());
  }
}

class Recurrent extends nn.Module {
  readonly lstm = new nn.LSTM(3, 5, { batchFirst: true });
  readonly out = new nn.Linear(5, 2);
  override forward(x: Tensor): Tensor {
    const [y] = this.lstm.call(x);
    return this.out.call(y.select(1, -1));
  }
}

interface Task {
  readonly model: nn.Module;
  readonly batch: (i: number) => Tensor[];
  readonly loss: (...batch: Tensor[]) => Tensor;
}

const tasks: Record<string, () => Task> = {
  'an MLP': () => {
    const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 16), new nn.ReLU(), new nn.Linear(16, 1));
    return { model, batch: (i) => [data([8, 2], i), data([8, 1], i + 100)], loss: (x, y) => F.mseLoss(model.call(x), y) };
  },
  'an MLP with batch norm and other activations': () => {
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.GELU(), new nn.Linear(8, 8), new nn.SiLU(), new nn.LayerNorm(8), new nn.Linear(8, 3), new nn.LeakyReLU(0.1));
    return { model, batch: (i) => [data([6, 4], i), classes(6, 3, i)], loss: (x, y) => F.crossEntropy(model.call(x), y, { labelSmoothing: 0.1 }) };
  },
  LeNet: () => {
    const model = new LeNet();
    return { model, batch: (i) => [data([3, 1, 12, 12], i), classes(3, 4, i)], loss: (x, y) => F.crossEntropy(model.call(x), y) };
  },
  'a transformer of two layers': () => {
    const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0, batchFirst: true });
    const model = new nn.Sequential(new nn.Embedding(7, 8), new nn.TransformerEncoder(layer, 2), new nn.Linear(8, 7));
    return {
      model,
      batch: (i) => [classes(10, 7, i).reshape(2, 5), classes(10, 7, i + 100)],
      loss: (x, y) => F.crossEntropy(model.call(x).reshape(10, 7), y),
    };
  },
  'an LSTM': () => {
    const model = new Recurrent();
    return { model, batch: (i) => [data([2, 4, 3], i), data([2, 2], i + 100)], loss: (x, y) => F.mseLoss(model.call(x), y) };
  },
};

const optimizers: Record<string, (params: nn.Parameter[]) => optim.Optimizer> = {
  'SGD with momentum': (params) => new optim.SGD(params, { lr: 0.05, momentum: 0.9, weightDecay: 0.01 }),
  // Some gradients are 0 but for rounding, such as that of a bias before batch norm or of the keys; a step of Adam with a small eps
  // makes steps of the size of lr of these.
  Adam: (params) => new optim.Adam(params, { lr: 0.01, eps: 1e-4 }),
};

describe('a record in functional form has the steps', () => {
  for (const [task, make] of Object.entries(tasks)) {
    for (const [name, makeOptimizer] of Object.entries(optimizers)) {
      it(`${task}, ${name}`, () => {
        manualSeed(0);
        const { model, batch, loss: lossOf } = make();
        const optimizer = makeOptimizer(model.parameters());
        const program = capture((...given: Tensor[]) => {
          optimizer.zeroGrad();
          const loss = lossOf(...given);
          loss.backward();
          optimizer.step();
          return loss;
        }, ...batch(0));
        const interpreter = new Interpreter(program);
        const { record } = interpreter;
        expect(record.calls.filter(({ op }) => op.startsWith('_')).map(({ op }) => op)).toEqual([]);
        for (let i = 1; i <= 6; i++) {
          near(interpreter.run(...batch(i))[0]!, program.run(...batch(i)), `loss ${i}`);
          for (const [key, t] of [...model.namedParameters(), ...model.namedBuffers()]) {
            const held = record.constants.some((constant) => constant.name === key);
            if (held) near(interpreter.named(key), t, `${key} after step ${i}`, 2e-5);
          }
        }
        if (name === 'Adam') expect(interpreter.named('step').item()).toBe(8);
        expect(interpreter.named('lr').item()).toBeCloseTo(name === 'Adam' ? 0.01 : 0.05, 7);
      });
    }
  }
});

test('gradients that add up are constants with updates', () => {
  const w = tensor([0.5, -1], { requiresGrad: true });
  const step = (x: Tensor): Tensor => {
    const loss = w.mul(x).square().sum();
    loss.backward();
    return loss;
  };
  const program = capture(step, tensor([1, 2]));
  const interpreter = new Interpreter(program);
  for (const x of [tensor([3, 4]), tensor([-1, 2])]) {
    interpreter.run(x);
    program.run(x);
  }
  expect(interpreter.record.updates.length).toBe(1);
  near(interpreter.state.get(interpreter.record.updates[0]!.constant)!, w.grad!, 'gradient');
});

test('writes through views are new values', () => {
  const buffer = zeros([3, 4]);
  const step = (x: Tensor): Tensor => {
    buffer.select(1, 2).add_(x);
    buffer.t().select(0, 0).mul_(2);
    const view = buffer.index({ start: 0, stop: 3, step: 2 });
    buffer.add_(1);
    return view.sum();
  };
  const program = capture(step, tensor([1, 2, 3]));
  const interpreter = new Interpreter(program);
  for (const x of [tensor([3, 4, 5]), tensor([-1, 2, 0.5])]) near(interpreter.run(x)[0]!, program.run(x), 'sum');
  expect(interpreter.record.updates.length).toBe(1);
  near(interpreter.state.get(interpreter.record.updates[0]!.constant)!, buffer, 'buffer');
});

test('an exponent decides what a derivative is', () => {
  const leaf = tensor([1, 2], { requiresGrad: true });
  const gradient = capture((x: Tensor) => {
    leaf.grad = null;
    leaf.mul(x).pow(3).sum().backward();
    return leaf.grad!.clone();
  }, tensor([1, 1]));
  near(new Interpreter(gradient).run(tensor([2, 1]))[0]!, tensor([24, 12]), 'gradient');
});

/** What is taken apart wholly, so that each target has it: a function and what is said of it. */
const apart: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ['softplus', (x) => F.softplus(x)], ['softplus, steep', (x) => F.softplus(x, 3, 2)], ['logsigmoid', (x) => F.logsigmoid(x)], ['mish', (x) => F.mish(x)],
  ['elu', (x) => F.elu(x, 0.7)], ['celu', (x) => F.celu(x, 1.7)], ['selu', (x) => F.selu(x)], ['hardtanh', (x) => F.hardtanh(x, -0.5, 1.5)],
  ['relu6', (x) => F.relu6(x)], ['hardsigmoid', (x) => F.hardsigmoid(x)], ['hardswish', (x) => F.hardswish(x)], ['softsign', (x) => F.softsign(x)],
  ['tanhshrink', (x) => F.tanhshrink(x)], ['silu', (x) => F.silu(x)], ['gelu', (x) => F.gelu(x)], ['leakyRelu', (x) => F.leakyRelu(x, 0.2)],
  ['exp2', (x) => x.exp2()], ['log2', (x) => x.abs().add(1).log2()], ['log10', (x) => x.abs().add(1).log10()],
  ['logsumexp', (x) => x.logsumexp(1)], ['logsumexp of both', (x) => x.logsumexp([0, 1], true)],
  ['norm', (x) => x.norm()], ['norm of rows', (x) => x.norm(2, 1)], ['norm of order 1', (x) => x.norm(1, [0], true)], ['norm of order ∞', (x) => x.norm(Infinity, 1)],
  ['normalize', (x) => F.normalize(x, { dim: 1 })], ['cosineSimilarity', (x) => F.cosineSimilarity(x, x.mul(x).add(1), 1)],
  ['var', (x) => x.var(1)], ['std', (x) => x.std()],
];

describe('is of ops that targets have, alone', () => {
  test.each(apart)('%s', (what, f) => {
    const x = data([3, 4], 5).mul(4);
    const interpreter = new Interpreter(capture((t: Tensor) => f(t), x));
    near(interpreter.run(x)[0]!, f(x), what);
    expect(interpreter.record.calls.map(({ op }) => op).filter((op) => !OP_NAMES.includes(op))).toEqual([]);
  });

  test.each(apart)('the derivative of %s', (what, f) => {
    const leaf = data([3, 4], 6).mul(3).requiresGrad_();
    const step = (t: Tensor): Tensor => {
      leaf.grad = null;
      f(leaf.mul(t)).square().sum().backward();
      return leaf.grad!.clone();
    };
    const x = data([3, 4], 7);
    const interpreter = new Interpreter(capture(step, x));
    near(interpreter.run(x)[0]!, step(x), what, 1e-5);
    expect(interpreter.record.calls.map(({ op }) => op).filter((op) => !OP_NAMES.includes(op))).toEqual([]);
  });
});

test('logsumexp of what is infinite', () => {
  const f = (t: Tensor): Tensor => t.logsumexp(1);
  const x = tensor([[-Infinity, -Infinity], [Infinity, 1], [NaN, 2], [-Infinity, 3]]);
  expect(new Interpreter(capture(f, zeros([4, 2]))).run(x)[0]!.tolist()).toEqual(f(x).tolist());
});

test('an input that is written is refused', () => {
  const program = capture((x: Tensor) => x.add_(1).sum(), tensor([1, 2]));
  expect(() => lowered(program)).toThrow('input 0 is written by the function');
});

test('lowering counts no step', () => {
  const w = new nn.Linear(2, 1);
  const optimizer = new optim.Adam(w.parameters());
  const program = capture((x: Tensor) => {
    optimizer.zeroGrad();
    const loss = w.call(x).sum();
    loss.backward();
    optimizer.step();
    return loss;
  }, ones([1, 2]));
  const steps = (): unknown[] => [...optimizer.state.values()].map((state) => state['step']);
  const before = steps();
  lowered(program).dispose();
  expect(steps()).toEqual(before);
});
