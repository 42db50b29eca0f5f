import { describe, expect, it } from 'vitest';
import { type Tensor, UsageError, memoryStats, nn, optim, rand, scope, tensor } from 'adjoint';

const one = (): Tensor => tensor(1, { requiresGrad: true });

describe('Optimizer', () => {
  it('skips parameters without a gradient and leaves parameters leaves', () => {
    const a = one();
    const b = one();
    const optimizer = new optim.SGD([a, b], 0.5);
    a.mul(3).backward();
    optimizer.step();
    expect([a.item(), b.item(), a.requiresGrad, a.isLeaf]).toEqual([-0.5, 1, true, true]);
  });

  it('zeroGrad removes gradients, or sets them to zero', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.sum().backward();
    const optimizer = new optim.SGD([x], { lr: 0.1 });
    optimizer.zeroGrad();
    expect(x.grad).toBeNull();
    x.sum().backward();
    optimizer.zeroGrad(false);
    expect(x.grad!.tolist()).toEqual([0, 0]);
  });

  it('refuses what cannot be optimized', () => {
    const a = one();
    expect(() => new optim.SGD([a.mul(2)], 0.1)).toThrow(/SGD: can't optimize a non-leaf tensor/);
    expect(() => new optim.SGD([], 0.1)).toThrow(/SGD: got an empty parameter list/);
    expect(() => new optim.SGD([a], -1)).toThrow(/SGD: lr must be a number of at least 0, got -1/);
    expect(() => new optim.SGD([a, a], 0.1)).toThrow(/a parameter appears twice/);
    expect(() => new optim.SGD(a as never, 0.1)).toThrow(/must be an array or another iterable/);
    expect(() => new optim.SGD([3 as never], 0.1)).toThrow(/can only change tensors, one of the parameters is/);
    expect(() => new optim.SGD([a], { lr: 0.1, nesterov: true })).toThrow(/nesterov needs a momentum/);
    expect(() => new optim.Adam([a], { betas: [1, 0.9] })).toThrow(/betas\[0\] must be in \[0, 1\), got 1/);
    expect(() => new optim.SGD([a], { learningRate: 0.1 } as never)).toThrow(UsageError);
  });

  it('gives groups options of their own', () => {
    const a = one();
    const b = one();
    const optimizer = new optim.SGD([{ params: [a], lr: 1 }, { params: b }], { lr: 0.1 });
    a.add(b).backward();
    optimizer.step();
    expect(a.item()).toBe(0);
    expect(b.item()).toBeCloseTo(0.9, 6);
    const c = one();
    optimizer.addParamGroup({ params: [c], momentum: 0.5 });
    expect(optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum])).toEqual([
      [1, 0],
      [0.1, 0],
      [0.1, 0.5],
    ]);
  });

  it('maximizes where asked', () => {
    const a = one();
    const optimizer = new optim.SGD([a], { lr: 0.5, maximize: true });
    a.mul(3).backward();
    optimizer.step();
    expect(a.item()).toBe(2.5);
  });

  it('runs a closure with recording on and returns its loss', () => {
    const a = one();
    const optimizer = new optim.SGD([a], 0.25);
    const loss = optimizer.step(() => {
      optimizer.zeroGrad();
      const y = a.mul(a);
      y.backward();
      return y;
    });
    expect(loss.item()).toBe(1);
    expect(a.item()).toBe(0.5);
  });

  it('goes on from a saved state as if it had not stopped', () => {
    const run = (from: optim.OptimizerState | null, start: number, steps: number): [number, optim.Adam] => {
      const p = tensor([start], { requiresGrad: true, dtype: 'float64' });
      const optimizer = new optim.Adam([p], { lr: from === null ? 0.1 : 99, amsgrad: true });
      if (from !== null) optimizer.loadStateDict(from);
      for (let i = 0; i < steps; i++) {
        optimizer.zeroGrad();
        p.square().sum().backward();
        optimizer.step();
      }
      return [p.item(), optimizer];
    };
    const [half, optimizer] = run(null, 3, 4);
    const [resumed] = run(optimizer.stateDict(), half, 4);
    const [whole] = run(null, 3, 8);
    expect(resumed).toBe(whole);
    expect(optimizer.stateDict().param_groups[0]!.params).toEqual([0]);
  });

  it('refuses a saved state of other groups and keeps its own', () => {
    const optimizer = new optim.SGD([one()], { lr: 0.1, momentum: 0.9 });
    const other = new optim.SGD([one(), one()], { lr: 0.2 });
    expect(() => optimizer.loadStateDict(other.stateDict())).toThrow(/group 0 of the state dict has 2 parameters, that of the optimizer 1/);
    expect(optimizer.paramGroups[0]!.lr).toBe(0.1);
  });

  it.each([
    ['SGD', (p: Tensor[]) => new optim.SGD(p, { lr: 0.01, momentum: 0.9, nesterov: true, weightDecay: 0.1 })],
    ['Adam', (p: Tensor[]) => new optim.Adam(p, { amsgrad: true, weightDecay: 0.1 })],
    ['AdamW', (p: Tensor[]) => new optim.AdamW(p)],
  ])('%s makes no tensor that outlives a step but its state, which scopes spare', (_, make) => {
    const net = new nn.Linear(8, 8);
    const optimizer = make(net.parameters());
    const step = (): void =>
      scope(() => {
        optimizer.zeroGrad();
        net.call(rand(4, 8)).sum().backward();
        optimizer.step();
      });
    step();
    const first = memoryStats();
    for (let i = 0; i < 10; i++) step();
    const { tensors, bytes } = memoryStats();
    expect([tensors, bytes]).toEqual([first.tensors, first.bytes]);
  });
});

