// 6. Dropout: a layer that forgets a part of what it is told, anew for every batch, so that no unit
// can lean on another.
import { manualSeed, nn, optim, rand, viz, zerosLike, type Tensor } from 'adjoint';
import { fit } from './classifier';
import { digits } from './data';
import { show, type Result } from './show';

/**
 * Sets elements to zero with probability p while training and makes the others greater, so that
 * sums stay the same on average.
 */
class Dropout extends nn.Module {
  constructor(readonly p: number) {
    super();
  }

  override forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    if (this.p === 1) return zerosLike(x);
    const kept = rand(x.shape).gt(this.p);
    return x.mul(kept).div(1 - this.p);
  }
}

/** A network much too large for its few images. */
const network = (dropout: () => nn.Module): nn.Module =>
  new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(784, 256), new nn.ReLU(), dropout(),
    new nn.Linear(256, 256), new nn.ReLU(), dropout(),
    new nn.Linear(256, 10),
  );

export function run(epochs = 20, images = 500) {
  const [train, test] = [digits('train', images), digits('t10k', images / 2)];
  const learn = (dropout: () => nn.Module) => {
    manualSeed(6);
    const model = network(dropout);
    return fit(model, new optim.SGD(model.parameters(), { lr: 0.03, momentum: 0.9 }), train, test, epochs);
  };
  const none = learn(() => new nn.Identity());
  const ours = learn(() => new Dropout(0.5));
  const library = learn(() => new nn.Dropout(0.5));
  return {
    loss: library.loss,
    test: library.test,
    lossOurs: ours.loss,
    testOurs: ours.test,
    lossNone: none.loss,
    testNone: none.test,
  } satisfies Result;
}

export const pictures = ({ loss, lossOurs, lossNone, test, testOurs, testNone }: ReturnType<typeof run>) => ({
  loss: viz.lineChart(
    [{ label: 'nn.Dropout', y: loss }, { label: 'dropout by hand', y: lossOurs }, { label: 'none', y: lossNone }],
    { title: 'Training loss with and without dropout', xLabel: 'epoch', yLabel: 'cross entropy' },
  ),
  test: viz.lineChart(
    [{ label: 'nn.Dropout', y: test }, { label: 'dropout by hand', y: testOurs }, { label: 'none', y: testNone }],
    { title: 'Test accuracy with and without dropout', xLabel: 'epoch', yLabel: 'accuracy' },
  ),
});

show(import.meta.url, run, pictures);
