// The namespace `nn.utils.parametrize`.
export { ParametrizationList, isParametrized, registerParametrization, removeParametrizations, type Parametrization } from './parametrize';
