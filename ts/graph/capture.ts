// capture(): the explicit form of a function, a record of its operations that can be read and run again.
import { hostParts, modulesUsed, runAgain, setCapturing, watchReplacements, type HostPart } from '../core/capturing';
import { brand } from '../core/copies';
import { describe } from '../core/describe';
import type { DType } from '../core/dtype';
import { disposedError } from '../runtime/disposed';
import { DeviceError, UsageError } from '../core/errors';
import { anything, boolean, callable, integerFrom, kind, list, word } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { notCloned } from '../core/not-data';
import { OURS, checkOurs } from '../core/ours';
import { isObject, isOptions } from '../core/plain-object';
import { keep, scope } from '../runtime/scope';
import { scratch } from '../runtime/scratch';
import { dispose } from '../core/symbols';
import { Tensor, wrap } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { checked } from '../runtime/last-error';
import { programJson } from '../runtime/texts';
import { crashed, instances, isStarted, wasm } from '../runtime/wasm';
import type { Gpu } from './targets/webgpu/gpu-types';
import type { GpuFunction } from './targets/webgpu/program';
import { planOf, type CapturedPlan, type PlanData } from './plan';
import { isSame, membersOf, wasReplaced, watched, watchedParts, type Member, type Watched } from './watched';

/** A value of a record: what is known of it without running. */
export interface CapturedValue {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * One operation of a record. Values are named by number.
 *
 * Besides calls of ops there are derivatives of calls, named `mulBackward`, which take the gradients of the call's outputs and what was
 * kept of it; `accumulateGrad(leaf, g)`, `grad(leaf)` and `setGrad(leaf, g)`, which change and read the `.grad` of a leaf; and
 * `hasNoGrad(leaf)`, where the function went by that.
 */
export interface CapturedCall {
  /** The op's public name. */
  readonly op: string;
  readonly inputs: readonly (number | null)[];
  /** Other arguments, where they are not the default, as they would be written. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly outputs: readonly number[];
  /** Whether the first input was written. */
  readonly inPlace: boolean;
}

/** A record as plain data. */
export interface CapturedRecord {
  readonly values: readonly CapturedValue[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /**
   * Tensors the function used without being given them; the value is written out where it is one number. Parameters and buffers of
   * modules that were called have their name, and what an optimizer remembers has that of the parameter and its own.
   */
  readonly constants: readonly { readonly value: number; readonly number?: string; readonly name?: string }[];
  readonly records: readonly CapturedCall[];
}

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Held>(letGo);

/** A program in the instance with this number. */
interface Held {
  /** -1 once it was disposed: the instance gives the id to another program then. */
  id: number;
  readonly instance: number;
  /** Its place among those that are told of replacements. */
  ref: WeakRef<CapturedFunction> | null;
}

function letGo(held: Held): void {
  const { id, instance } = held;
  held.id = -1;
  if (held.ref !== null) forgetProgram(held.ref);
  held.ref = null;
  if (id >= 0 && isStarted() && instance === instances) wasm().program_free(id);
}

function handlesOf(op: string, what: string, tensors: readonly unknown[]): number[] {
  return tensors.map((t, i) => {
    if (!(t instanceof Tensor)) throw new UsageError(`${op}: ${what} ${i} must be a tensor, got ${describe(t)}`, op);
    if (t._handle <= 0) throw disposedError(op, t);
    return t._handle;
  });
}

/** Whether both are the same elements in memory. */
function isAlias(a: Tensor, b: Tensor): boolean {
  return wasm().data_ptr(a._handle) === wasm().data_ptr(b._handle) && a.numel() > 0 && a.dtype === b.dtype && a.shape.join() === b.shape.join();
}

/** The programs there are, which are told of replacements. */
const live = new Set<WeakRef<CapturedFunction>>();

function tellAll(tell: (program: CapturedFunction) => void): void {
  for (const ref of [...live]) {
    const program = ref.deref();
    if (program === undefined) forgetProgram(ref);
    else tell(program);
  }
}

function noteProgram(program: CapturedFunction): WeakRef<CapturedFunction> {
  const ref = new WeakRef(program);
  live.add(ref);
  watchReplacements({
    replaced(owner, name, before) {
      tellAll((program) => { program._replaced({ owner: owner as Member['owner'], name, value: before }); });
    },
    rebound(t) {
      tellAll((program) => { program._rebound(t as Tensor); });
    },
  });
  return ref;
}

function forgetProgram(ref: WeakRef<CapturedFunction>): void {
  live.delete(ref);
  if (live.size === 0) watchReplacements(null);
}

const CONSTANT = /* @__PURE__ */ parameters<{ value: number }>('constant', () => ({ value: integerFrom(0) }));

interface ToArguments {
  target: 'webgpu' | 'auto';
  gpu?: object | null;
  float16?: boolean;
}

const gpu = /* @__PURE__ */ kind<never>('the gpu of a host, which has requestAdapter()', (value) =>
  anything.take(value) === value && typeof (value as { requestAdapter?: unknown } | null)?.requestAdapter === 'function');

const TO = /* @__PURE__ */ parameters<ToArguments>('to', () => ({ target: word('webgpu', 'auto'), gpu: gpu.orNull(), float16: boolean.or(false) }), 2);

const NOT_CLONED = /* @__PURE__ */ notCloned('a captured program', 'clone its record');

/** A function that was captured: run it with `run`, read it with `record` or as text. */
export class CapturedFunction implements Disposable {
  readonly #held: Held;
  readonly #isSingle: boolean;
  /** What the record depends on: members of the modules that were called, and what was replaced since. */
  #watched: Watched[] = [];
  /** The modules that were called, and those in them. */
  #modules: ReadonlySet<object>;
  /** What steps of optimizers do besides calls. */
  readonly #parts: readonly HostPart[];
  /** The names of constants. */
  readonly #names = new Map<number, string>();
  /** Constants that are compared with what a name holds now. */
  readonly #kept: Tensor[] = [];
  #record: CapturedRecord | null = null;
  /** @internal Makes `structuredClone` an error: the program is not in the object. */
  readonly _notCloned: symbol = NOT_CLONED;

