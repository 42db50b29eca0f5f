// Reading what `torch.save` writes: a ZIP archive with a pickle and a file a storage, or in the older format several pickles
// and then the storages, one after another.
import { refuseInCapture } from '../core/capturing';
import { boolean, device } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import type { Device } from '../core/dtype';
import type { Input } from './input';
import { makeTensors } from './make-tensors';
import { PyDict, type StorageRef } from './pickle-values';
import { PickleError, unpickle, type Surroundings } from './pickle-reader';
import { reading, source, type AsyncSource, type Source, type SyncSource } from './source';
import { TorchObjects, itemSize } from './torch-objects';
import { ZipReader, type ZipEntry } from './zip-reader';

/** What `load` takes besides the source. */
export interface LoadOptions {
  /** Where tensors are put that were on another device: on the CPU. */
  mapLocation?: Device | null;
  /** Of no effect: nothing in a file is ever run. */
  weightsOnly?: boolean;
}

/** Without a type, anything, as with JSON.parse. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loaded = any;

/** The arguments of `load` behind the source. */
type Rest = [mapLocation?: Device | null | LoadOptions, options?: LoadOptions];

/** The function `load`. What a file holds the caller knows: `load<StateDict>(path)` has that type, `load(path)` any. */
export interface Load extends Stated {
  (source: SyncSource, ...rest: Rest): Loaded;
  (source: AsyncSource, ...rest: Rest): Promise<Loaded>;
  (options: { source: SyncSource } & LoadOptions): Loaded;
  (options: { source: AsyncSource } & LoadOptions): Promise<Loaded>;
  // Of their own, so that a type is what the caller writes and not what the place asks for.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  <T>(source: SyncSource, ...rest: Rest): T;
  <T>(source: AsyncSource, ...rest: Rest): Promise<T>;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  <T>(options: { source: SyncSource } & LoadOptions): T;
  <T>(options: { source: AsyncSource } & LoadOptions): Promise<T>;
}

/**
 * Reads a file of PyTorch, `.pt` or `.pth`, also of the older format: PyTorch's `torch.load`.
 *
 * Dicts become plain objects, those with keys other than texts and integers Maps; lists and tuples arrays; sets Sets; bytes
 * Uint8Arrays; integers beyond 2^53 bigints; dtypes and devices their names. Tensors are on the CPU, wherever they were; those
 * that share a storage share memory, and a parameter is an `nn.Parameter`. A path, a `file:` URL and bytes are read at once, a
 * Blob, a Response and a ReadableStream by a promise.
 *
 * Nothing in the file is run. Sizes are checked before memory is given, and if anything is wrong, nothing is left behind.
 *
 * @throws FormatError for a file that is damaged, or holds what is neither data nor tensors, such as a whole module: it says
 * what and where. UsageError for a file that cannot be read.
 * @example
 * model.loadStateDict(load('model.pt'));
 */
export const load: Load = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: Source } & LoadOptions>('load', () => ({ source, mapLocation: device(), weightsOnly: boolean.or(true) }), 1),
  ({ source: from }) => {
    refuseInCapture('load', 'read');
    return reading('load', from, read);
  },
);

/** The pickle of a number that begins files of the older format, and the number behind it. */
const START = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const PROTOCOL = 1001;

/** What files begin with that are not of PyTorch, and what to do with them. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^\x93NUMPY/, 'it is an array of NumPy; use io.loadNpy'],
  [/^.{8}\{"/s, 'it looks like safetensors; use io.loadSafetensors'],
  [/^version https:\/\/git-lfs/, 'it is a pointer of Git LFS, not the file; run git lfs pull'],
  [/^\s*</, 'it is a page of HTML or XML; check where it was downloaded'],
  [/^\s*[{[]/, 'it is JSON'],
  [/^.{257}ustar/s, 'it is a tar archive, the format of PyTorch before 0.2; load and save it in a newer PyTorch'],
  [/^\x89HDF/, 'it is HDF5, a format of Keras; save its weights with NumPy and use io.loadNpz'],
];

function read(input: Input): unknown {
  const head = String.fromCharCode(...input.read(0, Math.min(input.size, 270), 'its beginning'));
  if (head.startsWith('PK\x03\x04')) return readArchive(input);
  if (head.startsWith('\x80')) return readLegacy(input);
  const other = OTHERS.find(([pattern]) => pattern.test(head))?.[1];
  throw input.error(`it is no file of torch.save${other === undefined ? '' : `: ${other}`}`, 0);
}

// --- the archive ---

function readArchive(input: Input): unknown {
  const zip = new ZipReader(input);
  const root = rootOf(input, zip);
  const record = (name: string): ZipEntry | undefined => zip.entries.get(`${root}/${name}`);
  const pickle = zip.open(record('data.pkl')!);
  const objects = new TorchObjects();
  const { value, end } = unpickle(pickle, pickle.read(0, pickle.size, 'it'), 0, objects);
  if (end !== pickle.size) throw pickle.error(`there are ${pickle.size - end} bytes behind the pickle`, end);
  const entries = new Map<StorageRef, ZipEntry>();
  for (const storage of objects.storages.values()) {
    const entry = record(`data/${storage.key}`);
    if (entry === undefined) throw input.error(`the record of storage ${JSON.stringify(storage.key)} is missing`, null, { key: storage.key });
    const size = storage.numel * itemSize(storage.dtype);
    if (entry.size !== size) {
      const message = `${entry.name} has ${entry.size} bytes; ${storage.numel} elements of ${storage.dtype ?? 'a byte'} are ${size}`;
      throw input.error(message, entry.start, { key: storage.key });
    }
    entries.set(storage, entry);
  }
  return makeTensors(input, value, isBigEndian(input, zip, record('byteorder')), (storage, to) => {
    zip.readInto(to, entries.get(storage)!);
  });
}

/** The folder of the archive in which everything is. */
function rootOf(input: Input, zip: ZipReader): string {
  const names = [...zip.entries.keys()];
  const root = names.find((name) => /^[^/]+\/data\.pkl$/.test(name))?.split('/')[0];
  if (root === undefined) {
    const isNpz = names.length > 0 && names.every((name) => name.endsWith('.npy'));
    throw input.error(`it is an archive without data.pkl${isNpz ? ': it is of NumPy; use io.loadNpz' : ''}`, null);
  }
  if (zip.entries.has(`${root}/constants.pkl`)) {
    throw input.error('it is a program of TorchScript; save its state dict, torch.save(model.state_dict(), path)', null);
  }
  return root;
}

