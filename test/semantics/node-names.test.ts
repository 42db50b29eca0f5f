// Names of nodes and what their nextFunctions list, where PyTorch lets them depend on the call.
import { fmod, maximum, nn, pow, remainder, tensor, where, type Tensor } from 'adjoint';
import { behaves } from './behaves';

const matrix = (): Tensor => tensor([[1.5, 2], [3, 4]], { requiresGrad: true });
const index = tensor([0], { dtype: 'int64' });

/** The node of `t` and those its inputs came from; AccumulateGrad is `leaf`. */
function shown(t: Tensor): unknown[] {
  const short = (name: string) => name.replace('torch::autograd::AccumulateGrad', 'leaf').replace('Backward', '');
  return [short(t.gradFn!.name()), ...t.gradFn!.nextFunctions.map(([node]) => (node === null ? null : short(node.name())))];
}

behaves('powers, remainders and fills of numbers and of tensors', [['Pow0', 'leaf'], ['Pow2', 'leaf'], ['Pow1', 'leaf', 'leaf'], ['Fmod0', 'leaf'], ['Fmod1', 'leaf', 'leaf'], ['Remainder0', 'leaf'], ['Remainder1', 'leaf', 'leaf'], ['Fill2', 'Mul0'], ['Fill3', 'Mul0', 'leaf']], () => {
  const x = matrix();
  return [x.pow(2), pow(2, x), x.pow(x), fmod(x, 2), fmod(x, x), remainder(x, 2), remainder(x, x), x.mul(1).fill_(2), x.mul(1).fill_(tensor(2, { requiresGrad: true }))].map(shown);
});
behaves('a number beside a tensor is listed as null in arithmetic', [['Add0', 'leaf', null], ['Mul0', 'leaf', null], ['Where0', 'leaf', null], ['Where0', 'leaf', 'leaf']], () => {
  const x = matrix();
  return [x.add(1), x.mul(2), where(x.gt(0), x, 2), where(x.gt(0), x, x)].map(shown);
});
behaves('indices and masks are not listed', [['Index0', 'leaf'], ['Index0', 'leaf'], ['Index0', 'Select0'], ['IndexSelect0', 'leaf'], ['Gather0', 'leaf'], ['Scatter0', 'leaf', 'leaf'], ['Scatter1', 'leaf'], ['ScatterAdd0', 'leaf', 'leaf'], ['IndexAdd0', 'leaf', 'leaf'], ['IndexCopy0', 'leaf', 'leaf'], ['IndexFill0', 'leaf'], ['IndexPut0', 'leaf', null], ['MaskedFill0', 'leaf'], ['MaskedFill1', 'leaf', null], ['MaskedSelect0', 'leaf']], () => {
  const x = matrix();
  const at = index.unsqueeze(0);
  const source = tensor([[1, 2]], { requiresGrad: true });
  return [
    x.index(index), x.index(x.gt(0)), x.index(0, index), x.indexSelect(0, index), x.gather(0, at), x.scatter(0, at, x), x.scatter(0, at, 2), x.scatterAdd(0, at, x),
    x.indexAdd(0, index, source), x.indexCopy(0, index, source), x.indexFill(0, index, 2), x.indexPut([index], tensor(1)), x.maskedFill(x.gt(0), 1), x.maskedFill(x.gt(0), tensor(1)), x.maskedSelect(x.gt(0)),
  ].map(shown);
});
behaves('reductions by whether a dim is given', [['Sum0', 'leaf'], ['Sum1', 'leaf'], ['Mean0', 'leaf'], ['Mean1', 'leaf'], ['Prod0', 'leaf'], ['Prod1', 'leaf'], ['Max1', 'leaf'], ['Max0', 'leaf'], ['Maximum0', 'leaf', 'leaf']], () => {
  const x = matrix();
  return [x.sum(), x.sum(0), x.mean(), x.mean(0), x.prod(), x.prod(0), x.max(), x.max(0).values, maximum(x, x)].map(shown);
});
behaves('embedding and losses list what has a gradient', [['Embedding0', 'leaf'], ['NllLoss0', 'leaf']], () => {
  const x = matrix(), target = tensor([0, 1], { dtype: 'int64' });
  return [nn.functional.embedding(target, x), nn.functional.nllLoss(x, target)].map(shown);
});
behaves('zero_ and fill_ may write elements that are one place in memory', [[0, 0, 0], [2, 2, 2]], () => [tensor([1]).expand(3).zero_(), tensor([1]).expand(3).fill_(2)]);