  static {
    brand(this.prototype);
    withoutArguments(this.prototype, 'dispose toString');
  }

  /** @internal */
  constructor(key: typeof OURS, id: number, isSingle: boolean, modules: ReadonlySet<object>, listed: ReadonlySet<object>, parts: readonly HostPart[]) {
    checkOurs(key, 'CapturedFunction', 'call capture()');
    this.#held = { id, instance: instances, ref: null };
    this.#isSingle = isSingle;
    this.#modules = modules;
    this.#parts = parts;
    if (modules.size > 0 || parts.length > 0) {
      this.#withConstants((constantOf, values) => {
        this.#nameConstants(constantOf, values);
        for (const member of membersOf(modules)) this.#watch(member, constantOf);
      });
    }
    for (const owner of listed) this.#watched.push(watchedParts(owner as Member['owner']));
    this.#held.ref = noteProgram(this);
    registry?.register(this, this.#held, this);
  }

  /** Watches a member, unless it is a tensor that the record does not hold. */
  #watch(member: Member, constantOf: (t: Tensor) => Tensor | null): void {
    if (!(member.value instanceof Tensor)) {
      this.#watched.push(watched(member, null));
      return;
    }
    const constant = constantOf(member.value);
    if (constant !== null) this.#watched.push(watched(member, this.#keep(constant)));
  }

