// Cloudflare Workers, which import the binary as modules.
export { init } from '../runtime/hosts/workerd';
export * from '../index';
