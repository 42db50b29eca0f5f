// Everything in JavaScript, for those who require it: dist/inline.cjs, whose declarations are those of inline.ts.
export { init } from '../runtime/hosts/packed';
export * from '../index';
