// 4. A multilayer perceptron: a hidden layer with a bend, without which two linear layers were one.
import { linspace, manualSeed, nn, optim, viz, type Tensor } from 'adjoint';
import { fit } from './classifier';
import { digits } from './data';
import { numbers, show, type Result } from './show';

class Perceptron extends nn.Module {
  hidden = new nn.Linear(784, 128);
  output = new nn.Linear(128, 10);

  override forward(x: Tensor): Tensor {
    return this.output(this.hidden(x.flatten(1)).relu());
  }
}

/** The slope of `f` over −4 … 4: where it is flat, a layer behind it learns nothing. */
function slope(f: (x: Tensor) => Tensor): number[] {
  const x = linspace(-4, 4, 81).requiresGrad_();
  f(x).sum().backward();
  return numbers(x.grad!);
}

export function run(epochs = 10, images = 2000) {
  manualSeed(4);
  const model = new Perceptron();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const history = fit(model, optimizer, digits('train', images), digits('t10k', images / 2), epochs);
  return {
    ...history,
    relu: slope((x) => x.relu()),
    sigmoid: slope((x) => x.sigmoid()),
    tanh: slope((x) => x.tanh()),
  } satisfies Result;
}

export const pictures = ({ loss, train, test, relu, sigmoid, tanh }: ReturnType<typeof run>) => {
  const x = relu.map((_, i) => -4 + i / 10);
  return {
    loss: viz.lineChart(
      [{ label: 'training loss', y: loss }, { label: 'training accuracy', y: train }, { label: 'test accuracy', y: test }],
      { title: 'A multilayer perceptron on 2,000 digits', xLabel: 'epoch' },
    ),
    slopes: viz.lineChart([{ label: 'ReLU', x, y: relu }, { label: 'sigmoid', x, y: sigmoid }, { label: 'tanh', x, y: tanh }], {
      title: 'Slopes of activations',
      xLabel: 'x',
      yLabel: 'slope',
    }),
  };
};

show(import.meta.url, run, pictures);
