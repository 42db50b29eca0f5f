// The namespace `nn.utils`.
export { clipGradNorm_, clipGradValue_, clipGradsWithNorm_, getTotalNorm } from './clip-grad';
export { parametersToVector, vectorToParameters } from './parameter-vector';
export { fuseConvBnEval, fuseConvBnWeights, fuseLinearBnEval, fuseLinearBnWeights } from './fusion';
export * as rnn from './rnn-namespace';
export * as parametrizations from './parametrizations-namespace';
export * as parametrize from './parametrize-namespace';
export * as prune from './prune-namespace';
