// Node, Deno and Bun: the binary's two modules are files beside this one, read when they are first needed.
import * as fs from 'node:fs';
import { messageOf } from '../../core/describe';
import { LoadError } from '../../core/errors';
import { provideFiles } from '../host-files';
import { hasSecondary, provide, setLoader } from '../wasm';
import { flavour } from '../flavour';

/** The bytes of a module of the chosen binary. */
function read(suffix: string): Uint8Array<ArrayBuffer> {
  const name = `adjoint.${flavour()}${suffix}.wasm`;
  try {
    // In dist as published; beside a bundle made of it; and from here when run from source.
    const places = ['wasm/', '', '../../../dist/wasm/'].map((folder) => new URL(folder + name, import.meta.url));
    return fs.readFileSync(places.find((place) => fs.existsSync(place)) ?? places[0]!);
  } catch (cause) {
    const remedy = 'in a bundle import adjoint/inline, which reads no file, or put the file beside the bundle; in Deno allow it with --allow-read';
    throw new LoadError(`init: ${name} cannot be read (${messageOf(cause)}); ${remedy}`, 'init', { cause });
  }
}

provideFiles(fs);
setLoader({ primary: () => new WebAssembly.Module(read('')), secondary: () => new WebAssembly.Module(read('.secondary')) });

/** Compiles the whole binary without blocking. Never needed; with it no later call waits for that. */
export async function init(): Promise<void> {
  if (hasSecondary()) return;
  const [primary, secondary] = await Promise.all(['', '.secondary'].map((suffix) => WebAssembly.compile(read(suffix))));
  provide(primary!, secondary!);
}
