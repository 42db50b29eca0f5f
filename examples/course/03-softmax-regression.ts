// 3. Softmax regression: ten scores for an image, made probabilities, and the loss that wants the
// right one to be great.
import { data, manualSeed, nn, ones, optim, tensor, viz, zeros, type Tensor } from 'adjoint';
import { accuracy } from './classifier';
import { digits } from './data';
import { numbers, show, type Result } from './show';

/**
 * Probabilities of scores, row by row. Without the greatest taken away, exp of a great score would
 * be infinite.
 */
const softmax = (scores: Tensor): Tensor => {
  const exp = scores.sub(scores.amax(1, true)).exp();
  return exp.div(exp.sum(1, true));
};

/** The mean of −log of the probability that each row gives to its label. */
const crossEntropy = (probabilities: Tensor, labels: Tensor): Tensor => probabilities.gather(1, labels.unsqueeze(1)).log().neg().mean();

export function run(epochs = 10, images = 2000) {
  manualSeed(3);
  // By hand first: for scores 1, 2 and 3 the library's loss is the same number, from scores at
  // once.
  const scores = tensor([[1, 2, 3]]);
  const label = tensor([2n]);
  const byHand = [crossEntropy(softmax(scores), label).item(), nn.functional.crossEntropy(scores, label).item()];

  const [train, test] = [digits('train', images), digits('t10k', images / 2)];
  const loader = new data.DataLoader(train, { batchSize: 64, shuffle: true });
  const linear = new nn.Linear(784, 10);
  const model = new nn.Sequential(new nn.Flatten(), linear);
  nn.init.zeros_(linear.weight);
  nn.init.zeros_(linear.bias!);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const history = { loss: [] as number[], test: [] as number[] };

  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (const [inputs, labels] of loader) {
      const loss = crossEntropy(softmax(model(inputs!)), labels!);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      sum += loss.item();
    }
    history.loss.push(sum / loader.length);
    history.test.push(accuracy(model, test));
  }
  // How many of the test images the model takes for each digit.
  const guesses = zeros([10]).indexAdd(0, model(test.tensors[0]!).argmax(1), ones([test.length]));
  return { ...history, byHand, guesses: numbers(guesses) } satisfies Result;
}

export const pictures = ({ loss, test }: ReturnType<typeof run>) => ({
  loss: viz.lineChart(
    [{ label: 'training loss', y: loss }, { label: 'test accuracy', y: test }],
    { title: 'Softmax regression on 2,000 digits', xLabel: 'epoch' },
  ),
});

show(import.meta.url, run, pictures);
