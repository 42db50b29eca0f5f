// Networks with a batch for each step, as they are captured and carried to other engines.
import { nn, optim, tensor, type Tensor } from 'adjoint';

const F = nn.functional;

/** Numbers between -1 and 1, the same in each run. */
function data(shape: readonly number[], seed: number): Tensor {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return tensor(values).reshape(...shape);
}

/** Classes below `n`. */
function classes(shape: readonly number[], n: number, seed: number): Tensor {
  return data(shape, seed).add(1).mul(n / 2).floor().clamp(0, n - 1).to('int64');
}

/** A network, a batch for each step, and the loss of a batch. */
export interface Task {
  readonly model: nn.Module;
  readonly batch: (i: number) => Tensor[];
  readonly loss: (...batch: Tensor[]) => Tensor;
}

class LeNet extends nn.Module {
  readonly conv1 = new nn.Conv2d(1, 6, 5, { padding: 2 });
  readonly conv2 = new nn.Conv2d(6, 16, 5);
  readonly fc1 = new nn.Linear(16 * 5 * 5, 120);
  readonly fc2 = new nn.Linear(120, 84);
  readonly fc3 = new nn.Linear(84, 10);
  override forward(x: Tensor): Tensor {
    const a = F.maxPool2d(this.conv1.call(x).tanh(), 2);
    const b = F.maxPool2d(this.conv2.call(a).tanh(), 2).flatten(1);
    return this.fc3.call(this.fc2.call(this.fc1.call(b).tanh()).tanh());
  }
}

/** Of 16 samples, which 8 devices or 2 ranks can share. */
export const tasks: Readonly<Record<string, () => Task>> = {
  mlp() {
    const model = new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 16), new nn.GELU(), new nn.Linear(16, 1));
    return { model, batch: (i) => [data([16, 4], i), data([16, 1], i + 100)], loss: (x, y) => F.mseLoss(model.call(x), y) };
  },
  lenet() {
    const model = new LeNet();
    return { model, batch: (i) => [data([16, 1, 28, 28], i), classes([16], 10, i + 100)], loss: (x, y) => F.crossEntropy(model.call(x), y) };
  },
  transformer() {
    const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0, batchFirst: true });
    const model = new nn.Sequential(new nn.Embedding(7, 8), new nn.TransformerEncoder(layer, 2), new nn.Linear(8, 7));
    return {
      model,
      batch: (i) => [classes([16, 5], 7, i), classes([16, 5], 7, i + 100)],
      loss: (x, y) => F.crossEntropy(model.call(x).reshape(-1, 7), y.reshape(-1)),
    };
  },
};

/** What moves the parameters. */
export const optimizers: Readonly<Record<string, (params: nn.Parameter[]) => optim.Optimizer>> = {
  sgd: (params) => new optim.SGD(params, { lr: 0.05, momentum: 0.9 }),
  adam: (params) => new optim.Adam(params, { lr: 0.01 }),
};
