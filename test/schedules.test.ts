// Schedules of learning rates and averages of weights, against PyTorch; fixtures/record/schedules.py records them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError, manualSeed, nn, optim, randn, tensor, zeros, type Tensor } from 'adjoint';

type Spec = readonly [name: string, options: Readonly<Record<string, unknown>>];

interface Case {
  readonly spec: Spec;
  readonly optimizer: string;
  readonly at: readonly number[] | null;
  readonly metrics: readonly number[] | null;
  readonly trace: readonly (readonly (readonly [rate: number, momentum: number])[])[];
  readonly last: readonly number[];
}

interface Average {
  readonly kind: string;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly updated: Readonly<Record<string, readonly number[]>>;
  readonly text: string;
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/schedules.json', import.meta.url), 'utf8')) as { schedules: Case[]; averages: Average[] };

type Schedule = optim.lrScheduler.LRScheduler;
type AnyClass = new (...args: unknown[]) => Schedule;
const classes = { ...optim.lrScheduler, SWALR: optim.swaUtils.SWALR } as unknown as Record<string, AnyClass>;

function optimizerOf(kind: string): optim.SGD | optim.Adam {
  const group = (lr: number): { params: Tensor[]; lr: number } => ({ params: [zeros([1], { requiresGrad: true })], lr });
  return kind === 'Adam' ? new optim.Adam([group(0.5), group(0.2)], 0.1) : new optim.SGD([group(0.5), group(0.2)], 0.1, { momentum: 0.9 });
}

function made([name, options]: Spec, optimizer: optim.SGD | optim.Adam): Schedule {
  if (options['schedulers'] !== undefined) {
    const schedulers = (options['schedulers'] as Spec[]).map((spec) => made(spec, optimizer));
    return name === 'ChainedScheduler' ? new classes[name]!(schedulers, optimizer) : new classes[name]!(optimizer, schedulers, options['milestones']);
  }
  if (options['bases'] !== undefined) {
    const functions = (options['bases'] as number[]).map((b) => (epoch: number) => (name === 'LambdaLR' ? b ** epoch : b));
    return new classes[name]!(optimizer, functions);
  }
  return new classes[name]!(optimizer, options);
}

const state = (optimizer: optim.SGD | optim.Adam): unknown =>
  (optimizer.paramGroups as { lr: number; betas?: readonly number[]; momentum?: number }[]).map(({ lr, betas, momentum }) => [lr, betas?.[0] ?? momentum]);

function expectNear(actual: unknown, wanted: unknown, what: string): void {
  const [a, b] = [[actual], [wanted]].map((v) => v.flat(4) as number[]) as [number[], number[]];
  expect(a.length, what).toBe(b.length);
  a.forEach((v, i) => { expect(Math.abs(v - b[i]!), `${what}: ${v} against ${b[i]}`).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(b[i]!))); });
}

const label = ({ spec, optimizer, at }: Case): string => `${spec[0]}(${JSON.stringify(spec[1])}) of ${optimizer}${at === null ? '' : ` at ${at.join(', ')}`}`;

describe('a schedule gives the rates and momenta it gives in PyTorch', () => {
  it.each(fixture.schedules.map((c) => [label(c), c] as const))('%s', (_, c) => {
    const optimizer = optimizerOf(c.optimizer);
    const schedule = made(c.spec, optimizer);
    expectNear(state(optimizer), c.trace[0], 'at the start');
    for (let i = 0; i + 1 < c.trace.length; i++) {
      const given = c.metrics?.[i] ?? c.at?.[i];
      (schedule.step as (value?: unknown) => void).call(schedule, given);
      expectNear(state(optimizer), c.trace[i + 1], `after step ${i + 1}`);
    }
    expectNear(schedule.getLastLr(), c.last, 'the last rates');
  });

  it.each(fixture.schedules.map((c) => [label(c), c] as const))('and goes on from its state dict as JSON: %s', (_, c) => {
    const optimizer = optimizerOf(c.optimizer);
    const schedule = made(c.spec, optimizer);
    const given = (i: number): unknown => c.metrics?.[i] ?? c.at?.[i];
    const half = Math.floor((c.trace.length - 1) / 2);
    const run = (s: Schedule, i: number): void => { (s.step as (value?: unknown) => void).call(s, given(i)); };
    for (let i = 0; i < half; i++) run(schedule, i);
    const [saved, groups] = [JSON.stringify(schedule), optimizer.stateDict()];
    const other = optimizerOf(c.optimizer);
    const resumed = made(c.spec, other);
    other.loadStateDict(groups);
    resumed.loadStateDict(JSON.parse(saved) as never);
    for (let i = half; i + 1 < c.trace.length; i++) {
      run(resumed, i);
      expectNear(state(other), c.trace[i + 1], `after step ${i + 1}`);
    }
  });
});

