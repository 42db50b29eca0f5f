// Everything in JavaScript: nothing is read, fetched or imported at run time.
export { init } from '../runtime/hosts/inline';
export { setNumThreads } from '../runtime/hosts/given-threads';
export * from '../index';
