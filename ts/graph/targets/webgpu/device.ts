// The device: asking for it, pipelines and buffers on it, and what goes wrong with it.
import { DeviceError, OutOfMemoryError } from '../../../core/errors';
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE, type Gpu, type GpuBuffer, type GpuDevice, type GpuPipeline } from './gpu-types';

/** A device of the host. `gpu` is what programs outside of pages pass: that of the npm package `webgpu`, for one. */
export async function openDevice(gpu: Gpu | undefined, float16: boolean): Promise<Device> {
  const host = gpu ?? (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
  if (host === undefined) {
    throw new DeviceError('webgpu: this host has no WebGPU (navigator.gpu); in Node pass the `gpu` of the npm package webgpu, in Deno start with --unstable-webgpu', 'webgpu');
  }
  const adapter = (await host.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
  if (adapter === null) {
    throw new DeviceError("webgpu: this host has no adapter that WebGPU may use; to('auto') runs on the CPU then", 'webgpu');
  }
  if (float16 && !adapter.features.has('shader-f16')) {
    throw new DeviceError('webgpu: the adapter has no float16 (shader-f16); leave out the option float16', 'webgpu');
  }
  const wanted = [...(float16 ? ['shader-f16'] : []), 'timestamp-query'];
  const device = await adapter.requestDevice({ requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)) });
  return new Device(device, adapter.info?.description ?? adapter.info?.vendor ?? 'unknown');
}

export class Device {
  readonly gpu: GpuDevice;
  /** What the host says of the adapter. */
  readonly description: string;
  readonly #pipelines = new Map<string, Promise<GpuPipeline>>();
  readonly #readback = new Map<number, GpuBuffer[]>();
  #lost: DeviceError | null = null;

  constructor(gpu: GpuDevice, description: string) {
    this.gpu = gpu;
    this.description = description;
    void gpu.lost.then(({ reason, message }) => {
      this.#lost = new DeviceError(`webgpu: the device was lost (${reason}): ${message}; what sync() brought back last is intact, ask for another with to('webgpu')`, 'webgpu', { reason });
    });
  }

  /** Throws where the device is gone. */
  check(): void {
    if (this.#lost !== null) throw this.#lost;
  }

  /** Whether kernels can be timed. */
  get hasTimes(): boolean {
    return this.gpu.features.has('timestamp-query');
  }

  /** Runs `fn` and throws what the device complains of. */
  async checked<T>(fn: () => T | Promise<T>): Promise<T> {
    this.check();
    this.gpu.pushErrorScope('validation');
    this.gpu.pushErrorScope('out-of-memory');
    let made: T;
    try {
      made = await fn();
    } finally {
      const memory = await this.gpu.popErrorScope();
      const invalid = await this.gpu.popErrorScope();
      this.check();
      // eslint-disable-next-line no-unsafe-finally -- what the device says is the cause of what failed
      if (memory !== null) throw new OutOfMemoryError(`webgpu: the device has no memory for this: ${memory.message}; take a smaller batch`, 'webgpu');
      // eslint-disable-next-line no-unsafe-finally -- as above
      if (invalid !== null) throw new DeviceError(`webgpu: the device refused a kernel, which is a fault of the library: ${invalid.message}`, 'webgpu');
    }
    return made;
  }

  /** The pipeline of a text, which is made once. */
  pipeline(code: string): Promise<GpuPipeline> {
    let made = this.#pipelines.get(code);
    if (made === undefined) {
      const module = this.gpu.createShaderModule({ code });
      made = this.gpu.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
      this.#pipelines.set(code, made);
    }
    return made;
  }

  buffer(bytes: number): GpuBuffer {
    return this.gpu.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST });
  }

  /** The bytes of buffers as they are after all that was submitted: one wait for all of them. */
  async read(parts: readonly { readonly buffer: GpuBuffer; readonly bytes: number }[]): Promise<ArrayBuffer[]> {
    this.check();
    const sizes = parts.map(({ bytes }) => Math.max(4, bytes));
    const total = 2 ** Math.ceil(Math.log2(sizes.reduce((a, b) => a + b, 4)));
    const target = this.#readback.get(total)?.pop() ?? this.gpu.createBuffer({ size: total, usage: MAP_READ | COPY_DST });
    const encoder = this.gpu.createCommandEncoder();
    let at = 0;
    parts.forEach(({ buffer }, i) => {
      encoder.copyBufferToBuffer(buffer, 0, target, at, sizes[i]!);
      at += sizes[i]!;
    });
    this.gpu.queue.submit([encoder.finish()]);
    try {
      await target.mapAsync(MAP_READ);
    } catch (cause) {
      this.check();
      throw new DeviceError(`webgpu: reading from the device failed: ${String(cause)}`, 'webgpu', { cause });
    }
    const mapped = target.getMappedRange();
    at = 0;
    const read = sizes.map((size, i) => {
      const copy = mapped.slice(at, at + parts[i]!.bytes);
      at += size;
      return copy;
    });
    target.unmap();
    const kept = this.#readback.get(total) ?? [];
    kept.push(target);
    this.#readback.set(total, kept);
    return read;
  }
}
