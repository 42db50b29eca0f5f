// What a pickle of PyTorch can hold, before tensors are made of it, and the names that may appear in it. Nothing is looked up or
// called by name: a name that is not in the table is refused.
import { DTYPES, type DType } from '../core/dtype';

/** A dict while it is read. */
export class PyDict {
  readonly entries = new Map<unknown, unknown>();
  /** What the state dict of a module says about versions; null where there is nothing. */
  metadata: unknown = null;

  constructor(readonly isOrdered: boolean) {}
}

/** The memory that tensors of a file share; `dtype` is null for bytes that can be of any. */
export interface StorageRef {
  readonly key: string;
  readonly dtype: DType | null;
  /** Elements, or bytes where the dtype is null. */
  readonly numel: number;
}

/** A stretch of a storage, of all of it but in old files. */
export interface StorageView {
  readonly root: StorageRef;
  readonly offset: number;
  readonly numel: number;
}

/** A tensor that is to be made. */
export interface TensorRef {
  readonly storage: StorageRef;
  readonly dtype: DType;
  readonly offset: number;
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly requiresGrad: boolean;
  readonly isNegative: boolean;
}

/** Marks objects as what they are, which arrays and dicts of a file cannot be. */
export class Node<T> {
  constructor(readonly value: T) {}
}
export class StorageNode extends Node<StorageView> {}
export class TensorNode extends Node<TensorRef> {}
export class ParameterNode extends Node<{ readonly data: TensorNode; readonly requiresGrad: boolean }> {}
/** A function or class that is allowed; as a value it is refused. */
export class GlobalNode extends Node<Global> {}

/** What a name in a pickle stands for: the type of a storage, or what is made of arguments. */
export interface Global {
  readonly name: string;
  readonly storage?: DType | null;
  readonly make?: keyof Makers;
}

/** How values are made of arguments. */
export interface Makers {
  tensor(args: readonly unknown[]): unknown;
  tensorOfDtype(args: readonly unknown[]): unknown;
  tensorOfType(args: readonly unknown[]): unknown;
  parameter(args: readonly unknown[]): unknown;
  ordered(args: readonly unknown[]): unknown;
  counter(args: readonly unknown[]): unknown;
  size(args: readonly unknown[]): unknown;
  device(args: readonly unknown[]): unknown;
  encoded(args: readonly unknown[]): unknown;
  bytes(args: readonly unknown[]): unknown;
  set(args: readonly unknown[]): unknown;
}

/** The names of storages in PyTorch, `FloatStorage` and the like, by dtype. */
export const STORAGES: Readonly<Record<DType, string>> = {
  float32: 'Float',
  float64: 'Double',
  int64: 'Long',
  int32: 'Int',
  int16: 'Short',
  int8: 'Char',
  uint8: 'Byte',
  bool: 'Bool',
  float16: 'Half',
  bfloat16: 'BFloat16',
};

/** Names of classes and functions, with the module they are in. */
const MAKERS: Readonly<Record<string, keyof Makers | null>> = {
  'torch._utils._rebuild_tensor': 'tensor',
  'torch._utils._rebuild_tensor_v2': 'tensor',
  'torch._utils._rebuild_tensor_v3': 'tensorOfDtype',
  'torch._tensor._rebuild_from_type_v2': 'tensorOfType',
  'torch._utils._rebuild_parameter': 'parameter',
  'torch._utils._rebuild_parameter_with_state': 'parameter',
  // Classes that appear as arguments only.
  'torch.Tensor': null,
  'torch.nn.parameter.Parameter': null,
  'torch.Size': 'size',
  'torch.device': 'device',
  'collections.OrderedDict': 'ordered',
  'collections.Counter': 'counter',
  '_codecs.encode': 'encoded',
  'builtins.bytearray': 'bytes',
  '__builtin__.bytearray': 'bytes',
  'builtins.bytes': 'bytes',
  '__builtin__.bytes': 'bytes',
  'builtins.set': 'set',
  '__builtin__.set': 'set',
  'builtins.frozenset': 'set',
  '__builtin__.frozenset': 'set',
};

/** What a name stands for: a global, a dtype as its name here, or undefined where it is not allowed. */
export function globalOf(module: string, name: string): GlobalNode | string | undefined {
  const path = `${module}.${name}`;
  if (module === 'torch' && (DTYPES as readonly string[]).includes(name)) return name;
  if (Object.hasOwn(MAKERS, path)) {
    const make = MAKERS[path];
    return new GlobalNode(make == null ? { name: path } : { name: path, make });
  }
  if (path === 'torch.storage.UntypedStorage') return new GlobalNode({ name: path, storage: null });
  // What was on a GPU is read to where Adjoint computes.
  const storage = /^torch(?:\.cuda)?\.(\w+)Storage$/.exec(path)?.[1];
  const dtype = DTYPES.find((known) => STORAGES[known] === storage);
  return dtype === undefined ? undefined : new GlobalNode({ name: path, storage: dtype });
}

/** What to do about a name that is refused. */
export function adviceFor(module: string, name: string): string {
  if (/sparse/.test(name)) return 'sparse tensors are not supported; save x.to_dense()';
  if (/qtensor|^(q|quint)\d|Q(U?)Int/i.test(name)) return 'quantised tensors are not supported; save x.dequantize()';
  if (/meta_tensor/.test(name)) return 'tensors on the device meta have no values to load';
  if (module === 'torch' || module === 'torch.storage') return `the dtypes that can be loaded are ${DTYPES.join(', ')}; save x.to(torch.float32)`;
  if (/^(numpy|_numpy)/.test(module)) return "save torch.from_numpy(array), and numbers by item(), or use NumPy's own format with io.loadNpz";
  return "no code of a file is run, so objects of classes cannot be loaded; of a module save its state dict, torch.save(model.state_dict(), path)";
}
