import { describe, expect, it } from 'vitest';
import { type DType, type Tensor, nn, optim, scope, tensor } from 'adjoint';
import mlp from './fixtures/training-mlp.json';
import transformer from './fixtures/training-transformer.json';

type Run = (typeof mlp.runs | typeof transformer.runs)[number];
type Schedule = (typeof optim.lrScheduler.LRScheduler)['prototype'] | (typeof optim.lrScheduler.ReduceLROnPlateau)['prototype'] | null;

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

interface Values {
  shape: number[];
  data: number[];
}

interface Model {
  params: Record<string, Values>;
  data: { x: Values; y: Values };
  /** The loss of parameters by name. */
  loss: (p: (name: string) => Tensor, dtype: DType) => Tensor;
}

const { crossEntropy, embedding, gelu, layerNorm, linear, mseLoss, scaledDotProductAttention } = nn.functional;

const make = ({ shape, data }: Values, dtype: DType): Tensor => tensor(data, { dtype }).reshape(shape);

const models: Record<'mlp' | 'transformer', Model> = {
  mlp: {
    ...mlp,
    loss: (p, dtype) => {
      const h1 = linear(make(mlp.data.x, dtype), p('w1'), p('b1')).tanh();
      const h2 = linear(h1, p('w2'), p('b2')).tanh();
      return mseLoss(linear(h2, p('w3'), p('b3')), make(mlp.data.y, dtype));
    },
  },
  transformer: {
    ...transformer,
    loss: (p) => {
      const [x, y] = [make(transformer.data.x, 'int64'), make(transformer.data.y, 'int64')];
      const [batch, context, width] = [4, 5, 8];
      const normal = (h: Tensor, i: number): Tensor => layerNorm(h, [width], p(`g${i}`), p(`b${i}`));
      let h = embedding(x, p('tok')).add(p('pos'));
      const [q, k, v] = linear(normal(h, 1), p('qkv')).view(batch, context, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0) as [Tensor, Tensor, Tensor];
      const o = scaledDotProductAttention(q, k, v, { isCausal: true }).transpose(1, 2).reshape(batch, context, width);
      h = h.add(linear(o, p('proj'), p('projb')));
      h = h.add(linear(gelu(linear(normal(h, 2), p('f1'), p('f1b'))), p('f2'), p('f2b')));
      return crossEntropy(linear(normal(h, 3), p('head')).reshape(batch * context, 11), y.reshape(batch * context));
    },
  },
};

function train(model: Model, run: Run, dtype: DType): { losses: number[]; rates: number[]; params: Map<string, Tensor> } {
  const params = new Map(Object.entries(model.params).map(([name, p]) => [name, new nn.Parameter(make(p, dtype))]));
  const makeOptimizer = { SGD: optim.SGD, Adam: optim.Adam, AdamW: optim.AdamW }[run.optimizer]!;
  const optimizer = new makeOptimizer([...params.values()], run.options as never) as unknown as optim.Optimizer<{ lr: number }>;
  const schedule = scheduleOf(run, optimizer);
  const losses: number[] = [];
  const rates: number[] = [];
  for (let step = 0; step < 20; step++) {
    scope(() => {
      optimizer.zeroGrad();
      const loss = model.loss((name) => params.get(name)!, dtype);
      loss.backward();
      rates.push(optimizer.paramGroups[0]!.lr);
      optimizer.step();
      losses.push(loss.item());
      if (schedule instanceof optim.lrScheduler.ReduceLROnPlateau) schedule.step(Number(loss.item()));
      else schedule?.step();
    });
  }
  return { losses, rates, params };
}

function expectClose(actual: ArrayLike<number>, golden: readonly number[], rtol: number, atol: number): void {
  expect(actual).toHaveLength(golden.length);
  golden.forEach((b, i) => expect(Math.abs(actual[i]! - b), `element ${i}`).toBeLessThanOrEqual(atol + rtol * Math.abs(b)));
}

const runs = (['mlp', 'transformer'] as const).flatMap((name) => {
  const list: readonly Run[] = name === 'mlp' ? mlp.runs : transformer.runs;
  return list.map((run) => [`${name} ${run.id}: ${run.optimizer} ${JSON.stringify(run.options)} ${run.scheduler ?? ''}`, models[name], run] as const);
});

describe.each(runs)(
  '%s',
  (_, model, run) => {
    it('has the losses, rates and final parameters of PyTorch in float64', () => {
      const { losses, rates, params } = train(model, run, 'float64');
      expectClose(losses, run.loss64, 1e-6, 1e-9);
      if (run.lr !== null) expectClose(rates, run.lr, 1e-9, 1e-15);
      for (const [name, golden] of Object.entries(run.finalParams64 ?? {})) {
        expectClose(params.get(name)!.detach().toTypedArray() as Float64Array, golden, 1e-5, 1e-7);
      }
    });

    it('has the losses of PyTorch in float32', () => {
      expectClose(train(model, run, 'float32').losses, run.loss32, 2e-3, 2e-6);
    });
  },
);
