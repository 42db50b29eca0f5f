// 9. A convolutional network: the same small filters look at every place of an image, as LeNet did
// in 1998.
import { manualSeed, nn, optim, viz, type Tensor } from 'adjoint';
import { fit } from './classifier';
import { digits } from './data';
import { imageRow } from './plots';
import { numbers, show, type Result } from './show';

class LeNet extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }), // 6 × 28 × 28
    new nn.Tanh(),
    new nn.AvgPool2d(2), // 6 × 14 × 14
    new nn.Conv2d(6, 16, 5), // 16 × 10 × 10
    new nn.Tanh(),
    new nn.AvgPool2d(2), // 16 × 5 × 5
  );
  classifier = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(16 * 5 * 5, 120),
    new nn.Tanh(),
    new nn.Linear(120, 84),
    new nn.Tanh(),
    new nn.Linear(84, 10),
  );

  override forward(images: Tensor): Tensor {
    return this.classifier(this.features(images));
  }
}

export function run(epochs = 8, images = 1500) {
  manualSeed(9);
  const model = new LeNet();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const history = fit(model, optimizer, digits('train', images), digits('t10k', images / 2), epochs);
  const parameters = model.parameters().reduce((sum, p) => sum + p.numel(), 0);
  return { ...history, parameters: [parameters], filters: numbers(model.parameters()[0]!) } satisfies Result;
}

export const pictures = ({ loss, train, test, filters }: ReturnType<typeof run>) => ({
  loss: viz.lineChart(
    [{ label: 'training loss', y: loss }, { label: 'training accuracy', y: train }, { label: 'test accuracy', y: test }],
    { title: 'LeNet on 1,500 digits', xLabel: 'epoch' },
  ),
  filters: imageRow(filters.map((v) => 0.5 + v), 5, 'The six filters of the first layer'),
});

show(import.meta.url, run, pictures);
