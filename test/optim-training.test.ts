import { describe, expect, it } from 'vitest';
import { type Tensor, nn, optim, scope, tensor, type DType } from 'adjoint';
import fixture from './fixtures/training-mlp.json';

type Run = (typeof fixture.runs)[number];
type Schedule = { step(metric: number): void } | null;

const { lrScheduler } = optim;

/** The arguments PyTorch takes before its options have their place in ours. */
function scheduleOf(run: Run, optimizer: optim.Optimizer<{ lr: number }>): Schedule {
  const o = run.schedulerOptions as Record<string, never> | null;
  switch (run.scheduler) {
    case null:
      return null;
    case 'StepLR':
      return new lrScheduler.StepLR(optimizer, o!['stepSize']!, { gamma: o!['gamma']! });
    case 'MultiStepLR':
      return new lrScheduler.MultiStepLR(optimizer, o!['milestones']!, { gamma: o!['gamma']! });
    case 'ExponentialLR':
      return new lrScheduler.ExponentialLR(optimizer, o!['gamma']!);
    case 'CosineAnnealingLR':
      return new lrScheduler.CosineAnnealingLR(optimizer, o!['TMax']!, { etaMin: o!['etaMin']! });
    case 'LambdaLR':
      return new lrScheduler.LambdaLR(optimizer, (epoch) => 1 / (1 + epoch));
    case 'LinearLR':
      return new lrScheduler.LinearLR(optimizer, o!);
    case 'PolynomialLR':
      return new lrScheduler.PolynomialLR(optimizer, o!);
    case 'ReduceLROnPlateau':
      return new lrScheduler.ReduceLROnPlateau(optimizer, o!);
    default:
      throw new Error(`the fixture has a schedule this test does not know: ${run.scheduler}`);
  }
}

function train(run: Run, dtype: DType): { losses: number[]; rates: number[]; params: Map<string, Tensor> } {
  const make = ({ shape, data }: { shape: number[]; data: number[] }): Tensor => tensor(data, { dtype }).reshape(shape);
  const params = new Map(Object.entries(fixture.params).map(([name, p]) => [name, new nn.Parameter(make(p))]));
  const [x, y] = [make(fixture.data.x), make(fixture.data.y)];
  const p = (name: string): Tensor => params.get(name)!;
  const makeOptimizer = { SGD: optim.SGD, Adam: optim.Adam, AdamW: optim.AdamW }[run.optimizer]!;
  const optimizer = new makeOptimizer([...params.values()], run.options as object) as unknown as optim.Optimizer<{ lr: number }>;
  const schedule = scheduleOf(run, optimizer);
  const { linear, mseLoss } = nn.functional;
  const losses: number[] = [];
  const rates: number[] = [];
  for (let step = 0; step < 20; step++) {
    scope(() => {
      optimizer.zeroGrad();
      const h1 = linear(x, p('w1'), p('b1')).tanh();
      const h2 = linear(h1, p('w2'), p('b2')).tanh();
      const loss = mseLoss(linear(h2, p('w3'), p('b3')), y);
      loss.backward();
      rates.push(optimizer.paramGroups[0]!.lr);
      optimizer.step();
      losses.push(loss.item());
      schedule?.step(loss.item());
    });
  }
  return { losses, rates, params };
}

function expectClose(actual: ArrayLike<number>, golden: readonly number[], rtol: number, atol: number): void {
  expect(actual).toHaveLength(golden.length);
  golden.forEach((b, i) => expect(Math.abs(actual[i]! - b), `element ${i}`).toBeLessThanOrEqual(atol + rtol * Math.abs(b)));
}

describe.each(fixture.runs.map((run) => [`${run.id}: ${run.optimizer} ${JSON.stringify(run.options)} ${run.scheduler ?? ''}`, run] as const))(
  '%s',
  (_, run) => {
    it('has the losses, rates and final parameters of PyTorch in float64', () => {
      const { losses, rates, params } = train(run, 'float64');
      expectClose(losses, run.loss64, 1e-6, 1e-9);
      if (run.lr !== null) expectClose(rates, run.lr, 1e-9, 1e-15);
      for (const [name, golden] of Object.entries(run.finalParams64 ?? {})) {
        expectClose(params.get(name)!.detach().toTypedArray() as Float64Array, golden, 1e-5, 1e-7);
      }
    });

    it('has the losses of PyTorch in float32', () => {
      expectClose(train(run, 'float32').losses, run.loss32, 2e-3, 2e-6);
    });
  },
);
