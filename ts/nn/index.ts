// The namespace `nn`: modules, their parameters, and what belongs to them.
export { Parameter } from './parameter';
export { Module } from './module';
export {
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookOptions,
  type RemovableHandle,
} from './hooks';
export type { LoadResult, StateDict } from './state';
export type { LoadStateDictPostHook, LoadStateDictPreHook, StateDictPostHook, StateDictPreHook } from './state-hooks';
export { Linear, Identity, type LinearOptions } from './linear';
export { Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, type ConvOptions, type ConvTransposeOptions } from './conv';
export type { Sizes } from './pairs';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AvgPool1d,
  AvgPool2d,
  MaxPool1d,
  MaxPool2d,
  type AdaptiveSizes,
  type AvgPool2dOptions,
  type AvgPoolOptions,
  type MaxPoolOptions,
} from './pooling';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batchnorm';
export { ReLU, Tanh, Sigmoid, GELU, Softmax, LogSoftmax, type GELUApproximation } from './activation';
export { LayerNorm, type LayerNormOptions } from './normalization';
export { Embedding, type EmbeddingOptions } from './embedding';
export { Flatten, type FlattenOptions } from './flatten';
export { Dropout, type DropoutOptions } from './dropout';
export type { ItemAt } from './container';
export { ModuleList, Sequential } from './containers';
export {
  CrossEntropyLoss,
  MSELoss,
  NLLLoss,
  type CrossEntropyLossOptions,
  type MSELossOptions,
  type NLLLossOptions,
  type Reduction,
} from './loss';
export type { FanMode, Nonlinearity } from './fans';
export type { KaimingOptions } from './init';
export * as init from './init';
export * as utils from './parameter-tools';
export * as functional from '../generated/functional';
