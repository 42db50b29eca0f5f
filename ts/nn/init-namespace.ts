// The namespace `nn.init`.
export * from './init';
export { dirac_, sparse_, truncNormal_ } from './init-special';
