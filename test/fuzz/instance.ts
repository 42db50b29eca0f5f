// Looks into the instance: must be imported before the package. Its memory is made small, so that every call can come near
// its limit, and can be read from outside, so that what the package says about memory need not be believed.

/** How much memory an instance may have, in pages of 64 KiB. */
const PAGES = 1024;

let memory: WebAssembly.Memory | null = null;

/** The memory of the instance made last. */
export function memoryBytes(): ArrayBuffer | null {
  return memory && memory.buffer;
}

const { Module, Instance } = WebAssembly;

WebAssembly.Module = new Proxy(Module, {
  construct: (target, [bytes]: [BufferSource]) => new target(limited(bytes)),
});

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, args: [WebAssembly.Module, WebAssembly.Imports]) {
    const made = new target(...args);
    if (made.exports.memory instanceof WebAssembly.Memory) memory = made.exports.memory;
    return made;
  },
});

/** The same module with a lower limit of its own memory. */
function limited(source: BufferSource): BufferSource {
  const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const section = bytes[at++]!;
    const length = number();
    const end = at + length;
    if (section === 5 && length > 0) {
      at += 2; // one memory; limits with a maximum or without
      const initial = number();
      const body = [1, 1, ...leb(initial), ...leb(Math.max(PAGES, initial))];
      return Uint8Array.from([...bytes.subarray(0, start), 5, ...leb(body.length), ...body, ...bytes.subarray(end)]);
    }
    at = end;
  }
  return source;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const part = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? part + 128 : part);
  } while (value > 0);
  return bytes;
}
