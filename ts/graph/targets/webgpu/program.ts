// A captured function on a device: what stays there, running it, and reading it back.
import type { DType } from '../../../core/dtype';
import { DTypeError, ShapeError, UsageError } from '../../../core/errors';
import { brand } from '../../../core/copies';
import { runAgain, type HostPart } from '../../../core/capturing';
import { noGrad } from '../../../autograd/autograd';
import { scope } from '../../../runtime/scope';
import { dispose } from '../../../core/symbols';
import { Tensor } from '../../../tensor/tensor';
import type { Device } from './device';
import { COPY_DST, COPY_SRC, QUERY_RESOLVE, STORAGE, type GpuBuffer, type GpuEncoder, type GpuPipeline } from './gpu-types';
import type { Store } from './lazy';
import { planOf, type Plan } from './plan';
import type { Functional } from './record';
import { packed, unpacked } from './transfer';

/** A kernel with what it is bound to. */
interface Kernel {
  readonly is: 'kernel';
  readonly label: string;
  readonly pipeline: GpuPipeline;
  readonly group: object;
  readonly groups: readonly [number, number, number];
}

interface BufferCopy {
  readonly is: 'copy';
  readonly from: GpuBuffer;
  readonly to: GpuBuffer;
  readonly bytes: number;
}

/** What a plan is made of; see `GpuFunction.plan`. */
export interface GpuPlan {
  /** Kernels in order: what each is for, its workgroups, and its text in WGSL. */
  readonly dispatches: readonly { readonly label: string; readonly groups: readonly number[]; readonly wgsl: string }[];
  /** Bytes of all buffers. */
  readonly bytes: number;
  readonly buffers: number;
  /** How many texts there are, each compiled once. */
  readonly pipelines: number;
}

/** An output of the last run, which is on the device until it is read. */
export class GpuTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly #read: () => Promise<ArrayBuffer>;

  static {
    brand(this.prototype);
  }

  /** @internal */
  constructor(dtype: DType, shape: readonly number[], read: () => Promise<ArrayBuffer>) {
    this.dtype = dtype;
    this.shape = shape;
    this.#read = read;
  }

  /** A tensor with what this run made. It must be asked for before the next run, and may arrive afterwards. */
  async read(): Promise<Tensor> {
    return unpacked(await this.#read(), this.dtype, this.shape);
  }

  /** The number of an output of one element; see `read`. */
  async item(): Promise<number> {
    if (this.shape.some((size) => size !== 1)) throw new ShapeError(`item: expected one element, got shape [${this.shape.join(', ')}]; call read()`, 'item');
    const bytes = await this.#read();
    return this.dtype === 'float32' ? new Float32Array(bytes)[0]! : new Int32Array(bytes)[0]!;
  }
}

/** What a program is made of. */
interface Parts {
  readonly device: Device;
  readonly plan: Plan;
  /** Whether factors of large products are in half precision. */
  readonly float16: boolean;
  readonly lowered: Functional;
  readonly host: readonly HostPart[];
  readonly isSingle: boolean;
}

/**
 * A captured function on a device. Parameters, buffers and what optimizers remember were uploaded and stay there; a run uploads its
 * inputs and waits for nothing. What it changes is brought back by `sync()`.
 */
export class GpuFunction {
  readonly #parts: Parts;
  readonly #buffers: readonly GpuBuffer[];
  #actions: readonly (Kernel | BufferCopy)[] = [];
  /** Counts runs: outputs are those of the last one. */
  #run = 0;
  #isGone = false;
  #staging: GpuBuffer | null = null;

  static {
    brand(this.prototype);
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#buffers = parts.plan.buffers.map((bytes) => parts.device.buffer(bytes));
  }

  /** @internal Buffers, pipelines and constants on the device. */
  static async make(parts: Omit<Parts, 'plan'>): Promise<GpuFunction> {
    const plan = planOf(parts.lowered.record, parts.float16);
    return parts.device.checked(async () => {
      const made = new GpuFunction({ ...parts, plan });
      await made.#compile();
      made.#upload();
      return made;
    });
  }

