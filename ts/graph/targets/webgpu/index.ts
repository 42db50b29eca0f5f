// The target `webgpu`: a captured function on a graphics device. This file and what it imports are loaded when `to('webgpu')` asks.
import type { CapturedFunction } from '../../capture';
import { lowered } from '../../lowered';
import { openDevice, type Device } from './device';
import type { Gpu } from './gpu-types';
import { GpuFunction } from './program';

/** Devices by the `gpu` they were asked of: programs share pipelines. */
const devices = new Map<Gpu | undefined, Promise<Device>>();

async function deviceOf(gpu: Gpu | undefined): Promise<Device> {
  const known = devices.get(gpu);
  if (known !== undefined) {
    try {
      const device = await known;
      device.check();
      return device;
    } catch {
      // Lost, or refused then: ask again.
    }
  }
  const opened = openDevice(gpu);
  devices.set(gpu, opened);
  return opened;
}

/** `program` on a device of `gpu`, by default of the host. */
export async function toWebGpu(program: CapturedFunction, gpu?: Gpu): Promise<GpuFunction> {
  const form = lowered(program);
  try {
    return await GpuFunction.make({ device: await deviceOf(gpu), lowered: form, host: program._program.parts, isSingle: program._isSingle });
  } catch (error) {
    form.dispose();
    throw error;
  }
}
