// The target `webgpu`: a captured function on a graphics device. This file and what it imports are loaded when `to('webgpu')` asks.
import type { CapturedFunction } from '../../capture';
import { lowered } from '../../lowered';
import { openDevice, type Device } from './device';
import type { Gpu } from './gpu-types';
import { GpuFunction } from './program';

/** Devices by the `gpu` they were asked of: programs share pipelines. */
const devices = { float16: new Map<Gpu | undefined, Promise<Device>>(), float32: new Map<Gpu | undefined, Promise<Device>>() };

async function deviceOf(gpu: Gpu | undefined, float16: boolean): Promise<Device> {
  const opened = devices[float16 ? 'float16' : 'float32'];
  const known = opened.get(gpu);
  if (known !== undefined) {
    try {
      const device = await known;
      device.check();
      return device;
    } catch {
      // Lost, or refused then: ask again.
    }
  }
  const device = openDevice(gpu, float16);
  opened.set(gpu, device);
  return device;
}

/** `program` on a device of `gpu`, by default of the host; with `float16` factors of large products are in half precision. */
export async function toWebGpu(program: CapturedFunction, gpu: Gpu | undefined, float16: boolean): Promise<GpuFunction> {
  const form = lowered(program);
  try {
    return await GpuFunction.make({ device: await deviceOf(gpu, float16), float16, lowered: form, host: program._program.parts, isSingle: program._isSingle });
  } catch (error) {
    form.dispose();
    throw error;
  }
}
