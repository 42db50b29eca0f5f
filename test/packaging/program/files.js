/* global Blob, ReadableStream, Response */
// Files in every format, read from every kind of source that a host has, and written. It is handed the package, the files that PyTorch
// and NumPy wrote by name, and what the host has besides: see index.js and page.js of the project `files`.

/** A value as plain data; of tensors dtype, shape and, in hexadecimal, the bits of the elements. */
function plain({ Tensor, io, nn }, value) {
  const inner = (each) => plain({ Tensor, io, nn }, each);
  if (value instanceof Tensor) {
    const bytes = io.saveSafetensors({ t: value });
    const elements = bytes.subarray(8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)));
    return { dtype: value.dtype, shape: [...value.shape], isParameter: value instanceof nn.Parameter, bits: hex(elements) };
  }
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [inner(key), inner(item)]) };
  if (value instanceof Set) return { set: [...value].map(inner) };
  if (value instanceof Uint8Array) return { bytes: hex(value) };
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
  return typeof value === 'bigint' ? { integer: String(value) } : value;
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** What every host hands over bytes as. */
const SOURCES = {
  'a Uint8Array': (bytes) => bytes,
  'an ArrayBuffer': (bytes) => bytes.slice().buffer,
  'a Blob': (bytes) => new Blob([bytes]),
  'a Response': (bytes) => new Response(bytes),
  'a promise of a Response': (bytes) => Promise.resolve(new Response(bytes)),
  'a ReadableStream': (bytes) =>
    new ReadableStream({
      start(controller) {
        for (const part of [bytes.slice(0, 100), bytes.slice(100)]) controller.enqueue(part);
        controller.close();
      },
    }),
};

/** What reads a file of this name. */
function readerOf({ io, load }, name) {
  const readers = { pt: load, safetensors: io.loadSafetensors, npy: io.loadNpy, npz: io.loadNpz };
  return readers[name.replace(/.*\./, '')];
}

/** What is written in each format, by name. */
function contents({ nn, tensor }) {
  const shared = tensor([[1, -2.5], [3, 0]]);
  const layer = new nn.Linear(2, 1);
  const tensors = { a: shared, half: tensor([1.5, 2]).to('float16'), flags: tensor([true, false]), wide: tensor([2n ** 60n]), none: tensor([]) };
  return {
    'written.pt': (adjoint, target) =>
      adjoint.save({ ...tensors, b16: tensor([1.5]).to('bfloat16'), tied: [shared, shared], view: shared.t(), state: layer.stateDict(), epoch: 3, note: 'a note' }, target),
    'written.safetensors': (adjoint, target) => adjoint.io.saveSafetensors(tensors, { target, metadata: { of: 'a test' } }),
    'written.npy': (adjoint, target) => adjoint.io.saveNpy(shared, target),
    'written.npz': (adjoint, target) => adjoint.io.saveNpz(tensors, target),
  };
}

/**
 * What is read and written, as plain values. `given` has the bytes of files by name, `sources` makes more sources of a file's name, by what
 * they are; `files`, of hosts with files, says the path of a new one and reads it.
 */
export async function everyFile(adjoint, { given, sources, files }) {
  const { FormatError, io, load, manualSeed, memoryStats } = adjoint;
  manualSeed(0);
  const read = {};
  const differences = [];
  let count = 0;
  for (const [name, bytes] of Object.entries(given)) {
    const reads = readerOf(adjoint, name);
    read[name] = plain(adjoint, reads(bytes));
    for (const [what, make] of Object.entries({ ...SOURCES, ...sources })) {
      const found = plain(adjoint, await reads(await make(bytes, name)));
      count += 1;
      if (JSON.stringify(found) !== JSON.stringify(read[name])) differences.push(`${name} from ${what}`);
    }
  }
  const written = {};
  for (const [name, write] of Object.entries(contents(adjoint))) {
    const bytes = write(adjoint, null);
    written[name] = { bytes: hex(bytes), again: plain(adjoint, readerOf(adjoint, name)(bytes)) };
    if (!files) continue;
    for (const target of [files.path(name), files.address(name)]) {
      write(adjoint, target);
      if (hex(files.read(name)) !== written[name].bytes) differences.push(`${name} written to ${target}`);
      if (JSON.stringify(plain(adjoint, readerOf(adjoint, name)(target))) !== JSON.stringify(written[name].again)) differences.push(`${name} read from ${target}`);
    }
  }
  const lazy = [given['all.safetensors'], ...(files ? [files.given('all.safetensors')] : [])].map((source) => {
    const file = io.openSafetensors(source);
    return { keys: file.keys(), first: plain(adjoint, file.get(file.keys()[0])) };
  });
  const message = (call) => {
    try {
      call();
      return null;
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  };
  const before = memoryStats().tensors;
  const refused = {
    damaged: message(() => load(given['nested.pt'].slice(0, 400))),
    path: message(() => load('missing.pt')),
    target: message(() => adjoint.save([1], files ? files.path('missing/a.pt') : 'a.pt')),
    isFormatError: FormatError.prototype instanceof adjoint.AdjointError,
    left: memoryStats().tensors - before,
  };
  return { read, differences, count, written, lazy, refused };
}
