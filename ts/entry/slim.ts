// The package without a binary: the caller hands it to init().
export { init, initSync, type Binary } from '../runtime/hosts/slim';
export { setNumThreads } from '../runtime/hosts/given-threads';
export * from '../index';
