// Files that are damaged or made to do harm: each ends in a FormatError that says where, and leaves nothing behind.
import { FormatError, io, load, memoryStats, save, zeros } from 'adjoint';
import { describe, expect, it } from 'vitest';
import { deflateRawSync } from 'node:zlib';
import { bytesOf } from './contents';

const bytes = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const u16 = (n: number): number[] => [n & 255, n >> 8];
const u32 = (n: number): number[] => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24];
const u64 = (n: number | bigint): number[] => [...new Uint8Array(new BigUint64Array([BigInt(n)]).buffer)];

/** A file in an archive, with what is to be false about it. */
interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  readonly localName?: string;
  readonly method?: number;
  readonly size?: number;
  readonly packed?: number;
  readonly offset?: number;
  readonly crc?: number;
  readonly flags?: number;
}

function zip(members: readonly Member[], end: Partial<Record<'count' | 'size' | 'start', number>> = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, data, localName = name, method = 0, size = data.length, packed = data.length, offset = at, crc = 0, flags = 0 } of members) {
    const local = bytes('PK\x03\x04', u16(20), u16(flags), u16(method), u32(0), u32(crc), u32(0), u32(0), u16(localName.length), u16(0), localName, data);
    const fields = bytes(u32(crc), u32(packed), u32(size), u16(name.length), u16(0), u16(0), u16(0), u16(0), u32(0), u32(offset));
    directory.push(bytes('PK\x01\x02', u16(20), u16(20), u16(flags), u16(method), u32(0), fields, name));
    parts.push(local);
    at += local.length;
  }
  const central = bytes(...directory);
  const { count = members.length, size = central.length, start = at } = end;
  return bytes(...parts, central, 'PK\x05\x06', u16(0), u16(0), u16(count), u16(count), u32(size), u32(start), u16(0));
}

const npy = (header: string, data: number[] | Uint8Array = [], version = 1): Uint8Array =>
  bytes('\x93NUMPY', [version, 0], version === 1 ? u16(header.length) : u32(header.length), header, data);
const vector = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", [0, 0, 128, 63]);

/** An archive of PyTorch with this pickle, and one storage of 4 floats. */
const torch = (pickle: Uint8Array, members: readonly Member[] = [{ name: 'a/data/0', data: new Uint8Array(16) }]): Uint8Array =>
  zip([{ name: 'a/data.pkl', data: pickle }, ...members]);
const text = (value: string): Uint8Array => bytes('X', u32(value.length), value);
const int = (n: number): Uint8Array => (n >= 0 && n < 2 ** 31 ? bytes('J', u32(n)) : bytes('\x8a\x08', u64(BigInt.asUintN(64, BigInt(n)))));
const tuple = (...items: Uint8Array[]): Uint8Array => bytes('(', ...items, 't');
const storage = (numel = 4, type = 'FloatStorage', key = '0'): Uint8Array =>
  bytes(tuple(text('storage'), bytes(`ctorch\n${type}\n`), text(key), text('cpu'), int(numel)), 'Q');
const rebuilt = (from: Uint8Array, offset: number, size: number[], stride: number[]): Uint8Array =>
  bytes('ctorch._utils\n_rebuild_tensor_v2\n', tuple(from, int(offset), tuple(...size.map(int)), tuple(...stride.map(int)), bytes('\x89'), bytes('ccollections\nOrderedDict\n)R')), 'R');
const pickle = (...parts: (string | number[] | Uint8Array)[]): Uint8Array => bytes('\x80\x02', ...parts, '.');

