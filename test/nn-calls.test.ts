// Modules, optimizers and schedules called as PyTorch's are, where they were not before.
import { describe, expect, it } from 'vitest';
import { ShapeError, type Tensor, UsageError, manualSeed, nn, ones, optim, randn, tensor, zeros } from 'adjoint';

type Call = (...args: unknown[]) => unknown;

describe('options of methods of a module', () => {
  class Counter extends nn.Module {
    part = new nn.Linear(2, 2);
    constructor() {
      super();
      this.registerBuffer('kept', ones([1]));
      this.registerBuffer('loose', ones([1]), { persistent: false });
    }
  }

  it('are read by name', () => {
    const net = new Counter();
    expect(Object.keys(net.stateDict())).toEqual(['kept', 'part.weight', 'part.bias']);
    expect(Object.keys(net.stateDict({ prefix: 'net.' }))).toEqual(['net.kept', 'net.part.weight', 'net.part.bias']);
    expect(net.stateDict({ keepVars: true })['part.weight']).toBe(net.part.weight);
    expect([net.parameters({ recurse: false }).length, net.parameters().length]).toEqual([0, 2]);
    expect(net.namedParameters({ prefix: 'net' }).map(([name]) => name)).toEqual(['net.part.weight', 'net.part.bias']);
    expect(net.namedBuffers({ recurse: false }).map(([name]) => name)).toEqual(['kept', 'loose']);
    expect(net.namedModules({ prefix: 'net' }).map(([name]) => name)).toEqual(['net', 'net.part']);
    expect(net.train({ mode: false }).part.training).toBe(false);
    expect(net.requiresGrad_({ requiresGrad: false }).part.weight.requiresGrad).toBe(false);
    expect(net.to({ dtype: 'float64' }).part.weight.dtype).toBe('float64');
    expect(net.to('cpu').part.weight.dtype).toBe('float64');
    expect(net.to('cpu', 'float32').part.weight.dtype).toBe('float32');
    expect(net.to(zeros([1], { dtype: 'float64' })).part.weight.dtype).toBe('float64');
  });

  it('set gradients to zero or take them away', () => {
    const net = new nn.Linear(2, 1);
    net.call(ones([1, 2])).sum().backward();
    net.zeroGrad({ setToNone: false });
    expect(net.weight.grad!.tolist()).toEqual([[0, 0]]);
    net.zeroGrad({ setToNone: true });
    expect(net.weight.grad).toBeNull();
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    net.call(ones([1, 2])).sum().backward();
    optimizer.zeroGrad({ setToNone: false });
    expect(net.bias!.grad!.tolist()).toEqual([0]);
  });

  it('of hooks are read by name', () => {
    const order: string[] = [];
    const net = new nn.Identity();
    net.registerForwardHook(() => void order.push('first'));
    net.registerForwardHook({ hook: () => void order.push('before'), prepend: true });
    net.call(ones([1]));
    expect(order).toEqual(['before', 'first']);
    expect(() => net.registerForwardHook(() => undefined, { prepended: true } as never)).toThrow(/there is no argument named prepended; the names are hook, prepend/);
  });
});

describe('a module called with arguments by name', () => {
  it('chooses the output size of a transposed convolution', () => {
    // PyTorch 2.15: ConvTranspose2d(1, 1, 3, stride=2)(zeros(1, 1, 4, 4), output_size=[10, 9]).shape is [1, 1, 10, 9].
    const up = new nn.ConvTranspose2d(1, 1, 3, { stride: 2 });
    const x = randn([1, 1, 4, 4]);
    expect(up.call(x).shape).toEqual([1, 1, 9, 9]);
    expect(up.call(x, { outputSize: [10, 9] }).shape).toEqual([1, 1, 10, 9]);
    expect(up.call(x, [10, 10]).shape).toEqual([1, 1, 10, 10]);
    expect(up.call({ input: x, outputSize: [1, 1, 9, 10] }).shape).toEqual([1, 1, 9, 10]);
    expect(up.call(x, { outputSize: [9, 9] }).tolist()).toEqual(up.call(x).tolist());
    expect(() => up.call(x, { outputSize: [11, 9] })).toThrow(ShapeError);
    expect(() => up.call(x, { outputSize: [11, 9] })).toThrow(/requested an output size of \[11, 9\], but valid sizes range from \[9, 9\] to \[10, 10\]/);
    expect(() => up.call(x, { outputSize: [9] })).toThrow(/outputSize must have 2 or 4 elements, got 1/);
    expect(() => up.call(x, { output_size: [10, 9] } as never)).toThrow(/ConvTranspose2d: there is no argument named output_size; the names are input, outputSize/);
    const line = new nn.ConvTranspose1d({ inChannels: 1, outChannels: 1, kernelSize: 3, stride: 2 });
    expect(line.call(randn([1, 4]), { outputSize: [10] }).shape).toEqual([1, 10]);
    expect(line.call(randn([1, 1, 4]), { outputSize: 10 }).shape).toEqual([1, 1, 10]);
  });

  it('is refused what it does not take', () => {
    const net = new nn.Linear(2, 1);
    expect(() => (net.call as Call).call(net, ones([1, 2]), { training: true })).toThrow(/Linear: there is no argument named training; the names are input/);
    expect(() => (net.call as Call).call(net, ones([1, 2]), 1)).toThrow(UsageError);
    expect(() => new nn.MSELoss().call(ones([1]) as never, { taget: ones([1]) } as never)).toThrow(/MSELoss: there is no argument named taget; the names are input, target/);
  });

  it('and written by a user gets its arguments as they are', () => {
    class Scale extends nn.Module {
      override forward(x: Tensor, { by }: { by: number }): Tensor {
        return x.mul(by);
      }
    }
    class Twice extends nn.Linear {
      override forward(x: Tensor, times = 2): Tensor {
        return super.forward(x).mul(times);
      }
    }
    expect(new Scale().call(ones([2]), { by: 3 }).tolist()).toEqual([3, 3]);
    manualSeed(0);
    const net = new Twice(2, 1);
    expect(net.call(ones([1, 2]), 4).tolist()).toEqual(net.call(ones([1, 2])).mul(2).tolist());
  });
});

