// Two spirals, and a small network that learns to tell them apart. The page and the worker both run this.
import { cat, nn, optim, randn, scope, tensor, zeros, type Tensor } from 'adjoint';

/** Points on two spirals, `[2n, 2]`, and which of the two each lies on, `[2n]`. */
export function spirals(n: number, noise = 0.02): { points: Tensor; labels: Tensor } {
  const arm = (turn: number): number[][] =>
    Array.from({ length: n }, (_, i) => {
      const t = (i + 1) / n;
      const angle = 2.5 * Math.PI * t + turn;
      return [t * Math.cos(angle), t * Math.sin(angle)];
    });
  const points = tensor([...arm(0), ...arm(Math.PI)]);
  const labels = cat([zeros([n], { dtype: 'int64' }), zeros([n], { dtype: 'int64' }).add(1)]);
  return { points: points.add(randn([2 * n, 2]).mul(noise)), labels };
}

/** Two coordinates to two logits. */
export class Net extends nn.Module {
  first = new nn.Linear(2, 32);
  second = new nn.Linear(32, 32);
  out = new nn.Linear(32, 2);

  override forward(x: Tensor): Tensor {
    return this.out(this.second(this.first(x).tanh()).tanh());
  }
}

/** What a step of training reports. */
export interface Progress {
  readonly step: number;
  readonly loss: number;
  /** The part of the points that are told right. */
  readonly accuracy: number;
}

/** Trains `model`, handing out progress every `every` steps: take the next one when there is time for more. */
export function* train(model: Net, data: { points: Tensor; labels: Tensor }, steps: number, every = 25): Generator<Progress, void> {
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  for (let step = 1; step <= steps; step++) {
    const progress = scope(() => {
      optimizer.zeroGrad();
      const logits = model(data.points);
      const loss = nn.functional.crossEntropy(logits, data.labels);
      loss.backward();
      optimizer.step();
      if (step % every !== 0 && step !== steps) return null;
      const accuracy = logits.argmax(1).eq(data.labels).to('float32').mean().item();
      return { step, loss: loss.item(), accuracy };
    });
    if (progress !== null) yield progress;
  }
}
