// 17. Optimizers: ways down the same long valley, steep across and almost flat along.
import { noGrad, optim, steps, tensor, viz, zeros, type Tensor } from 'adjoint';
import { show, type Result } from './show';

/**
 * The height at `p = [x, y]`: 0.05 x² + y². Its walls are twenty times as steep as its way down to
 * 0.
 */
const height = (p: Tensor): Tensor => p.square().mul(tensor([0.05, 1])).sum();

/** Where steps go from [−8, 2]: x and y in turn, and the height at each. */
function descend(count: number, start: (p: Tensor) => () => void) {
  const p = tensor([-8, 2], { requiresGrad: true });
  const step = start(p);
  const [path, heights]: [number[], number[]] = [p.tolist() as number[], []];
  for (const _ of steps(count)) {
    p.grad = null;
    const here = height(p);
    here.backward();
    step();
    path.push(...(p.tolist() as number[]));
    heights.push(here.item());
  }
  return { path, heights };
}

/** Momentum by hand: a ball goes on where slopes agree, and loses its speed where they turn. */
function momentumByHand(p: Tensor): () => void {
  const velocity = zeros([2]);
  return () => {
    noGrad(() => {
      velocity.mul_(0.8).add_(p.grad!);
      p.sub_(velocity.mul(0.1));
    });
  };
}

/** Adam by hand: momentum, divided by how large gradients have been, each coordinate for itself. */
function adamByHand(p: Tensor): () => void {
  const [lr, beta1, beta2] = [0.4, 0.9, 0.999];
  const [mean, square] = [zeros([2]), zeros([2])];
  let t = 0;
  return () => {
    t += 1;
    noGrad(() => {
      mean.lerp_(p.grad!, 1 - beta1);
      square.lerp_(p.grad!.square(), 1 - beta2);
      // The averages start at 0 and are too small at first.
      const [m, v] = [mean.div(1 - beta1 ** t), square.div(1 - beta2 ** t)];
      p.sub_(m.div(v.sqrt().add(1e-8)).mul(lr));
    });
  };
}

/** A step of an optimizer of the library. */
const library = (make: (params: Tensor[]) => optim.Optimizer) => (p: Tensor) => {
  const optimizer = make([p]);
  return () => {
    optimizer.step();
  };
};

export function run(count = 40) {
  const sgd = descend(count, library((params) => new optim.SGD(params, { lr: 0.8 })));
  const momentum = descend(count, library((params) => new optim.SGD(params, { lr: 0.1, momentum: 0.8 })));
  const adagrad = descend(count, library((params) => new optim.Adagrad(params, { lr: 2 })));
  const rmsprop = descend(count, library((params) => new optim.RMSprop(params, { lr: 0.4, alpha: 0.9 })));
  const adam = descend(count, library((params) => new optim.Adam(params, { lr: 0.4 })));

  // A schedule changes the rate: up for a tenth of the way, then down like a cosine.
  const optimizer = new optim.SGD([tensor([0], { requiresGrad: true })], { lr: 1 });
  const warm = Math.max(1, Math.floor(count / 10));
  const { CosineAnnealingLR, LinearLR, SequentialLR } = optim.lrScheduler;
  const up = new LinearLR(optimizer, { startFactor: 0.1, totalIters: warm });
  const down = new CosineAnnealingLR(optimizer, count - warm);
  const schedule = new SequentialLR(optimizer, [up, down], [warm]);
  const rates = Array.from({ length: count }, () => {
    const rate = optimizer.paramGroups[0]!.lr;
    optimizer.step();
    schedule.step();
    return rate;
  });

  return {
    loss: adam.heights,
    sgd: sgd.path,
    momentum: momentum.path,
    momentumByHand: descend(count, momentumByHand).path,
    adagrad: adagrad.path,
    rmsprop: rmsprop.path,
    adam: adam.path,
    adamByHand: descend(count, adamByHand).path,
    rates,
  } satisfies Result;
}

export const pictures = ({ sgd, momentum, adagrad, rmsprop, adam, rates }: ReturnType<typeof run>) => {
  const curve = (label: string, path: readonly number[]) => ({
    label,
    x: path.filter((_, i) => i % 2 === 0),
    y: path.filter((_, i) => i % 2 === 1),
  });
  return {
    paths: viz.lineChart([curve('SGD', sgd), curve('momentum', momentum), curve('Adam', adam)], {
      title: 'Down a long valley',
      xLabel: 'x',
      yLabel: 'y',
    }),
    adaptive: viz.lineChart([curve('Adagrad', adagrad), curve('RMSprop', rmsprop), curve('Adam', adam)], {
      title: 'Down a long valley, each coordinate at a rate of its own',
      xLabel: 'x',
      yLabel: 'y',
    }),
    schedule: viz.lineChart([{ label: 'rate', y: rates }], { title: 'Warm-up and cosine', xLabel: 'step', yLabel: 'learning rate' }),
  };
};

show(import.meta.url, run, pictures);
