// Bun and its bundler, which embeds the binary.
export { init, setNumThreads } from '../runtime/hosts/bun';
export * from '../index';
