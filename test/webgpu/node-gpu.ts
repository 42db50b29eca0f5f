// WebGPU in Node: the npm package `webgpu`, which is Dawn, from where the environment says.
import { pathToFileURL } from 'node:url';
import type { Gpu } from '../../ts/graph/targets/webgpu/gpu-types';

/** Kept: what is collected takes its devices along. */
let kept: Gpu | undefined;

export async function gpuOfNode(): Promise<Gpu> {
  const folder = process.env.ADJOINT_WEBGPU ?? 'webgpu';
  const address = folder === 'webgpu' ? folder : pathToFileURL(`${folder}/index.js`).href;
  const dawn = (await import(address)) as { create(flags: string[]): Gpu; globals: object };
  Object.assign(globalThis, dawn.globals);
  return (kept ??= dawn.create([]));
}
