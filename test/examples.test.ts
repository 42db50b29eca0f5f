import { describe, expect, it } from 'vitest';
import { mnist } from '../examples/mnist';
import { CONVOLUTIONAL, train } from '../examples/digits';
import { ProgressBar } from '../examples/progress';

describe('the digits', () => {
  it('are 60,000 images for training and 10,000 for testing', () => {
    const test = mnist('t10k');
    expect(test.tensors.map((t) => [t.dtype, ...t.shape])).toEqual([
      ['uint8', 10_000, 784],
      ['int64', 10_000],
    ]);
    expect(test.tensors[1]!.narrow(0, 0, 5).tolist()).toEqual([7, 2, 1, 0, 4]);
    expect(mnist('train')).toHaveLength(60_000);
  });

  it('are learned by a loop as in PyTorch, which ends with the tensors and bytes it had after its first epoch', () => {
    const { losses, memory, testAccuracy } = train({ limit: 6400, epochs: 3, batchSize: 64 });
    expect(losses).toHaveLength(300);
    const mean = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    expect(mean(losses.slice(-50))).toBeLessThan(0.5 * mean(losses.slice(0, 50)));
    expect(testAccuracy).toBeGreaterThan(0.92);
    const [first, ...others] = memory.map(({ tensors, bytes, nodes }) => ({ tensors, bytes, nodes }));
    expect(others).toEqual([first, first]);
  });

  it('are learned by a convolutional network too', () => {
    const { losses, testAccuracy } = train({ ...CONVOLUTIONAL, limit: 1600, epochs: 2, batchSize: 32 });
    expect(losses).toHaveLength(100);
    expect(testAccuracy).toBeGreaterThan(0.85);
  });

  it('give the same losses for the same seed', () => {
    const settings = { limit: 640, epochs: 1 };
    expect(train(settings).losses).toEqual(train(settings).losses);
  });
});

describe('the progress bar', () => {
  const progress = { epoch: 1, epochs: 2, step: 1, steps: 2, loss: 1.5, accuracy: 0.5 };

  it('writes a line an epoch where there is no terminal', () => {
    const written: string[] = [];
    const bar = new ProgressBar({ isTTY: false, write: (text: string) => written.push(text) } as never);
    bar.update(progress);
    bar.update({ ...progress, step: 2 });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^ {2}epoch 1\/2 \[={24}\] loss 1\.5000 {2}accuracy 50\.00 % {2}\d+ steps\/s {2}\d+:\d\d left\n$/);
  });

  it('draws over itself on a terminal', () => {
    const written: string[] = [];
    const bar = new ProgressBar({ isTTY: true, write: (text: string) => written.push(text) } as never);
    bar.update(progress);
    expect(written[0]).toMatch(/^\r {2}epoch 1\/2 \[={12} {12}\]/);
  });
});
