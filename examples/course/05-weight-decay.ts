// 5. Weight decay: with more weights than examples a model learns its examples by heart; small
// weights learn what is behind them.
import { manualSeed, nn, noGrad, optim, randn, steps, viz } from 'adjoint';
import { show, type Result } from './show';

const INPUTS = 200;
const EXAMPLES = 20;

export function run(epochs = 100) {
  manualSeed(5);
  // Every input counts a little, and twenty examples cannot say so of two hundred inputs.
  const x = randn([EXAMPLES + 100, INPUTS]);
  const y = x.sum(1, true).mul(0.01).add(0.05).add(randn([EXAMPLES + 100, 1]).mul(0.01));
  const [trainX, testX] = x.split([EXAMPLES, 100]);
  const [trainY, testY] = y.split([EXAMPLES, 100]);

  /**
   * Trains with the given decay. Returns the losses of every epoch and how large the weights have
   * become.
   */
  function train(weightDecay: number) {
    manualSeed(50);
    const model = new nn.Linear(INPUTS, 1);
    // Weights decay; the bias, which no input can overfit, does not.
    const optimizer = new optim.SGD([{ params: [model.weight], weightDecay }, { params: [model.bias!] }], { lr: 0.003 });
    const [learned, unseen]: [number[], number[]] = [[], []];
    for (const _ of steps(epochs)) {
      for (let i = 0; i < EXAMPLES; i += 5) {
        const loss = nn.functional.mseLoss(model(trainX!.narrow(0, i, 5)), trainY!.narrow(0, i, 5));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      }
      noGrad(() => {
        learned.push(nn.functional.mseLoss(model(trainX!), trainY!).item());
        unseen.push(nn.functional.mseLoss(model(testX!), testY!).item());
      });
    }
    return { learned, unseen, norm: model.weight.norm().item() };
  }

  const free = train(0);
  const decayed = train(3);
  return {
    loss: decayed.learned,
    test: decayed.unseen,
    lossFree: free.learned,
    testFree: free.unseen,
    norms: [free.norm, decayed.norm],
  } satisfies Result;
}

export const pictures = ({ loss, test, lossFree, testFree }: ReturnType<typeof run>) => ({
  loss: viz.lineChart(
    [
      { label: 'learned, free', y: lossFree.map(Math.log10) },
      { label: 'unseen, free', y: testFree.map(Math.log10) },
      { label: 'learned, decay', y: loss.map(Math.log10) },
      { label: 'unseen, decay', y: test.map(Math.log10) },
    ],
    { title: 'Weight decay', xLabel: 'epoch', yLabel: 'log10 of the loss' },
  ),
});

show(import.meta.url, run, pictures);