function isBigEndian(input: Input, zip: ZipReader, entry: ZipEntry | undefined): boolean {
  if (entry === undefined) return false;
  const order = entry.size > 10 ? '' : String.fromCharCode(...zip.read(entry));
  if (order !== 'little' && order !== 'big') throw input.error('byteorder says neither little nor big', entry.start);
  return order === 'big';
}

// --- the older format ---

/** What the pickles before the objects are read with: they hold numbers and texts. */
const NOTHING: Surroundings = {
  global: (module, name) => refuse(`${module}.${name}`),
  persistent: () => refuse('a storage'),
  reduce: () => refuse('a call'),
  build: () => refuse('a state'),
};

function refuse(what: string): never {
  throw new PickleError(`${what} has no place here`);
}

function readLegacy(input: Input): unknown {
  const bytes = input.read(0, input.size, 'it');
  const isOfTorch = START.every((byte, i) => bytes[i] === byte);
  if (!isOfTorch) throw input.error('it is a pickle, but not of torch.save; save it by torch.save(object, path)', 0);
  const magic = unpickle(input, bytes, 0, NOTHING);
  const protocol = unpickle(input, bytes, magic.end, NOTHING);
  if (protocol.value !== PROTOCOL) throw input.error(`its protocol is ${String(protocol.value)}, not ${PROTOCOL}`, magic.end);
  const system = unpickle(input, bytes, protocol.end, NOTHING);
  if (!(system.value instanceof PyDict)) throw input.error('the facts about the system are no dict', protocol.end);
  const objects = new TorchObjects();
  const object = unpickle(input, bytes, system.end, objects);
  const keys = unpickle(input, bytes, object.end, NOTHING);
  const places = placesOf(input, bytes, keys.value, keys.end, objects);
  // Whatever the machine, storages are written little-endian.
  return makeTensors(input, object.value, false, (storage, to) => {
    const start = places.get(storage)!;
    to.set(bytes.subarray(start, start + to.length));
  });
}

/** Where the bytes of each storage begin: in the order of the keys, each behind the number of its elements. */
function placesOf(input: Input, bytes: Uint8Array, keys: unknown, start: number, { storages }: TorchObjects): ReadonlyMap<StorageRef, number> {
  if (!Array.isArray(keys)) throw input.error('the keys of the storages are no list', start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = new Map<StorageRef, number>();
  let at = start;
  for (const key of keys as unknown[]) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || places.has(storage)) {
      throw input.error(`${JSON.stringify(String(key))} is twice in the list of storages, or is that of no tensor`, start);
    }
    input.check(at, 8, `the length of storage ${storage.key}`);
    const numel = Number(view.getBigInt64(at, true));
    if (numel !== storage.numel) {
      throw input.error(`storage ${storage.key} has ${numel} elements, not the ${storage.numel} of its tensors`, at, { key: storage.key });
    }
    const size = numel * itemSize(storage.dtype);
    input.check(at + 8, size, `storage ${storage.key}`);
    places.set(storage, at + 8);
    at += 8 + size;
  }
  const missing = [...storages.values()].find((storage) => !places.has(storage));
  if (missing !== undefined) throw input.error(`storage ${missing.key} is missing`, at, { key: missing.key });
  if (at !== input.size) throw input.error(`there are ${input.size - at} bytes behind the last storage`, at);
  return places;
}
