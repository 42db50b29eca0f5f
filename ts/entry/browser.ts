// Bundled pages: the bytes of the binary's core are part of the bundle, so the import alone is enough. The rest is a file of its own, which
// only pages that need it load: at once where it is first needed, or ahead of that by init().
import core from '../../dist/wasm/adjoint.simd128.wasm';
import { messageOf } from '../describe';
import { AdjointError } from '../errors';
import { instantiate, setLoader } from '../wasm';
import { unembed } from './embedded';

setLoader({
  core() {
    try {
      return new WebAssembly.Module(unembed(core as string));
    } catch (cause) {
      // Some browsers compile large modules on the main thread only asynchronously.
      throw new AdjointError(`this browser does not compile WebAssembly at once (${messageOf(cause)}); call await init() first`, 'init');
    }
  },
  rest() {
    // Bundlers see this line, ship the file and put its address in.
    const address = new URL('./wasm/adjoint.simd128.rest.wasm', import.meta.url);
    try {
      return new WebAssembly.Module(fetchAtOnce(address));
    } catch (cause) {
      throw new AdjointError(`${address} (${messageOf(cause)}); call await init() first, which needs no file beside the bundle`, 'init', { cause });
    }
  },
});

/** The bytes at an address. The page stands still meanwhile: a synchronous call can wait for nothing else. */
function fetchAtOnce(address: URL): Uint8Array<ArrayBuffer> {
  const request = new XMLHttpRequest();
  request.open('GET', address, false);
  // Synchronous requests of a window have text only; this charset leaves each byte in the low half of a letter.
  request.overrideMimeType('text/plain; charset=x-user-defined');
  request.send();
  if (request.status !== 200 && request.status !== 0) throw new Error(`status ${request.status}`);
  return Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
}

/**
 * Loads the whole binary and compiles it without blocking the page. Not needed for what networks and their training need, nor where a
 * bundler ships the file of the rest; with it no call waits for that file, and pages without such a bundler have all operations.
 */
export async function init(): Promise<void> {
  const { default: rest } = await import('./browser-rest.js');
  // A quick build has no rest.
  const compiled = [core as string, rest].filter((text) => text !== '').map((text) => WebAssembly.compile(unembed(text)));
  const [coreModule, restModule = null] = await Promise.all(compiled);
  instantiate(coreModule!, restModule);
}

export * from '../index';
