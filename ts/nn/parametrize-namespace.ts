// The namespace `nn.utils.parametrize`.
export { ParametrizationCache, cached } from './parametrize-cache';
export { ParametrizationList, isParametrized, registerParametrization, removeParametrizations, type Parametrization } from './parametrize';
