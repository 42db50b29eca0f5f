// The namespace `nn.utils.parametrize`.
export { ParametrizationCache, cached } from './parametrize-cache';
export {
  ParametrizationList,
  isParametrized,
  registerParametrization,
  removeParametrizations,
  transferParametrizationsAndParams,
  typeBeforeParametrizations,
  type Parametrization,
} from './parametrize';
