// What PyTorch's pickles mean: which tensors, over which storages. Nothing is made yet; all that a file says about a tensor is
// checked against the storage it says it is in.
import { DTYPES, SIZES, codeOf, type DType } from '../core/dtype';
import { MAX_DIMS } from '../tensor/create';
import { numelOf } from './byte-order';
import { PickleError, type Surroundings } from './pickle-reader';
import {
  GlobalNode,
  ParameterNode,
  PyDict,
  StorageNode,
  TensorNode,
  adviceFor,
  globalOf,
  type Makers,
  type StorageRef,
  type StorageView,
  type TensorRef,
} from './pickle-values';

/** Bytes of an element of a dtype. */
export const itemSize = (dtype: DType | null): number => (dtype === null ? 1 : SIZES[codeOf(dtype)!]!);

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The surroundings of a pickle of PyTorch, with the storages it names. */
export class TorchObjects implements Surroundings, Makers {
  readonly storages = new Map<string, StorageRef>();

  global(module: string, name: string): unknown {
    const found = globalOf(module, name);
    if (found === undefined) throw new PickleError(`${module}.${name} is not allowed: ${adviceFor(module, name)}`);
    return found;
  }

  /** ('storage', type, key, device, numel), in old files followed by null or (key, offset, numel) of a view. */
  persistent(id: unknown): StorageNode {
    const parts = Array.isArray(id) ? (id as unknown[]) : [];
    const [tag, type, key, device, numel, view] = parts;
    const dtype = type instanceof GlobalNode ? type.value.storage : undefined;
    if (tag !== 'storage' || dtype === undefined || typeof key !== 'string' || typeof device !== 'string' || !isNatural(numel) || parts.length > 6) {
      throw new PickleError('a persistent id is not that of a storage');
    }
    const known = this.storages.get(key);
    if (known !== undefined && (known.dtype !== dtype || known.numel !== numel)) {
      throw new PickleError(`storage ${key} is ${numel} × ${dtype ?? 'byte'} here and ${known.numel} × ${known.dtype ?? 'byte'} elsewhere`);
    }
    const root = known ?? { key, dtype, numel };
    this.storages.set(key, root);
    if (view === undefined || view === null) return new StorageNode({ root, offset: 0, numel });
    const [, offset, length] = Array.isArray(view) ? (view as unknown[]) : [];
    if (!isNatural(offset) || !isNatural(length) || offset + length > numel) throw new PickleError(`a view of storage ${key} leaves it`);
    return new StorageNode({ root, offset, numel: length });
  }

  reduce(of: unknown, args: readonly unknown[]): unknown {
    const make = of instanceof GlobalNode ? of.value.make : undefined;
    if (make === undefined) throw new PickleError(`${of instanceof GlobalNode ? of.value.name : 'a value that is no function'} cannot be called`);
    return this[make](args);
  }

  build(object: unknown, state: unknown): void {
    if (!(object instanceof PyDict && object.isOrdered)) throw new PickleError('only an OrderedDict may be given a state');
    if (!(state instanceof PyDict)) throw new PickleError('the state of an OrderedDict must be a dict');
    if (state.entries.has('_metadata')) object.metadata = state.entries.get('_metadata');
  }

  // --- tensors ---

  /** (storage, offset, size, stride, requiresGrad, hooks, metadata), of the first version the first four. */
  tensor(args: readonly unknown[]): TensorNode {
    const [storage, offset, size, stride, requiresGrad = false, , metadata] = args;
    const view = viewIn(storage);
    if (view.root.dtype === null) throw new PickleError('a tensor over bytes must have a dtype');
    return tensorOf(view, view.root.dtype, { offset, size, stride, requiresGrad, metadata });
  }

  /** The same with the dtype behind the hooks. */
  tensorOfDtype(args: readonly unknown[]): TensorNode {
    const [storage, offset, size, stride, requiresGrad, , dtype, metadata] = args;
    if (!(DTYPES as readonly unknown[]).includes(dtype)) throw new PickleError('the dtype of a tensor is none');
    return tensorOf(viewIn(storage), dtype as DType, { offset, size, stride, requiresGrad, metadata });
  }

  /** (function, type, args, state): a tensor with attributes, which are left out. */
  tensorOfType(args: readonly unknown[]): unknown {
    const [of, type, inner] = args;
    if (!(type instanceof GlobalNode) || type.value.make !== undefined || type.value.storage !== undefined || !Array.isArray(inner)) {
      throw new PickleError('the type of a tensor must be torch.Tensor or torch.nn.Parameter');
    }
    const made = this.reduce(of, inner as unknown[]);
    if (!(made instanceof TensorNode) && !(made instanceof ParameterNode)) throw new PickleError('what should be a tensor is none');
    if (made instanceof ParameterNode || type.value.name !== 'torch.nn.parameter.Parameter') return made;
    return new ParameterNode({ data: made, requiresGrad: made.value.requiresGrad });
  }

  /** (data, requiresGrad, hooks). */
  parameter(args: readonly unknown[]): ParameterNode {
    const [data, requiresGrad] = args;
    if (!(data instanceof TensorNode) || typeof requiresGrad !== 'boolean') {
      throw new PickleError('a parameter must be a tensor and whether it requires grad');
    }
    checkGrad(data.value.dtype, requiresGrad);
    return new ParameterNode({ data, requiresGrad });
  }