describe('schedules', () => {
  it('multiply where there are several', () => {
    const optimizer = new optim.SGD([one()], { lr: 1 });
    const a = new optim.lrScheduler.ExponentialLR(optimizer, 0.5);
    const b = new optim.lrScheduler.StepLR(optimizer, 2, { gamma: 0.1 });
    const rates: number[] = [];
    for (let i = 0; i < 3; i++) {
      a.step();
      b.step();
      rates.push(optimizer.paramGroups[0]!.lr);
    }
    rates.forEach((rate, i) => expect(rate).toBeCloseTo([0.5, 0.025, 0.0125][i]!, 12));
    expect(b.getLastLr()).toEqual([rates[2]]);
  });

  it('resume from their state', () => {
    const optimizer = new optim.SGD([one()], { lr: 1 });
    const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, 4);
    schedule.step();
    const other = new optim.SGD([one()], { lr: optimizer.paramGroups[0]!.lr });
    const resumed = new optim.lrScheduler.CosineAnnealingLR(other, 4);
    resumed.loadStateDict(schedule.stateDict());
    schedule.step();
    resumed.step();
    expect(other.paramGroups[0]!.lr).toBe(optimizer.paramGroups[0]!.lr);
    expect(other.paramGroups[0]!.lr).toBeCloseTo(0.5, 12);
  });

  it('need an optimizer', () => {
    expect(() => new optim.lrScheduler.ExponentialLR({} as never, 0.5)).toThrow(/ExponentialLR: optimizer must be an optimizer, got an object/);
  });
});

describe('a rate that is a tensor', () => {
  it('steps as the number does, is read by groups and written by schedules', () => {
    type Of = new (params: Tensor[], lr: number | { lr: Tensor }) => optim.SGD;
    for (const type of [optim.SGD, optim.Adam, optim.AdamW] as unknown as Of[]) {
      const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 2], { requiresGrad: true })];
      const rate = tensor(0.25);
      const given = new type([a], { lr: rate });
      const plain = new type([b], 0.25);
      for (const [p, o] of [[a, given], [b, plain]] as const) {
        p.mul(p).sum().backward();
        o.step();
      }
      expect(a.tolist()).toEqual(b.tolist());
      expect(given.paramGroups[0]!.lr).toBe(0.25);
      rate.fill_(0.5);
      expect([given.paramGroups[0]!.lr, given.stateDict().param_groups[0]!['lr']]).toEqual([0.5, 0.5]);
      new optim.lrScheduler.ExponentialLR(given, 0.5).step();
      expect([given.paramGroups[0]!.lr, rate.item()]).toEqual([0.25, 0.25]);
      given.loadStateDict(plain.stateDict());
      expect(given.paramGroups[0]!.lr).toBe(0.25);
    }
  });

  it('has one element and is not below 0', () => {
    const a = tensor([1], { requiresGrad: true });
    expect(() => new optim.SGD([a], { lr: tensor([0.1, 0.2]) })).toThrow(/SGD: lr must be a number of at least 0, got a Tensor/);
    expect(() => new optim.Adam([a], { lr: tensor(-1) })).toThrow(/Adam: lr must be a number of at least 0, got -1/);
    expect(new optim.SGD([{ params: [a], lr: tensor([0.5]) }]).paramGroups[0]!.lr).toBe(0.5);
  });
});

