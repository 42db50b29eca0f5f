// The namespace `nn.utils.parametrizations`.
export { spectralNorm, weightNorm } from './parametrizations';
