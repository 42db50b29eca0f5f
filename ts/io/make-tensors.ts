// The last step of reading a file of PyTorch: its values as JavaScript has them, with tensors. A loop, since what is nested
// may be deep and may contain itself; if anything fails, the tensors made so far are released.
import { codeOf } from '../core/dtype';
import { AdjointError } from '../core/errors';
import { noGrad } from '../autograd/autograd';
import { empty } from '../generated/functions';
import { Parameter } from '../nn/parameter';
import { tensorOfBytes } from '../tensor/bytes';
import type { Tensor } from '../tensor/tensor';
import { GlobalNode, ParameterNode, PyDict, StorageNode, TensorNode, type StorageRef, type TensorRef } from './pickle-values';
import { settle } from './byte-order';
import { itemSize } from './torch-objects';
import type { Input } from './input';

/** Writes the bytes of a storage, as the file has them, to memory of its size. */
export type Fill = (storage: StorageRef, bytes: Uint8Array) => void;

/** Sets a property, whatever its name: `__proto__` is one like any other. */
export function setOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/** The keys of objects that were integers in their file: saved again, they are once more. */
const integerKeys = /* @__PURE__ */ new WeakMap<object, Set<string>>();

/** Whether a key of an object was an integer in the file it was loaded from. */
export function wasInteger(object: object, key: string): boolean {
  return integerKeys.get(object)?.has(key) === true;
}

/** What a pickle holds, with tensors over the storages that `fill` reads. */
export function makeTensors(input: Input, value: unknown, isBigEndian: boolean, fill: Fill): unknown {
  const maker = new Maker(input, isBigEndian, fill);
  try {
    return noGrad(() => maker.convert(value));
  } catch (error) {
    maker.undo();
    throw error;
  } finally {
    maker.end();
  }
}

class Maker {
  private readonly made = new Map<unknown, unknown>();
  private readonly tensors: Tensor[] = [];
  private readonly storages = new Map<StorageRef, Tensor>();

  constructor(
    private readonly input: Input,
    private readonly isBigEndian: boolean,
    private readonly fill: Fill,
  ) {}

  /** Releases what was made. */
  undo(): void {
    for (const t of this.tensors) t.dispose();
  }

  /** Releases what was needed on the way. */
  end(): void {
    for (const t of this.storages.values()) t.dispose();
  }

  convert(root: unknown): unknown {
    const waiting: unknown[] = [];
    const result = this.shell(root, waiting);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) this.fillShell(node, waiting);
    return result;
  }

  /** The object for a node, still empty if it is a container, which then waits to be filled. */
  private shell(node: unknown, waiting: unknown[]): unknown {
    if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return node;
    const known = this.made.get(node);
    if (known !== undefined) return known;
    const made = this.start(node);
    this.made.set(node, made);
    if (Array.isArray(node) || node instanceof Set || node instanceof PyDict) waiting.push(node);
    return made;
  }

  private start(node: object): unknown {
    if (node instanceof TensorNode) return this.tensor(node.value);
    if (node instanceof ParameterNode) return this.parameter(node);
    if (node instanceof PyDict) return hasPlainKeys(node) ? {} : new Map();
    if (node instanceof StorageNode) throw this.input.error('a storage is saved as a value; save a tensor over it', null);
    if (node instanceof GlobalNode) {
      const { name } = node.value;
      throw this.input.error(`${name}, a class or function, is saved as a value`, null, { name });
    }
    // Lists and sets are filled where they are.
    return node;
  }

  private fillShell(node: unknown, waiting: unknown[]): void {
    if (Array.isArray(node)) {
      for (let i = 0; i < node.length; i++) node[i] = this.shell(node[i], waiting);
    } else if (node instanceof Set) {
      const items = [...(node as Set<unknown>)].map((item) => this.shell(item, waiting));
      node.clear();
      for (const item of items) node.add(item);
    } else if (node instanceof PyDict) {
      this.fillDict(node, waiting);
    }
  }

  private fillDict(node: PyDict, waiting: unknown[]): void {
    const made = this.made.get(node) as Record<string, unknown> | Map<unknown, unknown>;
    for (const [key, value] of node.entries) {
      const filled = this.shell(value, waiting);
      if (made instanceof Map) made.set(this.shell(key, waiting), filled);
      else setOwn(made, String(key), filled);
    }
    const integers = [...node.entries.keys()].filter((key) => typeof key !== 'string').map(String);
    if (!(made instanceof Map) && integers.length > 0) integerKeys.set(made, new Set(integers));
    if (node.metadata === null) return;
    // Beside the entries, as in PyTorch, where it is an attribute of the dict.
    Object.defineProperty(made, '_metadata', { value: this.shell(node.metadata, waiting), writable: true, configurable: true });
  }

  private parameter({ value: { data, requiresGrad } }: ParameterNode): Parameter {
    const source = this.tensor(data.value);
    const made = this.guarded(() => new Parameter(source, requiresGrad));
    this.tensors.push(made);
    source.dispose();
    return made;
  }

  private tensor(of: TensorRef): Tensor {
    return this.guarded(() => {
      const storage = this.storage(of);
      const view = storage.asStrided(of.size, of.stride, of.offset);
      try {
        // A tensor of its own over the storage, with no relation to the others there, as PyTorch makes it.
        const t = of.isNegative ? view.neg() : empty([0], { dtype: of.dtype });
        this.tensors.push(t);
        if (!of.isNegative) t.data = view;
        if (of.requiresGrad) t.requiresGrad = true;
        return t;
      } finally {
        view.dispose();
      }
    });
  }

  private storage({ storage, dtype }: TensorRef): Tensor {
    const known = this.storages.get(storage);
    if (known !== undefined) {
      if (known.dtype !== dtype) throw this.input.error(`storage ${storage.key} has tensors of dtype ${known.dtype} and ${dtype}`, null);
      return known;
    }
    const numel = Math.floor((storage.numel * itemSize(storage.dtype)) / itemSize(dtype));
    const code = codeOf(dtype)!;
    const made = tensorOfBytes(code, [numel], (bytes) => {
      this.fill(storage, bytes);
      settle(bytes, code, this.isBigEndian);
    });
    this.storages.set(storage, made);
    return made;
  }

  /** What a tensor cannot be, such as of 65 dims, is the file's fault. */
  private guarded<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof AdjointError) || ['FormatError', 'OutOfMemoryError', 'LoadError'].includes(error.code)) throw error;
      throw this.input.error(`a tensor cannot be made: ${error.message}`, null);
    }
  }
}

/** Whether all keys are texts, or integers that read as other texts: then the dict is an object, else a Map. */
function hasPlainKeys({ entries }: PyDict): boolean {
  for (const key of entries.keys()) {
    if (typeof key === 'string') continue;
    if (!(typeof key === 'number' && Number.isSafeInteger(key)) && typeof key !== 'bigint') return false;
    if (entries.has(String(key))) return false;
  }
  return true;
}
