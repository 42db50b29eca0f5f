// Everything in JavaScript: nothing is read, fetched or imported at run time.
export { init } from '../runtime/hosts/inline';
export * from '../index';
