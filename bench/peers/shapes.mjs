// The sizes of the workloads of bench/suite/workloads.ts, which the library and every peer compute at.

/** Operations of a chain. */
export const CHAIN = 100;

/** The side of large matrices. */
export const SIDE = 1024;

/** Of the transformer. */
export const [VOCABULARY, CONTEXT, WIDTH, HEADS] = [65, 64, 128, 4];

/** The workloads of products `[m, k] · [k, n]`; `product` prepares one from m, k, n and how many there are in a batch, if any. */
export const products = (product) => ({
  'product.64': product(64, 64, 64),
  'product.128': product(128, 128, 128),
  'product.256': product(256, 256, 256),
  'product.512': product(512, 512, 512),
  'product.1024': product(SIDE, SIDE, SIDE),
  'product.batched': product(32, 32, 32, 64),
});
