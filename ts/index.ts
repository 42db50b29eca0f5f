// Everything the package shows, whatever the entry.
import { detectAnomaly, isAnomalyCheckNanEnabled, isAnomalyEnabled, setDetectAnomaly } from './diagnostics/anomaly';
import { backward, enableGrad, grad, inferenceMode, noGrad, setGradEnabled } from './autograd/autograd';
import * as graphs from './autograd/autograd-graph';
import { installMethods } from './tensor/call';
import * as forwardAd from './autograd/forward-ad';
import * as functional from './func/functional';
import { AutogradFunction } from './autograd/function';
import { gradcheck, gradgradcheck } from './diagnostics/gradcheck';
import { onceDifferentiable } from './autograd/once-differentiable';
import { setMultithreadingEnabled } from './autograd/multithreading';
import { savedTensorsHooks } from './autograd/saved-tensors';
import { gradients } from './autograd/tensor-gradients';
import { comparing } from './tensor/compare';
import { converting } from './tensor/convert';
import { dims } from './tensor/dims';
import { facts } from './tensor/facts';
import { indexing } from './tensor/index-members';
import { installMembers } from './tensor/members';
import { printing } from './tensor/print';
import { reading } from './tensor/read';
import { viewsInPlace } from './tensor/view-in-place';
import { choosing } from './tensor/where';

installMembers(choosing, comparing, converting, dims, facts, gradients, indexing, printing, reading, viewsInPlace);
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
export * from './core/dtype-constants';
export { AnomalyGuard, isAnomalyCheckNanEnabled, isAnomalyEnabled, setDetectAnomaly as setAnomalyEnabled, type AnomalyOptions } from './diagnostics/anomaly';
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
export type { GpuFunction, GpuPlan, GpuTensor } from './graph/targets/webgpu/program';
export type { CapturedPlan, EagerCalls, PlannedCall, PlannedPlace, PlannedStorage } from './graph/plan';
export { compile, type CompileOptions, type Compiled } from './graph/compile';
export { lazy } from './graph/lazy';
export { exportOnnx, type OnnxProgram } from './graph/targets/onnx';
export { exportPyTorch, type PyTorchProgram } from './graph/targets/pytorch';
export { exportStableHlo, type StableHloProgram } from './graph/targets/stablehlo';
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
export {
  detach,
  detachCopy,
  detach_,
  getDevice,
  indexPut_,
  isComplex,
  isConj,
  isInference,
  isNeg,
  isNonzero,
  isSameSize,
  isSigned,
  numel,
  typename,
} from './tensor/facts-of';
export { asTensor, asarray, frombuffer } from './tensor/from-data';
export { fromNumpy } from './tensor/from-numpy';
export { histogramdd, type Bins, type HistogramddOutput } from './tensor/histogramdd';
export { bartlettWindow, blackmanWindow, hammingWindow, hannWindow, kaiserWindow } from './tensor/periodic-windows';
export { setPrintOptions, setPrintOptions as setPrintoptions, type PrintOptions } from './tensor/print-options';
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
export { RngFork, forkRng, getRngState, initialSeed, manualSeed, seed, setRngState } from './tensor/random';
export { SavedTensorsHooks, SavedTensorsHooksBan } from './autograd/saved-tensors';
export { Scope, keep, scope } from './runtime/scope';
export type { TensorJson } from './tensor/read';
export {
  areDeterministicAlgorithmsEnabled,
  device,
  getDefaultDevice,
  getDefaultDtype,
  getDeterministicDebugMode,
  getFloat32MatmulPrecision,
  isDeterministicAlgorithmsWarnOnlyEnabled,
  isWarnAlwaysEnabled,
  setDefaultDevice,
  setDefaultDtype,
  setDeterministicDebugMode,
  setFloat32MatmulPrecision,
  setFlushDenormal,
  setWarnAlways,
  useDeterministicAlgorithms,
} from './tensor/settings';
export { split } from './tensor/split';
export { asStrided_, emptyPermuted, emptyStrided, type StridedOptions } from './tensor/strided';
export { rreluOfRoot as rrelu, rrelu_ } from './nn/functional-activation';
export { alphaDropoutOfRoot as alphaDropout, alphaDropout_, featureAlphaDropoutOfRoot as featureAlphaDropout, featureAlphaDropout_, featureDropout, featureDropout_ } from './nn/functional-dropout';
export { batchNorm, convolution, embedding, embeddingBag, embeddingRenorm_, instanceNorm } from './nn/root-layers';
export {
  binaryCrossEntropyWithLogits,
  cosineEmbeddingLoss,
  ctcLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  poissonNllLoss,
  tripletMarginLoss,
  type ReductionNumber,
} from './nn/root-losses';
export { adaptiveMaxPool1d, affineGridGenerator, gridSampler, gridSampler2d, maxPool1dWithIndices } from './nn/root-sampling';
export { steps } from './runtime/steps';
export { importOnnx, type OnnxModule, type OnnxValue } from './io/onnx';
export { load, type Load, type LoadOptions } from './io/torch-load';
export { save, type Save } from './io/torch-save';
export { Tensor } from './tensor/tensor';
export { pcaLowrank, svdLowrank, type LowRank } from './tensor/lowrank';
export { segmentReduce } from './tensor/segment-reduce';
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
  enableGrad,
  forwardAd,
  functional,
  grad,
  gradcheck,
  gradgradcheck,
  graph: graphs,
  inferenceMode,
  isAnomalyCheckNanEnabled,
  isAnomalyEnabled,
  noGrad,
  onceDifferentiable,
  savedTensorsHooks,
  setDetectAnomaly,
  setGradEnabled,
  setMultithreadingEnabled,
};
