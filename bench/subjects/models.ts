// The networks of the bench, written as in PyTorch. bench/peers/torch_subject.py has the same in Python.
import { arange, nn, noGrad, optim, rand, randint, randn, scope, type Tensor } from 'adjoint';
import { CONTEXT, HEADS, VOCABULARY, WIDTH } from '../peers/shapes.mjs';
import type { Call } from './protocol';

/** 2-16-16-1 with tanh. */
export const tiny = (): nn.Sequential =>
  new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 16), new nn.Tanh(), new nn.Linear(16, 1));

/** 784-256-128-10 with ReLU. */
export const digits = (): nn.Sequential =>
  new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 128), new nn.ReLU(), new nn.Linear(128, 10));

/** Two convolutions with pooling and three full layers, as LeNet-5 with ReLU. */
export const lenet = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5), new nn.ReLU(), new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(400, 120), new nn.ReLU(), new nn.Linear(120, 84), new nn.ReLU(), new nn.Linear(84, 10),
  );

class Block extends nn.Module {
  norm1 = new nn.LayerNorm(WIDTH);
  qkv = new nn.Linear(WIDTH, 3 * WIDTH);
  out = new nn.Linear(WIDTH, WIDTH);
  norm2 = new nn.LayerNorm(WIDTH);
  up = new nn.Linear(WIDTH, 4 * WIDTH);
  gelu = new nn.GELU();
  down = new nn.Linear(4 * WIDTH, WIDTH);

  override forward(x: Tensor): Tensor {
    const [b = 1, t = 1] = x.shape;
    const [q, k, v] = this.qkv.call(this.norm1.call(x)).chunk(3, 2).map((part) => part.view([b, t, HEADS, WIDTH / HEADS]).transpose(1, 2));
    const y = nn.functional.scaledDotProductAttention(q!, k!, v!, { isCausal: true });
    const z = x.add(this.out.call(y.transpose(1, 2).reshape([b, t, WIDTH])));
    return z.add(this.down.call(this.gelu.call(this.up.call(this.norm2.call(z)))));
  }
}

/** Two causal blocks of width 128 with 4 heads between an embedding of 65 characters and a linear layer. */
export class Transformer extends nn.Module {
  tokens = new nn.Embedding(VOCABULARY, WIDTH);
  positions = new nn.Embedding(CONTEXT, WIDTH);
  blocks = new nn.Sequential(new Block(), new Block());
  norm = new nn.LayerNorm(WIDTH);
  head = new nn.Linear(WIDTH, VOCABULARY);

  override forward(ids: Tensor): Tensor {
    const places = arange(ids.shape[1]!);
    const x = this.tokens.call(ids).add(this.positions.call(places));
    return this.head.call(this.norm.call(this.blocks.call(x)));
  }
}

const ids = (batch: number): Tensor => randint(0, VOCABULARY, [batch, CONTEXT]);

/** One training step a call. */
function training(model: nn.Module, optimizer: { zeroGrad(): void; step(): void }, loss: () => Tensor): Call {
  model.train();
  return () => {
    scope(() => {
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
    });
  };
}

const sgd = (model: nn.Module) => new optim.SGD(model.parameters(), { lr: 0.01 });

/** Training steps by the name of their workload. */
export const trainings: Readonly<Record<string, () => Call>> = {
  'train.tiny': () => {
    const [model, x, y] = [tiny(), randn([32, 2]), rand([32, 1])];
    return training(model, sgd(model), () => nn.functional.mseLoss(model.call(x), y));
  },
  'train.digits': () => {
    const [model, x, y] = [digits(), rand([64, 784]), randint(0, 10, [64])];
    return training(model, sgd(model), () => nn.functional.crossEntropy(model.call(x), y));
  },
  'train.lenet': () => {
    const [model, x, y] = [lenet(), rand([32, 1, 28, 28]), randint(0, 10, [32])];
    return training(model, sgd(model), () => nn.functional.crossEntropy(model.call(x), y));
  },
  'train.transformer': () => {
    const [model, x, y] = [new Transformer(), ids(8), ids(8)];
    const target = y.flatten();
    return training(model, new optim.Adam(model.parameters(), { lr: 1e-3 }), () => nn.functional.crossEntropy(model.call(x).flatten(0, 1), target));
  },
};

function inference(model: nn.Module, x: Tensor): Call {
  model.eval();
  return () => { scope(() => { noGrad(() => { model.call(x); }); }); };
}

/** Answers to one input by the name of their workload. */
export const inferences: Readonly<Record<string, () => Call>> = {
  'infer.digits': () => inference(digits(), rand([1, 784])),
  'infer.lenet': () => inference(lenet(), rand([1, 1, 28, 28])),
  'infer.transformer': () => inference(new Transformer(), ids(1)),
};
