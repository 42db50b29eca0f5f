// The namespace `func`: transforms of functions, PyTorch's torch.func.
export { hvp, jacobian, type FunctionalOptions, type JacobianOptions } from './functional';
export { functionalCall, type FunctionalCallOptions } from './functional-call';
export { grad, gradAndValue, valueAndGrad } from './grad';
export { hessian, jacfwd, jacrev } from './jacobian';
export { linearize } from './linearize';
export { replaceAllBatchNormModules_ } from './replace-batch-norm';
export { stackModuleState } from './stack-module-state';
export { jvp, type JvpOptions } from './jvp';
export type { Argnums } from './types';
export { vjp, type Pullback, type PullbackOptions } from './vjp';
export { vmap, type Dims, type Randomness } from './vmap';
