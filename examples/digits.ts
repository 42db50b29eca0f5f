// Training a network on MNIST, line by line as in PyTorch: npm run demo, or
// node scripts/run.mjs examples/digits.ts, either with --conv for a convolutional one.
import { pathToFileURL } from 'node:url';
import { data, manualSeed, memoryStats, nn, noGrad, optim, type MemoryStats, type Tensor } from 'adjoint';
import { mnist } from './mnist';
import { normalized } from './normalized';
import { ProgressBar, type Progress } from './progress';

/** 784 grey values to 10 logits, one for each digit. */
export class Net extends nn.Module {
  hidden = new nn.Linear(784, 128);
  out = new nn.Linear(128, 10);

  override forward(x: Tensor): Tensor {
    return this.out(this.hidden(x).relu());
  }
}

/** The same with two convolutions before it, each followed by a pooling that halves height and width. */
export class ConvNet extends nn.Module {
  conv1 = new nn.Conv2d(1, 16, 3);
  conv2 = new nn.Conv2d(16, 32, 3);
  hidden = new nn.Linear(32 * 5 * 5, 64);
  out = new nn.Linear(64, 10);

  override forward(x: Tensor): Tensor {
    const { maxPool2d } = nn.functional;
    let h = x.view(-1, 1, 28, 28);
    h = maxPool2d(this.conv1(h).relu(), 2); // 16 × 13 × 13
    h = maxPool2d(this.conv2(h).relu(), 2); // 32 × 5 × 5
    return this.out(this.hidden(h.flatten(1)).relu());
  }
}

/** What can be chosen about a run. */
export interface Settings {
  /** Makes the network. */
  network: () => nn.Module;
  epochs: number;
  batchSize: number;
  lr: number;
  momentum: number;
  seed: number;
  /** Uses only the first images, for a quick look. */
  limit: number;
  onProgress: (progress: Progress) => void;
}

/** What came of a run. */
export interface Outcome {
  model: nn.Module;
  /** The loss of every step. */
  losses: number[];
  /** The part of test images classified correctly. */
  testAccuracy: number;
  seconds: number;
  /** What was alive after each epoch. */
  memory: MemoryStats[];
}

const DEFAULTS: Settings = {
  network: () => new Net(),
  epochs: 5,
  batchSize: 64,
  lr: 0.05,
  momentum: 0.9,
  seed: 0,
  limit: Infinity,
  onProgress: () => undefined,
};

/** The run of `--conv`. */
export const CONVOLUTIONAL: Partial<Settings> = { network: () => new ConvNet(), epochs: 4 };

/** The part of the images that `model` classifies correctly. */
export function accuracy(model: nn.Module, test: data.TensorDataset): number {
  let correct = 0;
  model.eval();
  noGrad(() => {
    for (const [images, labels] of new data.DataLoader(test, { batchSize: 1000 })) {
      const logits = model(normalized(images!)) as Tensor;
      correct += logits.argmax(1).eq(labels!).sum().item();
    }
  });
  model.train();
  return correct / test.length;
}

function firstOf(dataset: data.TensorDataset, limit: number): data.TensorDataset {
  if (limit >= dataset.length) return dataset;
  return new data.TensorDataset(...dataset.tensors.map((t) => t.narrow(0, 0, limit)));
}

/** Trains on the training images and tests on the others. */
export function train(settings: Partial<Settings> = {}): Outcome {
  const { network, epochs, batchSize, lr, momentum, seed, limit, onProgress } = { ...DEFAULTS, ...settings };
  const start = performance.now();
  manualSeed(seed);
  const loader = new data.DataLoader(firstOf(mnist('train'), limit), { batchSize, shuffle: true, dropLast: true });
  const model = network();
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new optim.SGD(model.parameters(), { lr, momentum });
  const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
  const losses: number[] = [];
  const memory: MemoryStats[] = [];

  for (let epoch = 1; epoch <= epochs; epoch++) {
    let step = 0;
    let loss = 0;
    let correct = 0;
    for (const [images, labels] of loader) {
      const logits = model(normalized(images!)) as Tensor;
      const batchLoss = criterion(logits, labels!);
      optimizer.zeroGrad();
      batchLoss.backward();
      optimizer.step();

      step += 1;
      losses.push(batchLoss.item());
      loss += batchLoss.item();
      correct += logits.argmax(1).eq(labels!).sum().item();
      onProgress({ epoch, epochs, step, steps: loader.length, loss: loss / step, accuracy: correct / (step * batchSize) });
    }
    scheduler.step();
    memory.push(memoryStats());
  }
  const seconds = (performance.now() - start) / 1000;
  return { model, losses, testAccuracy: accuracy(model, mnist('t10k')), seconds, memory };
}

/** Trains with a progress bar and says what came of it. */
export function showDigits(settings: Partial<Settings> = {}): Outcome {
  const bar = new ProgressBar();
  const name = settings.network === CONVOLUTIONAL.network ? 'two convolutions, 64-10' : '784-128-10';
  console.log(`\nHandwritten digits: ${name} with ReLU, cross entropy, SGD with momentum, 60,000 images\n`);
  const outcome = train({ onProgress: (progress) => { bar.update(progress); }, ...settings });
  const { losses, testAccuracy, seconds, memory } = outcome;
  const alive = (stats: MemoryStats | undefined): string => `${stats?.tensors ?? 0} tensors, ${((stats?.bytes ?? 0) / 2 ** 20).toFixed(1)} MB`;
  console.log(`\n  ${losses.length} steps in ${seconds.toFixed(1)} s, ${(losses.length / seconds).toFixed(0)} steps/s`);
  console.log(`  alive after the first epoch: ${alive(memory[0])}; after the last: ${alive(memory.at(-1))}`);
  console.log(`  test accuracy: ${(100 * testAccuracy).toFixed(2)} % of 10,000 images`);
  return outcome;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) showDigits(process.argv.includes('--conv') ? CONVOLUTIONAL : {});
