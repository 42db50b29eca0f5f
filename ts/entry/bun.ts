// Bun and its bundler, which embeds the binary.
export { init } from '../runtime/hosts/bun';
export * from '../index';
