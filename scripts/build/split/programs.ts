// What pages do at once: the functions these programs run, and no others, are the primary module (scripts/build/split/split.mjs).
//
// A function that is missing here costs a page the secondary module, nothing else; one too many costs every page its bytes.
import {
  add,
  isGradEnabled,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randint,
  randn,
  scope,
  tensor,
  zeros,
  type Tensor,
} from '../../../ts/index';

const { functional: F } = nn;

/** Trains as pages do, in scopes and without, and then looks at what came out. */
function train(model: nn.Module, optimizer: Pick<optim.SGD, 'zeroGrad' | 'step'>, x: Tensor, y: Tensor, lossOf: (out: Tensor, y: Tensor) => Tensor): void {
  const step = () => {
    optimizer.zeroGrad();
    const loss = lossOf(model.call(x) as Tensor, y);
    loss.backward();
    optimizer.step();
    loss.item();
  };
  for (let i = 0; i < 3; i++) {
    scope(step);
    step();
  }
  scope(() => [String(model.call(x)), noGrad(() => String(model.call(x)))]);
}

/** Samples, features, hidden units and outputs: products of all kinds of sizes, since each goes a way of its own. */
// prettier-ignore
const SIZES = [[4, 2, 16, 1], [1, 3, 5, 2], [7, 1, 8, 1], [32, 10, 32, 3], [33, 2, 64, 2], [64, 30, 128, 10], [128, 65, 100, 4]] as const;

/** Fits functions of a few numbers. */
function regression(): void {
  for (const [samples, features, hidden, outputs] of SIZES) {
    const [x, y] = [randn([samples, features]), randn([samples, outputs])];
    for (const activation of [new nn.Tanh(), new nn.ReLU(), new nn.Sigmoid()]) {
      const layers = [new nn.Linear(features, hidden), activation, new nn.Linear(hidden, hidden), activation, new nn.Linear(hidden, outputs)];
      const model = new nn.Sequential(...layers);
      train(model, new optim.Adam(model.parameters(), { lr: 0.01 }), x, y, (out, target) => F.mseLoss(out, target));
      train(model, new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }), x, y, (out, target) => F.mseLoss(out, target));
    }
  }
}

/** Tells classes apart, in batches of several sizes. */
function classification(): void {
  const model = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 128), new nn.ReLU(), new nn.Linear(128, 10));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  for (const batch of [64, 32, 7, 1]) {
    train(model, optimizer, rand([batch, 784]), randint(0, 10, [batch]), (out, target) => F.crossEntropy(out, target));
  }
  noGrad(() => {
    const out = model.call(rand([1, 784]));
    out.softmax(1).tolist();
    out.argmax(1).eq(tensor([3])).sum().item();
  });
}

/** The first page of a tutorial. */
function gradients(): void {
  const x = tensor([0, 1, 2, 3], { requiresGrad: true });
  const y = x.mul(x).mul(2).sum();
  y.backward();
  String(x.grad);
  x.grad!.zero_();
  x.sub(1).div(2).add(3).pow(2).neg().exp().log().mean().backward();
  x.detach().mul(2).tolist();
  const w = randn([3, 4], { requiresGrad: true });
  add(w.mm(ones([4, 2])), zeros([2])).relu().sum().backward();
  noGrad(() => {
    w.sub_(w.grad!.mul(0.1));
  });
  w.select(0, 0).reshape([2, 2]).tolist();
  w.t().shape.join();
  String(w);
  // A leaf times itself takes another way after one times a number.
  const leaf = rand([2], { requiresGrad: true });
  leaf.mul(2).sum();
  leaf.mul(leaf).sum().backward();
  isGradEnabled();
}

/** What everybody does sooner or later. */
function mistakes(): void {
  const refused = [
    () => ones([2, 3]).matmul(ones([4, 5])),
    () => ones([2]).add(ones([3])),
    () => {
      ones([2], { requiresGrad: true }).backward();
    },
  ];
  for (const call of refused) {
    try {
      call();
    } catch (error) {
      String(error);
      continue;
    }
    throw new Error(`${String(call)} was not refused`);
  }
}

/** Runs all of them. */
export function runAll(): void {
  manualSeed(0);
  regression();
  classification();
  gradients();
  mistakes();
}