  #keep(constant: Tensor): Tensor {
    this.#kept.push(keep(constant));
    return constant;
  }

  /** Calls `fn` with what finds the constant that a tensor is, as long as it runs, and with the number of each. */
  #withConstants(fn: (constantOf: (t: Tensor) => Tensor | null, values: ReadonlyMap<Tensor, number>) => void): void {
    const values = new Map(this.record.constants.map(({ value }) => [this.constant(value), value]));
    const constants = [...values.keys()];
    fn((t) => (t._handle <= 0 ? null : (constants.find((constant) => isSame(constant, t)) ?? null)), values);
    for (const constant of constants) if (!this.#kept.includes(constant)) constant.dispose();
  }

  /** Gives constants the names of parameters, buffers and what optimizers remember. */
  #nameConstants(constantOf: (t: Tensor) => Tensor | null, values: ReadonlyMap<Tensor, number>): void {
    const names = new Map<Tensor, string>();
    const taken = new Set<string>();
    const give = (t: unknown, name: string): void => {
      const constant = t instanceof Tensor ? constantOf(t) : null;
      const value = constant === null ? undefined : values.get(constant);
      if (value === undefined || this.#names.has(value)) return;
      let unique = name;
      for (let i = 2; taken.has(unique); i++) unique = `${name}_${i}`;
      taken.add(unique);
      names.set(t as Tensor, unique);
      // Aliases without history are other values of the same memory, and go by the same name.
      for (const [alias, number] of values) if (alias === constant || isAlias(alias, t as Tensor)) this.#names.set(number, unique);
    };
    for (const module of rootsOf(this.#modules)) {
      for (const [name, t] of [...module.namedParameters(), ...module.namedBuffers()]) give(t, name);
    }
    for (const { state, taken: calls } of this.#parts) {
      for (const p of calls.flatMap(([params]) => params ?? [])) {
        for (const [name, t] of Object.entries(state.get(p) ?? {})) give(t, `${names.get(p as Tensor) ?? 'parameter'}.${name}`);
      }
    }
    this.#record = null;
  }

  get #isGone(): boolean {
    return this.#held.id < 0 || this.#held.instance !== instances;
  }

  /** @internal A name of a module, of one that was called or of another, holds something else now. */
  _replaced(member: Member): void {
    if (this.#isGone) return;
    this.#withConstants((constantOf) => {
      const { value } = member;
      if (value instanceof Tensor) {
        this.#watch(member, constantOf);
        return;
      }
      // A module: what counts is what the record holds of it.
      const modules = new Set((value as { modules(): object[] }).modules());
      const isUsed = this.#modules.has(value as object) || membersOf(modules).some(({ value: t }) => t instanceof Tensor && constantOf(t) !== null);
      if (isUsed) this.#watch(member, constantOf);
    });
  }

  /** @internal `t` is about to stand for other values. */
  _rebound(t: Tensor): void {
    if (this.#isGone) return;
    this.#withConstants((constantOf) => {
      const found = constantOf(t);
      if (found === null) return;
      const constant = this.#keep(found);
      const what = wasReplaced(`the data of a ${t.constructor.name} of shape [${t.shape.join(', ')}]`);
      this.#watched.push({ what: () => what, name: 'data', isThere: () => t._handle <= 0 || isSame(t, constant) });
    });
  }

  /** The id of the program, if there still is one. */
  #id(): number {
    // Starts an instance where there is none.
    wasm();
    const { id, instance } = this.#held;
    if (id < 0 || instance !== instances) {
      throw new UsageError('captured function: the captured function was disposed; capture the function again', 'captured function');
    }
    return id;
  }

  /** What the record depends on and is not there any more. */
  #gone(): Watched | null {
    for (const part of this.#watched) if (!part.isThere()) return part;
    return null;
  }

  /** @internal The number of the program, and what steps of optimizers do besides calls. */
  get _program(): { readonly id: number; readonly parts: readonly HostPart[] } {
    return { id: this.#id(), parts: this.#parts };
  }

  /** @internal Whether all that the record depends on is there. */
  get _isCurrent(): boolean {
    return !this.#isGone && this.#gone() === null;
  }

  /** @internal Whether the function returned a tensor and no list. */
  get _isSingle(): boolean {
    return this.#isSingle;
  }

  /** Runs the recorded operations on other inputs; gradients flow as through the function itself. */
  run(...inputs: Tensor[]): Tensor {
    const out = this.runAll(...inputs);
    if (!this.#isSingle) throw new UsageError(`captured function: has ${out.length} outputs; call runAll`, 'run');
    return out[0]!;
  }

  /** As `run`, for functions with several outputs. */
  runAll(...inputs: Tensor[]): Tensor[] {
    // Before what is missing is named: a program that was disposed of watches nothing.
    this.#id();
    const gone = this.#gone();
    if (gone !== null) {
      const { what, name } = gone;
      throw new UsageError(`captured function: ${what()}; capture again`, 'run', { name });
    }
    return this._replay(inputs);
  }

  /** @internal Runs the record, all of which is there. */
  _replay(inputs: readonly Tensor[]): Tensor[] {
    const id = this.#id();
    if (this.#parts.length === 0) return replay(id, inputs, NO_NUMBERS);
    const before = countsOf(this.#parts);
    try {
      return replay(id, inputs, runAgain(this.#parts));
    } catch (error) {
      // A step that was not taken is not counted.
      for (const { state, name, was } of before) state[name] = was;
      throw error;
    }
  }

  /**
   * The function on a graphics device: `'webgpu'`, or `'auto'` for a device if there is one and `null` if there is none, in which case
   * `run` of the record goes on as ever. Parameters and what optimizers remember are uploaded, once; see `GpuFunction`.
   *
   * `gpu` is the host's WebGPU where that is not `navigator.gpu`: in Node that of the npm package `webgpu`. Numbers are float32 and differ
   * from the CPU's in their last bits; integers have 32 bits. Random numbers are other ones than the CPU's; `manualSeed` before this call
   * decides which. Dtypes and ops that the device lacks are an error that names them all.
   *
   * With `float16` large products take their factors in half precision, 11 bits up to 65504, and sum in float32.
   *
   * @throws DeviceError where the host has no WebGPU or no adapter, or that has no float16; UsageError for what there is no kernel for.
   */
  to(target: 'webgpu', options?: { gpu?: object | null; float16?: boolean }): Promise<GpuFunction>;
  to(target: 'auto', options?: { gpu?: object | null; float16?: boolean }): Promise<GpuFunction | null>;
  to(...args: readonly unknown[]): Promise<GpuFunction | null> {
    // What is wrong with the arguments is said at once.
    const { target, gpu, float16 } = TO.read(args);
    this.#id();
    return this.#onDevice(target, gpu, float16);
  }

  async #onDevice(target: 'webgpu' | 'auto', gpu: object | null, float16: boolean): Promise<GpuFunction | null> {
    const { toWebGpu } = await import('./targets/webgpu/index');
    try {
      return await toWebGpu(this, (gpu ?? undefined) as Gpu | undefined, float16);
    } catch (error) {
      if (target === 'auto' && error instanceof DeviceError) return null;
      throw error;
    }
  }

  /** The record as plain data. */
  get record(): CapturedRecord {
    return (this.#record ??= this.#read());
  }

  #read(): CapturedRecord {
    const { plan: _, ...record } = this.#data();
    const named = ({ value, ...rest }: CapturedRecord['constants'][number]): CapturedRecord['constants'][number] => {
      const name = this.#names.get(value);
      return name === undefined ? { value, ...rest } : { value, ...rest, name };
    };
    return { ...record, constants: record.constants.map(named) };
  }

  #data(): CapturedRecord & { readonly plan: PlanData | null } {
    return JSON.parse(programJson(this.#id())) as CapturedRecord & { readonly plan: PlanData | null };
  }

  /**
   * What replays do and where they have their values; null before the first replay, and where calls are made one by one as they were
   * recorded: where what comes out is to be differentiated afterwards, shapes depend on values, or a result shares memory with another.
   */
  get plan(): CapturedPlan | null {
    const { plan } = this.#data();
    return plan === null ? null : planOf(plan, this.record);
  }

  /** What `JSON.stringify` takes: the record. */
  toJSON(): CapturedRecord {
    return this.record;
  }

  /** The tensor a constant of the record stands for, to be released by the caller. */
  constant(...args: Arguments<{ value: number }, ['value']>): Tensor {
    const { value } = CONSTANT.read(args);
    return wrap(checked(wasm().program_constant(this.#id(), value)));
  }

  /** Releases the record and the constants it holds. Twice is harmless. */
  dispose(): void {
    registry?.unregister(this);
    for (const constant of this.#kept) constant.dispose();
    this.#kept.length = 0;
    this.#watched = [];
    this.#modules = new Set();
    letGo(this.#held);
  }

  /** For `using` declarations. */
  [dispose](): void {
    this.dispose();
  }

  /** The record as a program: a line for each operation, with dtype and shape of its result. */
  toString(): string {
    const { values, inputs, outputs, constants, records } = this.record;
    const names = new Map(constants.map(({ value, number, name }) => [value, number ?? name]));
    const name = (n: number | null): string => (n === null ? 'null' : (names.get(n) ?? `%${n}`));
    const typed = (n: number): string => `${name(n)}: ${values[n]!.dtype}[${values[n]!.shape.join(', ')}]`;
    const lines = records.map(({ op, inputs: given, attributes, outputs: made, inPlace }) => {
      const options = Object.entries(attributes).map(([key, value]) => `${key}: ${value}`);
      const args = [...given.map(name), ...(options.length === 0 ? [] : [`{ ${options.join(', ')} }`])].join(', ');
      if (made.length === 0) return `  ${op}${inPlace && !op.endsWith('Grad') ? '_' : ''}(${args})`;
      return inPlace ? `  ${op}_(${args})` : `  ${made.map(typed).join(', ')} = ${op}(${args})`;
    });
    const held = new Set(constants.filter(({ number }) => number === undefined).map(({ value }) => `  ${typed(value)} = constant`));
    return `graph(${inputs.map(typed).join(', ')}):\n${[...held, ...lines].join('\n')}\n  return ${outputs.map(name).join(', ')}`;
  }
}

/** Hands over the handles of `tensors`; how many there are. */
function put(op: string, what: string, tensors: readonly unknown[]): number {
  const handles = handlesOf(op, what, tensors);
  scratch(handles.length).set(handles);
  return handles.length;
}

const NO_NUMBERS: readonly number[] = [];

/** Runs the program of this id on inputs, with numbers for its steps. */
function replay(id: number, inputs: readonly unknown[], numbers: readonly number[]): Tensor[] {
  const count = inputs.length;
  const given = scratch(count + numbers.length);
  for (let i = 0; i < count; i++) {
    const t = inputs[i];
    if (!(t instanceof Tensor) || t._handle <= 0) {
      handlesOf('captured function', 'input', inputs);
      break;
    }
    given[i] = t._handle;
  }
  for (let i = 0; i < numbers.length; i++) given[count + i] = numbers[i]!;
  let made: number;
  try {
    made = checked(wasm().program_run(id, count, numbers.length));
  } catch (e) {
    throw crashed(e);
  }
  const handles = scratch(0);
  if (made === 1) return [wrap(handles[0]!)];
  return Array.from(handles.subarray(0, made), (handle) => wrap(handle));
}

/** A number that an optimizer remembers of a parameter. */
interface Count {
  readonly state: Record<string, unknown>;
  readonly name: string;
  readonly was: number;
}

/** The numbers that these steps remember. */
function countsOf(parts: readonly HostPart[]): Count[] {
  const found: Count[] = [];
  for (const { state: states, taken } of parts) {
    if (states.size === 0) continue;
    for (const [params] of taken) {
      for (const p of params ?? []) {
        const state = states.get(p);
        for (const name in state) {
          const was = state[name];
          if (typeof was === 'number') found.push({ state, name, was });
        }
      }
    }
  }
  return found;
}

/** A module, as far as names go. */
interface NamedModule {
  modules(): readonly object[];
  namedParameters(): readonly (readonly [string, Tensor])[];
  namedBuffers(): readonly (readonly [string, Tensor])[];
}

/** Those that are in no other. */
function rootsOf(modules: ReadonlySet<object>): NamedModule[] {
  const all = [...modules] as NamedModule[];
  const inner = new Set(all.flatMap((module) => module.modules().filter((part) => part !== module)));
  return all.filter((module) => !inner.has(module));
}

/** What a captured function returned, as a list. */
function outputsOf(out: unknown): readonly unknown[] {
  if (out instanceof Tensor) return [out];
  // Arrays, and the outputs of an op that has several.
  if (isObject(out) && Symbol.iterator in out) {
    const all = [...(out as Iterable<unknown>)];
    const other = all.findIndex((t) => !(t instanceof Tensor));
    if (other < 0) return all;
    throw new UsageError(`capture: output ${other} must be a tensor, got ${describe(all[other])}; return all tensors in one flat array`, 'capture');
  }
  let advice = 'return the tensors, several as an array';
  if (isThenable(out)) {
    // Its failure is of no interest any more, and must not end the program.
    out.then(undefined, () => undefined);
    advice = 'what is awaited runs after the capture, so await before it and capture a function that is not async';
  }
  throw new UsageError(`capture: the function must return a tensor or an array of tensors, got ${describe(out)}; ${advice}`, 'capture');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}

/**
 * Runs `fn` once on `inputs` and returns the record of what it computed, an explicit graph: PyTorch's `torch.jit.trace`.
 *
 * Operations on tensors are recorded, in-place and random ones too, with `noGrad` around them where it was. A loop or a branch is
 * recorded as it went this time; where shapes were read, by `fn` or by an operation that is made of others, the record holds for
 * inputs of these shapes and dtypes only, and `run` refuses others. Other tensors that `fn` uses, such as parameters, are held by the
 * record and keep getting gradients.
 *
 * A whole training step can be captured: backward passes node by node, gradients that add up or are set to null, clipping and steps
 * of optimizers. The capture itself is a step; each `run` is the next one, with the bits of the function called again. Steps are
 * counted and learning rates read as ever, so schedules may go on between replays. Outputs whose graph a backward pass has freed do
 * not require grad.
 *
 * What a replay could not do again is an error that names the call: function transforms, hooks, custom functions and checkpoints,
 * values that are read (`item()`, `tolist()`, `JSON.stringify()`, printing), `requiresGrad_()`, `detach_()`, steps of schedules and of
 * optimizers that read values, seeds. Where a parameter, buffer or part of a module that the record holds was replaced since, or a part
 * was added to a module whose parts the function ran through, `run` refuses, naming it.
 */
export function capture(fn: Capturable, ...inputs: Tensor[]): CapturedFunction;
export function capture(options: { fn: Capturable; inputs?: readonly Tensor[] }): CapturedFunction;
export function capture(first: unknown, ...rest: unknown[]): CapturedFunction {
  if (isOptions(first) && rest.length === 0) {
    const { fn, inputs } = CAPTURE.read([first]);
    return record(fn, inputs).program;
  }
  if (typeof callable.take(first) === 'symbol') throw new UsageError(`capture: the first argument must be a function, got ${describe(first)}`, 'capture');
  return record(first as Capturable, rest as readonly Tensor[]).program;
}

/** A function that can be captured. */
export type Capturable = (...inputs: Tensor[]) => Tensor | Iterable<Tensor>;

const CAPTURE = /* @__PURE__ */ parameters<{ fn: Capturable; inputs?: readonly Tensor[] }>('capture', () => ({ fn: callable, inputs: list('tensors', tensor).or([]) }));

/** Runs `fn` once while its calls are recorded: the record, and what the call returned. The tensors of that are the caller's. */
export function record(fn: Capturable, inputs: readonly Tensor[], keepsOutputs = false, recomputes = false): { program: CapturedFunction; outputs: readonly Tensor[]; isSingle: boolean } {
  return scope(() => {
    let outputs: readonly Tensor[];
    let isSingle: boolean;
    let used: ReturnType<typeof modulesUsed>;
    let parts: readonly HostPart[];
    checked(wasm().capture_start(put('capture', 'input', inputs)));
    try {
      // What is known of an input already is asked for again, so that the record knows that it was.
      for (const t of inputs) t._meta = null;
      setCapturing(true);
      const out = fn(...inputs);
      isSingle = out instanceof Tensor;
      used = modulesUsed();
      parts = hostParts;
      outputs = outputsOf(out) as readonly Tensor[];
      put('capture', 'output', outputs);
    } catch (error) {
      wasm().capture_cancel();
      throw error;
    } finally {
      setCapturing(false);
    }
    const program = new CapturedFunction(OURS, checked(wasm().capture_finish(outputs.length, recomputes ? 1 : 0)), isSingle, used.called, used.listed, parts);
    return { program, outputs: keepsOutputs ? outputs : [], isSingle };
  });
}
