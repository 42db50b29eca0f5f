// The namespace `nn.functional`: ops, and functions that are made of several.
export * from '../generated/functional';
export { GRID_SAMPLE_INTERPOLATION_MODES, GRID_SAMPLE_PADDING_MODES } from './root-sampling';
export { gumbelSoftmax, rrelu, rrelu_ } from './functional-activation';
export { multiHeadAttentionForward } from './functional-attention';
export { alphaDropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from './functional-dropout';
export { linearCrossEntropy } from './functional-linear-cross-entropy';
export {
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3dWithIndices,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3dWithIndices,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  maxPool1dWithIndices,
  maxPool2dWithIndices,
  maxPool3dWithIndices,
} from './functional-pool';
export { tripletMarginWithDistanceLoss } from './functional-triplet';
