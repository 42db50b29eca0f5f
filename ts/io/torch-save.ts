// Writing what `torch.load` reads: a ZIP archive with a pickle, and a file a storage.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import type { DType } from '../core/dtype';
import { UsageError } from '../core/errors';
import { anyObject } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { isOptions, isReadable } from '../core/plain-object';
import { Parameter } from '../nn/parameter';
import { checkReadable, memoryAt } from '../tensor/bytes';
import { Tensor } from '../tensor/tensor';
import { wasInteger } from './make-tensors';
import { Global, PersistentId, Tuple, pickle, type Form } from './pickle-writer';
import { STORAGES } from './pickle-values';
import { target, writing, type Target, type Written } from './target';
import { itemSize } from './torch-objects';
import { ZipWriter } from './zip-writer';

/** The arguments of `save`. */
export interface SaveArguments {
  /** A tensor, or arrays and plain objects of tensors, numbers, texts and the like. */
  object: unknown;
  /** The path of the file; where there is none, its bytes are returned. */
  target?: Target | null;
}

/** The function `save`. */
export interface Save extends Stated {
  <W extends Target | null | undefined = undefined>(object: unknown, target?: W): Written<W>;
  <W extends Target | null | undefined = undefined>(object: unknown, options: { target?: W }): Written<W>;
  <W extends Target | null | undefined = undefined>(options: { object: unknown; target?: W }): Written<W>;
}

/**
 * Writes a file that PyTorch loads, with `weights_only=True`: PyTorch's `torch.save`. Without a target it returns the bytes.
 *
 * Plain objects and Maps become dicts, arrays lists, Sets sets, Uint8Arrays bytes; whole numbers and bigints integers, other
 * numbers floats. The keys of plain objects are texts, but of the `state` of an optimizer, and of an object that was loaded with
 * integers as keys, integers; a Map has the keys it has. Tensors that share memory share a storage, and what is one object is one
 * object. A file is complete or not there at all: it is written beside the old one and takes its place.
 *
 * @throws UsageError for what is no data, such as a module: it says where in the object. Nothing is written then.
 * @example
 * save({ model: model.stateDict(), epoch: 3 }, 'checkpoint.pt');
 */
export const save: Save = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SaveArguments>('save', () => ({ object: anyObject, target })),
  ({ object, target: to }) => {
    refuseInCapture('save', 'read');
    // Once to see which storages there are and how far they reach, once to write.
    const storages = new Storages();
    const describeIn = (value: object, path: () => string): Form => formOf(value, path, storages);
    pickle(object, describeIn);
    const bytes = pickle(object, describeIn);
    return writing('save', to, (sink) => {
      const zip = new ZipWriter(sink, ALIGNMENT);
      const add = (name: string, content: Uint8Array): void => { zip.add(`archive/${name}`, content); };
      const text = (name: string, content: string): void => { add(name, new TextEncoder().encode(content)); };
      add('data.pkl', bytes);
      text('.format_version', '1');
      text('.storage_alignment', String(ALIGNMENT));
      text('byteorder', 'little');
      // From here on nothing is called that could move memory.
      for (const { key, address, numel, dtype } of storages.all) add(`data/${key}`, memoryAt(address, numel * itemSize(dtype)));
      text('version', '3\n');
      zip.finish();
    });
  },
);

/** Where storages begin, as PyTorch has them. */
const ALIGNMENT = 64;

interface Storage {
  readonly key: string;
  readonly address: number;
  readonly dtype: DType;
  /** As far as tensors reach that are saved. */
  numel: number;
}

/** The storages that tensors are in, by address. */
class Storages {
  private readonly known = new Map<string, Storage>();

  get all(): Iterable<Storage> {
    return this.known.values();
  }

  /** The storage of a tensor. */
  of(t: Tensor): Storage {
    const { dtype } = t;
    const offset = t.storageOffset();
    const address = t.dataPtr() - offset * itemSize(dtype);
    const name = `${address} ${dtype}`;
    const storage = this.known.get(name) ?? { key: String(this.known.size), address, dtype, numel: 0 };
    this.known.set(name, storage);
    const strides = t.stride();
    const end = t.numel() === 0 ? offset : t.shape.reduce((sum, size, d) => sum + (size - 1) * strides[d]!, offset + 1);
    storage.numel = Math.max(storage.numel, end);
    return storage;
  }
}

/** An OrderedDict without entries, as tensors have for their hooks: each its own. */
class NoHooks {
  readonly entries = [] as const;
}

/** The tensor in a parameter. */
class DataOf {
  constructor(readonly parameter: Parameter) {}
}

