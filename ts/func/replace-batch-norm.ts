// Batch normalization without running values, which transforms of functions cannot write.
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from '../nn/batchnorm';
import { Module } from '../nn/module';
import { instanceOf } from '../core/kinds';

/**
 * Takes the running values from every BatchNorm in `root`, in place, so that it normalizes by the batch alone: under `vmap`, running
 * values cannot be written. Returns `root`. Source: PyTorch, `torch.func.replace_all_batch_norm_modules_`.
 */
export const replaceAllBatchNormModules_: Stated & (<M extends Module>(...args: Arguments<{ root: M }, ['root']>) => M) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ root: Module }>('replaceAllBatchNormModules_', () => ({ root: instanceOf('a module', () => Module) })),
  ({ root }) => {
    for (const module of root.modules()) {
      const isBatchNorm = module instanceof BatchNorm1d || module instanceof BatchNorm2d || module instanceof BatchNorm3d;
      if (!isBatchNorm || !module.trackRunningStats) continue;
      Object.assign(module, { runningMean: null, runningVar: null, numBatchesTracked: null, trackRunningStats: false });
    }
    return root;
  },
);
