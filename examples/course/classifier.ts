// The loop of chapter 3, which the later chapters about digits share: train for an epoch, then
// test.
import { data, nn, noGrad, type Tensor, type optim } from 'adjoint';

/** The part of `dataset` that `model` classifies correctly. */
export function accuracy(model: nn.Module, dataset: data.TensorDataset): number {
  let correct = 0;
  model.eval();
  noGrad(() => {
    for (const [images, labels] of new data.DataLoader(dataset, { batchSize: 256 })) {
      correct += (model(images!) as Tensor).argmax(1).eq(labels!).sum().item();
    }
  });
  model.train();
  return correct / dataset.length;
}

/**
 * Trains for `epochs` on batches of 64. Returns for each the mean loss, and the accuracy on what
 * was learned from and on `test`.
 */
export function fit(model: nn.Module, optimizer: optim.Optimizer, train: data.TensorDataset, test: data.TensorDataset, epochs: number) {
  const loader = new data.DataLoader(train, { batchSize: 64, shuffle: true });
  const history = { loss: [] as number[], train: [] as number[], test: [] as number[] };
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (const [images, labels] of loader) {
      const loss = nn.functional.crossEntropy(model(images!) as Tensor, labels!);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      sum += loss.item() * labels!.size(0);
    }
    history.loss.push(sum / train.length);
    history.train.push(accuracy(model, train));
    history.test.push(accuracy(model, test));
  }
  return history;
}