  // --- other values ---

  /** Nothing, or pairs, as Python 2 writes them. */
  ordered(args: readonly unknown[]): PyDict {
    const dict = new PyDict(true);
    const pairs: unknown = args[0] ?? [];
    const isPair = (pair: unknown): pair is [unknown, unknown] => Array.isArray(pair) && pair.length === 2;
    if (args.length > 1 || !Array.isArray(pairs) || !pairs.every(isPair)) throw new PickleError('an OrderedDict must be made of pairs');
    for (const [key, value] of pairs) dict.entries.set(key, value);
    return dict;
  }

  counter(args: readonly unknown[]): PyDict {
    const [counts = new PyDict(false)] = args;
    if (!(counts instanceof PyDict)) throw new PickleError('a Counter must be made of a dict');
    return counts;
  }

  size(args: readonly unknown[]): unknown {
    if (!Array.isArray(args[0]) || !args[0].every(isNatural)) throw new PickleError('a torch.Size must be made of sizes');
    return [...(args[0] as unknown[])];
  }

  device(args: readonly unknown[]): string {
    const [type, index] = args;
    if (typeof type !== 'string' || !(index === undefined || isNatural(index))) throw new PickleError('a device must be a name and a number');
    return index === undefined ? type : `${type}:${index}`;
  }

  /** Bytes as protocol 2 has them: a text of which each letter is a byte. */
  encoded(args: readonly unknown[]): Uint8Array {
    const [text, encoding] = args;
    if (typeof text !== 'string' || !/^latin-?1$/.test(String(encoding))) throw new PickleError('bytes must be a text in latin1');
    return bytesOfLetters(text);
  }

  bytes(args: readonly unknown[]): Uint8Array {
    const [of, encoding] = args;
    if (of === undefined) return new Uint8Array(0);
    if (of instanceof Uint8Array) return of.slice();
    if (typeof of === 'string' && /^latin-?1$/.test(String(encoding))) return bytesOfLetters(of);
    throw new PickleError('bytes must be made of bytes');
  }

  set(args: readonly unknown[]): Set<unknown> {
    if (args.length > 1 || !Array.isArray(args[0] ?? [])) throw new PickleError('a set must be made of a list');
    return new Set((args[0] as unknown[] | undefined) ?? []);
  }
}

function bytesOfLetters(text: string): Uint8Array {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) throw new PickleError('a letter is no byte');
  return bytes;
}

function viewIn(storage: unknown): StorageView {
  if (!(storage instanceof StorageNode)) throw new PickleError('a tensor must be in a storage');
  return storage.value;
}

function checkGrad(dtype: DType, requiresGrad: boolean): void {
  if (requiresGrad && !/float/.test(dtype)) throw new PickleError(`a tensor of dtype ${dtype} cannot require grad`);
}

/** What a file says about a tensor. */
type Said = Readonly<Record<'offset' | 'size' | 'stride' | 'requiresGrad' | 'metadata', unknown>>;

/** The tensor that is said to be in a storage, if it is. */
function tensorOf({ root, offset: start, numel: bytesOrElements }: StorageView, dtype: DType, said: Said): TensorNode {
  const { offset, size, stride, requiresGrad } = said;
  const length = root.dtype === null ? Math.floor(bytesOrElements / itemSize(dtype)) : bytesOrElements;
  if (root.dtype !== null && root.dtype !== dtype) throw new PickleError(`a tensor of dtype ${dtype} is in a storage of dtype ${root.dtype}`);
  if (!Array.isArray(size) || !Array.isArray(stride) || size.length !== stride.length || !isNatural(offset) || typeof requiresGrad !== 'boolean') {
    throw new PickleError('a tensor must have an offset and as many strides as sizes');
  }
  if (size.length > MAX_DIMS) throw new PickleError(`a tensor has ${size.length} dims; there are at most ${MAX_DIMS}`);
  const numel = numelOf(size);
  const where = `size (${size.map(String).join(', ')}), stride (${stride.map(String).join(', ')}) and offset ${offset}`;
  if (numel === null || numelOf([length, itemSize(dtype)]) === null) throw new PickleError(`${where} are more than can be counted`);
  let last = offset;
  for (let d = 0; d < size.length; d++) {
    if (!isNatural(stride[d])) throw new PickleError(`${where}: a stride is no natural number`);
    last += Math.max((size[d] as number) - 1, 0) * stride[d];
  }
  // Sums of exact products may be inexact, but then they are far outside.
  if (numel === 0 ? offset > length : !(last < length)) throw new PickleError(`${where} leave storage ${root.key} of ${length} elements`);
  checkGrad(dtype, requiresGrad);
  const flags = said.metadata instanceof PyDict ? said.metadata.entries : new Map<unknown, unknown>();
  if (flags.get('conj') === true) throw new PickleError('a conjugated tensor is of a complex dtype, which is not supported');
  const isNegative = flags.get('neg') === true;
  // Its values are made anew.
  if (isNegative && numel > length) throw new PickleError(`${where}: a negated tensor repeats elements of its storage`);
  const value: TensorRef = {
    storage: root,
    dtype,
    offset: start + offset,
    size: size as number[],
    stride: stride as number[],
    requiresGrad,
    isNegative,
  };
  return new TensorNode(value);
}