describe('schedules', () => {
  const optimizer = (): optim.SGD => new optim.SGD([{ params: [ones([1])], lr: 1 }, { params: [ones([1])], lr: 0.5 }], { lr: 1 });

  it('may have a least rate for each group', () => {
    // PyTorch 2.15: after steps with a metric that stays, with factor 0.1 and patience 0: [0.1, 0.05], [0.01, 0.005], [0.01, 0.004].
    const o = optimizer();
    const schedule = new optim.lrScheduler.ReduceLROnPlateau(o, { minLr: [0.01, 0.004], patience: 0 });
    const rates: number[][] = [];
    for (let i = 0; i < 4; i++) {
      schedule.step(1);
      rates.push(schedule.getLastLr().map((lr) => Number(lr.toFixed(6))));
    }
    expect(rates).toEqual([[1, 0.5], [0.1, 0.05], [0.01, 0.005], [0.01, 0.004]]);
    expect(() => new optim.lrScheduler.ReduceLROnPlateau(o, { minLr: [0.1] })).toThrow(/expected 2 minLr, one for each parameter group, got 1/);
    expect(() => new optim.lrScheduler.ReduceLROnPlateau(o, { minlr: 0.1 } as never)).toThrow(/there is no argument named minlr; the names are optimizer, mode, factor/);
  });

  it('go on from an epoch', () => {
    const o = optimizer();
    for (const group of o.paramGroups) Object.assign(group, { initialLr: group.lr });
    // PyTorch 2.15: StepLR(o, 2, 0.1, last_epoch=3) starts in epoch 4, in which the rate falls.
    const schedule = new optim.lrScheduler.StepLR(o, { stepSize: 2, lastEpoch: 3 });
    expect([schedule.lastEpoch, schedule.getLastLr().map((lr) => Number(lr.toFixed(6)))]).toEqual([4, [0.1, 0.05]]);
    expect(() => new optim.lrScheduler.StepLR(optimizer(), 2, { lastEpoch: 3 })).toThrow(/group 0 of the optimizer has no initialLr/);
  });
});

describe('kinds of arguments', () => {
  const Linear = nn.Linear as unknown as new (...args: unknown[]) => nn.Linear;

  it('are checked with the callable, the name, what was given and what is expected', () => {
    expect(() => new nn.Linear('a' as never, 2)).toThrow('Linear: inFeatures must be an integer of at least 0, got the string "a"');
    expect(() => new Linear(2)).toThrow('Linear: argument outFeatures is missing, it must be an integer of at least 0; the names are inFeatures, outFeatures, bias, device, dtype');
    expect(() => new Linear(2, 3, true, 'cpu', 'float32', 5)).toThrow('Linear: 6 arguments by position are too many, there are 5');
    expect(() => new Linear(2, { inFeatures: 2, outFeatures: 3 })).toThrow('Linear: argument inFeatures was given by position and by name');
    expect(() => new nn.Conv2d(1, 2, [3, 3, 3])).toThrow('Conv2d: kernelSize must be an integer or a list of 2, at least 0, got [3, 3, 3]');
    expect(() => new nn.Embedding(3, 2, { paddingIdx: tensor(1) } as never)).toThrow('Embedding: paddingIdx must be an integer or null, got a Tensor');
    expect(() => new nn.Linear(2, 3, { device: 'cuda' } as never)).toThrow("Linear: device must be 'cpu', got the string \"cuda\"");
    expect(() => new optim.SGD([ones([1])], { lr: -1 })).toThrow('SGD: lr must be a number of at least 0, got -1');
    expect(() => new optim.Adam([ones([1])], { betas: [0.9] } as never)).toThrow('Adam: betas must be a list of two numbers, got [0.9]');
    expect(() => nn.utils.clipGradNorm_([ones([1])], { maxNorm: '1' } as never)).toThrow('clipGradNorm_: maxNorm must be a number, got the string "1"');
  });

  it('of options of PyTorch that have one value here are told apart', () => {
    expect(() => new nn.Conv2d(1, 1, 1, { paddingMode: 'mirror' } as never)).toThrow(
      "Conv2d: paddingMode must be 'zeros', 'reflect', 'replicate' or 'circular', got the string \"mirror\"",
    );
    expect(() => new nn.ConvTranspose2d(1, 1, 1, { paddingMode: 'reflect' } as never)).toThrow("ConvTranspose2d: paddingMode must be 'zeros', got the string \"reflect\"");
    expect(new optim.SGD([ones([1])], { lr: 1, foreach: true, fused: null }).paramGroups[0]!.lr).toBe(1);
    expect(new nn.Linear(2, 3, { device: 'cpu', dtype: null }).weight.dtype).toBe('float32');
  });
});