/** Throws unless the file is refused with that message, and no tensor is left. */
function refuses(read: () => unknown, message: RegExp): void {
  const before = memoryStats().tensors;
  let thrown: unknown;
  try {
    read();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(FormatError);
  expect((thrown as Error).message).toMatch(message);
  expect(memoryStats().tensors).toBe(before);
}

describe('what the files here are made of is right', () => {
  it('so that what is refused is refused for what is wrong', () => {
    expect(load(torch(pickle(rebuilt(storage(), 1, [3], [1])))).shape).toEqual([3]);
    expect(io.loadNpz(zip([{ name: 'x.npy', data: vector }]))['x']!.tolist()).toEqual([1]);
    expect(io.loadNpz(zip([{ name: 'x.npy', data: deflateRawSync(vector), method: 8, size: vector.length }]))['x']!.tolist()).toEqual([1]);
  });
});

describe('an archive', () => {
  const good: Member = { name: 'x.npy', data: vector };
  const second: Member = { name: 'y.npy', data: vector };
  const bomb = deflateRawSync(new Uint8Array(1 << 20));
  it.each<[string, Uint8Array, RegExp]>([
    ['without its end', zip([good]).subarray(0, -5), /the end of the archive is missing/],
    ['that is cut at its beginning', zip([good]).subarray(7), /central directory is not where/],
    ['with more entries than fit', zip([good], { count: 60_000 }), /has no 60000 entries/],
    ['with fewer entries than there are', zip([good, second], { count: 1 }), /bytes behind its last entry/],
    ['with its directory elsewhere', zip([good], { start: 3 }), /not where the end of the archive says \(at byte \d+\)/],
    ['with a name twice', zip([good, good]), /two entries x\.npy/],
    ['with entries that overlap', zip([good, { ...second, offset: 0 }]), /do not fit between its start and byte 0|another name/],
    ['with an entry behind the end', zip([{ ...good, offset: 2 ** 31 }]), /do not fit between its start/],
    ['with data behind the end', zip([{ ...good, size: 2 ** 31, packed: 2 ** 31 }]), /2147483648 bytes do not fit/],
    ['with a size that is not that of its data', zip([{ ...good, size: 5 }]), /is not compressed, but has/],
    ['with another name in the local header', zip([{ ...good, localName: 'z.npy' }]), /local header has another name/],
    ['with a wrong checksum', zip([{ ...good, crc: 12 }]), /do not have the checksum/],
    ['that is encrypted', zip([{ ...good, flags: 1 }]), /x\.npy is encrypted/],
    ['that is compressed otherwise', zip([{ ...good, method: 12 }]), /compressed by method 12/],
    ['with a name that leads out', zip([{ ...good, name: '../x.npy' }]), /leads out of the archive/],
    ['with an absolute name', zip([{ ...good, name: '/etc/x.npy' }]), /leads out of the archive/],
    ['with a name of Windows', zip([{ ...good, name: 'C:x.npy' }]), /leads out of the archive/],
    ['with a backslash', zip([{ ...good, name: '..\\x.npy' }]), /leads out of the archive/],
    ['that promises more than can be compressed', zip([{ ...good, data: bomb, method: 8, size: 2 ** 31 }]), /cannot be the 2147483648/],
    ['with a bomb larger than it says', zip([{ ...good, data: bomb, method: 8, size: 1000 }]), /more than the 1000 bytes they should be/],
    ['with a bomb smaller than it says', zip([{ ...good, data: bomb, method: 8, size: (1 << 20) + 1 }]), /are 1048576 bytes, not the 1048577/],
    ['with damaged data', zip([{ ...good, data: Uint8Array.from([7, 7, 7]), method: 8, size: 90 }]), /x\.npy: .*at byte \d+ of them/],
    ['with something else in it', zip([{ name: 'readme', data: vector }]), /readme is no \.npy file/],
  ])('%s is refused', (_, file, message) => {
    refuses(() => io.loadNpz(file), message);
  });
});

describe('a pickle', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['that runs a command', pickle('cos\nsystem\n', tuple(text('true')), 'R'), /os\.system is not allowed.*at byte/],
    ['that runs a command by STACK_GLOBAL', pickle(text('os'), text('system'), '\x93', tuple(text('true')), 'R'), /os\.system is not allowed/],
    ['that evaluates', pickle('c__builtin__\neval\n', tuple(text('1')), 'R'), /__builtin__\.eval is not allowed/],
    ['that makes an object by INST', pickle('(ios\nsystem\n'), /os\.system is not allowed/],
    ['that makes an object by NEWOBJ', pickle('ctorch\nTensor\n)\x81'), /NEWOBJ\) is refused/],
    ['with an extension', pickle('\x82\x01'), /EXT1\) is refused/],
    ['with a buffer outside', pickle('\x97'), /NEXT_BUFFER\) is refused/],
    ['with a persistent id in text', pickle('Pnothing\n'), /PERSID\) is refused/],
    ['of which a class is the value', pickle('ctorch\nTensor\n'), /torch\.Tensor, a class or function, is saved as a value/],
    ['of which a storage is the value', pickle(storage()), /a storage is saved as a value/],
    ['that calls a class', pickle('ctorch\nTensor\n)R'), /torch\.Tensor cannot be called/],
    ['that calls a list', pickle('])R'), /cannot be called/],
    ['that gives a list a state', pickle(']}b'), /only an OrderedDict may be given a state/],
    ['that appends to a dict', pickle('}Na'), /only a list can be appended to/],
    ['that sets an item of a list', pickle(']NNs'), /only a dict has items/],
    ['with a key without value', pickle('}(Nu'), /a key has no value/],
    ['with an empty stack', pickle('0'), /a mark is missing|a value is missing/],
    ['with values left over', pickle('NN'), /values are left over/],
    ['with an unknown operation', pickle('\xff'), /byte 255 is no operation/],
    ['of a newer protocol', bytes('\x80\x09N.'), /protocol 9 is newer/],
    ['without an end', bytes('\x80\x02N'), /1 byte\(s\) should follow/],
    ['with a text longer than it', pickle('X', u32(2 ** 31), 'a'), /2147483648 byte\(s\) should follow/],
    ['with bytes of 64-bit length', pickle('\x8e', u64(2n ** 63n)), /byte\(s\) should follow/],
    ['with a frame longer than it', pickle('\x95', u64(2n ** 40n)), /a frame of/],
    ['with a huge integer', pickle('\x8b', u32(2000), new Uint8Array(2000)), /an integer has 2000 bytes/],
    ['with an empty memo', pickle('h\x05'), /nothing is at 5 of the memo/],
    ['with a text that is no UTF-8', pickle('X', u32(1), '\xff'), /a text is no UTF-8/],
    ['with something behind it', bytes(pickle('N'), 'N.'), /2 bytes behind the pickle/],
    ['that is empty', bytes(), /1 byte\(s\) should follow/],
    ['with a strange persistent id', pickle('NQ'), /persistent id is not that of a storage/],
  ])('%s is refused', (_, content, message) => {
    refuses(() => load(torch(content)), message);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['beyond its storage', pickle(rebuilt(storage(), 2, [3], [1])), /leave storage 0 of 4 elements/],
    ['with strides beyond it', pickle(rebuilt(storage(), 0, [2, 2], [3, 1])), /leave storage 0/],
    ['with an offset beyond it', pickle(rebuilt(storage(), 5, [0], [1])), /leave storage 0/],
    ['with a negative stride', pickle(rebuilt(storage(), 3, [4], [-1])), /a stride is no natural number/],
    ['with a negative offset', pickle(rebuilt(storage(), -1, [1], [1])), /must have an offset/],
    ['with a negative size', pickle(rebuilt(storage(), 0, [-1], [1])), /more than can be counted/],
    ['with sizes that overflow beside a 0', pickle(rebuilt(storage(), 0, [0, 2 ** 40, 2 ** 40], [1, 1, 1])), /more than can be counted/],
    ['with sizes that overflow by strides of 0', pickle(rebuilt(storage(), 0, [2 ** 30, 2 ** 30], [0, 0])), /more than can be counted/],
    ['with fewer strides than sizes', pickle(rebuilt(storage(), 0, [1, 1], [1])), /as many strides as sizes/],
    ['with 65 dims', pickle(rebuilt(storage(), 0, new Array<number>(65).fill(1), new Array<number>(65).fill(1))), /has 65 dims; there are at most 64/],
    ['in a storage larger than its record', pickle(rebuilt(storage(5), 0, [5], [1])), /a\/data\/0 has 16 bytes; 5 elements of float32 are 20/],
    ['in a storage smaller than its record', pickle(rebuilt(storage(3), 0, [3], [1])), /a\/data\/0 has 16 bytes; 3 elements/],
    ['in a storage of a size that overflows', pickle(rebuilt(storage(2 ** 52), 0, [1], [1])), /more than can be counted|elements of float32 are/],
    ['of another dtype than its record', pickle(rebuilt(storage(4, 'DoubleStorage'), 0, [1], [1])), /16 bytes; 4 elements of float64 are 32/],
    ['in a storage of two dtypes', pickle('(', rebuilt(storage(4), 0, [1], [1]), rebuilt(storage(2, 'LongStorage'), 0, [1], [1]), 'l'), /storage 0 is 2 × int64 here/],
    ['without a record', pickle(rebuilt(storage(4, 'FloatStorage', '1'), 0, [1], [1])), /the record of storage "1" is missing/],
    ['in a record by a path', pickle(rebuilt(storage(4, 'FloatStorage', '../data.pkl'), 0, [1], [1])), /record of storage "\.\.\/data\.pkl" is missing/],
    ['of complex numbers', pickle(rebuilt(storage(2, 'ComplexFloatStorage'), 0, [1], [1])), /torch\.ComplexFloatStorage is not allowed/],
  ])('with a tensor %s is refused', (_, content, message) => {
    refuses(() => load(torch(content)), message);
  });

  it('with a view that repeats one element is a view: it takes no memory', () => {
    const before = memoryStats().bytes;
    const t = load(torch(pickle(rebuilt(storage(), 0, [2 ** 20, 2 ** 8], [0, 0]))));
    expect(t.shape).toEqual([2 ** 20, 2 ** 8]);
    expect(memoryStats().bytes - before).toBeLessThan(1000);
  });

  it('with lists nested 100,000 deep, and one that refers to itself ten times over, is read', () => {
    let depth = 0;
    const nested = load(torch(pickle(new Uint8Array(100_000).fill(0x5d), new Uint8Array(99_999).fill(0x61))));
    for (let at = nested; at !== undefined; at = at[0]) depth++;
    expect(depth).toBe(100_000);
    // Ten times over, forty times: 10^40 lists if they were copied.
    const levels = Array.from({ length: 40 }, (_, i) => bytes('](', ...new Array<number[]>(10).fill([0x68, i]), 'e', [0x71, i + 1]));
    const laughs = load<unknown[][]>(torch(pickle('(]q\x00', ...levels, 't')));
    expect(laughs[40]![9]).toBe(laughs[39]);
  });

  it('with more in it than one record says nothing about others: unused storages are not read', () => {
    expect(load(torch(pickle('N'), [{ name: 'a/data/9', data: new Uint8Array(3) }]))).toBe(null);
  });
});

