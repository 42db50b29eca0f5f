// Bundled pages, which carry the primary module and load the secondary one where it is needed.
export { init } from '../runtime/hosts/browser';
export { setNumThreads } from '../runtime/hosts/given-threads';
export * from '../index';
