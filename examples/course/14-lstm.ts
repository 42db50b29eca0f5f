// 14. Long short-term memory on a series of numbers: learn to say what comes next, then go on from
// what was said.
import { arange, cat, manualSeed, nn, noGrad, optim, randn, steps, viz, type Tensor } from 'adjoint';
import { numbers, show, type Result } from './show';

const LENGTH = 400;
const TRAINED = 300;

/**
 * Says the next number from a hidden state; the cell, which only gates write, remembers the slow
 * wave.
 */
class Forecaster extends nn.Module {
  lstm = new nn.LSTM(1, 32, { batchFirst: true });
  output = new nn.Linear(32, 1);

  override forward(x: Tensor, state: [Tensor, Tensor] | null = null): [next: Tensor, state: [Tensor, Tensor]] {
    const [hidden, after] = this.lstm(x, state);
    return [this.output(hidden), after];
  }
}

export function run(count = 150) {
  manualSeed(14);
  // A fast wave on a slow one, with noise. In float64: a forecast that is read again makes much of
  // a last digit.
  const time = arange(0, LENGTH, { dtype: 'float64' });
  const series = time.mul(0.2).sin().mul(0.6).add(time.mul(0.05).sin().mul(0.4)).add(randn([LENGTH], { dtype: 'float64' }).mul(0.03));
  const known = series.narrow(0, 0, TRAINED).view(1, TRAINED, 1);
  // Windows of 50 numbers, ten apart, each with the number that follows.
  const starts = arange(0, TRAINED - 50, 10).unsqueeze(1);
  const windows = series.index(starts.add(arange(51))).unsqueeze(-1);
  const [x, y] = [windows.narrow(1, 0, 50), windows.narrow(1, 1, 50)];

  const model = new Forecaster().to('float64');
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, count);
  const loss: number[] = [];
  for (const _ of steps(count)) {
    const error = nn.functional.mseLoss(model(x)[0], y);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    schedule.step();
    loss.push(error.item());
  }

  // After what is known every forecast is read as if it had happened.
  const forecast = noGrad(() => {
    let [next, state] = model(known);
    const ahead: Tensor[] = [];
    for (let i = TRAINED; i < LENGTH; i++) {
      const last = next.narrow(1, -1, 1);
      ahead.push(last.flatten());
      [next, state] = model(last, state);
    }
    return cat(ahead);
  });
  // When the truth is read instead, the next number is easy.
  const nextOnly = noGrad(() => model(series.view(1, LENGTH, 1))[0].flatten().narrow(0, TRAINED - 1, LENGTH - TRAINED));
  return { loss, series: numbers(series), forecast: numbers(forecast), nextOnly: numbers(nextOnly) } satisfies Result;
}

export const pictures = ({ loss, series, forecast, nextOnly }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'An LSTM learns a series', xLabel: 'step', yLabel: 'mean square' }),
  forecast: viz.lineChart(
    [
      { label: 'the series', y: series },
      { label: 'forecast', x: forecast.map((_, i) => TRAINED + i), y: forecast },
      { label: 'next number', x: nextOnly.map((_, i) => TRAINED + i), y: nextOnly },
    ],
    { title: 'One step ahead, and a hundred, in which small errors grow', xLabel: 'time' },
  ),
});

show(import.meta.url, run, pictures);
