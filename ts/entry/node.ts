// Node, Deno and Bun, which read the binary beside the script.
export { init, setNumThreads } from '../runtime/hosts/node';
export * from '../index';
