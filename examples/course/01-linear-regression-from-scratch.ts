// 1. Linear regression from scratch: a model, a loss and gradient descent, with nothing but tensors
// and their gradients.
import { manualSeed, noGrad, randn, randperm, steps, tensor, viz, zeros } from 'adjoint';
import { numbers, show, type Result } from './show';

export function run(epochs = 5) {
  manualSeed(1);
  // A thousand points near a plane. Its slopes and its height are what the model must find.
  const x = randn([1000, 2]);
  const noise = randn([1000]).mul(0.1);
  const y = x.matmul(tensor([2, -3.4])).add(4.2).add(noise);

  const w = randn([2]).mul(0.01).requiresGrad_();
  const b = zeros([1], { requiresGrad: true });
  const learningRate = 0.01;
  const loss: number[] = [];

  for (const _ of steps(epochs)) {
    // An epoch sees every point once, ten at a time, in a new order.
    for (const batch of steps(randperm(1000).split(10))) {
      const prediction = x.index(batch).matmul(w).add(b);
      const error = prediction.sub(y.index(batch)).square().mean().div(2);
      error.backward();
      // A step down the gradient is no part of the model: it must not be recorded.
      noGrad(() => {
        for (const parameter of [w, b]) {
          parameter.sub_(parameter.grad!.mul(learningRate));
          parameter.grad = null;
        }
      });
    }
    loss.push(noGrad(() => x.matmul(w).add(b).sub(y).square().mean().div(2).item()));
  }
  return { loss, w: numbers(w), b: numbers(b) } satisfies Result;
}

export const pictures = ({ loss }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'Linear regression from scratch', xLabel: 'epoch', yLabel: 'half the mean square' }),
});

show(import.meta.url, run, pictures);