describe('a file that load does not read says what it is', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['NumPy', vector, /use io\.loadNpy/],
    ['NumPy archive', zip([{ name: 'x.npy', data: vector }]), /use io\.loadNpz/],
    ['safetensors', io.saveSafetensors({ a: zeros([2]) }), /use io\.loadSafetensors/],
    ['Git LFS', bytes('version https://git-lfs.github.com/spec/v1\n'), /git lfs pull/],
    ['HTML', bytes('<!doctype html>'), /HTML/],
    ['plain pickle', pickle('N'), /not of torch\.save/],
    ['empty', bytes(), /is no file of torch\.save/],
    ['text', bytes('hello'), /is no file of torch\.save/],
    ['TorchScript', zip([{ name: 'a/data.pkl', data: pickle('N') }, { name: 'a/constants.pkl', data: pickle('N') }]), /TorchScript; save its state dict/],
  ])('%s', (_, file, message) => {
    refuses(() => load(file), message);
  });

  it('and so does loadNpz of a file of PyTorch', () => {
    const file = save({ a: 1 });
    refuses(() => io.loadNpz(file), /use load/);
  });
});

describe('a file of the older format', () => {
  const whole = bytesOf('legacy.pt');
  it('is refused wherever it is cut, and with anything behind it', () => {
    for (let n = 2; n < whole.length; n += 7) refuses(() => load(whole.subarray(0, n)), /./);
    refuses(() => load(bytes(whole, [0])), /1 bytes behind the last storage/);
  });

  it('with other numbers of elements is refused', () => {
    const at = whole.length - 12 * 4 - 8;
    const changed = [at, whole.length - 6 - 8].map((i) => Uint8Array.from(whole, (byte, j) => (j === i ? byte + 1 : byte)));
    const messageOf = (file: Uint8Array): string => {
      try {
        load(file);
        return 'read';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(changed.map(messageOf).some((message) => /has \d+ elements, not the/.test(message))).toBe(true);
  });
});

describe('safetensors', () => {
  const made = (header: string, data: number[] = [0, 0, 0, 0], length = header.length): Uint8Array => bytes(u64(length), header, data);
  const entry = (fields: string): string => `{"a":{${fields}}}`;
  it.each<[string, Uint8Array, RegExp]>([
    ['that is empty', bytes(), /the length of the header should be 8 byte\(s\)/],
    ['with a header longer than it', made('{}', [], 1000), /the header should be 1000/],
    ['with a huge header', made('{}', [], 2 ** 40), /at most 100000000 are read/],
    ['with a header of 64 bits', bytes(u64(2n ** 63n), '{}'), /at most 100000000/],
    ['with a header that is no JSON', made('{"a":'), /the header is wrong: there is no value/],
    ['with a header that is no object', made('[]', []), /no JSON object/],
    ['with something behind the object', made('{} x', []), /something is behind the value/],
    ['with a key twice', made('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), /key "a" appears twice \(at byte 62\)/],
    ['with a key twice, once escaped', made('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), /key "a" appears twice/],
    ['with a field twice', made(entry('"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]')), /key "dtype" appears twice/],
    ['without a shape', made(entry('"dtype":"F32","data_offsets":[0,4]')), /must have dtype, shape and data_offsets/],
    ['with more fields', made(entry('"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1')), /and nothing else/],
    ['with another dtype', made(entry('"dtype":"F33","shape":[1],"data_offsets":[0,4]')), /dtype "F33", which does not exist/],
    ['with a dtype of the prototype', made(entry('"dtype":"constructor","shape":[1],"data_offsets":[0,4]')), /which does not exist/],
    ['with a dtype that does not fit', made(entry('"dtype":"F64","shape":[1],"data_offsets":[0,4]')), /has 4 bytes for 1 elements of F64/],
    ['with a fraction', made(entry('"dtype":"F32","shape":[1.5],"data_offsets":[0,4]')), /no natural numbers/],
    ['with a negative size', made(entry('"dtype":"F32","shape":[-1],"data_offsets":[0,4]')), /no natural numbers/],
    ['with sizes that overflow', made(entry('"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]'), []), /too many elements/],
    ['with offsets in the wrong order', made(entry('"dtype":"F32","shape":[1],"data_offsets":[4,0]')), /has -4 bytes/],
    ['with offsets behind the end', made(entry('"dtype":"F32","shape":[2],"data_offsets":[0,8]')), /the tensors end at byte \d+, the file at/],
    ['with a gap', made(entry('"dtype":"U8","shape":[3],"data_offsets":[1,4]')), /begins at 1, not where the one before ends, 0/],
    ['with bytes left over', made(entry('"dtype":"U8","shape":[3],"data_offsets":[0,3]')), /the tensors end at/],
    ['with tensors that overlap', made('{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}'), /"b" begins at 1/],
    ['with metadata that is no text', made('{"__metadata__":{"a":1}}', []), /__metadata__ must be texts/],
    ['nested deep', made(`{"a":${'['.repeat(200_000)}`, []), /nested more than 16 deep/],
    ['with half a pair of surrogates', made('{"\\ud800":1}', []), /half a pair of surrogates/],
    ['with a dtype that tensors lack', made(entry('"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]')), /"a" has dtype F8_E4M3, which cannot be read/],
  ])('%s is refused', (_, file, message) => {
    refuses(() => io.loadSafetensors(file), message);
  });

  it('of which one tensor cannot be read has the others', () => {
    const file = io.openSafetensors(made('{"a":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"BOOL","shape":[],"data_offsets":[3,4]}}', [1, 2, 3, 7]));
    expect(file.get('b').item()).toBe(true);
    refuses(() => file.get('a'), /F8_E4M3/);
  });
});

describe('an array of NumPy', () => {
  const header = (descr: string, order: string, shape: string): string => `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
  it.each<[string, Uint8Array, RegExp]>([
    ['that is empty', bytes(), /no array of NumPy/],
    ['that is cut', vector.subarray(0, 9), /should be 12 byte/],
    ['of another version', npy('{}', [], 9), /version 9 of the format is unknown/],
    ['with a header longer than it', bytes('\x93NUMPY\x01\x00', u16(900), '{}'), /the header should be 900/],
    ['with a huge header', bytes('\x93NUMPY\x02\x00', u32(2 ** 31), '{}'), /at most 65535/],
    ['with a program as header', npy('__import__("os")'), /must say descr, fortran_order and shape/],
    ['with a field twice', npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"), /must say/],
    ['with more fields', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': '', }"), /must say/],
    ['with one number for a shape', npy(header("'<f4'", 'False', '(1)'), [0, 0, 0, 0]), /must say/],
    ['with a negative size', npy(header("'<f4'", 'False', '(-1,)')), /must say/],
    ['with sizes that overflow beside a 0', npy(header("'<f4'", 'False', '(0, 4294967296, 4294967296)')), /too many elements/],
    ['with too many dims', npy(header("'<f4'", 'False', `(${'1,'.repeat(65)})`), [0, 0, 0, 0]), /too many elements or dims/],
    ['larger than its data', npy(header("'<f4'", 'False', '(1000000000,)'), [0, 0, 0, 0]), /takes 4000000000 bytes, but there are 4/],
    ['smaller than its data', bytes(vector, [0]), /takes 4 bytes, but there are 5/],
    ['of several fields', npy(header("[('a', '<f4')]", 'False', '(1,)'), [0, 0, 0, 0]), /must say/],
    ['of objects', npy(header("'|O'", 'False', '(1,)'), [0x80, 2, 0x2e]), /"\|O" cannot be read/],
  ])('%s is refused', (_, file, message) => {
    refuses(() => io.loadNpy(file), message);
  });

  it('in an archive is refused with the record it is in, and what was read before is released', () => {
    refuses(() => io.loadNpz(zip([{ name: 'x.npy', data: vector }, { name: 'y.npy', data: bytes(vector, [0]) }])), /y\.npy: shape \(1\) of float32 takes 4 bytes, but there are 5/);
  });
});
