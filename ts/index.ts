// Everything the package shows, whatever the entry.
import { detectAnomaly, isAnomalyCheckNanEnabled, isAnomalyEnabled, setDetectAnomaly } from './anomaly';
import { backward, grad } from './autograd';
import * as graphs from './autograd-graph';
import { installMethods } from './call';
import * as forwardAd from './forward-ad';
import * as functional from './func/functional';
import { AutogradFunction, onceDifferentiable } from './function';
import { gradcheck, gradgradcheck } from './gradcheck';
import { savedTensorsHooks } from './saved-tensors';

installMethods();

export * from './generated/functions';
export * as data from './data';
export * as forwardAd from './forward-ad';
export * as func from './func';
export * as io from './io';
export * as linalg from './generated/linalg';
export * as nn from './nn';
export * as optim from './optim';
export * as profiler from './profiler';
export * as special from './generated/special';
export { AnomalyGuard, type AnomalyOptions } from './anomaly';
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
export { CapturedFunction, capture, type CapturedCall, type CapturedRecord, type CapturedValue } from './capture';
export { checkpoint, checkpointSequential, checkpointSqrt, type CheckpointOptions, type Stage } from './checkpoint';
export { allclose, equal, type ToleranceOptions } from './compare';
export { tensor, type TensorData, type TensorOptions } from './create';
export type { DType, Device } from './dtype';
export {
  AdjointError,
  AutogradError,
  DTypeError,
  DisposedError,
  FormatError,
  IndexError,
  LoadError,
  OutOfMemoryError,
  ShapeError,
  UsageError,
  type Details,
} from './errors';
export { vmap } from './func/vmap';
export { AutogradFunction, FunctionCtx } from './function';
export { MutationGuard, type MultiGradHookOptions } from './autograd-graph';
export { GradFn } from './grad-fn';
export { GradientEdge } from './gradient-edge';
export { GradcheckError, type GradcheckOptions, type GradgradcheckOptions } from './gradcheck';
export { TensorGraph, graph, type GraphData, type GraphOptions, type GraphTensor, type TapeNode } from './graph/graph';
export { Generator } from './generator';
export type { Hook, HookHandle, NodeHook, NodePreHook } from './hooks';
export type { IndexList, IntegerArray } from './index-list';
export type { IndexItem, IndexPutArguments, ItemValue, Slice } from './indexing';
export { LeakTracker, trackLeaks, type Leak } from './leaks';
export { memoryStats, resetPeakMemory, type MemoryOfOp, type MemoryStats, type MemoryStatsByOp } from './memory';
export { getRngState, manualSeed, setRngState } from './random';
export { SavedTensorsHooks, SavedTensorsHooksBan } from './saved-tensors';
export { Scope, keep, scope } from './scope';
export type { TensorJson } from './read';
export { split } from './split';
export { steps } from './steps';
export { Tensor, type ToOptions } from './tensor';
export { tensordot, type ContractedDims } from './tensordot';
export type { Nested, Outputs, Scalar, TypedArray } from './types';
export { reset } from './wasm';

/** PyTorch's `torch.autograd`. */
export const autograd = {
  Function: AutogradFunction,
  backward,
  detectAnomaly,
  forwardAd,
  functional,
  grad,
  gradcheck,
  gradgradcheck,
  graph: graphs,
  isAnomalyCheckNanEnabled,
  isAnomalyEnabled,
  onceDifferentiable,
  savedTensorsHooks,
  setDetectAnomaly,
};