it('groups take the options of the optimizer where theirs are undefined', () => {
  const p = (): nn.Parameter => new nn.Parameter(tensor([1]));
  const rprop = new optim.Rprop([{ params: [p()], etas: undefined, stepSizes: undefined, lr: undefined } as never], { etas: [0.25, 2] });
  expect(rprop.paramGroups[0]).toMatchObject({ etas: [0.25, 2], stepSizes: [1e-6, 50], lr: 0.01 });
  for (const make of [optim.Adam, optim.AdamW, optim.Adamax, optim.NAdam, optim.RAdam]) {
    const parameter = p();
    parameter.grad = tensor([1]);
    const optimizer = new make([{ params: [parameter], betas: undefined } as never]);
    expect(optimizer.paramGroups[0]).toMatchObject({ betas: [0.9, 0.999] });
    expect(() => { optimizer.step(); }).not.toThrow();
  }
  expect(new optim.Adafactor([{ params: [p()], eps: undefined } as never]).paramGroups[0]).toMatchObject({ eps: [null, 1e-3] });
  for (const etas of [null, [undefined, 1.2], [0.5, undefined], [0.5], 3, {}]) {
    expect(() => new optim.Rprop([{ params: [p()], etas } as never])).toThrow(UsageError);
    expect(() => new optim.Rprop([p()], { etas } as never)).toThrow(UsageError);
  }
});

it("groups take PyTorch's names", () => {
  const a = tensor([1], { requiresGrad: true });
  const groups = [{ params: [a], weight_decay: 0.5, initial_lr: 3 }] as never;
  expect(new optim.AdamW(groups).paramGroups[0]).toMatchObject({ weightDecay: 0.5, initialLr: 3 });
});

// PyTorch 2.15: torch.optim.lr_scheduler, base rate 1, step(7), get_last_lr().
it.each<[string, (o: optim.SGD) => Pick<optim.lrScheduler.StepLR, 'step' | 'lastEpoch' | 'getLastLr'>, number]>([
  ['StepLR', (o) => new optim.lrScheduler.StepLR(o, 2, 0.5), 0.125],
  ['MultiStepLR', (o) => new optim.lrScheduler.MultiStepLR(o, [2, 5, 9], 0.5), 0.25],
  ['ExponentialLR', (o) => new optim.lrScheduler.ExponentialLR(o, 0.5), 0.0078125],
  ['LinearLR', (o) => new optim.lrScheduler.LinearLR(o, 0.5, 1, 10), 0.85],
  ['PolynomialLR', (o) => new optim.lrScheduler.PolynomialLR(o, 10, 2), 0.09],
  ['CosineAnnealingLR', (o) => new optim.lrScheduler.CosineAnnealingLR(o, 14), 0.5],
  ['LambdaLR', (o) => new optim.lrScheduler.LambdaLR(o, (epoch) => 1 / (epoch + 1)), 0.125],
])('%s goes to the epoch that step() is given', (_, make, expected) => {
  const schedule = make(new optim.SGD([tensor([1], { requiresGrad: true })], 1));
  schedule.step(7);
  expect(schedule.lastEpoch).toBe(7);
  expect(schedule.getLastLr()[0]).toBeCloseTo(expected, 12);
  schedule.step();
  expect(schedule.lastEpoch).toBe(8);
});
