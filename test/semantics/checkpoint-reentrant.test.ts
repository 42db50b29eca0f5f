// checkpoint with useReentrant: true.
import { type Tensor, autograd, checkpoint, isGradEnabled, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const nodeOf = (t: Tensor): string | null => t.gradFn?.name() ?? null;
const { grad } = autograd;
const REENTRANT = { useReentrant: true };

behaves("the node is PyTorch's, and the function runs twice", ['CheckpointFunctionBackward', [12], 2], () => {
  const x = leaf(2);
  let n = 0;
  const y = checkpoint(x => {
    n++;
    return x.mul(x).mul(x);
  }, x, REENTRANT), a = nodeOf(y);
  y.sum().backward();
  return [a, x.grad, n];
});

behaves('without an argument that requires grad there is no gradient', false, () => {
  const w = leaf(2);
  return checkpoint(x => x.mul(w), tensor([3]), REENTRANT).requiresGrad;
});

behaves('grad() and backward(inputs) are refused', ['error', 'error'], () => {
  const x = leaf(2), y = checkpoint(x => x.mul(x), x, REENTRANT);
  return [fails(() => grad(y.sum(), x)), fails(() => y.sum().backward({ inputs: [x] }))];
});

behaves('there are no second derivatives', [[4], false], () => {
  const x = leaf(2), y = checkpoint(x => x.mul(x), x, REENTRANT);
  y.sum().backward(null, { createGraph: true });
  return [x.grad, x.grad!.requiresGrad];
});

behaves('tensors the function closes over get their gradients', [[5], [2]], () => {
  const x = leaf(2), w = leaf(5);
  checkpoint(x => x.mul(w), x, REENTRANT).sum().backward();
  return [x.grad, w.grad];
});

behaves('several outputs', [5], () => {
  const x = leaf(2), [a, b] = checkpoint(x => [x.mul(2), x.mul(3)], x, REENTRANT);
  a.add(b).sum().backward();
  return x.grad;
});

behaves('the graph can be walked twice', [8], () => {
  const x = leaf(2), y = checkpoint(x => x.mul(x), x, REENTRANT).sum();
  y.backward({ retainGraph: true });
  y.backward();
  return x.grad;
});

behaves('the first run records nothing, the second does', [false, true], () => {
  const log: unknown[] = [], x = leaf(2);
  checkpoint(x => {
    log.push(isGradEnabled());
    return x.mul(x);
  }, x, REENTRANT).sum().backward();
  return log;
});

behaves('nested', [36], () => {
  const x = leaf(2), f = (x: any) => checkpoint(y => y.mul(y), x.mul(3), REENTRANT);
  checkpoint(f, x, REENTRANT).sum().backward();
  return x.grad;
});

behaves('the other form allows grad()', [[4]], () => {
  const x = leaf(2);
  return grad(checkpoint(x => x.mul(x), x).sum(), x);
});

behaves('… and leaves the graph as it is', 'MulBackward0', () => nodeOf(checkpoint(x => x.mul(x), leaf(2))));
