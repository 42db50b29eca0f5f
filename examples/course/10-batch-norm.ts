// 10. Batch normalisation: every channel is made mean 0 and variance 1 over the batch, so that a
// layer need not follow the one below.
import { allclose, manualSeed, nn, noGrad, ones, optim, randn, viz, zeros, type Tensor } from 'adjoint';
import { fit } from './classifier';
import { digits } from './data';
import { show, type Result } from './show';

/** What `nn.BatchNorm2d` does, written out. */
class BatchNorm extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;
  declare runningMean: Tensor;
  declare runningVar: Tensor;

  constructor(channels: number, readonly momentum = 0.1, readonly eps = 1e-5) {
    super();
    this.weight = new nn.Parameter(ones([1, channels, 1, 1]));
    this.bias = new nn.Parameter(zeros([1, channels, 1, 1]));
    this.registerBuffer('runningMean', zeros([1, channels, 1, 1]));
    this.registerBuffer('runningVar', ones([1, channels, 1, 1]));
  }

  override forward(x: Tensor): Tensor {
    let mean = this.runningMean;
    let variance = this.runningVar;
    if (this.training) {
      mean = x.mean([0, 2, 3], true);
      variance = x.sub(mean).square().mean([0, 2, 3], true);
      // For later, when there is no batch to ask: averages over the batches, of the variance
      // without its bias.
      const count = x.numel() / x.size(1);
      noGrad(() => {
        this.runningMean.lerp_(mean, this.momentum);
        this.runningVar.lerp_(variance.mul(count / (count - 1)), this.momentum);
      });
    }
    return x.sub(mean).div(variance.add(this.eps).sqrt()).mul(this.weight).add(this.bias);
  }
}

/** LeNet's beginning with a layer after each convolution. */
const network = (after: (channels: number) => nn.Module): nn.Module =>
  new nn.Sequential(
    new nn.Conv2d(1, 6, 5), after(6), new nn.Sigmoid(), new nn.AvgPool2d(2),
    new nn.Conv2d(6, 16, 5), after(16), new nn.Sigmoid(), new nn.AvgPool2d(2),
    new nn.Flatten(), new nn.Linear(256, 10),
  );

export function run(epochs = 6, images = 1000) {
  const [train, test] = [digits('train', images), digits('t10k', images / 2)];
  const learn = (after: (channels: number) => nn.Module) => {
    manualSeed(10);
    const model = network(after);
    return fit(model, new optim.SGD(model.parameters(), { lr: 0.3 }), train, test, epochs);
  };
  const ours = learn((channels) => new BatchNorm(channels));
  const library = learn((channels) => new nn.BatchNorm2d(channels));
  const none = learn(() => new nn.Identity());

  // Both layers say the same, of a batch and of what they have seen.
  const [own, builtIn] = [new BatchNorm(3), new nn.BatchNorm2d(3)];
  const x = randn([8, 3, 5, 5]).mul(4).add(2);
  const inTraining = allclose(own(x), builtIn(x), { atol: 1e-5 });
  own.eval();
  builtIn.eval();
  const afterwards = allclose(own(x), builtIn(x), { atol: 1e-5 });
  return {
    loss: ours.loss,
    test: ours.test,
    lossLibrary: library.loss,
    lossNone: none.loss,
    testNone: none.test,
    agrees: [Number(inTraining), Number(afterwards)],
  } satisfies Result;
}

export const pictures = ({ loss, lossLibrary, lossNone }: ReturnType<typeof run>) => ({
  loss: viz.lineChart(
    [{ label: 'by hand', y: loss }, { label: 'nn.BatchNorm2d', y: lossLibrary }, { label: 'none', y: lossNone }],
    { title: 'A network of sigmoids with and without batch normalisation', xLabel: 'epoch', yLabel: 'training loss' },
  ),
});

show(import.meta.url, run, pictures);
