// 11. A residual network: a block adds to what it is given, so that gradients have a way past every
// block.
import { data, manualSeed, nn, optim, viz, type Tensor } from 'adjoint';
import { fit } from './classifier';
import { digits } from './data';
import { show, type Result } from './show';

class Block extends nn.Module {
  conv1: nn.Conv2d;
  norm1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  norm2: nn.BatchNorm2d;
  /** Brings the input to the shape of the output, where they differ. */
  shortcut: nn.Module;

  constructor(inputs: number, outputs: number, stride: number, readonly isResidual: boolean) {
    super();
    this.conv1 = new nn.Conv2d(inputs, outputs, 3, { stride, padding: 1, bias: false });
    this.norm1 = new nn.BatchNorm2d(outputs);
    this.conv2 = new nn.Conv2d(outputs, outputs, 3, { padding: 1, bias: false });
    this.norm2 = new nn.BatchNorm2d(outputs);
    this.shortcut = inputs === outputs && stride === 1 ? new nn.Identity() : new nn.Conv2d(inputs, outputs, 1, { stride });
  }

  override forward(x: Tensor): Tensor {
    const h = this.norm1(this.conv1(x)).relu();
    const change = this.norm2(this.conv2(h));
    return (this.isResidual ? change.add(this.shortcut(x) as Tensor) : change).relu();
  }
}

/** Three stages, each with half the height and width of the one before and twice its channels. */
function network(blocks: number, isResidual: boolean): nn.Module {
  const widths = [8, 16, 32];
  const stages = widths.flatMap((width, stage) =>
    Array.from({ length: blocks }, (_, i) => {
      const isFirst = i === 0 && stage > 0;
      return new Block(isFirst ? widths[stage - 1]! : width, width, isFirst ? 2 : 1, isResidual);
    }),
  );
  return new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { stride: 2, padding: 1 }), // 8 × 14 × 14
    ...stages,
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(32, 10),
  );
}

/**
 * Images in float64: behind so many layers a difference in a last digit is one in the third after a
 * few steps.
 */
function wide({ tensors: [images, labels] }: data.TensorDataset): data.TensorDataset {
  return new data.TensorDataset(images!.to('float64'), labels!);
}

export function run(epochs = 4, images = 1000) {
  const [train, test] = [wide(digits('train', images)), wide(digits('t10k', images / 2))];
  const learn = (isResidual: boolean) => {
    manualSeed(11);
    const model = network(2, isResidual).to('float64');
    return fit(model, new optim.SGD(model.parameters(), { lr: 0.02, momentum: 0.9, weightDecay: 5e-4 }), train, test, epochs);
  };
  const residual = learn(true);
  const plain = learn(false);
  return { loss: residual.loss, test: residual.test, lossPlain: plain.loss, testPlain: plain.test } satisfies Result;
}

export const pictures = ({ loss, lossPlain, test, testPlain }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'residual', y: loss }, { label: 'plain', y: lossPlain }], {
    title: 'Fourteen layers with and without residual connections',
    xLabel: 'epoch',
    yLabel: 'training loss',
  }),
  test: viz.lineChart([{ label: 'residual', y: test }, { label: 'plain', y: testPlain }], {
    title: 'Fourteen layers with and without residual connections',
    xLabel: 'epoch',
    yLabel: 'test accuracy',
  }),
});

show(import.meta.url, run, pictures);
