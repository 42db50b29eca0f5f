// npm run demo: the worked examples of the lecture, the digits, and two pictures. With --conv a
// convolutional network reads the digits.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, nn, randn, scope, tensor, viz, type Tensor } from 'adjoint';
import { CONVOLUTIONAL, showDigits } from './digits';
import { showLecture } from './lecture';

const folder = 'out';

/** The mean of `values` over windows of `width`, so that a curve can be read. */
function smoothed(values: readonly number[], width: number): number[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= width ? values[i - width]! : 0);
    return sum / Math.min(i + 1, width);
  });
}

function write(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  console.log(`  wrote ${path}`);
}

/** The operations of one training step's loss. */
function stepGraph(model: nn.Module): string {
  return scope(() => {
    const criterion = new nn.CrossEntropyLoss();
    const labels = tensor([3n, 1n, 4n, 1n]);
    const step = capture((x, y) => criterion(model(x) as Tensor, y), randn(4, 784), labels);
    return viz.graphSvg(step, {
      title: 'One step: the loss of 4 images',
      inputs: ['images', 'labels'],
      tensors: Object.fromEntries(model.namedParameters()),
    });
  });
}

const isCorrect = showLecture();
const isConvolutional = process.argv.includes('--conv');
const { model, losses, testAccuracy } = showDigits(isConvolutional ? CONVOLUTIONAL : {});
console.log('\nPictures\n');
const series = [
  { label: 'each step', y: losses },
  { label: 'mean of 100', y: smoothed(losses, 100) },
];
write('loss.svg', viz.lineChart(series, { title: 'Training loss on MNIST', xLabel: 'step', yLabel: 'cross entropy' }));
write('graph.svg', stepGraph(model));
if (!isCorrect || testAccuracy < (isConvolutional ? 0.99 : 0.975)) process.exitCode = 1;