  #buffer(store: Store): GpuBuffer {
    return this.#buffers[this.#parts.plan.bufferOf.get(store)!]!;
  }

  async #compile(): Promise<void> {
    const { device, plan } = this.#parts;
    const texts = new Set(plan.actions.flatMap((action) => (action.is === 'dispatch' ? [action.code] : [])));
    const pipelines = new Map(await Promise.all([...texts].map(async (code) => [code, await device.pipeline(code)] as const)));
    this.#actions = plan.actions.map((action): Kernel | BufferCopy => {
      if (action.is === 'copy') return { is: 'copy', from: this.#buffer(action.from), to: this.#buffer(action.to), bytes: action.from.size * 4 };
      const pipeline = pipelines.get(action.code)!;
      const entries = action.bindings.map(({ store }, binding) => ({ binding, resource: { buffer: this.#buffer(store) } }));
      const group = device.gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      return { is: 'kernel', label: action.label, pipeline, group, groups: action.groups };
    });
  }

  #upload(): void {
    const { plan, lowered, device } = this.#parts;
    scope(() => {
      for (const { value, name, number, elements } of plan.record.constants) {
        const store = plan.constants.get(value);
        if (store === undefined || store.size === 0) continue;
        const array = store.kind === 'f32' ? Float32Array : Int32Array;
        const t = number === undefined && elements === undefined ? lowered.constant(value) : null;
        const data = t === null ? array.from(elements ?? new Array<number>(store.size).fill(number ?? 0)) : packed(t, name ?? `constant ${value}`);
        device.gpu.queue.writeBuffer(this.#buffer(store), 0, data);
      }
    });
  }

  #check(): void {
    if (this.#isGone) throw new UsageError("webgpu: the function was disposed of; call to('webgpu') again", 'webgpu');
    this.#parts.device.check();
  }

  /** Elements of the inputs of a run, once they are known to fit. */
  #given(inputs: readonly Tensor[]): (Float32Array | Int32Array)[] {
    const { values, inputs: expected } = this.#parts.plan.record;
    if (inputs.length !== expected.length) throw new UsageError(`webgpu: expected ${expected.length} inputs, got ${inputs.length}`, 'webgpu');
    return inputs.map((t, i) => {
      const { dtype, shape } = values[expected[i]!]!;
      if (!(t instanceof Tensor)) throw new UsageError(`webgpu: input ${i} must be a tensor`, 'webgpu');
      if (t.dtype !== dtype) throw new DTypeError(`webgpu: input ${i} was captured as ${dtype}, got ${t.dtype}; cast it with to()`, 'webgpu');
      if (t.shape.join() !== shape.join()) {
        throw new ShapeError(`webgpu: input ${i} was captured with shape [${shape.join(', ')}], got [${t.shape.join(', ')}]; capture the function with this shape`, 'webgpu');
      }
      return packed(t, `input ${i}`);
    });
  }

  #encode(encoder: GpuEncoder): void {
    let pass: ReturnType<GpuEncoder['beginComputePass']> | null = null;
    for (const action of this.#actions) {
      if (action.is === 'copy') {
        pass?.end();
        pass = null;
        encoder.copyBufferToBuffer(action.from, 0, action.to, 0, action.bytes);
        continue;
      }
      pass ??= encoder.beginComputePass();
      pass.setPipeline(action.pipeline);
      pass.setBindGroup(0, action.group);
      pass.dispatchWorkgroups(...action.groups);
    }
    pass?.end();
  }

  /**
   * Runs the function once: one submission, no wait. The outputs, one tensor or several as the function returned them, are on the device
   * until they are read; the next run writes them.
   */
  run(...inputs: Tensor[]): GpuTensor {
    return this.runAll(...inputs)[0]!;
  }

  /** As `run`, for functions with several outputs. */
  runAll(...inputs: Tensor[]): GpuTensor[] {
    this.#check();
    const { device, plan } = this.#parts;
    const given = this.#given(inputs);
    given.forEach((data, i) => { if (data.length > 0) device.gpu.queue.writeBuffer(this.#buffer(plan.inputs[i]!), 0, data); });
    const encoder = device.gpu.createCommandEncoder();
    this.#encode(encoder);
    device.gpu.queue.submit([encoder.finish()]);
    return this.#ran(1);
  }

  /** Runs the function once for each list of inputs, in one submission; the outputs are those of the last one. */
  runMany(batches: readonly (readonly Tensor[])[]): GpuTensor[] {
    this.#check();
    if (batches.length === 0) throw new UsageError('webgpu: runMany needs at least one list of inputs', 'webgpu');
    const { device, plan } = this.#parts;
    const given = batches.map((inputs) => this.#given(inputs));
    const staging = this.#stage(given.flat());
    const encoder = device.gpu.createCommandEncoder();
    let at = 0;
    for (const inputs of given) {
      inputs.forEach(({ byteLength }, i) => {
        if (byteLength > 0) encoder.copyBufferToBuffer(staging, at, this.#buffer(plan.inputs[i]!), 0, byteLength);
        at += byteLength;
      });
      this.#encode(encoder);
    }
    device.gpu.queue.submit([encoder.finish()]);
    return this.#ran(batches.length);
  }

  /** A buffer with all of `arrays`, one behind the other. */
  #stage(arrays: readonly (Float32Array | Int32Array)[]): GpuBuffer {
    const { gpu } = this.#parts.device;
    const bytes = Math.max(4, arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
    if (this.#staging === null || this.#staging.size < bytes) {
      this.#staging?.destroy();
      this.#staging = gpu.createBuffer({ size: bytes, usage: COPY_SRC | COPY_DST });
    }
    let at = 0;
    for (const array of arrays) {
      if (array.byteLength > 0) gpu.queue.writeBuffer(this.#staging, at, array);
      at += array.byteLength;
    }
    return this.#staging;
  }

  /** The outputs of what was submitted last; the host counts the steps of optimizers. */
  #ran(times: number): GpuTensor[] {
    const { plan, host, device } = this.#parts;
    for (let i = 0; i < times; i++) runAgain(host);
    const run = ++this.#run;
    return plan.outputs.map((store, i) => {
      const { dtype, shape } = plan.record.values[plan.record.outputs[i]!]!;
      return new GpuTensor(dtype, shape, async () => {
        this.#check();
        if (run !== this.#run) throw new UsageError('webgpu: a later run wrote this output; call item() or read() before it, and await it when you like', 'webgpu');
        return (await device.read([{ buffer: this.#buffer(store), bytes: store.size * 4 }]))[0]!;
      });
    });
  }

  /** Sets a constant of one number by its name: the learning rate of an optimizer is `lr`, that of a second one or of a second group `lr_2`. */
  set(name: string, value: number): void {
    this.#check();
    const { plan, device } = this.#parts;
    const found = plan.record.constants.find((constant) => constant.name === name && plan.constants.get(constant.value)?.size === 1);
    if (found === undefined) {
      const names = plan.record.constants.filter((constant) => constant.name !== undefined && plan.constants.get(constant.value)?.size === 1).map((constant) => constant.name);
      throw new UsageError(`webgpu: there is no number named ${name}; there are: ${names.join(', ') || 'none'}`, 'webgpu');
    }
    const store = plan.constants.get(found.value)!;
    device.gpu.queue.writeBuffer(this.#buffer(store), 0, store.kind === 'f32' ? Float32Array.of(value) : Int32Array.of(value));
  }

  /** What runs change, as it is on the device: the constants that updates write, read in one go. */
  async #changed(): Promise<{ value: number; name: string | undefined; t: Tensor }[]> {
    this.#check();
    const { plan, device } = this.#parts;
    const { record } = plan;
    const written = new Set(record.updates.map(({ constant }) => constant));
    const held = record.constants.filter(({ value }) => written.has(value) && plan.constants.has(value));
    const read = await device.read(held.map(({ value }) => {
      const store = plan.constants.get(value)!;
      return { buffer: this.#buffer(store), bytes: store.size * 4 };
    }));
    return held.map(({ value, name }, i) => ({ value, name, t: unpacked(read[i]!, record.values[value]!.dtype, record.values[value]!.shape) }));
  }

  /** Copies of what runs change, by name: parameters, buffers, and what optimizers remember. */
  async state(): Promise<Record<string, Tensor>> {
    const changed = await this.#changed();
    return Object.fromEntries(changed.map(({ value, name, t }) => [name ?? `constant ${value}`, t]));
  }

  /** Brings what runs have changed back into the module and its optimizer, as far as the tensors that were captured are still there. */
  async sync(): Promise<void> {
    const changed = await this.#changed();
    const { lowered } = this.#parts;
    noGrad(() => {
      scope(() => {
        for (const { value, t } of changed) {
          lowered.constant(value)?.copy_(t);
          t.dispose();
        }
      });
    });
  }

  /** What runs: kernels, bytes and WGSL. */
  plan(): GpuPlan {
    const { actions, buffers } = this.#parts.plan;
    const dispatches = actions.flatMap((action) => (action.is === 'dispatch' ? [{ label: action.label, groups: action.groups, wgsl: action.code }] : []));
    return {
      dispatches,
      bytes: buffers.reduce((a, b) => a + b, 0),
      buffers: buffers.length,
      pipelines: new Set(dispatches.map(({ wgsl }) => wgsl)).size,
    };
  }

  /** Runs once and times each kernel, in milliseconds; a device that has no timestamps is an error that says so. */
  async profile(...inputs: Tensor[]): Promise<{ label: string; milliseconds: number }[]> {
    this.#check();
    const { device, plan } = this.#parts;
    if (!device.hasTimes) throw new UsageError('webgpu: this device has no timestamps; time runs with sync() around them', 'webgpu');
    const kernels = this.#actions.filter((action) => action.is === 'kernel');
    this.#given(inputs).forEach((data, i) => { if (data.length > 0) device.gpu.queue.writeBuffer(this.#buffer(plan.inputs[i]!), 0, data); });
    return device.checked(async () => {
      const querySet = device.gpu.createQuerySet({ type: 'timestamp', count: Math.max(1, 2 * kernels.length) });
      const times = device.gpu.createBuffer({ size: Math.max(8, 16 * kernels.length), usage: QUERY_RESOLVE | COPY_SRC | STORAGE });
      const encoder = device.gpu.createCommandEncoder();
      let k = 0;
      for (const action of this.#actions) {
        if (action.is === 'copy') {
          encoder.copyBufferToBuffer(action.from, 0, action.to, 0, action.bytes);
          continue;
        }
        const pass = encoder.beginComputePass({ timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * k, endOfPassWriteIndex: 2 * k + 1 } });
        pass.setPipeline(action.pipeline);
        pass.setBindGroup(0, action.group);
        pass.dispatchWorkgroups(...action.groups);
        pass.end();
        k++;
      }
      encoder.resolveQuerySet(querySet, 0, 2 * kernels.length, times, 0);
      device.gpu.queue.submit([encoder.finish()]);
      this.#ran(1);
      const [bytes] = await device.read([{ buffer: times, bytes: 16 * kernels.length }]);
      times.destroy();
      const ticks = new BigUint64Array(bytes!);
      return kernels.map(({ label }, i) => ({ label, milliseconds: Number(ticks[2 * i + 1]! - ticks[2 * i]!) / 1e6 }));
    });
  }

  /** What the host says of the adapter. */
  get device(): string {
    return this.#parts.device.description;
  }

  /** Frees the buffers on the device. Twice is harmless. */
  dispose(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const buffer of this.#buffers) buffer.destroy();
    this.#staging?.destroy();
    this.#parts.lowered.dispose();
  }

  /** For `using` declarations. */
  [dispose](): void {
    this.dispose();
  }
}
