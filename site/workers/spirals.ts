// Trains a network of the visitor's choice on two spirals, and says what it makes of the plane.
import { linspace, manualSeed, nn, noGrad, optim, scope, stack, type Tensor } from 'adjoint';
import { spirals } from '../../examples/browser/spiral';
import { SIDE, type Choice, type Message } from './spirals-choice';

const STEPS = 2000;

const ACTIVATIONS = { tanh: nn.Tanh, relu: nn.ReLU, silu: nn.SiLU, sigmoid: nn.Sigmoid };

function network({ width, depth, activation }: Choice): nn.Sequential {
  const layers: nn.Module[] = [];
  for (let i = 0; i < depth; i++) layers.push(new nn.Linear(i === 0 ? 2 : width, width), new ACTIVATIONS[activation]());
  return new nn.Sequential(...layers, new nn.Linear(depth === 0 ? 2 : width, 2));
}

function regions(model: nn.Sequential): Float32Array {
  return scope(() => noGrad(() => {
    const line = linspace(-1.1, 1.1, SIDE);
    const x = line.unsqueeze(0).expand([SIDE, SIDE]).reshape([-1]);
    const y = line.unsqueeze(1).expand([SIDE, SIDE]).reshape([-1]);
    return (model(stack([x, y], 1)) as Tensor).softmax(1).select(1, 1).toTypedArray() as Float32Array;
  }));
}

self.onmessage = ({ data: choice }: MessageEvent<Choice>) => {
  manualSeed(0);
  const model = network(choice);
  const { points, labels } = spirals(100, choice.noise);
  const optimizer = new optim[choice.optimizer](model.parameters(), { lr: choice.lr });
  const shown = points.tolist().map((point, i) => [...(point as number[]), i < 100 ? 0 : 1]);
  let step = 0;
  const turn = (): void => {
    let [loss, accuracy] = [0, 0];
    const start = performance.now();
    while (performance.now() - start < 30 && step < STEPS) {
      scope(() => {
        optimizer.zeroGrad();
        const logits = model(points) as Tensor;
        const error = nn.functional.crossEntropy(logits, labels);
        error.backward();
        optimizer.step();
        loss = error.item();
        accuracy = logits.argmax(1).eq(labels).to('float32').mean().item();
      });
      step += 1;
    }
    self.postMessage({ step, loss, accuracy, regions: regions(model), points: shown } satisfies Message);
    if (step < STEPS) setTimeout(turn);
  };
  turn();
};
