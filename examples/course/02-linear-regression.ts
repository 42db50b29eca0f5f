// 2. Linear regression, concise: the same plane found with a layer, a loss, an optimizer and a
// loader from the library.
import { data, manualSeed, nn, optim, randn, tensor, viz } from 'adjoint';
import { numbers, show, type Result } from './show';

export function run(epochs = 5) {
  manualSeed(2);
  const x = randn([1000, 2]);
  const noise = randn([1000, 1]).mul(0.1);
  const y = x.matmul(tensor([[2], [-3.4]])).add(4.2).add(noise);

  const loader = new data.DataLoader(new data.TensorDataset(x, y), { batchSize: 10, shuffle: true });
  const model = new nn.Linear(2, 1);
  const criterion = new nn.MSELoss();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.005 });
  const loss: number[] = [];

  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (const [points, heights] of loader) {
      const error = criterion(model(points), heights);
      optimizer.zeroGrad();
      error.backward();
      optimizer.step();
      sum += error.item();
    }
    loss.push(sum / loader.length);
  }
  return { loss, w: numbers(model.weight), b: numbers(model.bias!) } satisfies Result;
}

export const pictures = ({ loss }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'Linear regression, concise', xLabel: 'epoch', yLabel: 'mean square' }),
});

show(import.meta.url, run, pictures);
