// Lists that `collect` makes end the program where there is no memory for them, and clippy cannot see how long they get. So every file
// that makes one of another type than the short lists of dims and operands says here what bounds it; all others use `scratch::collected`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** What bounds the lists of a file. */
const BOUNDS = {
  dims: 'dims of a tensor or as many; lists of them are asked memory for when they are read',
  operands: 'operands of the call; their list is asked memory for when it is read',
  few: 'a handful, whatever the call',
  views: 'views, for which count::room() has asked memory',
  letters: 'letters of a text that was asked memory for',
  steps: 'steps of a sequence, a pointer each, of which every one made tensors before',
  windows: 'windows, for which memory::ensure() has asked memory',
  samples: 'samples, which are in no binary',
} as const;

const FILES: Readonly<Record<string, readonly (keyof typeof BOUNDS)[]>> = {
  'cpu/src/attention.rs': ['few'],
  'cpu/src/elementwise/mod.rs': ['operands'],
  'cpu/src/optimizer.rs': ['few'],
  'ops/src/contract/einsum.rs': ['letters', 'operands'],
  'ops/src/elementwise/add.rs': ['few'],
  'ops/src/elementwise/clamp.rs': ['few'],
  'ops/src/elementwise/polygamma.rs': ['samples'],
  'ops/src/formula/derivative.rs': ['few'],
  'ops/src/formula/mod.rs': ['few'],
  'ops/src/formula/print.rs': ['few'],
  'ops/src/index/index_places.rs': ['operands'],
  'ops/src/index/index_put.rs': ['dims'],
  'ops/src/index/scatter_reduce.rs': ['samples'],
  'ops/src/index/take_along_dim.rs': ['dims'],
  'ops/src/index/unique.rs': ['few'],
  'ops/src/index/unravel_index.rs': ['dims'],
  'ops/src/linalg/cholesky.rs': ['few'],
  'ops/src/linalg/eigvalsh.rs': ['few'],
  'ops/src/linalg/inv.rs': ['few'],
  'ops/src/linalg/ldl_factor.rs': ['few'],
  'ops/src/linalg/lu.rs': ['few'],
  'ops/src/linalg/lu_factor.rs': ['few'],
  'ops/src/linalg/multi_dot.rs': ['operands'],
  'ops/src/linalg/solve.rs': ['few'],
  'ops/src/nn/attention.rs': ['few'],
  'ops/src/nn/interpolate.rs': ['dims'],
  'ops/src/nn/layer_norm.rs': ['dims', 'few'],
  'ops/src/nn/mse_loss.rs': ['few'],
  'ops/src/nn/nll_loss.rs': ['dims'],
  'ops/src/nn/normalize.rs': ['dims'],
  'ops/src/nn/pixel_shuffle.rs': ['dims'],
  'ops/src/nn/rms_norm.rs': ['dims'],
  'ops/src/op_id.rs': ['few'],
  'ops/src/optim/fused_adadelta.rs': ['samples'],
  'ops/src/optim/fused_adagrad.rs': ['samples'],
  'ops/src/optim/fused_adam.rs': ['samples'],
  'ops/src/optim/fused_adamax.rs': ['samples'],
  'ops/src/optim/fused_asgd.rs': ['samples'],
  'ops/src/optim/fused_nadam.rs': ['samples'],
  'ops/src/optim/fused_radam.rs': ['samples'],
  'ops/src/optim/fused_rmsprop.rs': ['samples'],
  'ops/src/optim/fused_rprop.rs': ['samples'],
  'ops/src/optim/fused_sgd.rs': ['samples'],
  'ops/src/pool/max_unpool2d.rs': ['few'],
  'ops/src/pool/window_mean.rs': ['windows'],
  'ops/src/pool/window_sum.rs': ['few'],
  'ops/src/reduce/aminmax.rs': ['dims'],
  'ops/src/reduce/gradient.rs': ['dims'],
  'ops/src/reduce/linalg_norm.rs': ['dims'],
  'ops/src/reduce/norm_except_dim.rs': ['dims'],
  'ops/src/reduce/sum_to_size.rs': ['dims'],
  'ops/src/rnn/gru_layer.rs': ['few'],
  'ops/src/rnn/lstm_layer.rs': ['few'],
  'ops/src/rnn/rnn_layer.rs': ['few'],
  'ops/src/shared/dims.rs': ['dims'],
  'ops/src/shared/linalg/mod.rs': ['dims'],
  'ops/src/shared/nn/normalized.rs': ['dims'],
  'ops/src/shared/nn/reduction.rs': ['samples'],
  'ops/src/shared/pool/adaptive.rs': ['few'],
  'ops/src/shared/random/draw.rs': ['operands'],
  'ops/src/shared/rnn/by_steps.rs': ['few', 'steps'],
  'ops/src/shared/rnn/layers.rs': ['few'],
  'ops/src/shared/rnn/steps.rs': ['operands'],
  'ops/src/shared/view/atleast.rs': ['samples'],
  'ops/src/shared/view/copies.rs': ['views'],
  'ops/src/shared/view/joined.rs': ['operands'],
  'ops/src/shared/view/stacks.rs': ['operands'],
  'ops/src/view/block_diag.rs': ['operands'],
  'ops/src/view/broadcast_tensors.rs': ['views'],
  'ops/src/view/cat.rs': ['operands'],
  'ops/src/view/diagonal.rs': ['few'],
  'ops/src/view/expand.rs': ['dims'],
  'ops/src/view/meshgrid.rs': ['operands', 'views'],
  'ops/src/view/movedim.rs': ['dims'],
  'ops/src/view/repeat.rs': ['dims'],
  'ops/src/view/reshape.rs': ['dims'],
  'ops/src/view/restride.rs': ['dims'],
  'ops/src/view/roll.rs': ['dims'],
  'ops/src/view/slice.rs': ['few'],
  'ops/src/view/split.rs': ['views'],
  'ops/src/view/squeeze.rs': ['dims'],
  'ops/src/view/stack.rs': ['operands'],
  'ops/src/view/tensor_split.rs': ['views'],
  'ops/src/view/unbind.rs': ['views'],
  'tensor/src/array.rs': ['dims'],
  'tensor/src/dims.rs': ['dims'],
  'tensor/src/layout.rs': ['dims'],
};

/** Lists of a few by their type, and what only tests and samples make. */
const SHORT = /SmallVec|\bDims\b|Strides|Option<Dims>|String>|: String|Sample|samples/;

/** The lines of shipped code of a file that make other lists. */
function collects(path: string): string[] {
  const [shipped] = readFileSync(path, 'utf8').split('#[cfg(test)]') as [string];
  return shipped.split('\n').filter((line) => line.includes('.collect') && !line.trim().startsWith('//') && !SHORT.test(line));
}

const found = ['tensor', 'ops', 'cpu'].flatMap((crate) =>
  readdirSync(join(ROOT, 'crates', crate, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.rs') && !path.endsWith('samples.rs') && !path.includes('tests'))
    .map((path) => `${crate}/src/${path.replaceAll('\\', '/')}`)
    .filter((path) => collects(join(ROOT, 'crates', path)).length > 0)).sort();

it('every list that collect makes says what bounds its length', () => {
  expect(found).toEqual(Object.keys(FILES).sort());
});

it('every bound bounds something', () => {
  expect([...new Set(Object.values(FILES).flat())].sort()).toEqual(Object.keys(BOUNDS).sort());
});
