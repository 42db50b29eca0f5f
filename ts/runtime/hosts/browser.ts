// Bundled pages: the text of the primary module is part of the bundle, so the import alone is enough. The secondary module is a file of
// its own, which only pages that need it load: at once where it is first needed, or ahead of that by init().
import { messageOf } from '../../core/describe';
import { LoadError } from '../../core/errors';
import { hasSecondary, provide, setLoader } from '../wasm';
import { compileAhead, compileAtOnce, findEmbedded } from '../embedded';
import primary from './embedded-primary.js';

// Bundlers see these two lines. Vite, webpack and Parcel ship the file and put its address in; all of them make a file of the import.
const file = () => new URL('./wasm/adjoint.simd128.secondary.wasm', import.meta.url);
const chunk = () => import('./embedded-secondary.js');

setLoader({ primary: () => compileAtOnce(primary), secondary });

/** The secondary module, fetched while the page stands still: a synchronous call can wait for nothing else. */
function secondary(): WebAssembly.Module {
  const failures: string[] = [];
  for (const attempt of [compileFile, compileChunk]) {
    try {
      return attempt();
    } catch (cause) {
      failures.push(messageOf(cause));
    }
  }
  const remedy = 'call await init() once before it, or import adjoint/inline, which needs no file beside the bundle';
  throw new LoadError(`${failures.join('; ')}. Ship adjoint.simd128.secondary.wasm with the page, or ${remedy}`, 'init');
}

function compileFile(): WebAssembly.Module {
  const address = file();
  const text = fetchAtOnce(address);
  // A server may answer with a page of its own where there is no such file.
  if (!text.startsWith('\0asm')) throw new Error(`${address}: not a WebAssembly module`);
  return new WebAssembly.Module(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

/** From the file that a bundler made of the import, where it left the other alone, as Rollup and esbuild do. */
function compileChunk(): WebAssembly.Module {
  // Only the text of the compiled function knows what the bundler called the file.
  const [, path] = /import\(\s*["'`]([^"'`]+)/.exec(String(chunk)) ?? [];
  if (path === undefined) throw new Error('the bundle has no file with the module');
  const address = new URL(path, import.meta.url);
  const embedded = findEmbedded(fetchAtOnce(address));
  if (embedded === null) throw new Error(`${address}: not what adjoint/dist/embedded-secondary.js was`);
  return compileAtOnce(embedded);
}

/** The bytes at an address, as the low halves of letters. */
function fetchAtOnce(address: URL): string {
  if (typeof XMLHttpRequest === 'undefined') throw new Error(`${address}: service workers cannot wait for a file`);
  const request = new XMLHttpRequest();
  request.open('GET', address, false);
  // Synchronous requests of a window have text only; this charset leaves each byte in the low half of a letter.
  request.overrideMimeType('text/plain; charset=x-user-defined');
  request.send();
  if (request.status !== 200 && request.status !== 0) throw new Error(`${address}: status ${request.status}`);
  return request.responseText;
}

/**
 * Loads the whole binary and compiles it without blocking the page. Not needed for what networks and their training need, nor where a
 * bundler ships the file of the secondary module; with it no call waits for that file, and pages without such a bundler and service
 * workers have all operations.
 */
export async function init(): Promise<void> {
  if (hasSecondary()) return;
  const [primaryModule, secondaryModule] = await Promise.all([compileAhead(primary), secondaryAhead()]);
  provide(primaryModule!, secondaryModule);
}

async function secondaryAhead(): Promise<WebAssembly.Module | null> {
  try {
    return await compileAhead((await chunk()).default);
  } catch (cause) {
    // Service workers import nothing.
    const response = await fetch(file()).catch(() => null);
    if (!response?.ok) throw new LoadError(`init: ${messageOf(cause)}; import adjoint/inline, which needs no file beside the bundle`, 'init', { cause });
    return WebAssembly.compile(await response.arrayBuffer());
  }
}
