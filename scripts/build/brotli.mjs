import { brotliCompressSync, constants } from 'node:zlib';

/** How many bytes these are as brotli at its best, which is what a server sends of a file that does not change. */
export function brotli(bytes) {
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotliCompressSync(bytes, { params: { [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}