function formOf(value: object, path: () => string, storages: Storages): Form {
  if (!isReadable(value)) throw new UsageError(`save: cannot save ${describe(value)}${placed(path())}`, 'save', { path: path() });
  if (value instanceof Tensor) checkReadable('save', value);
  if (value instanceof Parameter) return callOf('torch._utils\n_rebuild_parameter', [new DataOf(value), value.requiresGrad, new NoHooks()]);
  if (value instanceof DataOf) return tensorForm(value.parameter, false, storages);
  if (value instanceof Tensor) return tensorForm(value, value.requiresGrad, storages);
  if (value instanceof NoHooks) return { kind: 'dict', entries: value.entries, isOrdered: true };
  if (Array.isArray(value)) return { kind: 'list', items: Array.from(value as unknown[]) };
  if (value instanceof Map) {
    const entries = Array.from(value as Map<unknown, unknown>, ([key, item]) => [keyOf(key, path), item] as const);
    return { kind: 'dict', entries, isOrdered: false };
  }
  if (value instanceof Set) return callOf('__builtin__\nset', [Array.from(value, (item) => keyOf(item, path))]);
  if (value instanceof Uint8Array) return callOf('_codecs\nencode', [Array.from(value, (byte) => String.fromCharCode(byte)).join(''), 'latin1']);
  if (isOptions(value)) return dictForm(value);
  throw new UsageError(`save: cannot save ${describe(value)}${placed(path())}; ${adviceFor(value)}`, 'save', { path: path() });
}

/** A key of a dict or an element of a set, which in Python cannot be a list: an array is a tuple. */
function keyOf(key: unknown, path: () => string): unknown {
  if (isReadable(key) && Array.isArray(key)) return new Tuple(key.map((part) => keyOf(part, path)));
  if (typeof key !== 'object' || key === null || (isReadable(key) && key instanceof Uint8Array)) return key;
  const message = `save: ${describe(key)} cannot be a key of a Map or in a Set${placed(path())}; use a text, a number or an array of them`;
  throw new UsageError(message, 'save', { path: path() });
}

const placed = (path: string): string => (path === '' ? '' : ` at ${path}`);

function adviceFor(value: unknown): string {
  if (typeof value === 'undefined') return 'use null';
  if (typeof Reflect.get(Object(value) as object, 'stateDict') === 'function') return 'save its stateDict()';
  if (ArrayBuffer.isView(value)) return 'make a tensor of it with tensor(array)';
  return 'save tensors, numbers, texts, booleans, null, and arrays, plain objects, Maps and Sets of them';
}

const callOf = (global: string, args: readonly unknown[]): Form => ({ kind: 'call', global, args });

function tensorForm(t: Tensor, requiresGrad: boolean, storages: Storages): Form {
  const { key, dtype, numel } = storages.of(t);
  const id = new PersistentId(['storage', new Global(`torch\n${STORAGES[dtype]}Storage`), key, 'cpu', numel]);
  return callOf('torch._utils\n_rebuild_tensor_v2', [id, t.storageOffset(), new Tuple(t.shape), new Tuple(t.stride()), requiresGrad, new NoHooks()]);
}

function dictForm(value: Record<string, unknown>): Form {
  const metadata = Object.getOwnPropertyDescriptor(value, '_metadata');
  const isOrdered = metadata?.enumerable === false;
  const known = (key: string): string | number | bigint => (wasInteger(value, key) ? integerOf(key) : key);
  const entries = Object.entries(value).map(([key, item]) => [known(key), isStateOf(value, key) ? numbered(item) : item] as const);
  if (!isOrdered) return { kind: 'dict', entries, isOrdered };
  return { kind: 'dict', entries, isOrdered, state: { _metadata: metadata.value as unknown } };
}

/** An integer as a number, where that is exact. */
function integerOf(key: string): number | bigint {
  return Number.isSafeInteger(Number(key)) ? Number(key) : BigInt(key);
}

/** Whether it is the state in the state dict of an optimizer, of which PyTorch knows parameters by number. */
function isStateOf(value: Record<string, unknown>, key: string): boolean {
  return key === 'state' && isOptions(value['state']) && Array.isArray(value['param_groups']);
}

/** The same with the numbers that keys are. */
function numbered(state: unknown): unknown {
  const entries = Object.entries(state as object) as [string, unknown][];
  return new Map<unknown, unknown>(entries.map(([key, value]) => [/^(0|[1-9]\d{0,14})$/.test(key) ? Number(key) : key, value]));
}
