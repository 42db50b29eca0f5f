// Everything the package shows, whatever the entry.
import { detectAnomaly, isAnomalyCheckNanEnabled, isAnomalyEnabled, setDetectAnomaly } from './diagnostics/anomaly';
import { backward, grad } from './autograd/autograd';
import * as graphs from './autograd/autograd-graph';
import { installMethods } from './tensor/call';
import * as forwardAd from './autograd/forward-ad';
import * as functional from './func/functional';
import { AutogradFunction } from './autograd/function';
import { gradcheck, gradgradcheck } from './diagnostics/gradcheck';
import { onceDifferentiable } from './autograd/once-differentiable';
import { savedTensorsHooks } from './autograd/saved-tensors';
import { gradients } from './autograd/tensor-gradients';
import { comparing } from './tensor/compare';
import { converting } from './tensor/convert';
import { dims } from './tensor/dims';
import { indexing } from './tensor/index-members';
import { installMembers } from './tensor/members';
import { printing } from './tensor/print';
import { reading } from './tensor/read';
import { viewsInPlace } from './tensor/view-in-place';
import { choosing } from './tensor/where';

installMembers(choosing, comparing, converting, dims, gradients, indexing, printing, reading, viewsInPlace);
installMethods();

export * from './generated/functions';
export * as data from './data';
export * as distributions from './distributions';
export * as fft from './generated/fft';
export * as forwardAd from './autograd/forward-ad';
export * as func from './func';
export * as io from './io';
export * as linalg from './generated/linalg';
export * as masked from './generated/masked';
export * as nn from './nn';
export * as optim from './optim';
export * as profiler from './diagnostics/profiler';
export * as signal from './tensor/signal';
export * as special from './generated/special';
export * as viz from './viz';
export { AnomalyGuard, type AnomalyOptions } from './diagnostics/anomaly';
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
} from './autograd/autograd';
export { CapturedFunction, capture, type CapturedCall, type CapturedRecord, type CapturedValue } from './graph/capture';
export { compile, type Compiled } from './graph/compile';
export { checkpoint, checkpointSequential, checkpointSqrt, type CheckpointOptions, type Stage } from './autograd/checkpoint';
export type { ToOptions } from './tensor/convert';
export { allclose, equal, type ToleranceOptions } from './tensor/compare';
export { tensor, type TensorData, type TensorOptions } from './tensor/create';
export {
  broadcastShapes,
  canCast,
  finfo,
  iinfo,
  isFloatingPoint,
  isTensor,
  promoteTypes,
  resultType,
  type FloatInfo,
  type IntegerInfo,
} from './tensor/dtypes';
export { fromNumpy } from './tensor/from-numpy';
export { setPrintOptions, type PrintOptions } from './tensor/print-options';
export { e, inf, nan, pi } from './core/constants';
export type { DType, Device } from './core/dtype';
export {
  AdjointError,
  AutogradError,
  DTypeError,
  DeviceError,
  DisposedError,
  FormatError,
  IndexError,
  LoadError,
  OutOfMemoryError,
  ShapeError,
  UsageError,
  type Details,
} from './core/errors';
export { vmap } from './func/vmap';
export { AutogradFunction } from './autograd/function';
export { FunctionCtx } from './autograd/function-ctx';
export { MutationGuard, type MultiGradHookOptions } from './autograd/autograd-graph';
export { GradFn } from './autograd/grad-fn';
export { GradientEdge } from './autograd/gradient-edge';
export type { GradcheckOptions, GradgradcheckOptions } from './diagnostics/gradcheck';
export { GradcheckError } from './diagnostics/gradcheck/error';
export { TensorGraph, graph, type GraphData, type GraphOptions, type GraphTensor, type TapeNode } from './viz/graph';
export { Generator } from './tensor/generator';
export type { Hook, HookHandle, NodeHook, NodePreHook } from './autograd/hooks';
export type { IndexList, IntegerArray } from './tensor/index-list';
export type { IndexItem, IndexPutArguments, ItemValue, Slice } from './tensor/indexing';
export { LeakTracker, trackLeaks, type Leak } from './diagnostics/leaks';
export { memoryStats, resetPeakMemory, type MemoryOfOp, type MemoryStats, type MemoryStatsByOp } from './diagnostics/memory';
export { RngFork, forkRng, getRngState, manualSeed, setRngState } from './tensor/random';
export { SavedTensorsHooks, SavedTensorsHooksBan } from './autograd/saved-tensors';
export { Scope, keep, scope } from './runtime/scope';
export type { TensorJson } from './tensor/read';
export { split } from './tensor/split';
export { steps } from './runtime/steps';
export { load, type Load, type LoadOptions } from './io/torch-load';
export { save, type Save } from './io/torch-save';
export { Tensor } from './tensor/tensor';
export { lstm, type LSTMOutput, type LSTMStates } from './tensor/lstm';
export { tensordot, type ContractedDims } from './tensor/tensordot';
export type { Outputs } from './tensor/outputs';
export type { Nested, Scalar, TypedArray } from './core/types';
export { getNumThreads } from './runtime/threads';
export { reset } from './runtime/wasm';

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
