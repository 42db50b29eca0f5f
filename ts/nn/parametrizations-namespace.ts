// The namespace `nn.utils.parametrizations`.
export { orthogonal } from './orthogonal';
export { spectralNorm, weightNorm } from './parametrizations';
