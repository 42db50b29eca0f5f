// What Node must be told to run everything here.

/** Node 20 and 21 have relaxed SIMD behind this flag, later ones do not know it any more. */
export const ENGINE_FLAGS = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
