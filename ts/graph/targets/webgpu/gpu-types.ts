// What is used of WebGPU, as its specification states it: https://www.w3.org/TR/webgpu/.

export interface Gpu {
  requestAdapter(options?: { powerPreference?: 'low-power' | 'high-performance' }): Promise<GpuAdapter | null>;
}

export interface GpuAdapter {
  readonly features: ReadonlySet<string>;
  readonly info?: { readonly description?: string; readonly vendor?: string };
  requestDevice(descriptor?: { requiredFeatures?: readonly string[] }): Promise<GpuDevice>;
}

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}

export interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(x: number, y?: number, z?: number): void;
  end(): void;
}

export interface GpuEncoder {
  beginComputePass(descriptor?: { timestampWrites?: object }): GpuPass;
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void;
  resolveQuerySet(set: object, first: number, count: number, to: GpuBuffer, offset: number): void;
  finish(): object;
}

export interface GpuError {
  readonly message: string;
}

export interface GpuDevice {
  readonly features: ReadonlySet<string>;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
    submit(commands: readonly object[]): void;
    onSubmittedWorkDone(): Promise<void>;
  };
  createBuffer(descriptor: { size: number; usage: number }): GpuBuffer;
  createShaderModule(descriptor: { code: string }): object;
  createComputePipelineAsync(descriptor: { layout: 'auto'; compute: { module: object; entryPoint: string } }): Promise<GpuPipeline>;
  createBindGroup(descriptor: { layout: object; entries: readonly { binding: number; resource: { buffer: GpuBuffer } }[] }): object;
  createCommandEncoder(): GpuEncoder;
  createQuerySet(descriptor: { type: 'timestamp'; count: number }): object;
  pushErrorScope(filter: 'validation' | 'out-of-memory' | 'internal'): void;
  popErrorScope(): Promise<GpuError | null>;
  destroy(): void;
}

/** Usages of buffers. */
export const MAP_READ = 1;
export const COPY_SRC = 4;
export const COPY_DST = 8;
export const STORAGE = 128;
export const QUERY_RESOLVE = 512;
