// Running values of batch normalisation for weights that were not trained as they are.
import type { Device } from '../core/dtype';
import { noGrad } from '../autograd/autograd';
import { device, instanceOf, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { scope } from '../runtime/scope';
import { iterable } from '../tensor/tensor-kinds';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from '../nn/batchnorm';
import { Module } from '../nn/module';

interface UpdateBnArguments {
  /** Batches: tensors, or arrays of which the first item is the input. */
  loader: Iterable<unknown>;
  /** The model whose running values are computed. */
  model: Module;
  /** Where the batches are: `'cpu'`, the only device. */
  device?: Device | null;
}

/** Computes the running means and variances of the batch normalisations of `model` anew, as the means over all batches of `loader`. */
export const updateBn: Stated & ((...args: Arguments<UpdateBnArguments, ['loader', 'model', 'device']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<UpdateBnArguments>('updateBn', () => ({
    loader: iterable as Kind<Iterable<unknown>>,
    model: instanceOf<Module>('a module', () => Module),
    device: device(),
  })),
  ({ loader, model }) => {
    const norms = model.modules().filter((m) => m instanceof BatchNorm1d || m instanceof BatchNorm2d || m instanceof BatchNorm3d) as { momentum: number | null; resetRunningStats(): void }[];
    if (norms.length === 0) return;
    const momenta = norms.map((norm) => norm.momentum);
    const wasTraining = model.training;
    for (const norm of norms) norm.resetRunningStats();
    try {
      model.train();
      for (const norm of norms) norm.momentum = null;
      for (const batch of loader) {
        const input: unknown = Array.isArray(batch) ? batch[0] : batch;
        scope(() => { noGrad(() => { (model.call as (input: unknown) => unknown)(input); }); });
      }
    } finally {
      norms.forEach((norm, i) => { norm.momentum = momenta[i]!; });
      model.train(wasTraining);
    }
  },
);
