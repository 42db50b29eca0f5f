// Everything the package shows, whatever the entry.
import * as functionalOps from './generated/functional';
import { backward, grad } from './autograd';
import { installMethods } from './call';

installMethods();

export * from './generated/functions';
export * as linalg from './generated/linalg';
export * as special from './generated/special';
export {
  ModeGuard,
  enableGrad,
  grad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
  type BackwardOptions,
  type GradOptions,
} from './autograd';
export { tensor, type TensorData, type TensorOptions } from './create';
export type { DType } from './dtype';
export * from './errors';
export { GradFn } from './grad-fn';
export type { Hook, HookHandle } from './hooks';
export type { IndexItem, Slice } from './indexing';
export { LeakTracker, trackLeaks, type Leak } from './leaks';
export { memoryStats, resetPeakMemory, type MemoryStats } from './memory';
export { manualSeed } from './random';
export { Scope, keep, scope } from './scope';
export { Tensor } from './tensor';
export type { Nested, Outputs, Scalar, TypedArray } from './types';
export { reset } from './wasm';

/** PyTorch's `torch.autograd`. */
export const autograd = { backward, grad };

/** PyTorch's `torch.nn`. */
export const nn = { functional: functionalOps };
