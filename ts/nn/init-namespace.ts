// The namespace `nn.init`.
export * from './init';
export { orthogonal_ } from './init-orthogonal';
export { dirac_, sparse_, truncNormal_ } from './init-special';
