// Trains a network of the visitor's choice on two spirals, and says what it makes of the plane.
import * as adjoint from 'adjoint';
import { linspace, manualSeed, nn, noGrad, optim, scope, stack, type Tensor } from 'adjoint';
import { spirals } from '../../examples/browser/spiral';
import { landscape } from './landscape';
import { GRID, SIDE, type Choice, type Message, type Request } from './spirals-choice';

const STEPS = 2000;

const say = (message: Message): void => { self.postMessage(message); };

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

class Training {
  readonly #model: nn.Sequential;
  readonly #data: ReturnType<typeof spirals>;
  readonly #optimizer: optim.Optimizer;
  readonly #shown: number[][];
  #step = 0;

  constructor(choice: Choice) {
    manualSeed(0);
    this.#model = network(choice);
    this.#data = spirals(100, choice.noise);
    this.#optimizer = new optim[choice.optimizer](this.#model.parameters(), { lr: choice.lr });
    this.#shown = this.#data.points.tolist().map((point, i) => [...(point as number[]), i < 100 ? 0 : 1]);
  }

  /** Trains for a short while, and then again. */
  turn(): void {
    const { points, labels } = this.#data;
    let [loss, accuracy] = [0, 0];
    const start = performance.now();
    while (performance.now() - start < 30 && this.#step < STEPS) {
      scope(() => {
        this.#optimizer.zeroGrad();
        const logits = this.#model.call(points) as Tensor;
        const error = nn.functional.crossEntropy(logits, labels);
        error.backward();
        this.#optimizer.step();
        loss = error.item();
        accuracy = logits.argmax(1).eq(labels).to('float32').mean().item();
      });
      this.#step += 1;
    }
    say({ progress: { step: this.#step, loss, accuracy, regions: regions(this.#model), points: this.#shown } });
    if (this.#step < STEPS) setTimeout(() => { this.turn(); });
  }

  look(seed: number): void {
    const { points, labels } = this.#data;
    const loss = (): Tensor => nn.functional.crossEntropy(this.#model.call(points) as Tensor, labels);
    say({ landscape: { losses: landscape(adjoint, [...this.#model.parameters()], loss, GRID, seed), step: this.#step } });
  }
}

let training: Training | undefined;

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  if ('landscape' in request) return training?.look(request.landscape);
  training = new Training(request.train);
  training.turn();
};
