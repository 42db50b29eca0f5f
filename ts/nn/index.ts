// The namespace `nn`: modules, their parameters, and what belongs to them.
export { Buffer } from './buffer';
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
export type { PaddingMode } from './conv';
export { Conv3d, ConvTranspose3d } from './conv3d';
export { LazyConv1d, LazyConv2d, LazyConvTranspose1d, LazyConvTranspose2d, type LazyConvArguments, type LazyConvTransposeArguments } from './lazy-conv';
export { LazyConv3d, LazyConvTranspose3d } from './lazy-conv3d';
export { LazyLinear } from './lazy-linear';
export { LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d, LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d } from './lazy-norm';
export { UninitializedBuffer, UninitializedParameter, type MaterializeArguments, type UninitializedBufferOptions, type UninitializedOptions } from './uninitialized';
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
export { AdaptiveAvgPool3d, AvgPool3d, MaxPool3d } from './volume-pooling';
export { AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d, type AdaptiveMaxPoolOptions } from './adaptive-max-pool';
export { LPPool1d, LPPool2d, LPPool3d, type LPPoolOptions } from './lp-pool';
export { FractionalMaxPool2d, FractionalMaxPool3d, type FractionalMaxPoolOptions } from './fractional-pool';
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d, type MaxUnpoolOptions } from './unpool';
export { Upsample, UpsamplingBilinear2d, UpsamplingNearest2d, type UpsampleMode, type UpsampleOptions, type UpsamplingOptions } from './upsample';
export { Fold, Unfold, type PatchOptions } from './patches';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from './batchnorm';
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './instancenorm';
export { GroupNorm, RMSNorm, type GroupNormOptions, type RMSNormOptions } from './group-norm';
export { LocalResponseNorm, type LocalResponseNormOptions } from './response-norm';
export { ReLU, Tanh, Sigmoid, GELU, Softmax, LogSoftmax, type GELUApproximation } from './activation';
export { CELU, ELU, Hardtanh, LeakyReLU, PReLU, ReLU6, SELU, Threshold, type ELUOptions, type HardtanhOptions, type LeakyReLUOptions, type PReLUOptions } from './rectifier';
export { RReLU, type RReLUOptions } from './rrelu';
export { GLU, Hardsigmoid, Hardswish, LogSigmoid, Mish, SiLU, Softplus, Softsign, type SoftplusOptions } from './smooth-activation';
export { Hardshrink, Softshrink, Tanhshrink, type ShrinkOptions } from './shrink';
export { Softmax2d, Softmin } from './softmax';
export { AdaptiveLogSoftmaxWithLoss, type AdaptiveSoftmaxOptions, type AdaptiveSoftmaxOutput } from './adaptive-softmax';
export type { InplaceOptions } from './elementwise';
export { LayerNorm, type LayerNormOptions } from './normalization';
export { MultiheadAttention, type AttentionOptions, type MultiheadAttentionOptions } from './attention';
export { TransformerDecoderLayer, TransformerEncoderLayer, type TransformerActivation, type TransformerLayerOptions } from './transformer-layer';
export { Transformer, TransformerDecoder, TransformerEncoder, type TransformerOptions } from './transformer';
export { GRU, LSTM, RNN, type LSTMOptions, type RNNNonlinearity, type RNNOptions } from './recurrent';
export type { RecurrentOptions } from './recurrent-base';
export { GRUCell, LSTMCell, RNNCell, type RNNCellOptions, type RecurrentCellOptions } from './recurrent-cells';
export { CTCLoss, type CTCLossOptions } from './ctc-loss';
export { Embedding, type EmbeddingOptions } from './embedding';
export { EmbeddingBag, type BagMode, type EmbeddingBagOptions } from './embedding-bag';
export { Flatten, type FlattenOptions } from './flatten';
export { Dropout, type DropoutOptions } from './dropout';
export { AlphaDropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout } from './feature-dropout';
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from './padding';
export { Bilinear, CosineSimilarity, PairwiseDistance, type BilinearOptions, type CosineSimilarityOptions, type PairwiseDistanceOptions } from './distance';
export { ChannelShuffle, PixelShuffle, PixelUnshuffle, Unflatten } from './rearrange';
export type { ItemAt } from './container';
export { ModuleList, Sequential } from './containers';
export { ModuleDict, type NamedModules } from './module-dict';
export { ParameterDict, ParameterList, type NamedParameters } from './parameter-containers';
export {
  CrossEntropyLoss,
  MSELoss,
  NLLLoss,
  type CrossEntropyLossOptions,
  type MSELossOptions,
  type NLLLossOptions,
} from './loss';
export type { Reduction, ReductionOptions } from './reduction';
export {
  GaussianNLLLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  PoissonNLLLoss,
  SmoothL1Loss,
  type GaussianNLLLossOptions,
  type HuberLossOptions,
  type KLDivLossOptions,
  type PoissonNLLLossOptions,
  type SmoothL1LossOptions,
} from './regression-loss';
export {
  BCELoss,
  BCEWithLogitsLoss,
  HingeEmbeddingLoss,
  MultiLabelSoftMarginLoss,
  SoftMarginLoss,
  type BCEWithLogitsLossOptions,
  type MarginLossOptions,
  type WeightedLossOptions,
} from './binary-loss';
export { MultiLabelMarginLoss, MultiMarginLoss, type MultiMarginLossOptions } from './margin-loss';
export {
  CosineEmbeddingLoss,
  MarginRankingLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
  type DistanceFunction,
  type TripletMarginLossOptions,
  type TripletMarginWithDistanceLossOptions,
} from './ranking-loss';
export { LinearCrossEntropyLoss, type LinearCrossEntropyLossOptions } from './linear-cross-entropy';
export type { FanMode, Nonlinearity } from './fans';
export type { KaimingOptions } from './init';
export * as init from './init-namespace';
export * as utils from './parameter-tools';
export * as functional from './functional';
