// Cloudflare Workers, which import the binary as modules.
export { init } from '../runtime/hosts/workerd';
export { setNumThreads } from '../runtime/hosts/given-threads';
export * from '../index';