describe('schedules refuse what makes no sense', () => {
  const sgd = (): optim.SGD => optimizerOf('SGD') as optim.SGD;
  const { ConstantLR, CyclicLR, OneCycleLR, SequentialLR, ChainedScheduler, StepLR, ReduceLROnPlateau } = optim.lrScheduler;

  it('with what was given', () => {
    expect(() => new OneCycleLR(sgd(), 1)).toThrow(/OneCycleLR: give totalSteps, or epochs and stepsPerEpoch/);
    expect(() => new OneCycleLR(sgd(), [1], { totalSteps: 3 })).toThrow(/OneCycleLR: expected 2 values of maxLr, one for each parameter group, got 1/);
    expect(() => new OneCycleLR(sgd(), 1, { totalSteps: 3, pctStart: 2 })).toThrow(/pctStart must be within \[0, 1\], got 2/);
    const short = new OneCycleLR(sgd(), 1, { totalSteps: 2 });
    short.step();
    short.step();
    expect(() => { short.step(); }).toThrow(/step 3 is beyond the 2 steps of the cycle/);
    expect(() => new CyclicLR(sgd(), 0.1, 1, { mode: 'square' as never })).toThrow(/CyclicLR: mode must be 'triangular', 'triangular2' or 'expRange'/);
    expect(() => new ConstantLR(sgd(), { factor: 2 })).toThrow(/factor must be in \[0, 1\], got 2/);
    const o = sgd();
    expect(() => new SequentialLR(o, [new StepLR(o, 1)], [1])).toThrow(/one milestone fewer than schedules, got 1 schedules and 1 milestones/);
    expect(() => new SequentialLR(o, [new StepLR(o, 1), new StepLR(sgd(), 1)], [1])).toThrow(/that at position 1 is of another/);
    expect(() => new SequentialLR(o, [new ReduceLROnPlateau(o)] as never, [])).toThrow(/schedulers must be a list of schedules other than ReduceLROnPlateau/);
    expect(() => new ChainedScheduler([])).toThrow(UsageError);
  });
});

describe('an average of weights', () => {
  const { AveragedModel, getEmaAvgFn, getEmaMultiAvgFn, getSwaAvgFn, updateBn } = optim.swaUtils;
  const options = (kind: string): optim.swaUtils.AveragedModelOptions =>
    ({
      swa: {},
      ema: { multiAvgFn: getEmaMultiAvgFn(0.9) },
      'ema one': { avgFn: getEmaAvgFn({ decay: 0.9 }) },
      'swa one': { avgFn: getSwaAvgFn() },
      buffers: { useBuffers: true },
    })[kind]!;

  function expectState(model: nn.Module, wanted: Readonly<Record<string, readonly number[]>>): void {
    const found = model.stateDict();
    expect(Object.keys(found)).toEqual(Object.keys(wanted));
    for (const [key, values] of Object.entries(wanted)) {
      const own = Array.from(found[key]!.to('float64').toTypedArray(), Number);
      values.forEach((want, i) => { expect(Math.abs(own[i]! - want), `${key}: ${own[i]} against ${want}`).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(want))); });
    }
  }

  it.each(fixture.averages.map((a) => [a.kind, a] as const))('%s', (kind, wanted) => {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
    const averaged = new AveragedModel(model, options(kind));
    const sgd = new optim.SGD(model.parameters(), 0.1);
    const batches = Array.from({ length: 4 }, () => randn([4, 3]));
    for (const x of batches) {
      sgd.zeroGrad();
      model.call(x).sub(x.narrow(1, 0, 2)).pow(2).mean().backward();
      sgd.step();
      averaged.updateParameters(model);
    }
    expectState(averaged, wanted.state);
    updateBn(batches.map((x) => [x, 1]), averaged);
    expectState(averaged, wanted.updated);
    expect(averaged.call(batches[0]!)).toMatchObject({ shape: [4, 2] });
  });

  it('refuses what makes no sense', () => {
    const model = new nn.Linear(1, 1);
    expect(() => new AveragedModel(model, { avgFn: getEmaAvgFn(), multiAvgFn: getEmaMultiAvgFn() })).toThrow(/give avgFn or multiAvgFn, not both/);
    expect(() => getEmaMultiAvgFn(2)).toThrow(/decay must be within \[0, 1\], got 2/);
    expect(() => { new AveragedModel(model).updateParameters(new nn.Identity()); }).toThrow(/the model has 0 parameters and the average 2/);
    expect(() => new AveragedModel(tensor(1) as never)).toThrow(/AveragedModel: model must be a module/);
  });
});
