// wasm-bindgen's glue for the web ends in a default address of the binary, `new URL('…_bg.wasm', import.meta.url)`.
// Bundlers read that line as an asset to ship and fail on it, and CommonJS has no import.meta. The entries in ts/entry always
// hand the binary over, so the default goes.
import { SetupError } from '../setup/log.mjs';
import { utf8Decoder, utf8Encoder } from './utf8.mjs';

const DEFAULT_ADDRESS = /new URL\('[^']*_bg\.wasm', import\.meta\.url\)/g;

/** The glue without its default address; throws if wasm-bindgen has come to write it in another way. */
export function withoutDefaultAddress(text) {
  const found = text.match(DEFAULT_ADDRESS)?.length ?? 0;
  const result = text.replace(DEFAULT_ADDRESS, 'undefined');
  if (found !== 1 || result.includes('import.meta')) {
    throw new SetupError("wasm-bindgen's glue names its binary in an unknown way; adapt scripts/build/glue.mjs");
  }
  return result;
}

// The glue makes one instance and returns it ever after; reset() of the package needs another from the same module.
const ONLY_ONCE = /(function initSync\(module\) \{\s*)if \(wasm !== undefined\) return wasm;/;

/** The glue whose `initSync` makes a new instance at every call; throws if wasm-bindgen has come to write it in another way. */
export function restartable(text) {
  if (!ONLY_ONCE.test(text)) {
    throw new SetupError("wasm-bindgen's glue guards initSync in an unknown way; adapt scripts/build/glue.mjs");
  }
  return text.replace(ONLY_ONCE, '$1');
}

const DECODER = /new TextDecoder\(([^)]*)\)/g;
const ENCODER = /new TextEncoder\(\)/g;

/** The glue that does not need the host to have TextDecoder and TextEncoder; throws if wasm-bindgen has come to use them in another way. */
export function withUtf8(text) {
  if (!DECODER.test(text) || !ENCODER.test(text)) throw new SetupError("wasm-bindgen's glue decodes text in an unknown way; adapt scripts/build/glue.mjs");
  const result = text
    .replace(DECODER, "(typeof TextDecoder === 'function' ? new TextDecoder($1) : utf8Decoder())")
    .replace(ENCODER, "(typeof TextEncoder === 'function' ? new TextEncoder() : utf8Encoder())");
  return `${result}\n${utf8Decoder}\n\n${utf8Encoder}\n`;
}

// What serves memory that threads share: it is handed over, its buffer stays when it grows, and engines neither decode text from it nor
// encode text to it. wasm-bindgen writes these for a binary with threads; here one glue serves all binaries.
const FOR_SHARED_MEMORY = [
  [/(function initSync\(module\) \{\n)/, '$1    let memory;\n'],
  [/\(\{module\} = module\)/, '({module, memory} = module)'],
  [/(function initSync[^]*?const imports = __wbg_get_imports\(\);\n)/, '$1    if (memory) imports["./adjoint_wasm_bg.js"].memory = memory;\n'],
  [/cachedUint8ArrayMemory0\.byteLength === 0/, 'cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer'],
  [/return decodeText\(getUint8ArrayMemory0\(\)\.subarray\(/, 'return decodeText(getUint8ArrayMemory0().slice('],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{/, '{'],
];

/** The glue that takes `initSync({ module, memory })` as well; throws if wasm-bindgen has come to write it in another way. */
export function withSharedMemory(text) {
  return FOR_SHARED_MEMORY.reduce((result, [from, to]) => {
    if (!from.test(result)) throw new SetupError(`wasm-bindgen's glue lacks ${from}; adapt scripts/build/glue.mjs`);
    return result.replace(from, to);
  }, text);
}

/** wasm-bindgen's glue as the package has it. */
export function adapted(text) {
  return withUtf8(withSharedMemory(restartable(withoutDefaultAddress(text))));
}
